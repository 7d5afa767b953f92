"""The waiting room: place and wait announced, a callback offered, and what happens when somebody leaves it."""

from flask import request

from helpdesk.intake import phone
from helpdesk.kernel import clock
from helpdesk.organizations.queries import desk
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony import actions, estimate, legs, line, offers, queries, speech, twiml
from helpdesk.telephony.heard import Heard
from helpdesk.telephony.menu import Do, Step, Topic, next_step
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.queries import Standing
from helpdesk.telephony.rules import CallState
from helpdesk.telephony.speech import Clips
from helpdesk.webhooks import said
from helpdesk.webhooks.access import attempt, carrier_door, document
from helpdesk.webhooks.promises import promise

door = carrier_door("waiting", __name__, twiml.VOICE)
WAITING = (CallState.QUEUED, CallState.OFFERED)


@door.post("/wait")
@lambda view: document(view, away=twiml.music)
def wait(heard: Heard) -> str:
    """One turn of waiting. Something is said on the first and every second turn, music plays on each."""
    call = phone.call_of(heard)
    legs.heard(heard.sid)
    turn, voices = attempt(), actions.voices(call)
    entry = line.entry_of(call.id)
    if entry is None and call.state is CallState.IVR:
        # the webhook that brought this caller here was lost on the way to us
        entry = phone.queue_up(call, Topic.OPERATOR)
    if entry is None or call.state not in WAITING:
        return twiml.leave() if call.state is not CallState.CONNECTED else twiml.music()
    if turn % 2 == 0:
        return twiml.wait(turn, twiml.prompt(voices, "P24") + speech.music(voices[0]))
    at = desk(entry.desk_id)
    now = queries.standing(entry, at.organization.path)
    position = now.position if now.position <= (entry.announced_position or now.position) else None
    line.announced(entry, position, now.wait_seconds, estimate.bucket(now.wait_seconds))

    def say(language: str) -> Clips:
        told = speech.queue_announcement(language, position, now.wait_seconds)
        return told + (speech.prompt(language, "P07") if _offers_callback(call, entry, now) else ())

    return twiml.wait(turn, twiml.each(voices, say) + speech.music(voices[0]))


def _offers_callback(call: Call, entry: QueueEntry, now: Standing) -> bool:
    if call.keys.get("stays") or call.direction == "outbound":
        return False
    closes_soon = not calendar_of(desk(entry.desk_id)).is_open(clock.now() + estimate.BEFORE_CLOSING)
    return estimate.offers_callback(now.position, now.wait_seconds, now.crew, closes_soon)


@door.post("/wait-key")
@document
def wait_key(heard: Heard) -> str:
    """A key in the waiting room: 1 call me back, 2 on another number, 3 I stay, star says it again."""
    call = phone.call_of(heard)
    legs.heard(heard.sid)
    turn = attempt()
    if call.state not in WAITING:
        return twiml.leave()
    chosen = next_step(Step.WAITING, heard.keys, attempt=1)
    if call.direction == "inbound" and chosen.do in (Do.CALL_ME, Do.ANOTHER_NUMBER):
        actions.remember(call, wish=chosen.do.value)
        return twiml.leave()
    if chosen.do is Do.STAY:
        actions.remember(call, stays=True)
        return twiml.go_on_waiting(turn + 1)
    return twiml.go_on_waiting(turn + 1 if turn % 2 == 0 else turn)


@door.post("/queue-left")
@document
def queue_left(heard: Heard) -> str:
    """Out of the waiting room: to the operator, to a callback, or gone."""
    call = phone.call_of(heard)
    result = request.form.get("QueueResult", "")
    if result == "hangup":
        actions.end(call)
        return twiml.hang_up()
    legs.heard(heard.sid)
    if call.state not in WAITING:
        # a leave that crossed an operator's answer, a redirect (the same document as at its target), or a late copy
        actions.joined(call)
        return said.settled(call) or said.main_menu(call, 1)
    if result == "leave" and call.keys.get("wish") == Do.CALL_ME.value:
        own = said.own_number(call)
        return promise(call, own) if own else _to_number(call)
    if result == "leave" and call.keys.get("wish") == Do.ANOTHER_NUMBER.value:
        return _to_number(call)
    # the carrier's waiting room is full or broken: the place in our line is kept while the caller decides
    offers.withdraw(call)
    move(call, CallState.IVR)
    return said.callback_offer(call, 1)


def _to_number(call: Call) -> str:
    """While a number is being typed no operator is asked, and the place is kept."""
    offers.withdraw(call)
    move(call, CallState.IVR)
    return said.number(call, 1)


@door.post("/again")
@document
def again(heard: Heard) -> str:
    """The operator was lost in the middle of the conversation: an apology, and first in the line."""
    call = phone.call_of(heard)
    legs.heard(heard.sid)
    if call.state in WAITING:
        return said.queue(call, "P27")
    return said.settled(call) or said.main_menu(call, 1)
