"""Questions about tickets. The only way to a ticket, and it takes the asker's rights."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, and_, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.orm import joinedload, lazyload, selectinload

from helpdesk.audit import journal
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import Contact
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import MAY_READ_RESTRICTED, RESTRICTED
from helpdesk.kernel import settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.routing.rules import Queue
from helpdesk.tickets import secrets
from helpdesk.tickets.models import FAR, FAR_SQL, Attachment, Message, Ticket
from helpdesk.tickets.rules import PAUSED, UNFINISHED, MessageKind, read_ticket_number

# Written as in the index ix_tickets_board, so that the planner knows it again.
_DUE = func.coalesce(Ticket.due_at, literal_column(FAR_SQL, DateTime(timezone=True)))

PUBLIC_KINDS = (MessageKind.PUBLIC, MessageKind.EMAIL, MessageKind.SMS)


def visible(asker: Asker) -> ColumnElement[bool]:
    """The rights filter of every list, counter, search and object: tickets of the asker's part of the tree, without
    restricted ones unless a named role holds there."""
    trusted = within(Ticket.desk_id, asker.roots(*MAY_READ_RESTRICTED))
    ordinary = or_(Ticket.category_code.is_(None), Ticket.category_code.not_in(RESTRICTED))
    return and_(within(Ticket.desk_id, asker.roots()), or_(ordinary, trusted))


def ticket_for(asker: Asker, ticket_id: int, lock: bool = False) -> Ticket:
    """One ticket with what its page shows, locked for a verb when `lock`. Raises NotFound."""
    query = select(Ticket).where(Ticket.id == ticket_id, visible(asker))
    return _one(query.with_for_update(of=Ticket) if lock else query.options(*_page()))


def ticket_by_number(asker: Asker, raw: str) -> Ticket:
    """One ticket by the number that somebody typed or said. Raises NotFound."""
    number = read_ticket_number(raw)
    return _one(select(Ticket).where(Ticket.number == number, visible(asker)).options(*_page()))


def ticket_by_secret(raw_number: str, given: str, lock: bool = False) -> Ticket:
    """The requester's own ticket by number and secret. Raises NotFound, the same for a wrong number as for a wrong
    secret, and in the same time."""
    number = read_ticket_number(raw_number) or ""
    query = select(Ticket).where(Ticket.number == number)
    found = session().scalars(query.with_for_update(of=Ticket) if lock else query.options(*_page())).first()
    if not secrets.is_secret(found.id if found else 0, given, settings.current().ticket_key) or found is None:
        raise NotFound
    return found


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


# What a message of its own already tells: not repeated as an event.
_TOLD_BY_MESSAGE = frozenset({"ticket.replied", "ticket.noted", "ticket.heard", "letter.queued", "mail.filed"})


def timeline(ticket: Ticket, limit: int = 500) -> list[Entry]:
    """Messages and events of a ticket that the asker was given, oldest first; two statements (three with files)."""
    query = select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id).limit(limit)
    loaded = (joinedload(Message.staff).options(lazyload("*")), selectinload(Message.attachments))
    messages = session().scalars(query.options(*loaded)).all()
    entries = [Entry(message.created_at, message=message) for message in messages]
    events = [entry for entry in journal.timeline(ticket.id) if entry.kind not in _TOLD_BY_MESSAGE]
    entries += [Entry(event.at, event=event) for event in events]
    # at one moment, what happened comes before what was said about it
    return sorted(entries, key=lambda entry: (entry.at, entry.message is not None))


def public_messages(ticket: Ticket) -> Sequence[Message]:
    """What the requester may read: never notes, never other people's names."""
    query = select(Message).where(Message.ticket_id == ticket.id, Message.kind.in_(PUBLIC_KINDS)).order_by(Message.id)
    return session().scalars(query.options(selectinload(Message.attachments))).all()


def attachment_for(asker: Asker, attachment_id: int) -> Attachment:
    """A file of a ticket that the asker may see. Raises NotFound."""
    query = (
        select(Attachment)
        .join(Message, Message.id == Attachment.message_id)
        .join(Ticket, Ticket.id == Message.ticket_id)
        .where(Attachment.id == attachment_id, visible(asker))
    )
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class BoardFilter:
    """What a list shows. `view` is one of VIEWS; the rest narrows it."""

    view: str = "all"
    queue: Queue | None = None
    desk_id: int | None = None
    language: str | None = None


VIEWS = ("mine", "all", "unassigned", "waiting", "breached")


@dataclass(frozen=True)
class BoardPage:
    """Rows due first, and the cursor of the next page (None at the end)."""

    rows: Sequence[Ticket]
    next: str | None


