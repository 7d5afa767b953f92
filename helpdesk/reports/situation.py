"""What needs a supervisor now: overdue and at-risk tickets, who waits on the phone, who works, what was promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, and_, func, literal, literal_column, or_, select, tuple_
from sqlalchemy.orm import joinedload, lazyload

from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import ACTIVE
from helpdesk.identity.queries import Asker, staff_under
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk
from helpdesk.reports.scope import READERS, at_desks, desks_of
from helpdesk.routing.rules import Queue
from helpdesk.telephony.models import Presence, QueueEntry
from helpdesk.telephony.rules import EntryState, PresenceState
from helpdesk.tickets.models import FAR, FAR_SQL, Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import UNFINISHED

# At risk: less than this share of the time is left, or less than this time.
SHARE_AT_RISK = 0.25
TIME_AT_RISK = timedelta(hours=1)
_IN_LINE = and_(QueueEntry.call_id.is_not(None), QueueEntry.state.in_((EntryState.WAITING, EntryState.OFFERED)))
# Written as in the index ix_tickets_board, so that the planner knows it again.
_DUE = func.coalesce(Ticket.due_at, literal_column(FAR_SQL, DateTime(timezone=True)))


class Need(StrEnum):
    """What somebody must act on."""

    OVERDUE = "overdue"
    AT_RISK = "at_risk"


@dataclass(frozen=True)
class Line:
    """One queue of one desk. `waiting` callers are on the phone, the first of them since `oldest`."""

    desk_id: int
    queue: Queue
    unfinished: int = 0
    overdue: int = 0
    at_risk: int = 0
    unassigned: int = 0
    paused: int = 0
    waiting: int = 0
    oldest: datetime | None = None
    callbacks: int = 0
    callbacks_late: int = 0


@dataclass(frozen=True)
class Operator:
    """Who works in the asker's part of the tree, and where they are now."""

    name: str
    languages: Sequence[str]
    state: PresenceState
    since: datetime | None


@dataclass(frozen=True)
class Situation:
    """Everything on the supervisor's board, as of `at`. Lines: those with most overdue first."""

    at: datetime
    lines: Sequence[Line]
    operators: Sequence[Operator]
    callbacks: Sequence[Callback]

    def sum(self, name: str) -> int:
        """One column over all lines."""
        return sum(getattr(line, name) for line in self.lines)

    @property
    def oldest(self) -> datetime | None:
        """Since when the first caller waits; None when nobody does."""
        return min((line.oldest for line in self.lines if line.oldest), default=None)

    def present(self, state: PresenceState) -> Sequence[Operator]:
        """The operators who are in this state."""
        return [one for one in self.operators if one.state is state]


def situation(asker: Asker, place: int | None = None, next_callbacks: int = 10) -> Situation:
    """The board over the desks that the asker supervises or administers, or those at and below `place`.

    Restricted tickets are counted. Five statements. Raises NotFound when `place` is not the asker's.
    """
    now, chosen = clock.now(), desks_of(asker, place)
    found: dict[tuple[int, Queue], dict[str, Any]] = {}
    for query in (_tickets(chosen, now), _callers(chosen), _promises(chosen, now)):
        for row in session().execute(query).mappings():
            found.setdefault((row["desk_id"], row["queue"]), {}).update(row)
    lines = [Line(**values) for values in found.values()]
    lines.sort(key=lambda line: (-line.overdue, -line.at_risk, -line.waiting, -line.unfinished, line.desk_id))
    return Situation(now, lines, _operators(asker, chosen, place), _next_callbacks(asker, chosen, next_callbacks))


@dataclass(frozen=True)
class NeedPage:
    """Tickets that need action, due first; `count` is the board's, `hidden` of them the asker may not read."""

    rows: Sequence[Ticket]
    count: int
    hidden: int
    next: str | None


def in_need(asker: Asker, need: Need, place: int | None = None, after: str | None = None, limit: int = 50) -> NeedPage:
    """One page of the tickets behind a number of the board. Two statements."""
    chosen, now = desks_of(asker, place), clock.now()
    conditions = [Ticket.state.in_(UNFINISHED), at_desks(Ticket.desk_id, chosen), _needs(need, now)]
    query = select(func.count(), func.count().filter(visible(asker))).select_from(Ticket).where(*conditions)
    count, seen = session().execute(query).one()
    rows_query = select(Ticket).where(*conditions, visible(asker))
    if after:
        rows_query = rows_query.where(tuple_(_DUE, Ticket.id) > _read_cursor(after))
    loaded = (joinedload(Ticket.desk_organization), joinedload(Ticket.assignee).options(lazyload("*")))
    rows = session().scalars(rows_query.order_by(_DUE, Ticket.id).limit(limit + 1).options(*loaded)).all()
    if len(rows) <= limit:
        return NeedPage(rows, count, count - seen, None)
    last = rows[limit - 1]
    return NeedPage(rows[:limit], count, count - seen, f"{(last.due_at or FAR).isoformat()}_{last.id}")


