"""What becomes of a call: begun, understood, taken, lost, ended. Its row is locked by whoever calls these."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import set_committed_value

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, Actor, staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.telephony import legs, line, offers, presence, queries
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import (
    LIVE_LEG,
    SHORT_ABANDON,
    CallState,
    LegRole,
    LegState,
    Outcome,
)


def begin(
    sid: str, from_number: str | None, to_number: str, desk_id: int, contact_id: int | None, language: str | None
) -> Call:
    """Somebody calls us. Two identical webhooks at once meet here: the second waits and gets the first one's call.

    `language`: the one remembered of this number, offered first.
    """
    values = {
        "sid": sid,
        "direction": "inbound",
        "from_number": from_number,
        "to_number": to_number,
        "desk_id": desk_id,
        "contact_id": contact_id,
        "state": CallState.IVR,
        "keys": {"remembered": language} if language else {},
        "started_at": clock.now(),
        "version": 1,
    }
    made = insert(Call).values(values).on_conflict_do_nothing().returning(Call.id)
    if (row := session().execute(made).first()) is not None:
        legs.begin(sid, row.id, LegRole.CALLER, LegState.IN_PROGRESS)
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
    changes = {name: value for name, value in values.items() if getattr(call, name) != value}
    if not changes:
        return
    session().execute(
        update(Call).where(Call.id == call.id).values(changes).execution_options(synchronize_session=False)
    )
    for name, value in changes.items():
        set_committed_value(call, name, value)


def remember(call: Call, **keys: Any) -> None:
    """Keep what the caller chose on the way; None forgets."""
    kept = {name: value for name, value in (call.keys | keys).items() if value is not None}
    set_values(call, keys=kept)


def speak(call: Call, language: str | None, consent_prompt: str) -> None:
    """The caller chose a language (None: said nothing) and hears the notice of processing next."""
    if call.consent_at is None:
        chosen = {"language": language} if language else {}
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
    operator = queries.answered_by(call.id)
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


def close(call: Call, staff_id: int) -> None:
    """The operator ends the conversation: the caller's telephone is hung up after the commit. Twice is once."""
    if call.state is CallState.CONNECTED and "closing" not in call.keys and queries.answered_by(call.id) == staff_id:
        remember(call, closing=staff_id)
        journal.note(
            "call.closing",
            by=staff(staff_id),
            call_id=call.id,
            ticket_id=call.ticket_id,
            desk_id=call.desk_id,
            staff_id=staff_id,
        )


def requeue(call: Call) -> bool:
    """The operator was lost during the conversation: the caller waits again, in front, and hears why."""
    entry = line.entry_of(call.id)
    if call.state is not CallState.CONNECTED or entry is None:
        return False
    talked = call.connected_at is not None
    operator = queries.answered_by(call.id)
    legs.end_operators(call.id)
    line.back_to_front(entry)
    move(call, CallState.QUEUED, conference=None, connected_at=None, keys=call.keys | {"talked": talked})
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
    if leg.role is LegRole.OPERATOR:
        _operator_left(call, leg.staff_id)
    else:
        end(call)
    return True


def _operator_left(call: Call, staff_id: int | None) -> None:
    """An operator's leg has ended while nobody said that the conversation was over."""
    if staff_id is None or queries.answered_by(call.id) != staff_id:
        return
    if call.state is CallState.CONNECTED and "closing" not in call.keys:
        requeue(call)
    elif call.state is CallState.CONNECTED:
        presence.talked(staff_id)


def end(call: Call, outcome: Outcome | None = None, by: Actor = CARRIER) -> bool:
    """The call is over, with exactly one outcome; False when it was already."""
    if call.state is CallState.ENDED:
        return False
    offers.withdraw(call)
    entry = line.entry_of(call.id)
    moment = clock.now()
    result = outcome or _outcome(call, entry, moment)
    operator = queries.answered_by(call.id) if call.state is CallState.CONNECTED else None
    talked = _seconds(call.connected_at, moment)
    # an operator whom the caller never joined sits in a conference that nothing ends
    alone = queries.live_operator_leg(call.id) if operator and talked is None else None
    if not move(call, CallState.ENDED, outcome=result, ended_at=moment):
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


def _outcome(call: Call, entry: QueueEntry | None, moment: datetime) -> Outcome:
    """How a call ended whose end is all that we were told."""
    if call.state is CallState.CONNECTED:
        return Outcome.HANDLED if call.connected_at is not None else Outcome.ABANDONED
    if call.state is CallState.VOICEMAIL:
        return Outcome.VOICEMAIL if call.keys.get("recording") else Outcome.ABANDONED
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
