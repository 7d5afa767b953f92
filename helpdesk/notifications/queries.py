"""Questions about what we write to people. Those of staff take the asker's rights."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import Contact
from helpdesk.identity.queries import Asker, within
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import AUTOMATIC, LEFT, UNSENT, Medium, is_mobile, quiet_until
from helpdesk.organizations.queries import desk, mailboxes
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import visible


@dataclass(frozen=True)
class Recipient:
    """How a ticket's requester can be reached: `email` is the address that they wrote from last, `in_reply_to` the
    Message-ID of that letter."""

    email: str | None = None
    mobile: str | None = None
    preferred: str | None = None
    in_reply_to: str = ""

    def wishes(self, ticket: Ticket) -> tuple[str, ...]:
        """What they asked for: on this ticket, then in general."""
        return tuple(wish for wish in (ticket.answer_by, self.preferred) if wish)


def recipient(ticket: Ticket) -> Recipient:
    """Who is told about a ticket, and where."""
    contact = session().get(Contact, ticket.contact_id) if ticket.contact_id else None
    if contact is None:
        return Recipient()
    addresses = {row.id: row.address for row in contact.emails if row.bounced_at is None}
    last = _last_letter(ticket.id) if addresses else {}
    written_from = addresses.get(cast(int, last.get("address_id")))
    return Recipient(
        email=written_from or next(reversed(addresses.values()), None),
        mobile=next((row.number for row in contact.phones if is_mobile(row.number)), None),
        preferred=contact.preferred_channel.value if contact.preferred_channel else None,
        in_reply_to=str(last.get("message_id") or ""),
    )


def _last_letter(ticket_id: int) -> dict[str, object]:
    """What was noted when the requester's last letter was filed."""
    query = select(JournalEntry.details).where(JournalEntry.ticket_id == ticket_id, JournalEntry.kind == "mail.filed")
    return session().execute(query.order_by(JournalEntry.id.desc()).limit(1)).scalar() or {}


def automatic_letters(address: str, since: datetime) -> int:
    """How many letters that no person wrote went to an address since then."""
    query = select(func.count()).where(
        Letter.created_at >= since, Letter.address == address, Letter.template.in_([kind.value for kind in AUTOMATIC])
    )
    return session().execute(query).scalar_one()


def leaves_at(desk_id: int, now: datetime) -> datetime:
    """When an SMS of this desk may leave: its quiet hours are those, of every day, in which it dials nobody."""
    at = desk(desk_id)
    if at.around_the_clock:
        return now
    return quiet_until(now, ZoneInfo(at.organization.zone), at.dials_from, at.dials_to)


def left_since(letter: Letter, since: datetime) -> bool:
    """Whether another row with the same text has left to the same address since then, or is just leaving."""
    left_at = func.coalesce(Letter.sent_at, Letter.next_attempt_at)
    query = select(Letter.id).where(
        Letter.address == letter.address,
        Letter.body == letter.body,
        Letter.medium == letter.medium,
        Letter.id != letter.id,
        Letter.state.in_(LEFT),
        left_at >= since,
    )
    return session().scalars(query.limit(1)).first() is not None


def due_letters(limit: int = 200) -> Sequence[int]:
    """Letters whose time has come, oldest first, with those whose sender died."""
    query = select(Letter.id).where(Letter.state.in_(UNSENT), Letter.next_attempt_at <= clock.now())
    return session().scalars(query.order_by(Letter.next_attempt_at, Letter.id).limit(limit)).all()


def desk_of(ticket_id: int | None) -> int | None:
    """The desk of a ticket."""
    if ticket_id is None:
        return None
    return session().execute(select(Ticket.desk_id).where(Ticket.id == ticket_id)).scalar()


def mailbox_of(desk_id: int | None) -> str:
    """Where answers go: the desk's own mailbox, else the hotline's."""
    own = (address for address, at in mailboxes().items() if at == desk_id)
    return next(own, settings.current().general_mailbox)


def tickets(ids: Collection[int | None]) -> dict[int, Ticket]:
    """The tickets that are written about, by id."""
    return {ticket.id: ticket for ticket in session().scalars(select(Ticket).where(Ticket.id.in_(ids)))}


def messages(ids: Collection[int]) -> dict[int, Message]:
    """What operators said, by id, with their files."""
    query = select(Message).where(Message.id.in_(ids)).options(selectinload(Message.attachments))
    return {message.id: message for message in session().scalars(query)}


@dataclass(frozen=True)
class LetterPage:
    """Letters newest first, and the cursor of the next page (None at the end)."""

    rows: Sequence[Letter]
    next: int | None


def outbox(asker: Asker, medium: Medium | None = None, before: int | None = None, limit: int = 30) -> LetterPage:
    """One page of what went out about tickets that the asker may see."""
    query = select(Letter).join(Ticket, Ticket.id == Letter.ticket_id)
    query = query.where(within(Ticket.desk_id, asker.roots()), visible(asker)).order_by(Letter.id.desc())
    if medium is not None:
        query = query.where(Letter.medium == medium)
    if before is not None:
        query = query.where(Letter.id < before)
    rows = session().scalars(query.limit(limit + 1)).all()
    return LetterPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)
