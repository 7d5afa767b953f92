"""What becomes of a call: begun, understood, taken, lost, ended. Its row is locked by whoever calls these."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, Actor, staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.statements import put
from helpdesk.routing.rules import Queue
from helpdesk.telephony import emergency, holding, legs, line, offers, presence, queries, supervision, transfers
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move, write
from helpdesk.telephony.rules import (
    LIVE_LEG,
    SHORT_ABANDON,
    CallState,
    LegRole,
    LegState,
    Outcome,
)

# Who hears one of these and stays without pressing 9 agrees to be recorded.
RECORDING_NOTICES = frozenset({"P01", "P01S"})


def begin(
    sid: str,
    from_number: str | None,
    to_number: str,
    desk_id: int,
    contact_id: int | None,
    language: str | None,
    **keys: Any,
) -> Call:
    """Somebody calls us. Two identical webhooks at once meet here: the second waits and gets the first one's call.

    `language`: the one remembered of this number, offered first; `keys`: what else is known from the beginning.
    """
    values = {
        "sid": sid,
        "direction": "inbound",
        "from_number": from_number,
        "to_number": to_number,
        "desk_id": desk_id,
        "contact_id": contact_id,
        "state": CallState.IVR,
        "keys": {name: value for name, value in {"remembered": language, **keys}.items() if value is not None},
        "started_at": clock.now(),
        "version": 1,
    }
    if (call_id := put(Call, values)) is not None:
        legs.begin(sid, call_id, LegRole.CALLER, LegState.IN_PROGRESS)
    call = queries.locked_by_sid(sid)
    if call is None:
        raise RuntimeError(f"call {sid} was not written")
    return call


def begin_outgoing(number: str, desk_id: int, callback_id: int, ticket_id: int, language: str) -> Call:
    """We are about to call somebody back: the call exists before the carrier is asked, its sid comes later."""
    call = Call(
        direction="outbound",
        from_number=number,
        to_number=number,
        desk_id=desk_id,
        callback_id=callback_id,
        ticket_id=ticket_id,
        language=language,
        state=CallState.NEW,
        keys={},
        started_at=clock.now(),
    )
    session().add(call)
    session().flush()
    return call


def set_values(call: Call, **values: Any) -> None:
    """Write columns of a call that are no state."""
    write(call, **values)


def remember(call: Call, **keys: Any) -> None:
    """Keep what the caller chose on the way; None forgets."""
    kept = {name: value for name, value in (call.keys | keys).items() if value is not None}
    set_values(call, keys=kept)


def speak(call: Call, language: str | None, consent_prompt: str) -> None:
    """The caller chose a language (None: said nothing) and hears the notice of processing next."""
    if call.consent_at is None:
        chosen: dict[str, Any] = {"language": language} if language else {}
        if consent_prompt in RECORDING_NOTICES:
            chosen["recording_refused"] = False
        set_values(call, consent_prompt=consent_prompt, consent_at=clock.now(), **chosen)
    elif language:
        set_values(call, language=language)


def voices(call: Call) -> tuple[str, ...]:
    """The languages in which this caller is spoken to: the chosen or remembered one, else Kazakh, then Russian."""
    chosen = call.language or call.keys.get("remembered")
    return (chosen,) if chosen else ("kk", "ru")


def joined(call: Call) -> None:
    """The caller comes into the conference of the operator who took the call: the conversation begins."""
    if call.state is not CallState.CONNECTED or call.connected_at is not None:
        return
    set_values(call, connected_at=clock.now())
    operator = call.operator_id
    journal.note(
        "call.answered",
        by=staff(operator) if operator else CARRIER,
        call_id=call.id,
        ticket_id=call.ticket_id,
        callback_id=call.callback_id,
        desk_id=call.desk_id,
        staff_id=operator,
        waited=_seconds(call.queued_at, call.connected_at),
    )


def conference_named(call_id: int, name: str, sid: str) -> None:
    """The carrier has told how it calls the conference that we named."""
    session().execute(
        update(Call)
        .where(Call.id == call_id, Call.conference == name, Call.conference_sid.is_distinct_from(sid))
        .values(conference_sid=sid)
        .execution_options(synchronize_session=False)
    )


def close(call: Call, staff_id: int) -> None:
    """The operator ends the conversation, or lets nobody ring any more: the other telephone is hung up after the
    commit. Twice is once.

    A caller who talks with 112 or 111 goes on: then only the operator leaves.
    """
    if _has_operator(call) and "closing" not in call.keys and call.operator_id == staff_id:
        remember(call, closing=staff_id)
        stays = emergency.talks(call.id)
        operator = queries.live_operator_leg(call.id) if stays else None
        journal.note(
            "call.left_to_service" if stays else "call.closing",
            by=staff(staff_id),
            call_id=call.id,
            ticket_id=call.ticket_id,
            desk_id=call.desk_id,
            staff_id=staff_id,
            operator_leg=operator.sid if operator is not None else None,
        )


def requeue(call: Call) -> bool:
    """The operator was lost during the conversation: the caller waits again, in front, and hears why."""
    if call.state is not CallState.CONNECTED or call.desk_id is None:
        return False
    talked = call.connected_at is not None
    operator = call.operator_id
    transfers.abandon(call)
    legs.end_operators(call.id)
    line.to_front(call, call.desk_id, call.queue or Queue.TECHNICAL)
    kept = call.keys | {"talked": talked, "returns": "P27"}
    nowhere = {"conference": None, "conference_sid": None, "connected_at": None}
    move(call, CallState.QUEUED, keys=kept, **nowhere, **holding.ended(call))
    if operator is not None:
        presence.talked(operator)
    journal.note(
        "call.requeued", by=CARRIER, call_id=call.id, ticket_id=call.ticket_id, desk_id=call.desk_id, staff_id=operator
    )
    return True


def leg_reported(sid: str, state: LegState) -> bool:
    """Take the carrier's word about a leg and draw the consequences; False when it was late, doubled or unknown."""
    call = queries.call_of_leg(sid)
    leg = legs.report(sid, state) if call is not None else None
    if call is None or leg is None:
        return False
    if leg.state in LIVE_LEG:
        return True
    match leg.role:
        case LegRole.OPERATOR:
            _operator_left(call, leg.staff_id)
        case LegRole.SUPERVISOR:
            supervision.left(sid, CARRIER)
        case LegRole.SERVICE:
            emergency.leg_over(sid, leg.state)
            service_left(call)
        case LegRole.CALLER | LegRole.CALLEE:
            # what the operator still has to tell a service is not cut off by a line that broke
            if not (emergency.talks(call.id) and queries.live_operator_leg(call.id)):
                end(call)
    return True


