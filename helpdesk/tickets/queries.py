"""Questions about tickets. The only way to a ticket, and it takes the asker's rights."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import defer, joinedload, lazyload, selectinload, with_expression

from helpdesk.audit import journal
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import Contact, ContactPhone
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import MAY_READ_RESTRICTED, RESTRICTED
from helpdesk.kernel import settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.tickets import secrets
from helpdesk.tickets.lineage import merged_ids, own_ids
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.rules import UNFINISHED, MessageKind, read_ticket_number
from helpdesk.tickets.tag_models import Tag, TicketTag
from helpdesk.tickets.watch_models import Watcher

PUBLIC_KINDS = (MessageKind.PUBLIC, MessageKind.EMAIL, MessageKind.SMS)


def visible(asker: Asker) -> ColumnElement[bool]:
    """The rights filter of every list, counter, search and object: tickets of the asker's part of the tree, without
    restricted ones unless a named role holds there."""
    mine = within(Ticket.desk_id, asker.roots())
    trusting = asker.roots(*MAY_READ_RESTRICTED)
    if trusting == asker.roots():
        return mine
    ordinary = or_(Ticket.category_code.is_(None), Ticket.category_code.not_in(RESTRICTED))
    return and_(mine, or_(ordinary, within(Ticket.desk_id, trusting)) if trusting else ordinary)


def ticket_for(asker: Asker, ticket_id: int, lock: bool = False) -> Ticket:
    """One ticket with what its page shows, locked for a verb when `lock`. Raises NotFound."""
    query = select(Ticket).where(Ticket.id == ticket_id, visible(asker))
    return _one(query.with_for_update(of=Ticket) if lock else query.options(*_page()))


def ticket_by_number(asker: Asker, raw: str, lock: bool = False) -> Ticket:
    """One ticket by the number that somebody typed or said, locked for a verb when `lock`. Raises NotFound."""
    query = select(Ticket).where(Ticket.number == (read_ticket_number(raw) or ""), visible(asker))
    return _one(query.with_for_update(of=Ticket) if lock else query.options(*_page()))


def numbers(asker: Asker, ids: Collection[int]) -> dict[int, str]:
    """Numbers of those of these tickets that the asker may see, by id."""
    query = select(Ticket.id, Ticket.number).where(Ticket.id.in_(ids), visible(asker))
    return {id_: number for id_, number in session().execute(query)}


def ticket_by_secret(raw_number: str, given: str, lock: bool = False) -> Ticket:
    """The requester's own ticket by number and secret. Raises NotFound, the same for a wrong number as for a wrong
    secret, and in the same time."""
    number = read_ticket_number(raw_number) or ""
    query = select(Ticket).where(Ticket.number == number)
    found = session().scalars(query.with_for_update(of=Ticket) if lock else query.options(*_page())).unique().first()
    if not secrets.is_secret(found.id if found else 0, given, settings.current().ticket_key) or found is None:
        raise NotFound
    return found


def ticket_of_phone(raw_number: str, phone: str) -> Ticket:
    """The requester's own ticket by its number and a telephone of theirs. Raises NotFound."""
    theirs = select(ContactPhone.contact_id).where(ContactPhone.number == phone)
    return _one(
        select(Ticket).where(Ticket.number == (read_ticket_number(raw_number) or ""), Ticket.contact_id.in_(theirs))
    )


def ticket_by_token(token: str, lock: bool = False) -> Ticket:
    """The requester's own ticket by the word of a link. Raises NotFound."""
    ticket_id = secrets.read_token(token, settings.current().ticket_key)
    if ticket_id is None:
        raise NotFound
    query = select(Ticket).where(Ticket.id == ticket_id)
    return _one(query.with_for_update(of=Ticket) if lock else query.options(*_page()))


def secret_of(ticket: Ticket) -> str:
    """The digits that open this ticket to its requester."""
    return secrets.secret(ticket.id, settings.current().ticket_key)


def token_of(ticket: Ticket) -> str:
    """The word of links to this ticket."""
    return secrets.token(ticket.id, settings.current().ticket_key)


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: something said, or something that happened."""

    at: datetime
    message: Message | None = None
    event: JournalEntry | None = None


# What a message of its own already tells, or what is noted for the data officer alone: not repeated as an event.
_UNTOLD = frozenset({"ticket.replied", "ticket.noted", "ticket.heard", "ticket.viewed", "letter.queued"})


def timeline(ticket: Ticket, limit: int = 500, merged: Collection[int] = ()) -> list[Entry]:
    """Messages and events of a ticket that the asker was given, and of those `merged` into it, oldest first.

    Two statements.
    """
    ids = [ticket.id, *merged]
    query = select(Message).where(Message.ticket_id.in_(ids)).order_by(Message.id).limit(limit)
    loaded = (
        joinedload(Message.staff).options(lazyload("*")),
        joinedload(Message.attachments),
        defer(Message.html),
    )
    messages = session().scalars(query.options(*loaded)).unique().all()
    entries = [Entry(message.created_at, message=message) for message in messages]
    entries += [Entry(event.at, event=event) for event in journal.timelines(ids, _UNTOLD)]
    # at one moment, what happened comes before what was said about it
    return sorted(entries, key=lambda entry: (entry.at, entry.message is not None))


def public_messages(ticket: Ticket) -> Sequence[Message]:
    """What the requester may read: never notes, never other people's names, never what others said or were told on
    a ticket that was merged with this one."""
    own = Message.ticket_id.in_(own_ids(ticket))
    query = select(Message).where(own, Message.kind.in_(PUBLIC_KINDS)).order_by(Message.id)
    return session().scalars(query.options(selectinload(Message.attachments))).all()


def attachment_of(ticket: Ticket, attachment_id: int) -> Attachment:
    """A file of a ticket that the asker was given, or of one merged into it. Raises NotFound."""
    query = (
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .where(Attachment.id == attachment_id, Message.ticket_id.in_([ticket.id, *merged_ids(ticket)]))
    )
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return found


def last_unfinished_desk(contact_id: int) -> int | None:
    """The desk of a person's newest unfinished ticket: where a call to 1450 goes."""
    query = select(Ticket.desk_id).where(Ticket.contact_id == contact_id, Ticket.state.in_(UNFINISHED))
    return session().scalars(query.order_by(Ticket.id.desc()).limit(1)).first()


def _page() -> tuple[Any, ...]:
    return (
        # few numbers and addresses each: joining them costs less than asking twice more
        joinedload(Ticket.contact).options(joinedload(Contact.phones), joinedload(Contact.emails)),
        joinedload(Ticket.assignee).options(lazyload("*")),
        joinedload(Ticket.organization),
        joinedload(Ticket.desk_organization),
        joinedload(Ticket.pauses),
        joinedload(Ticket.handover),
        with_expression(Ticket.tagged, _tags_of_it()),
        joinedload(Ticket.watchers).joinedload(Watcher.staff).options(lazyload("*")),
    )


def _tags_of_it() -> ScalarSelect[Any]:
    pair = func.jsonb_build_array(Tag.id, Tag.name)
    found = select(func.jsonb_agg(aggregate_order_by(pair, Tag.key)))
    return found.join(TicketTag, TicketTag.tag_id == Tag.id).where(TicketTag.ticket_id == Ticket.id).scalar_subquery()


def _one(query: Select[Ticket]) -> Ticket:
    found = session().scalars(query).unique().first()
    if found is None:
        raise NotFound
    return found
