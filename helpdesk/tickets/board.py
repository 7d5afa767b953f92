"""The board: unfinished tickets of the asker's desks, due first, as light rows; and how many each view holds."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    func,
    or_,
    select,
)

from helpdesk.contacts.models import Contact
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Priority, Queue
from helpdesk.tickets.board_orders import KEYS, beyond
from helpdesk.tickets.board_rules import Order
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import PAUSED, UNFINISHED, Channel, TicketState

VIEWS = ("mine", "all", "unassigned", "waiting", "breached", "arrived", "snoozed")


@dataclass(frozen=True)
class BoardFilter:
    """What a list shows. `view` is one of VIEWS, or the name of a saved one whose conditions are `narrowing`; the rest
    narrows it.
    """

    view: str = "all"
    queue: Queue | None = None
    desk_id: int | None = None
    language: str | None = None
    order: Order = Order.DUE
    # conditions cannot be compared; two filters of one saved view are the same
    narrowing: tuple[ColumnElement[bool], ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class BoardRow:
    """What a line of the board shows of a ticket; not attached to anything. `school` is in the asker's language."""

    id: int
    number: str
    version: int
    subject: str
    state: TicketState
    queue: Queue
    priority: Priority
    channel: Channel
    language: str
    category_code: str | None
    desk_id: int
    pupil_note: str
    created_at: datetime
    due_at: datetime | None
    response_breached_at: datetime | None
    resolution_breached_at: datetime | None
    first_responded_at: datetime | None
    assignee_id: int | None
    assignee: str | None
    requester: str | None
    school: str | None

    @property
    def breached(self) -> bool:
        """Whether a promise of this ticket was broken."""
        return self.response_breached_at is not None or self.resolution_breached_at is not None

    @property
    def running_since(self) -> datetime:
        """From when the clock counts that `due_at` ends: the opening, or the first answer."""
        return self.first_responded_at or self.created_at


@dataclass(frozen=True)
class BoardPage:
    """Rows in the order of the view, and the cursor of the next page (None at the end)."""

    rows: tuple[BoardRow, ...]
    next: str | None


def board(
    asker: Asker,
    wanted: BoardFilter,
    after: str | None = None,
    limit: int = 50,
    only: Collection[int] | None = None,
) -> BoardPage:
    """One page of unfinished tickets in the order of the view; by due time, those whose clock stands still come last.

    One statement.

    `only` asks for these tickets alone, as far as the view holds them.
    """
    conditions = [Ticket.state.in_(UNFINISHED), visible(asker), *narrowed(asker, wanted)]
    if only is not None:
        conditions.append(Ticket.id.in_(only))
    keys = KEYS[wanted.order]
    if after:
        conditions.append(beyond(keys, after))
    # names are looked up for the rows of the page only, not for every ticket that was sorted
    page = select(Ticket.id).where(*conditions).order_by(*keys.sorted()).limit(limit + 1).subquery()
    query = (
        select(*_columns(asker.language))
        .join(page, page.c.id == Ticket.id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Staff, Staff.id == Ticket.assignee_id)
        .outerjoin(Organization, Organization.id == Ticket.organization_id)
    )
    found = session().execute(query.order_by(*keys.sorted())).all()
    rows = tuple(BoardRow(*row) for row in found[:limit])
    if len(found) <= limit:
        return BoardPage(rows, None)
    return BoardPage(rows, "_".join(keys.written(rows[-1])))


def held_by(asker: Asker, wanted: BoardFilter, limit: int) -> Select[int]:
    """The query of the ids of a view's first `limit` tickets, in its order."""
    conditions = [Ticket.state.in_(UNFINISHED), visible(asker), *narrowed(asker, wanted)]
    return select(Ticket.id).where(*conditions).order_by(*KEYS[wanted.order].sorted()).limit(limit)


def count_of(asker: Asker, wanted: BoardFilter, limit: int) -> int:
    """How many tickets a view holds, at most `limit`."""
    return session().scalar(select(func.count()).select_from(held_by(asker, wanted, limit).subquery())) or 0


def rows_of(asker: Asker, ids: Collection[int]) -> dict[int, BoardRow]:
    """Light rows of those of these tickets that the asker may see, by id. One statement."""
    query = (
        select(*_columns(asker.language))
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .outerjoin(Staff, Staff.id == Ticket.assignee_id)
        .outerjoin(Organization, Organization.id == Ticket.organization_id)
        .where(Ticket.id.in_(ids), visible(asker))
    )
    return {row[0]: BoardRow(*row) for row in session().execute(query)}


def _columns(language: str) -> tuple[Any, ...]:
    return (
        Ticket.id,
        Ticket.number,
        Ticket.version,
        Ticket.subject,
        Ticket.state,
        Ticket.queue,
        Ticket.priority,
        Ticket.channel,
        Ticket.language,
        Ticket.category_code,
        Ticket.desk_id,
        Ticket.pupil_note,
        Ticket.created_at,
        Ticket.due_at,
        Ticket.response_breached_at,
        Ticket.resolution_breached_at,
        Ticket.first_responded_at,
        Ticket.assignee_id,
        Staff.name,
        Contact.name,
        getattr(Organization, f"short_{language}"),
    )


def narrowed(asker: Asker, wanted: BoardFilter) -> list[ColumnElement[bool]]:
    """The conditions of a view."""
    conditions: list[ColumnElement[bool]] = [*wanted.narrowing]
    put_off = Ticket.snoozed_until.is_not(None)
    conditions.append(put_off if wanted.view == "snoozed" else ~put_off)
    match wanted.view:
        case "mine":
            conditions.append(Ticket.assignee_id == asker.id)
        case "unassigned":
            conditions.append(Ticket.assignee_id.is_(None))
        case "waiting":
            conditions.append(Ticket.state.in_(PAUSED))
        case "breached":
            conditions.append(or_(Ticket.response_breached_at.is_not(None), Ticket.resolution_breached_at.is_not(None)))
        case "arrived":
            conditions.append(Ticket.acknowledge_by.is_not(None))
    if wanted.queue is not None:
        conditions.append(Ticket.queue == wanted.queue)
    if wanted.desk_id is not None:
        conditions.append(Ticket.desk_id == wanted.desk_id)
    if wanted.language:
        conditions.append(Ticket.language == wanted.language)
    return conditions
