"""Questions about letters that came in. Those of people take the asker's rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, and_, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import load_only

from helpdesk.contacts.models import ContactEmail
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import Role
from helpdesk.intake.models import MailState, RawMail
from helpdesk.kernel import settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.queries import city_desk, desks, mailboxes
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible

# Who looks after letters.
MAILROOM = (Role.SUPERVISOR, Role.ADMINISTRATOR)


def takes_letters(address: str) -> bool:
    """Whether letters to this address are ours."""
    wanted = address.strip().lower()
    return wanted == settings.current().general_mailbox or wanted in mailboxes()


def waiting_mail(limit: int = 200) -> Sequence[int]:
    """Letters that nobody has read yet, oldest first."""
    query = select(RawMail.id).where(RawMail.state == MailState.WAITING).order_by(RawMail.id).limit(limit)
    return session().scalars(query).all()


def existing_ticket(ticket_id: int | None) -> int | None:
    """The same id when there is such a ticket."""
    if ticket_id is None:
        return None
    return session().execute(select(Ticket.id).where(Ticket.id == ticket_id)).scalar()


def ticket_of_sender(numbers: Sequence[str], addresses: Sequence[str]) -> int | None:
    """The ticket with one of these numbers whose requester writes from one of these addresses.

    Numbers can be guessed: a stranger who names one learns and changes nothing.
    """
    if not numbers or not addresses:
        return None
    query = (
        select(Ticket.id)
        .join(ContactEmail, ContactEmail.contact_id == Ticket.contact_id)
        .where(Ticket.number.in_(numbers), ContactEmail.address.in_(addresses))
        .order_by(Ticket.id.desc())
        .limit(1)
    )
    return session().execute(query).scalar()


def address_id(contact_id: int | None, addresses: Sequence[str]) -> int | None:
    """The contact's address among these, by its id."""
    query = select(ContactEmail.id).where(ContactEmail.contact_id == contact_id, ContactEmail.address.in_(addresses))
    return session().execute(query.limit(1)).scalar()


@dataclass(frozen=True)
class MailPage:
    """Letters newest first, without their content, and the cursor of the next page (None at the end)."""

    rows: Sequence[RawMail]
    next: int | None


def mails(asker: Asker, state: MailState | None = None, before: int | None = None, limit: int = 50) -> MailPage:
    """One page of the letters to the asker's desks."""
    query = _mine(asker).order_by(RawMail.id.desc()).limit(limit + 1)
    if state is not None:
        query = query.where(RawMail.state == state)
    if before is not None:
        query = query.where(RawMail.id < before)
    columns = (RawMail.received_at, RawMail.envelope_from, RawMail.envelope_to, RawMail.state, RawMail.reason)
    rows = session().scalars(query.options(load_only(*columns, RawMail.ticket_id))).all()
    return MailPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def ticket_numbers(mails: Sequence[RawMail]) -> dict[int, str]:
    """The number of the ticket of each of these letters that has one, by the letter's id."""
    ids = {raw.ticket_id for raw in mails if raw.ticket_id is not None}
    found = session().execute(select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids)))
    numbers = {ticket_id: number for ticket_id, number in found}
    return {raw.id: numbers[raw.ticket_id] for raw in mails if raw.ticket_id in numbers}


def mail_for(asker: Asker, raw_id: int) -> RawMail:
    """One letter to the asker's desks, with its content. Raises NotFound."""
    found = session().scalars(_mine(asker).where(RawMail.id == raw_id)).first()
    if found is None:
        raise NotFound
    return found


def ledger(asker: Asker, since: datetime) -> dict[MailState, int]:
    """How many letters to the asker's desks came since then, by what became of them: the states add up to all."""
    counts = _mine(asker).where(RawMail.received_at >= since).with_only_columns(RawMail.state, func.count())
    found = {state: count for state, count in session().execute(counts.group_by(RawMail.state))}
    return {state: found.get(state, 0) for state in MailState}


def _mine(asker: Asker) -> Select[RawMail]:
    return select(RawMail).outerjoin(Ticket, Ticket.id == RawMail.ticket_id).where(_readable(asker))


def _readable(asker: Asker) -> ColumnElement[bool]:
    """A filed letter follows its ticket; one that became none follows the mailbox that it was sent to."""
    roots = asker.roots(*MAILROOM)
    own = [box for box, at in mailboxes().items() if desks()[at].organization.path.startswith(roots)] if roots else []
    if roots and city_desk().organization.path.startswith(roots):
        own.append(settings.current().general_mailbox)
    filed = and_(RawMail.ticket_id.is_not(None), within(Ticket.desk_id, roots), visible(asker))
    unfiled = and_(RawMail.ticket_id.is_(None), type_coerce(RawMail.envelope_to, ARRAY(String(254))).overlap(own))
    return or_(filed, unfiled)