def callers(asker: Asker, place: int | None = None, limit: int = 200) -> Sequence[QueueEntry]:
    """Who waits on the phone at the asker's desks, longest first."""
    query = select(QueueEntry).where(_IN_LINE, at_desks(QueueEntry.desk_id, desks_of(asker, place)))
    return session().scalars(query.order_by(QueueEntry.virtual_at, QueueEntry.id).limit(limit)).all()


def _needs(need: Need, now: datetime) -> ColumnElement[bool]:
    if need is Need.OVERDUE:
        return literal(now) >= _DUE
    left = func.extract("epoch", _DUE - literal(now))
    whole = func.extract("epoch", _DUE - Ticket.created_at)
    soon = or_(left <= TIME_AT_RISK.total_seconds(), left < whole * SHARE_AT_RISK)
    return and_(Ticket.due_at.is_not(None), literal(now) < _DUE, soon)


def _tickets(chosen: Sequence[Desk], now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Ticket.desk_id,
            Ticket.queue,
            func.count().label("unfinished"),
            func.count().filter(_needs(Need.OVERDUE, now)).label("overdue"),
            func.count().filter(_needs(Need.AT_RISK, now)).label("at_risk"),
            func.count().filter(Ticket.assignee_id.is_(None)).label("unassigned"),
            func.count().filter(Ticket.paused_at.is_not(None)).label("paused"),
        )
        .where(Ticket.state.in_(UNFINISHED), at_desks(Ticket.desk_id, chosen))
        .group_by(Ticket.desk_id, Ticket.queue)
    )


def _callers(chosen: Sequence[Desk]) -> Select[*tuple[Any, ...]]:
    waiting, oldest = func.count().label("waiting"), func.min(QueueEntry.virtual_at).label("oldest")
    return (
        select(QueueEntry.desk_id, QueueEntry.queue, waiting, oldest)
        .where(_IN_LINE, at_desks(QueueEntry.desk_id, chosen))
        .group_by(QueueEntry.desk_id, QueueEntry.queue)
    )


def _promises(chosen: Sequence[Desk], now: datetime) -> Select[*tuple[Any, ...]]:
    late = func.count().filter(Callback.promised_at < literal(now)).label("callbacks_late")
    return (
        select(Callback.desk_id, Callback.queue, func.count().label("callbacks"), late)
        .where(Callback.state.in_(ACTIVE), at_desks(Callback.desk_id, chosen))
        .group_by(Callback.desk_id, Callback.queue)
    )


def _next_callbacks(asker: Asker, chosen: Sequence[Desk], limit: int) -> Sequence[Callback]:
    query = (
        select(Callback)
        .join(Ticket, Ticket.id == Callback.ticket_id)
        .where(Callback.state.in_(ACTIVE), at_desks(Callback.desk_id, chosen), visible(asker))
        .order_by(Callback.promised_at, Callback.id)
        .limit(limit)
        .options(joinedload(Callback.ticket).load_only(Ticket.id, Ticket.number).options(lazyload("*")))
    )
    return session().scalars(query).all()


def _operators(asker: Asker, chosen: Sequence[Desk], place: int | None) -> Sequence[Operator]:
    below = [desk.organization.path for desk in chosen if desk.id == place]
    people = staff_under(below or asker.roots(*READERS)).subquery()
    query = select(people.c.name, people.c.languages, Presence.state, Presence.since).outerjoin(
        Presence, Presence.staff_id == people.c.id
    )
    return [
        Operator(name, languages, state or PresenceState.OFFLINE, since)
        for name, languages, state, since in session().execute(query.order_by(Presence.since, people.c.name))
    ]


def _read_cursor(cursor: str) -> ColumnElement[tuple[datetime, int]]:
    moment, _, last = cursor.partition("_")
    try:
        return tuple_(literal(datetime.fromisoformat(moment.replace(" ", "+"))), literal(int(last)))
    except ValueError:
        raise NotFound from None
