"""Drafts: what somebody types on a ticket is kept while they type it, and colleagues are told that they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.identity.models import Staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.tickets.draft_models import Draft
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import DraftKind

# Whoever typed within this time is typing now.
TYPING = timedelta(minutes=1)
# A draft that nobody came back to.
FORGOTTEN = timedelta(days=14)
LONGEST = 50_000


@dataclass(frozen=True)
class Drafts:
    """What the asker left unsent on a ticket, and the colleagues who are writing on it now, by what they write."""

    mine: dict[DraftKind, str]
    others: Sequence[tuple[str, DraftKind]]


def keep(ticket: Ticket, staff_id: int, kind: DraftKind, body: str) -> None:
    """Keep what is typed; nothing typed is no draft."""
    if not body.strip():
        drop(ticket.id, staff_id, kind)
        return
    values = {"ticket_id": ticket.id, "staff_id": staff_id, "kind": kind}
    changed = {"body": body[:LONGEST], "updated_at": clock.now()}
    made = insert(Draft).values(values | changed)
    session().execute(made.on_conflict_do_update(index_elements=["ticket_id", "staff_id", "kind"], set_=changed))


def drop(ticket_id: int, staff_id: int | None, kind: DraftKind) -> None:
    """It was sent."""
    session().execute(delete(Draft).where(Draft.ticket_id == ticket_id, Draft.staff_id == staff_id, Draft.kind == kind))


def drafts_on(ticket: Ticket, staff_id: int) -> Drafts:
    """What the page of a ticket that `staff_id` was given says of drafts. One statement."""
    query = (
        select(Draft.staff_id, Draft.kind, Draft.body, Staff.name)
        .join(Staff, Staff.id == Draft.staff_id)
        .where(Draft.ticket_id == ticket.id, or_(Draft.staff_id == staff_id, Draft.updated_at > clock.now() - TYPING))
        .order_by(Draft.updated_at)
    )
    found = session().execute(query).all()
    return Drafts(
        {kind: body for whose, kind, body, _ in found if whose == staff_id},
        [(name, kind) for whose, kind, _, name in found if whose != staff_id],
    )


def forgotten(now: datetime) -> int:
    """Delete the drafts that nobody came back to; how many."""
    return len(session().execute(delete(Draft).where(Draft.updated_at < now - FORGOTTEN).returning(Draft.kind)).all())
