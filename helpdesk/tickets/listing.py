"""What other systems read in pages: tickets by when they changed, their messages, and the people behind them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Exists, exists, literal, select, tuple_
from sqlalchemy.orm import defer, selectinload

from helpdesk.contacts.models import Contact, ContactPhone
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.routing.rules import Queue
from helpdesk.tickets.lineage import merged_ids
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import TicketState


@dataclass(frozen=True)
class Narrowing:
    """Which tickets are meant; what is empty narrows nothing."""

    queue: Queue | None = None
    states: Collection[TicketState] = ()
    organization_id: int | None = None
    assignee_id: int | None = None
    updated_since: datetime | None = None


def changed(
    asker: Asker, wanted: Narrowing, after: tuple[datetime, int] | None = None, limit: int = 50
) -> Sequence[Ticket]:
    """Up to `limit` tickets that the asker may see, in the order in which they changed last. One statement."""
    query = select(Ticket).where(visible(asker))
    if wanted.queue is not None:
        query = query.where(Ticket.queue == wanted.queue)
    if wanted.states:
        query = query.where(Ticket.state.in_(wanted.states))
    if wanted.organization_id is not None:
        query = query.where(Ticket.organization_id == wanted.organization_id)
    if wanted.assignee_id is not None:
        query = query.where(Ticket.assignee_id == wanted.assignee_id)
    if wanted.updated_since is not None:
        query = query.where(Ticket.updated_at >= wanted.updated_since)
    if after is not None:
        query = query.where(tuple_(Ticket.updated_at, Ticket.id) > tuple_(literal(after[0]), literal(after[1])))
    return session().scalars(query.order_by(Ticket.updated_at, Ticket.id).limit(limit)).all()


def messages(ticket: Ticket, after: int = 0, limit: int = 50) -> Sequence[Message]:
    """Up to `limit` messages of a ticket that the asker was given, and of those merged into it, oldest first."""
    ids = [ticket.id, *merged_ids(ticket)]
    query = select(Message).where(Message.ticket_id.in_(ids), Message.id > after).order_by(Message.id).limit(limit)
    return session().scalars(query.options(selectinload(Message.attachments), defer(Message.html))).all()


def people_of(asker: Asker, number: str) -> Sequence[Contact]:
    """Those whom a written phone number reaches and who asked in the asker's part of the tree."""
    reached = select(ContactPhone.contact_id).where(ContactPhone.number == number)
    query = select(Contact).where(Contact.id.in_(reached), _asked(asker)).order_by(Contact.id).limit(50)
    return session().scalars(query).all()


def person_for(asker: Asker, contact_id: int) -> Contact:
    """Somebody who asked in the asker's part of the tree. Raises NotFound."""
    found = session().scalars(select(Contact).where(Contact.id == contact_id, _asked(asker))).first()
    if found is None:
        raise NotFound
    return found


def _asked(asker: Asker) -> Exists:
    return exists().where(Ticket.contact_id == Contact.id, visible(asker))
