"""What the carrier tells of 112 and 111 that were rung into a conversation."""

from flask import request

from helpdesk.telephony import actions, emergency, queries, twiml
from helpdesk.telephony.heard import Mangled, read
from helpdesk.telephony.rules import LIVE_LEG
from helpdesk.webhooks.access import carrier_door, status

door = carrier_door("emergency", __name__, twiml.VOICE)


@door.post("/service-status")
@status
def service_status() -> None:
    """A service's leg changed its state; the token in the address says whose it is. Twice and out of order is fine."""
    heard = read(request.form)
    if heard.state is None:
        raise Mangled("CallStatus")
    token = request.args.get("dial", "")[:36]
    if emergency.heard(token, heard.sid, heard.state) and heard.state not in LIVE_LEG:
        actions.service_left(queries.locked(emergency.call_of(token) or 0))