def _operator_left(call: Call, staff_id: int | None) -> None:
    """An operator's leg has ended while nobody said that the conversation was over."""
    if staff_id is None or transfers.operator_left(call, staff_id) or call.operator_id != staff_id:
        return
    if call.state is CallState.NEW:
        # it may ring on: whoever answers is asked whether they want to wait for somebody else
        set_values(call, operator_id=None, conference=None, keys=call.keys | {"operator_lost": True})
        presence.talked(staff_id)
    if call.state is not CallState.CONNECTED:
        return
    if emergency.talks(call.id):
        presence.talked(staff_id)
        if not queries.caller_is_there(call):
            end(call)
    elif "closing" not in call.keys:
        requeue(call)
    else:
        presence.talked(staff_id)


def service_left(call: Call) -> None:
    """112 or 111 has hung up: whoever stayed for it is not left alone."""
    if call.state is not CallState.CONNECTED or emergency.talks(call.id):
        return
    operator = queries.live_operator_leg(call.id)
    if not queries.caller_is_there(call):
        end(call)
        leg = operator.sid if operator is not None else None
        journal.note("call.service_over", by=CARRIER, call_id=call.id, desk_id=call.desk_id, operator_leg=leg)
    elif operator is None and "closing" not in call.keys:
        requeue(call)
    elif operator is None:
        journal.note("call.closing", by=CARRIER, call_id=call.id, ticket_id=call.ticket_id, desk_id=call.desk_id)


def end(call: Call, outcome: Outcome | None = None, by: Actor = CARRIER) -> bool:
    """The call is over, with exactly one outcome; False when it was already."""
    if call.state is CallState.ENDED:
        return False
    transfers.abandon(call)
    offers.withdraw(call)
    entry = line.entry_of(call.id)
    moment = clock.now()
    result = outcome or _outcome(call, entry, moment)
    operator = call.operator_id if _has_operator(call) else None
    talked = _seconds(call.connected_at, moment)
    # an operator whom the caller never joined sits in a conference that nothing ends
    alone = queries.live_operator_leg(call.id) if operator and talked is None else None
    if not move(call, CallState.ENDED, outcome=result, ended_at=moment, **holding.ended(call)):
        return False
    if entry is not None:
        line.leave(entry)
    if operator is not None:
        legs.end_operators(call.id)
        presence.talked(operator)
    journal.note(
        "call.ended",
        by=by,
        call_id=call.id,
        ticket_id=call.ticket_id,
        callback_id=call.callback_id,
        desk_id=call.desk_id,
        outcome=result.value,
        talked=talked,
        staff_id=operator,
        operator_leg=alone.sid if alone else None,
    )
    return True


def _has_operator(call: Call) -> bool:
    """Whether an operator is in the conference: in conversation, or waiting for somebody whose telephone rings."""
    return call.state is CallState.CONNECTED or (call.state is CallState.NEW and call.operator_id is not None)


def _outcome(call: Call, entry: QueueEntry | None, moment: datetime) -> Outcome:
    """How a call ended whose end is all that we were told."""
    if call.state is CallState.CONNECTED and call.keys.get("machine"):
        return Outcome.FAILED
    if call.state is CallState.CONNECTED:
        return Outcome.HANDLED if call.connected_at is not None else Outcome.ABANDONED
    if call.state is CallState.VOICEMAIL:
        return Outcome.VOICEMAIL
    if entry is not None:
        soon = moment - entry.joined_at < SHORT_ABANDON
        # both sides hung up at once, and the operator's end was heard of first
        if soon and call.keys.get("talked"):
            return Outcome.HANDLED
        return Outcome.SHORT_ABANDON if soon else Outcome.ABANDONED
    if call.direction == "outbound":
        return Outcome.FAILED
    return _without_line(call.keys)


def _without_line(keys: Mapping[str, Any]) -> Outcome:
    if keys.get("served"):
        return Outcome.SELF_SERVED
    return Outcome.CLOSED if keys.get("closed") else Outcome.ABANDONED


def _seconds(since: datetime | None, until: datetime | None) -> int | None:
    return round((until - since).total_seconds()) if since and until else None
