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
from helpdesk.webhooks import said, voicemail
from helpdesk.webhooks.access import attempt, carrier_door, document
from helpdesk.webhooks.promises import TOO_LONG, promise

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
    if _has_waited_enough(call, entry):
        actions.remember(call, wish=TOO_LONG)
        return twiml.leave()
    if turn % 2 == 0:
        return twiml.wait(turn, twiml.prompt(voices, "P24") + speech.music(voices[0]))
    now = queries.standing(entry)
    position = now.position if now.position <= (entry.announced_position or now.position) else None
    line.announced(entry, position, now.wait_seconds, estimate.bucket(now.promise_seconds))

    offered = _offered(call, entry, now)

    def say(language: str) -> Clips:
        told = speech.queue_announcement(language, position, now.promise_seconds)
        return told + tuple(clip for one in offered for clip in speech.prompt(language, one))

    return twiml.wait(turn, twiml.each(voices, say) + speech.music(voices[0]))


def _offered(call: Call, entry: QueueEntry, now: Standing) -> tuple[str, ...]:
    """The prompts of what may be had instead of waiting; where nobody works, a message can be left too."""
    if call.keys.get("stays") or call.direction == "outbound":
        return ()
    serving = desk(entry.reach_id or entry.desk_id)
    closes_soon = not calendar_of(serving).is_open(clock.now() + estimate.BEFORE_CLOSING)
    if not estimate.offers_callback(now.position, now.wait_seconds, now.crew, closes_soon):
        return ()
    return ("P07",) if now.crew.staffed else ("P07", "P47")


def _has_waited_enough(call: Call, entry: QueueEntry) -> bool:
    """Nobody who has called waits longer than that, unless an operator is just being asked."""
    too_long = clock.now() - entry.joined_at >= estimate.LONGEST_WAIT
    return too_long and call.direction == "inbound" and call.state is CallState.QUEUED and "waited" not in call.keys


@door.post("/wait-key")
@document
def wait_key(heard: Heard) -> str:
    """A key in the waiting room: 1 call me back, 2 on another number, 3 I stay, 4 a message, 9 do not record, star says
    it again."""
    call = phone.call_of(heard)
    legs.heard(heard.sid)
    turn = attempt()
    if call.state not in WAITING:
        return twiml.leave()
    chosen = next_step(Step.WAITING, heard.keys, attempt=1)
    if call.direction == "inbound" and chosen.do in (Do.CALL_ME, Do.ANOTHER_NUMBER, Do.VOICEMAIL):
        actions.remember(call, wish=chosen.do.value)
        return twiml.leave()
    if chosen.do is Do.UNRECORDED:
        actions.set_values(call, recording_refused=True)
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
    wish = call.keys.get("wish") if result == "leave" else None
    if wish in (Do.CALL_ME.value, TOO_LONG):
        own = said.own_number(call)
        return promise(call, own) if own else _to_number(call, "P48" if wish == TOO_LONG else None)
    if wish == Do.ANOTHER_NUMBER.value:
        return _to_number(call)
    if wish == Do.VOICEMAIL.value:
        return voicemail.begin(call)
    # the carrier's waiting room is full or broken: the place in our line is kept while the caller decides
    offers.withdraw(call)
    move(call, CallState.IVR)
    return said.callback_offer(call, 1)


def _to_number(call: Call, before: str | None = None) -> str:
    """While a number is being typed no operator is asked, and the place is kept. Who types none goes on waiting."""
    if before is not None:
        actions.remember(call, waited=True)
    offers.withdraw(call)
    move(call, CallState.IVR)
    return said.number(call, 1, before)


@door.post("/again")
@document
def again(heard: Heard) -> str:
    """The operator was lost or has sent the caller on: why is said once, and then it is the first place in the line."""
    call = phone.call_of(heard)
    legs.heard(heard.sid)
    if call.state in WAITING:
        return said.queue(call, call.keys.get("returns"))
    return said.settled(call) or said.main_menu(call, 1)
