"""The one waiting line: live callers and promised callbacks in the order in which they first came."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.routing.rules import Queue
from helpdesk.telephony import overflow
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import FRONT, USUAL, CallState, EntryKind, EntryState

# Built once: nearly every webhook asks it.
_ENTRY_OF = select(QueueEntry).where(QueueEntry.call_id == bindparam("call_id"))


def entry_of(call_id: int) -> QueueEntry | None:
    """The place that a call holds or held."""
    return session().scalars(_ENTRY_OF, {"call_id": call_id}).first()


def join(
    call: Call, queue: Queue, language: str, by: Actor, since: datetime | None = None, **learned: Any
) -> QueueEntry:
    """The caller joins the line of the call's desk; a second time changes nothing. The call row is locked already.

    `since`: when this person joined who was cut off and calls again. `learned`: what else is now known of the call (its
    ticket), written with the move.
    """
    if call.desk_id is None:
        raise ValueError(f"call {call.id} has no desk, so no line")
    moment = clock.now()
    is_first = call.direction == "inbound" and call.queued_at is None
    known = None if is_first else entry_of(call.id)
    entry = known or _new_place(call, call.desk_id, queue, language, since or moment)
    values = learned | {"queue": queue, "queued_at": call.queued_at or moment}
    if move(call, CallState.QUEUED, **values):
        journal.note(
            "call.queued", by=by, call_id=call.id, ticket_id=call.ticket_id, desk_id=call.desk_id, queue=queue.value
        )
        if entry.reach_id is not None and entry.joined_at == moment:
            overflow.tell(call.id, call.ticket_id, None, call.desk_id, entry.reach_id)
    return entry


def _new_place(call: Call, desk_id: int, queue: Queue, language: str, virtual_at: datetime) -> QueueEntry:
    entry = QueueEntry(
        kind=EntryKind.LIVE,
        state=EntryState.WAITING,
        desk_id=desk_id,
        queue=queue,
        language=language,
        call_id=call.id,
        priority=USUAL,
        virtual_at=virtual_at,
        joined_at=clock.now(),
        reach_id=overflow.first_reach(desk_id, queue, language),
    )
    session().add(entry)
    session().flush()
    return entry


def keep_place(entry_id: int, callback_id: int, not_before: datetime | None) -> None:
    """The place of a caller who hangs up now and is called back: same line, same moment, no call."""
    values: dict[str, Any] = {
        "kind": EntryKind.CALLBACK,
        "state": EntryState.WAITING,
        "callback_id": callback_id,
        "call_id": None,
        "not_before": not_before,
        "left_at": None,
    }
    session().execute(update(QueueEntry).where(QueueEntry.id == entry_id).values(values))


def promise_place(
    desk_id: int, queue: Queue, language: str, callback_id: int, virtual_at: datetime, not_before: datetime | None
) -> QueueEntry:
    """A place for a callback that was promised to somebody who never stood in line."""
    entry = QueueEntry(
        kind=EntryKind.CALLBACK,
        state=EntryState.WAITING,
        desk_id=desk_id,
        queue=queue,
        language=language,
        callback_id=callback_id,
        priority=USUAL,
        virtual_at=virtual_at,
        joined_at=clock.now(),
        not_before=not_before,
        reach_id=overflow.first_reach(desk_id, queue, language),
    )
    session().add(entry)
    session().flush()
    return entry


def take_place(entry_id: int, call: Call, in_front: bool = False) -> QueueEntry:
    """Somebody whom we called back is on the line and wants an operator: the promised place gets this call.

    From here on the router serves it like any live caller, in its order; `in_front` of all others when an operator was
    lost to them.
    """
    entry = session().get_one(QueueEntry, entry_id, with_for_update=True)
    moment = clock.now()
    if entry.state is not EntryState.LEFT:
        entry.call_id, entry.joined_at = call.id, moment
        entry.priority = FRONT if in_front else entry.priority
        entry.reach_id = overflow.top_reach(entry.desk_id)
        session().flush()
    if move(call, CallState.QUEUED, queue=entry.queue, queued_at=call.queued_at or moment):
        journal.note(
            "call.queued",
            by=SYSTEM,
            call_id=call.id,
            ticket_id=call.ticket_id,
            callback_id=call.callback_id,
            desk_id=entry.desk_id,
            queue=entry.queue.value,
        )
    return entry


def leave(entry: QueueEntry) -> bool:
    """Nobody waits here any more."""
    return move(entry, EntryState.LEFT, left_at=clock.now())


def to_front(
    call: Call, desk_id: int, queue: Queue, staff_id: int | None = None, staff_until: datetime | None = None
) -> QueueEntry:
    """Somebody who was connected waits again, before everybody else: the operator was lost or has sent them on.

    `staff_id`: the one operator whom they wait for until then.
    """
    entry, moment = entry_of(call.id), clock.now()
    values: dict[str, Any] = {
        "desk_id": desk_id,
        "queue": queue,
        "priority": FRONT,
        "joined_at": moment,
        "left_at": None,
        "announced_position": None,
        "staff_id": staff_id,
        "staff_until": staff_until,
        "reach_id": overflow.top_reach(desk_id),
    }
    if entry is not None:
        move(entry, EntryState.WAITING, **values)
        return entry
    values |= {"kind": EntryKind.LIVE, "state": EntryState.WAITING, "call_id": call.id, "virtual_at": call.started_at}
    entry = QueueEntry(language=call.language or call.keys.get("remembered") or "kk", **values)
    session().add(entry)
    session().flush()
    return entry


def announced(entry: QueueEntry, position: int | None, seconds: int | None, bucket: str | None) -> None:
    """Keep what the caller was told: the place may not get worse; the first estimate and its step are measured."""
    values: dict[str, Any] = {}
    if position is not None:
        values["announced_position"] = position
    if entry.estimated_seconds is None and seconds is not None:
        values |= {"estimated_seconds": seconds, "announced_bucket": bucket}
    if any(getattr(entry, name) != value for name, value in values.items()):
        session().execute(update(QueueEntry).where(QueueEntry.id == entry.id).values(values))
