"""Operator and caller in one conference, and what the carrier tells of legs and conferences."""

from collections.abc import Callable

from flask import request

from helpdesk.callbacks import previews
from helpdesk.intake import phone
from helpdesk.kernel import clock
from helpdesk.telephony import actions, events, legs, offers, queries, speech, transfers, twiml
from helpdesk.telephony.gateway import staff_of
from helpdesk.telephony.heard import Heard, Mangled, read
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, LegState, OfferKind, counts
from helpdesk.webhooks import said, supervisors
from helpdesk.webhooks.access import carrier_door, document, status

door = carrier_door("conversation", __name__, twiml.VOICE)
HUNG_UP = "participant_hung_up"


Accept = Callable[[str, int, str], Call | None]

# How an operator takes what was held out: (token of the offer, who, the leg) → the call whose conference the leg joins,
# None when it was too late. The same leg a second time gets the same answer.
ACCEPT: dict[OfferKind, Accept] = {
    OfferKind.CALL: offers.accept_offer,
    OfferKind.CONSULT: transfers.accept,
    OfferKind.PREVIEW: previews.accept,
}


@door.post("/operator")
@document
def operator(heard: Heard) -> str:
    """An operator's softphone connects with an offer: the browser's word, so the offer's row decides."""
    staff_id = staff_of(heard.address)
    if (supervising := request.form.get("supervision", "")[:36]) and staff_id is not None:
        return supervisors.into(supervising, staff_id, heard)
    token = request.form.get("offer", "")[:36]
    call = taken(token, staff_id, heard.sid) if staff_id is not None and token else None
    if call is None or call.conference is None:
        return twiml.hang_up(speech.prompt("kk", "P28") + speech.prompt("ru", "P28"))
    return twiml.operator_into(call.conference, call.id)


def taken(token: str, staff_id: int, leg_sid: str) -> Call | None:
    """The call that an operator's leg now belongs to, None when the offer is not theirs or was settled before."""
    offer = queries.offer_by_token(token)
    accept = ACCEPT.get(offer.kind) if offer is not None else None
    return accept(token, staff_id, leg_sid) if accept is not None else None


@door.post("/operator-left")
@document
def operator_left(heard: Heard) -> str:
    """The operator's leg is out of the conference: hung up, or the conference ended around it."""
    if heard.state is LegState.COMPLETED:
        actions.leg_reported(heard.sid, LegState.COMPLETED)
    else:
        legs.report(heard.sid, LegState.COMPLETED)
    return twiml.hang_up()


@door.post("/join")
@document
def join(heard: Heard) -> str:
    """Where a caller is redirected when an operator has answered."""
    call = phone.call_of(heard)
    legs.heard(heard.sid)
    if call.connected_at is not None and queries.live_operator_leg(call.id) is None and actions.requeue(call):
        # redirected twice: leaving the conference for a moment has ended it, and with it the operator's leg
        return said.queue(call, call.keys.get("returns"))
    actions.joined(call)
    return said.settled(call) or said.main_menu(call, 1)


@door.post("/caller-left")
@document
def caller_left(heard: Heard) -> str:
    """The conference is over for the caller. Still on the line and not sent away: the operator was lost."""
    call = phone.call_of(heard)
    if heard.state is LegState.COMPLETED:
        actions.leg_reported(heard.sid, LegState.COMPLETED)
        return twiml.hang_up()
    legs.heard(heard.sid)
    if call.state is CallState.CONNECTED and "closing" not in call.keys:
        actions.requeue(call)
    if call.state in (CallState.QUEUED, CallState.OFFERED):
        return said.queue(call, call.keys.get("returns"))
    return twiml.hang_up(twiml.prompt(actions.voices(call), "P23"))


@door.post("/hold")
@document
def hold(_heard: Heard) -> str:
    """What a caller on hold hears, over and over: only what may stand in such a document, and no database."""
    return twiml.music()


@door.post("/status")
@status
def leg_status() -> None:
    """A leg changed its state. They come twice, late and out of order; each counts at most once."""
    heard = read(request.form)
    if heard.state is None:
        raise Mangled("CallStatus")
    known = queries.leg_by_sid(heard.sid)
    if known is not None and not counts(known.state, heard.state):
        # late or doubled: no call is locked for it
        legs.heard(heard.sid)
        return
    if known is None and not heard.from_softphone and not heard.outbound:
        phone.call_of(heard)
    actions.leg_reported(heard.sid, heard.state)


@door.post("/conference")
@status
def conference() -> None:
    """Somebody joined, left or ended a conference. Only hanging up means something that no document told us."""
    form, call_id = request.form, request.args.get("call", "")
    event, leg_sid = form.get("StatusCallbackEvent", ""), form.get("CallSid", "")
    conference_sid, sequence = form.get("ConferenceSid", ""), form.get("SequenceNumber", "")
    if not (conference_sid.isalnum() and sequence.isdigit() and call_id.isascii() and call_id.isdigit()):
        raise Mangled("ConferenceSid")
    key = f"{conference_sid}|{sequence[:10]}|{event[:40]}"
    if not events.note(key, event, int(call_id[:18]), leg_sid, clock.now()):
        return
    reason = form.get("ReasonParticipantLeft", HUNG_UP)
    if int(sequence[:10]) == 1 or event == "conference-start":
        actions.conference_named(int(call_id[:18]), form.get("FriendlyName", ""), conference_sid[:64])
    if event == "participant-leave" and reason == HUNG_UP:
        actions.leg_reported(leg_sid, LegState.COMPLETED)
