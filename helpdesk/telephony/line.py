"""The one waiting line: live callers and promised callbacks in the order in which they first came."""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.routing.rules import Queue
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import FRONT, USUAL, CallState, EntryKind, EntryState


def entry_of(call_id: int) -> QueueEntry | None:
    """The place that a call holds or held."""
    return session().scalars(select(QueueEntry).where(QueueEntry.call_id == call_id)).first()


def join(call: Call, queue: Queue, language: str, by: Actor, **learned: Any) -> QueueEntry:
    """The caller joins the line of the call's desk; a second time changes nothing. The call row is locked already.

    `learned`: what else is now known of the call (its ticket), written with the move.
    """
    if call.desk_id is None:
        raise ValueError(f"call {call.id} has no desk, so no line")
    moment = clock.now()
    made = (
        insert(QueueEntry)
        .values(
            kind=EntryKind.LIVE,
            state=EntryState.WAITING,
            desk_id=call.desk_id,
            queue=queue,
            language=language,
            call_id=call.id,
            priority=USUAL,
            virtual_at=moment,
            joined_at=moment,
        )
        .on_conflict_do_nothing()
        .returning(QueueEntry)
    )
    entry = session().scalars(made).first() or _known(call)
    values = learned | {"queue": queue, "queued_at": call.queued_at or moment}
    if move(call, CallState.QUEUED, **values):
        journal.note(
            "call.queued", by=by, call_id=call.id, ticket_id=call.ticket_id, desk_id=call.desk_id, queue=queue.value
        )
    return entry


def _known(call: Call) -> QueueEntry:
    return session().scalars(select(QueueEntry).where(QueueEntry.call_id == call.id)).one()


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
    )
    session().add(entry)
    session().flush()
    return entry


def take_place(entry_id: int, call: Call, priority: int = FRONT) -> QueueEntry:
    """Somebody whom we called back is on the line and wants an operator: the promised place gets this call.

    From here on the router serves it like any live caller; in front of the others, who can still hang up more easily.
    """
    entry = session().get_one(QueueEntry, entry_id, with_for_update=True)
    moment = clock.now()
    if entry.state is not EntryState.LEFT:
        entry.call_id, entry.priority, entry.joined_at = call.id, priority, moment
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


def back_to_front(entry: QueueEntry) -> bool:
    """The operator was lost: the same person waits again, before everybody else."""
    return move(entry, EntryState.WAITING, priority=FRONT, joined_at=clock.now(), left_at=None, announced_position=None)


def announced(entry: QueueEntry, position: int | None, seconds: int | None, bucket: str | None) -> None:
    """Keep what the caller was told: the place may not get worse, the first estimate is measured later."""
    values: dict[str, Any] = {"announced_bucket": bucket}
    if position is not None:
        values["announced_position"] = position
    if entry.estimated_seconds is None and seconds is not None:
        values["estimated_seconds"] = seconds
    if any(getattr(entry, name) != value for name, value in values.items()):
        session().execute(update(QueueEntry).where(QueueEntry.id == entry.id).values(values))
