"""An operator's mobile telephone: it is rung for an offer and asks for a key, so that no voicemail gets a caller.

The token of the offer is in every address. A leg that is not the offer's own hears nothing and is hung up.
"""

from flask import request

from helpdesk.telephony import actions, operator_phones, queries, twiml
from helpdesk.telephony.heard import Heard, Mangled, read
from helpdesk.telephony.models import Offer
from helpdesk.telephony.rules import LIVE_LEG, OfferState
from helpdesk.telephony.twiml import path
from helpdesk.webhooks.access import attempt, carrier_door, document, status
from helpdesk.webhooks.conversation import taken

door = carrier_door("operator_phone", __name__, twiml.VOICE)

_TIMES = 3
_LANGUAGES = ("kk", "ru")


@door.post("/operator-phone")
@document
def answered(heard: Heard) -> str:
    """Somebody, or a machine, has picked up: who takes the call presses 1."""
    offer = operator_phones.adopt(_token(), heard.sid)
    return _as_it_stands(offer, heard, 1)


@door.post("/operator-phone-key")
@document
def key(heard: Heard) -> str:
    """1 takes the call; anything else is asked again, and then it goes to the next operator."""
    offer = operator_phones.adopt(_token(), heard.sid)
    if offer is not None and offer.state is OfferState.OPEN:
        if heard.keys == "1":
            taken(offer.token, offer.staff_id, heard.sid)
        elif attempt() >= _TIMES:
            operator_phones.not_answered(offer.id)
    return _as_it_stands(offer, heard, attempt() + 1)


@door.post("/operator-phone-status")
@status
def leg_status() -> None:
    """The telephone rings, is picked up, or is not; a leg that has taken a call is one like any other."""
    heard = read(request.form)
    if heard.state is None:
        raise Mangled("CallStatus")
    offer = operator_phones.adopt(_token(), heard.sid)
    if offer is not None and offer.state is OfferState.OPEN and heard.state not in LIVE_LEG:
        operator_phones.not_answered(offer.id)
    actions.leg_reported(heard.sid, heard.state)


def _as_it_stands(offer: Offer | None, heard: Heard, times: int) -> str:
    """The document that fits what is in the books by now."""
    if offer is None:
        return twiml.hang_up()
    if offer.state is OfferState.OPEN:
        return twiml.ask(path("operator-phone-key", offer=offer.token, n=times), twiml.prompt(_LANGUAGES, "P37"))
    call = queries.call_of_leg(heard.sid)
    if call is not None and call.conference is not None:
        return twiml.operator_into(call.conference, call.id)
    return twiml.hang_up(twiml.prompt(_LANGUAGES, "P28"))


def _token() -> str:
    return request.args.get("offer", "")[:36]
