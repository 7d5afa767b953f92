"""Write what happened, once; read it as a timeline; hand out what nobody reacted to yet.

`announced_at` is set when every reaction to an entry has finished, not when it was queued: whatever Redis or a worker
loses is found again by the next round. Kinds without a reaction are born announced.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, select, update

from helpdesk.audit.actor import Actor
from helpdesk.audit.models import JournalEntry
from helpdesk.kernel import clock
from helpdesk.kernel.db import note_for_announcement, session

# Where the facts of each commit are told, to whoever listens now.
CHANNEL = "helpdesk:journal"

_JOURNAL = cast(Table, JournalEntry.__table__)

_reacted: frozenset[str] = frozenset()


def react_to(kinds: Collection[str]) -> None:
    """Install the kinds that have reactions. `app.py` does this once, from the table in `jobs/reactions.py`."""
    global _reacted
    _reacted = frozenset(kinds)


@dataclass(frozen=True)
class Fact:
    """What is told to the listeners of this moment after the commit: ids only."""

    kind: str
    ticket_id: int | None
    call_id: int | None
    callback_id: int | None
    desk_id: int | None
    details: dict[str, Any]


def note(
    kind: str,
    *,
    by: Actor,
    ticket_id: int | None = None,
    call_id: int | None = None,
    callback_id: int | None = None,
    desk_id: int | None = None,
    at: datetime | None = None,
    **details: Any,
) -> None:
    """Note that `kind` ("ticket.opened") happened, in the caller's transaction; reactions follow after its commit.

    `at` is the moment it was true when that is not now (a breach is dated when it was due). `details` are JSON values.
    """
    moment = clock.now()
    if by.token_id is not None:
        details["token_id"] = by.token_id
    row = {
        "at": at or moment,
        "kind": kind,
        "actor_kind": by.kind,
        "actor_id": by.id,
        "ticket_id": ticket_id,
        "call_id": call_id,
        "callback_id": callback_id,
        "desk_id": desk_id,
        "details": details,
        "announced_at": None if kind in _reacted else moment,
    }
    note_for_announcement(_JOURNAL, row, Fact(kind, ticket_id, call_id, callback_id, desk_id, details))


def timeline(ticket_id: int, without: Collection[str] = ()) -> Sequence[JournalEntry]:
    """What happened to a ticket but for the kinds `without`, oldest first. The caller has checked the asker's right."""
    return timelines([ticket_id], without)


def timelines(ticket_ids: Collection[int], without: Collection[str] = ()) -> Sequence[JournalEntry]:
    """The same of several tickets together."""
    query = select(JournalEntry).where(JournalEntry.ticket_id.in_(ticket_ids), JournalEntry.kind.not_in(without))
    return session().scalars(query.order_by(JournalEntry.id)).all()


def unannounced(limit: int = 500, after: int = 0) -> Sequence[int]:
    """Ids of up to `limit` entries above `after` whose reactions have not finished, oldest first."""
    query = (
        select(JournalEntry.id)
        .where(JournalEntry.announced_at.is_(None), JournalEntry.id > after)
        .order_by(JournalEntry.id)
        .limit(limit)
    )
    return session().scalars(query).all()


def entries(ids: Collection[int]) -> Sequence[JournalEntry]:
    """These entries, oldest first, without those whose reactions have finished."""
    query = select(JournalEntry).where(JournalEntry.id.in_(ids), JournalEntry.announced_at.is_(None))
    return session().scalars(query.order_by(JournalEntry.id)).all()


def mark_announced(ids: Collection[int]) -> None:
    """Every reaction to these entries has finished."""
    session().execute(update(JournalEntry).where(JournalEntry.id.in_(ids)).values(announced_at=clock.now()))
