"""What became of an attempt, and what follows for its promise. Everything here may be told twice and in any order."""

from datetime import datetime

from helpdesk.audit.actor import CARRIER, SYSTEM
from helpdesk.callbacks import actions, due, queries
from helpdesk.callbacks.queries import Held
from helpdesk.callbacks.rules import (
    ASKED_LATER,
    MISSES,
    OPEN_ATTEMPT,
    AttemptResult,
    AttemptState,
    CallbackState,
    next_try,
    technical_pause,
)
from helpdesk.kernel import clock, failpoints
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desk
from helpdesk.telephony import actions as calls
from helpdesk.telephony import line
from helpdesk.telephony import queries as queries_of_calls
from helpdesk.telephony.models import Call, Leg, QueueEntry
from helpdesk.telephony.moves import move as move_call
from helpdesk.telephony.queries import leg_by_sid
from helpdesk.telephony.rules import CallState, LegState, Outcome

_BY_LEG: dict[LegState, AttemptResult] = {
    LegState.BUSY: AttemptResult.BUSY,
    LegState.NO_ANSWER: AttemptResult.NO_ANSWER,
    LegState.FAILED: AttemptResult.FAILED,
    LegState.CANCELED: AttemptResult.TECHNICAL,
}


# ── while the telephone is in somebody's hand ─────────────────────────────────────────────────────────────────────


def answered(held: Held, by_machine: bool = False) -> bool:
    """Somebody picked up. Whether they may be asked what they want; else the leg is to be hung up politely."""
    attempt, callback, moment = held.attempt, held.callback, clock.now()
    if attempt.state is not AttemptState.LIVE:
        return False
    if callback.state is CallbackState.DIALING and not may_ring(held):
        settle(held, AttemptResult.NO_ANSWER)
    elif callback.state is CallbackState.DIALING:
        if by_machine:
            settle(held, AttemptResult.MACHINE)
            return False
        attempt.answered_at = moment
        actions.move(callback, CallbackState.ANSWERED)
        if not queries.dialling_hours(desk(callback.desk_id)).allow(moment):
            settle(held, AttemptResult.TOO_LATE)
            return False
        if due.on_the_line(callback.number):
            # they called us while it rang: that call has their place, and this one would be a second operator's
            settle(held, AttemptResult.TECHNICAL)
            return False
        if not _put_through(held):
            move_call(held.call, CallState.IVR)
    return callback.state is CallbackState.ANSWERED and held.call.state is CallState.IVR


def _put_through(held: Held) -> bool:
    """An operator waits for this very person in the conference: they are on their way into it, and the place is the
    call's."""
    call, callback = held.call, held.callback
    if call.operator_id is None or callback.entry_id is None or queries_of_calls.live_operator_leg(call.id) is None:
        return False
    entry = session().get_one(QueueEntry, callback.entry_id, with_for_update=True, populate_existing=True)
    if entry.call_id is not None or not move_call(call, CallState.CONNECTED):
        return False
    entry.call_id = call.id
    session().flush()
    return True


def wants_operator(held: Held) -> bool:
    """They pressed 1: they stand in the line in their old place; in front, when the operator who called them is lost.

    True also when they stand there already: the same key came twice.
    """
    if held.attempt.state is not AttemptState.LIVE or held.callback.state is not CallbackState.ANSWERED:
        return False
    if held.call.state is CallState.IVR:
        actions.hold_place(held.callback, clock.now())
        if held.callback.entry_id is None:
            raise RuntimeError(f"callback {held.callback.id} has no place in the line")
        line.take_place(held.callback.entry_id, held.call, bool(held.call.keys.get("operator_lost")))
    return held.call.state in (CallState.QUEUED, CallState.OFFERED)


def connected(call: Call) -> None:
    """An operator and the person whom we called back can hear each other: the promise is kept."""
    held = queries.held_by_call(call.id)
    if held is not None and held.callback.state is CallbackState.ANSWERED:
        _reached(held, held.call.connected_at or clock.now())


def _reached(held: Held, at: datetime) -> None:
    if actions.move(held.callback, CallbackState.CONNECTED, reached_at=at):
        held.attempt.result = AttemptResult.CONNECTED
        session().flush()
        actions.note("callback.connected", held.callback, CARRIER, held.call.id, attempt=held.attempt.n)


def may_ring(held: Held) -> bool:
    """Whether a telephone that rings, or was just picked up, is still wanted to."""
    return held.callback.state is not CallbackState.CANCELLED and "closing" not in held.call.keys


# ── how it ended ──────────────────────────────────────────────────────────────────────────────────────────────────


def leg_reported(held: Held, state: LegState) -> None:
    """The carrier's word about the leg of an attempt."""
    calls.leg_reported(held.attempt.sid or "", state)
    session().refresh(held.call)
    if state not in (LegState.QUEUED, LegState.INITIATED, LegState.RINGING, LegState.IN_PROGRESS):
        settle(held, result_of(held.call, leg_by_sid(held.attempt.sid or ""), state))


def call_ended(call: Call) -> None:
    """The call of an attempt is over, by whatever we learned it."""
    held = queries.held_by_call(call.id)
    if held is not None and held.attempt.state in OPEN_ATTEMPT and held.attempt.sid is not None:
        settle(held, result_of(held.call, leg_by_sid(held.attempt.sid)))


