"""The same child, school and topic again within a day, by whatever channel: shown, and joined by a person only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, aliased

from helpdesk.contacts.models import Contact
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.routing.rules import Queue
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import TicketState

WITHIN = timedelta(hours=24)
SHOWN = 5


@dataclass(frozen=True)
class Matter:
    """What is known of a matter that may have reached us before: whose, where, about which child, about what, when."""

    at: datetime
    contact_id: int | None = None
    organization_id: int | None = None
    pupil_note: str = ""
    category_code: str | None = None
    queue: Queue | None = None
    ticket_id: int | None = None


def matter_of(ticket: Ticket) -> Matter:
    """The matter of a ticket."""
    return Matter(
        ticket.created_at,
        ticket.contact_id,
        ticket.organization_id,
        ticket.pupil_note,
        ticket.category_code,
        ticket.queue,
        ticket.id,
    )


@dataclass(frozen=True)
class Repeat:
    """A ticket about what seems to be the same."""

    number: str
    subject: str
    state: TicketState
    at: datetime
    name: str
    same_person: bool


def same_matter(matter: Matter) -> Sequence[Select[Any]]:
    """Queries of the ids of tickets about the same: of the same person, or of the same child at the same school.

    A topic or a child that is not known yet fits every other one.
    """
    found = []
    note = _plain(matter.pupil_note)
    if matter.contact_id is not None:
        near = aliased(Ticket)
        child = or_(near.pupil_note == "", _plain_column(near.pupil_note) == note) if note else true()
        found.append(select(near.id).where(near.contact_id == matter.contact_id, child, *_about(near, matter)))
    if matter.organization_id is not None and note:
        near = aliased(Ticket)
        other = near.contact_id.is_distinct_from(matter.contact_id) if matter.contact_id else true()
        place = and_(near.organization_id == matter.organization_id, _plain_column(near.pupil_note) == note)
        found.append(select(near.id).where(place, other, *_about(near, matter)))
    return found


def repeats(asker: Asker, matter: Matter) -> Sequence[Repeat]:
    """The newest tickets about the same, that the asker may see. One statement; none when nothing is known."""
    wanted = same_matter(matter)
    if not wanted:
        return ()
    ids = union_all(*wanted).subquery()
    query = (
        select(
            Ticket.number,
            Ticket.subject,
            Ticket.state,
            Ticket.created_at,
            func.coalesce(Contact.name, ""),
            Ticket.contact_id.is_not_distinct_from(matter.contact_id) if matter.contact_id else false(),
        )
        .join(ids, ids.c[0] == Ticket.id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(visible(asker))
        .order_by(Ticket.id.desc())
    )
    return [Repeat(*row) for row in session().execute(query.limit(SHOWN))]


def _about(near: Any, matter: Matter) -> list[ColumnElement[bool]]:
    conditions = [
        near.created_at.between(literal(matter.at - WITHIN), literal(matter.at + WITHIN)),
        near.merged_into_id.is_(None),
    ]
    if matter.ticket_id is not None:
        conditions.append(near.id != matter.ticket_id)
    if matter.category_code is not None:
        unknown = near.category_code.is_(None)
        same_queue = near.queue == matter.queue if matter.queue is not None else true()
        conditions.append(or_(near.category_code == matter.category_code, and_(unknown, same_queue)))
    elif matter.queue is not None:
        conditions.append(near.queue == matter.queue)
    return conditions


def _plain(note: str) -> str:
    return "".join(filter(str.isalnum, note.lower()))


def _plain_column(note: InstrumentedAttribute[str]) -> ColumnElement[str]:
    return func.regexp_replace(func.lower(note), "[^[:alnum:]]", "", "g")
