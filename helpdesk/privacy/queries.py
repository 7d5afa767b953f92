"""Whose data a data officer answers for: people with a ticket or a call in the officer's part of the tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, literal_column, or_, select
from sqlalchemy import cast as as_type
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import selectinload

from helpdesk.contacts.models import Contact, ContactEmail, ContactPhone
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import Permission
from helpdesk.kernel import phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.masking import iins
from helpdesk.organizations.models import Organization
from helpdesk.privacy.models import Erasure
from helpdesk.privacy.rules import ErasureState
from helpdesk.search.models import TicketWords
from helpdesk.search.rules import name_query
from helpdesk.search.traces import trace
from helpdesk.telephony.models import Call
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import TicketState

PEOPLE = 30
SHOWN_TICKETS = 200


@dataclass(frozen=True)
class PersonLine:
    """One person whom a search found."""

    id: int
    name: str
    numbers: tuple[str, ...]
    tickets: int


@dataclass(frozen=True)
class TicketLine:
    """One ticket of a person."""

    id: int
    number: str
    subject: str
    state: TicketState
    created_at: datetime
    erased_at: datetime | None


@dataclass(frozen=True)
class PersonCard:
    """A person with the tickets of the officer's part; `elsewhere` more are other officers' business."""

    contact: Contact
    tickets: Sequence[TicketLine]
    elsewhere: int
    erasure: Erasure | None


def roots(asker: Asker) -> tuple[str, ...]:
    """Where the asker is a data officer."""
    return asker.roots(Permission.DATA_OFFICER)


def people(asker: Asker, typed: str) -> list[PersonLine]:
    """Who has this telephone, address or name, or wrote this IIN, among the asker's own people. Two statements."""
    number = phones.written(typed)
    wanted: ColumnElement[bool]
    if number is not None:
        wanted = Contact.id.in_(select(ContactPhone.contact_id).where(ContactPhone.number == number))
    elif iin := next(iter(iins(typed)), ""):
        named = TicketWords.words.op("@@")(as_type(literal(f"'{trace(iin)}'"), TSQUERY))
        told = select(Ticket.contact_id).join(TicketWords, TicketWords.ticket_id == Ticket.id).where(named)
        wanted = Contact.id.in_(told.where(within(Ticket.desk_id, roots(asker))).limit(1000))
    elif "@" in typed:
        wanted = Contact.id.in_(select(ContactEmail.contact_id).where(ContactEmail.address == typed.strip().lower()))
    elif names := name_query(typed):
        found = literal_column("to_tsvector('simple', contacts.name_words)").op("@@")(as_type(literal(names), TSQUERY))
        wanted = Contact.id.in_(select(Contact.id).where(found).order_by(Contact.id.desc()).limit(1000))
    else:
        return []
    mine = within(Ticket.desk_id, roots(asker))
    count = select(func.count()).where(Ticket.contact_id == Contact.id, mine).correlate(Contact).scalar_subquery()
    query = select(Contact, count).where(wanted, _known_to(asker)).order_by(Contact.sort_key, Contact.id)
    rows = session().execute(query.limit(PEOPLE)).all()
    return [PersonLine(one.id, one.name, tuple(n.number for n in one.phones), tickets) for one, tickets in rows]


def person_for(asker: Asker, contact_id: int, lock: bool = False) -> Contact:
    """A person whom the asker answers for. Raises NotFound."""
    query = select(Contact).where(Contact.id == contact_id, _known_to(asker))
    found = session().scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


def card(asker: Asker, contact_id: int) -> PersonCard:
    """What a data officer sees of a person before anything is done. Raises NotFound."""
    contact = person_for(asker, contact_id)
    columns = (Ticket.id, Ticket.number, Ticket.subject, Ticket.state, Ticket.created_at, Ticket.erased_at)
    mine = tickets_of(asker, contact_id).with_only_columns(*columns).order_by(Ticket.id.desc()).limit(SHOWN_TICKETS)
    newest = select(Erasure).where(Erasure.contact_id == contact_id).order_by(Erasure.id.desc()).limit(1)
    return PersonCard(
        contact,
        [TicketLine(*row) for row in session().execute(mine)],
        elsewhere(asker, contact_id),
        session().scalars(newest).first(),
    )


def tickets_of(asker: Asker, contact_id: int) -> Select[Any]:
    """The query of a person's tickets in the asker's part."""
    return select(Ticket).where(Ticket.contact_id == contact_id, within(Ticket.desk_id, roots(asker)))


def elsewhere(asker: Asker, contact_id: int) -> int:
    """How many tickets and calls of a person lie outside the asker's part."""
    tickets = select(func.count()).where(Ticket.contact_id == contact_id, ~within(Ticket.desk_id, roots(asker)))
    calls = select(func.count()).where(Call.contact_id == contact_id, ~within(Call.desk_id, roots(asker)))
    return session().scalar(select(tickets.scalar_subquery() + calls.scalar_subquery())) or 0


def _known_to(asker: Asker) -> ColumnElement[bool]:
    return or_(
        exists().where(Ticket.contact_id == Contact.id, within(Ticket.desk_id, roots(asker))),
        exists().where(Call.contact_id == Contact.id, within(Call.desk_id, roots(asker))),
    )


# ── erasures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _mine(asker: Asker) -> Select[Erasure]:
    held = or_(*(Organization.path.startswith(root, autoescape=True) for root in roots(asker)), literal(False))
    return select(Erasure).join(Organization, Organization.id == Erasure.organization_id).where(held)


def erasures(asker: Asker, before: int | None = None, limit: int = 30) -> Sequence[tuple[Erasure, str]]:
    """Erasures of the asker's part with the names of who did them, newest first; one more than `limit`."""
    query = _mine(asker).join(Staff, Staff.id == Erasure.staff_id).add_columns(Staff.name)
    if before is not None:
        query = query.where(Erasure.id < before)
    return [(row, name) for row, name in session().execute(query.order_by(Erasure.id.desc()).limit(limit + 1))]


def erasure_for(asker: Asker, erasure_id: int) -> tuple[Erasure, Organization, Staff]:
    """One act with the place where and the officer by whom it was done. Raises NotFound."""
    query = _mine(asker).where(Erasure.id == erasure_id)
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return (
        found,
        session().get_one(Organization, found.organization_id),
        session().get_one(Staff, found.staff_id, options=[selectinload(Staff.roles)]),
    )


def running() -> Sequence[int]:
    """Erasures that workers are to go on with."""
    return session().scalars(select(Erasure.id).where(and_(Erasure.state == ErasureState.RUNNING)).limit(100)).all()