def result_of(call: Call, leg: Leg | None, reported: LegState | None = None) -> AttemptResult:
    """What an attempt came to, out of how its call and its leg ended."""
    if call.outcome is Outcome.HANDLED or call.keys.get("talked"):
        return AttemptResult.CONNECTED
    if call.outcome is Outcome.CALLBACK_REQUESTED:
        return AttemptResult.LATER
    if call.outcome is Outcome.VOICEMAIL:
        return AttemptResult.DECLINED
    if call.keys.get("closing") and call.connected_at is None:
        return AttemptResult.NO_ANSWER  # it rang until the operator gave up
    state = leg.state if leg is not None and leg.state in _BY_LEG else reported
    if state in _BY_LEG:
        return _BY_LEG[state]
    wanted_operator = call.queued_at is not None or (call.operator_id is not None and leg is not None)
    return AttemptResult.LEFT if wanted_operator else AttemptResult.NO_KEY


def heard_a_machine(call: Call, staff_id: int) -> None:
    """The operator who made the callback talks to a machine: that was one more miss, and the telephone is hung up.

    Raises Refused when the call is no callback of this operator's that goes on.
    """
    held = queries.held_by_call(call.id)
    mine = held is not None and held.call.operator_id == staff_id and held.call.state is CallState.CONNECTED
    if held is None or not mine or held.attempt.state not in OPEN_ATTEMPT:
        raise Refused(N_("You are not making a callback now"))
    attempt, moment = held.attempt, clock.now()
    attempt.state, attempt.result, attempt.ended_at = AttemptState.DONE, AttemptResult.MACHINE, moment
    session().flush()
    _missed(held, AttemptResult.MACHINE, moment, reached_at=None)
    calls.remember(held.call, machine=True)
    calls.close(held.call, staff_id)


def settle(held: Held, result: AttemptResult) -> None:
    """Close the attempt and bring its callback to what follows. A closed attempt stays as it is."""
    attempt, callback, moment = held.attempt, held.callback, clock.now()
    if attempt.state not in OPEN_ATTEMPT:
        return
    talked = callback.state is CallbackState.CONNECTED or result is AttemptResult.CONNECTED
    result = AttemptResult.CONNECTED if talked else result
    attempt.state, attempt.result, attempt.ended_at = AttemptState.DONE, result, moment
    session().flush()
    failpoints.hit("attempt.settled")
    if attempt.sid is None or held.call.state is CallState.NEW:
        calls.end(held.call, Outcome.FAILED, SYSTEM)
    if result is AttemptResult.CONNECTED:
        if callback.state is CallbackState.ANSWERED:
            _reached(held, held.call.connected_at or moment)
        if actions.move(callback, CallbackState.DONE, ended_at=moment):
            actions.note("callback.done", callback, CARRIER, held.call.id, attempt=attempt.n)
    elif callback.state in (CallbackState.DIALING, CallbackState.ANSWERED):
        _go_on(held, result, moment)


def _go_on(held: Held, result: AttemptResult, moment: datetime) -> None:
    callback = held.callback
    match result:
        case AttemptResult.DECLINED:
            if actions.move(callback, CallbackState.CANCELLED, ended_at=moment):
                actions.give_up_place(callback)
                actions.note("callback.cancelled", callback, CARRIER, held.call.id, result=result.value)
        case AttemptResult.BAD_NUMBER:
            _exhausted(held, result, moment)
        case AttemptResult.TECHNICAL:
            failures = callback.technical_failures + 1
            _again(held, moment + technical_pause(failures), technical_failures=failures)
        case AttemptResult.LATER:
            _later(held, moment)
        case AttemptResult.TOO_LATE:
            _again(held, moment)
        case _:
            _missed(held, result, moment)


def _missed(held: Held, result: AttemptResult, moment: datetime, **values: object) -> None:
    if result not in MISSES:
        raise ValueError(f"nothing follows from {result}")
    callback = held.callback
    misses = callback.attempts + 1
    pause = next_try(result, misses)
    if pause is None:
        _exhausted(held, result, moment, attempts=misses, **values)
    elif _again(held, moment + pause, attempts=misses, technical_failures=0, **values):
        actions.note(
            "callback.missed",
            callback,
            CARRIER,
            held.call.id,
            result=result.value,
            attempt=misses,
            next_at=callback.next_attempt_at.isoformat(),
        )


def _later(held: Held, moment: datetime) -> None:
    """Their own wish: half an hour, or as was promised anew when they asked again while waiting."""
    callback = held.callback
    if held.call.outcome is Outcome.CALLBACK_REQUESTED:
        _again(held, moment, promised_at=max(callback.promised_at, moment))
    else:
        at = queries.dialling_hours(desk(callback.desk_id)).next(moment + ASKED_LATER)
        _again(held, at, promised_at=at)
    actions.note("callback.moved", callback, CARRIER, held.call.id, promised_at=callback.promised_at.isoformat())


def _again(held: Held, at: datetime, **values: object) -> bool:
    callback = held.callback
    next_at = queries.dialling_hours(desk(callback.desk_id)).next(at)
    # a dial that never rang is due at once; a person who was rung waits for the next moment
    never_rang = held.attempt.result is AttemptResult.TECHNICAL and callback.state is CallbackState.DIALING
    target = CallbackState.DUE if never_rang else CallbackState.RETRY_WAIT
    if not actions.move(callback, target, next_attempt_at=next_at, **values):
        return False
    actions.hold_place(callback, next_at)
    return True


def _exhausted(held: Held, result: AttemptResult, moment: datetime, **values: object) -> None:
    callback = held.callback
    if actions.move(callback, CallbackState.EXHAUSTED, ended_at=moment, **values):
        actions.give_up_place(callback)
        actions.note("callback.exhausted", callback, CARRIER, held.call.id, result=result.value)