def board(asker: Asker, wanted: BoardFilter, after: str | None = None, limit: int = 50) -> BoardPage:
    """One page of unfinished tickets, due first; tickets whose clock stands still come last. One statement."""
    query = select(Ticket).where(Ticket.state.in_(UNFINISHED), visible(asker), *_narrowed(asker, wanted))
    if after:
        moment, last_id = _read_cursor(after)
        query = query.where(tuple_(_DUE, Ticket.id) > tuple_(literal(moment), literal(last_id)))
    rows = session().scalars(query.order_by(_DUE, Ticket.id).limit(limit + 1).options(*_row())).all()
    if len(rows) <= limit:
        return BoardPage(rows, None)
    last = rows[limit - 1]
    return BoardPage(rows[:limit], f"{(last.due_at or FAR).isoformat()}_{last.id}")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    moment, _, last_id = cursor.partition("_")
    try:
        return datetime.fromisoformat(moment.replace(" ", "+")), int(last_id)
    except ValueError:
        raise NotFound from None


# Honest up to here; above it a list says "more than".
COUNT_LIMIT = 1000


def counts(asker: Asker, now: datetime) -> dict[str, int]:
    """How many unfinished tickets each view holds, each counted up to COUNT_LIMIT + 1. One statement."""
    parts = {
        **{view: _narrowed(asker, BoardFilter(view=view)) for view in VIEWS},
        **{queue.value: [Ticket.queue == queue] for queue in Queue},
        "at_risk": [Ticket.breach_at.is_not(None), Ticket.breach_at <= now],
    }
    columns = []
    for name, conditions in parts.items():
        inner = (
            select(Ticket.id).where(Ticket.state.in_(UNFINISHED), visible(asker), *conditions).limit(COUNT_LIMIT + 1)
        )
        columns.append(select(func.count()).select_from(inner.subquery()).scalar_subquery().label(name))
    return dict(session().execute(select(*columns)).mappings().one())


def last_tickets(asker: Asker, contact_id: int, limit: int = 5) -> Sequence[Ticket]:
    """The newest tickets of a person within the asker's part of the tree."""
    query = select(Ticket).where(Ticket.contact_id == contact_id, visible(asker)).order_by(Ticket.id.desc())
    return session().scalars(query.limit(limit).options(*_row())).all()


@dataclass(frozen=True)
class Elsewhere:
    """What a desk may know of a person's tickets at other desks."""

    count: int
    latest: datetime | None


def tickets_elsewhere(asker: Asker, contact_id: int) -> Elsewhere:
    """Tickets of a person that the asker may not see: how many, and when the last one came."""
    query = select(func.count(), func.max(Ticket.created_at)).where(Ticket.contact_id == contact_id, ~visible(asker))
    count, latest = session().execute(query).one()
    return Elsewhere(count, latest)


def last_unfinished_desk(contact_id: int) -> int | None:
    """The desk of a person's newest unfinished ticket: where a call to 1450 goes."""
    query = select(Ticket.desk_id).where(Ticket.contact_id == contact_id, Ticket.state.in_(UNFINISHED))
    return session().scalars(query.order_by(Ticket.id.desc()).limit(1)).first()


def _narrowed(asker: Asker, wanted: BoardFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    match wanted.view:
        case "mine":
            conditions.append(Ticket.assignee_id == asker.id)
        case "unassigned":
            conditions.append(Ticket.assignee_id.is_(None))
        case "waiting":
            conditions.append(Ticket.state.in_(PAUSED))
        case "breached":
            conditions.append(or_(Ticket.response_breached_at.is_not(None), Ticket.resolution_breached_at.is_not(None)))
    if wanted.queue is not None:
        conditions.append(Ticket.queue == wanted.queue)
    if wanted.desk_id is not None:
        conditions.append(Ticket.desk_id == wanted.desk_id)
    if wanted.language:
        conditions.append(Ticket.language == wanted.language)
    return conditions


def _row() -> tuple[Any, ...]:
    return (
        joinedload(Ticket.contact).options(lazyload("*")),
        joinedload(Ticket.assignee).options(lazyload("*")),
        joinedload(Ticket.organization),
        joinedload(Ticket.desk_organization),
        joinedload(Ticket.category),
    )


def _page() -> tuple[Any, ...]:
    return (
        joinedload(Ticket.contact).options(selectinload(Contact.phones), selectinload(Contact.emails)),
        joinedload(Ticket.assignee).options(lazyload("*")),
        joinedload(Ticket.organization),
        joinedload(Ticket.desk_organization),
        joinedload(Ticket.category),
    )


def _one(query: Select[Ticket]) -> Ticket:
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return found
