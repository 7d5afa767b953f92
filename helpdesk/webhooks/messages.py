"""What the carrier tells about our SMS: /twilio/message/status?letter=…"""

from flask import request

from helpdesk.notifications import sending
from helpdesk.telephony.heard import Mangled
from helpdesk.webhooks.access import carrier_door, status

door = carrier_door("message_webhooks", __name__, "/twilio/message")


@door.post("/status")
@status
def message_status() -> None:
    """How an SMS is doing, in any order, any number of times. An address that names no letter of ours is mangled."""
    letter_id, told = request.args.get("letter", type=int), request.form.get("MessageStatus", "")
    if letter_id is None or not 0 < letter_id < 2**63:
        raise Mangled("letter")
    if not told:
        raise Mangled("MessageStatus")
    sending.hear_of(letter_id, told, request.form.get("ErrorCode", ""), request.form.get("MessageSid", "")[:64])
