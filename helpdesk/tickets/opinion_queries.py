"""Questions of satisfaction: the one of a ticket, and figures whose every number opens its list."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, select, true

from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import DEFAULT_ZONE
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.opinion_models import Opinion
from helpdesk.tickets.opinion_rules import BAD, GOOD, may_answer
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import UNFINISHED

READERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)
LINES = 500


class By(StrEnum):
    """What a row of the figures stands for."""

    DESK = "desk"
    OPERATOR = "operator"
    QUEUE = "queue"


@dataclass(frozen=True)
class Row:
    """Figures of one desk, operator or queue (`key`; "" for nobody). `average` is None where nobody answered: that is
    no data, not zero."""

    key: str
    asked: int
    answered: int
    good: int
    bad: int
    average: float | None


@dataclass(frozen=True)
class Line:
    """One question with its ticket."""

    number: str
    subject: str
    asked_at: datetime
    grade: int | None
    words: str


def asked_after(entry_ids: Collection[int]) -> set[int]:
    """Those of these resolutions after which somebody is asked."""
    return set(session().scalars(select(Opinion.entry_id).where(Opinion.entry_id.in_(entry_ids))))


def opinion_of(ticket: Ticket, lock: bool = False) -> Opinion | None:
    """The last question of a ticket that its requester has opened; None where none was asked."""
    query = select(Opinion).where(Opinion.ticket_id == ticket.id).order_by(Opinion.id.desc()).limit(1)
    return session().scalars(query.with_for_update() if lock else query).first()


def open_opinion(ticket: Ticket, lock: bool = False) -> Opinion:
    """The same, while it may be answered: the matter is settled and the time is not over. Raises NotFound."""
    found = opinion_of(ticket, lock) if ticket.state not in UNFINISHED else None
    if found is None or not may_answer(found.asked_at, found.answered_at, clock.now()):
        raise NotFound
    return found


def figures(asker: Asker, by: By, since: date, until: date) -> list[Row]:
    """Of the asker's part of the tree, by the day of the question; both days belong to the period. One statement."""
    key = {By.DESK: Opinion.desk_id, By.OPERATOR: Opinion.staff_id, By.QUEUE: Opinion.queue}[by]
    query = select(
        key,
        func.count(),
        func.count(Opinion.grade),
        func.count().filter(Opinion.grade.in_(GOOD)),
        func.count().filter(Opinion.grade.in_(BAD)),
        func.avg(Opinion.grade),
    )
    query = query.select_from(Opinion).join(Ticket, Ticket.id == Opinion.ticket_id)
    query = (
        query.where(_seen(asker), _asked(since, until)).group_by(key).order_by(func.count().desc(), key).limit(LINES)
    )
    return [
        Row(str(one or ""), asked, answered, good, bad, float(average) if average is not None else None)
        for one, asked, answered, good, bad, average in session().execute(query)
    ]


def behind(asker: Asker, by: By, key: str, figure: str, since: date, until: date) -> Sequence[Line]:
    """What one figure of a row counts, newest first. Raises NotFound for a figure that there is not."""
    which: dict[str, ColumnElement[bool]] = {
        "asked": true(),
        "answered": Opinion.grade.is_not(None),
        "good": Opinion.grade.in_(GOOD),
        "bad": Opinion.grade.in_(BAD),
    }
    if figure not in which or (by is not By.QUEUE and key and not (key.isdecimal() and len(key) < 10)):
        raise NotFound
    column = {By.DESK: Opinion.desk_id, By.OPERATOR: Opinion.staff_id, By.QUEUE: Opinion.queue}[by]
    own = column.is_(None) if not key else column == (key if by is By.QUEUE else int(key))
    query = select(Ticket.number, Ticket.subject, Opinion.asked_at, Opinion.grade, Opinion.words)
    query = query.join(Ticket, Ticket.id == Opinion.ticket_id).where(_seen(asker), _asked(since, until), own)
    return [
        Line(*row) for row in session().execute(query.where(which[figure]).order_by(Opinion.id.desc()).limit(LINES))
    ]


def _seen(asker: Asker) -> ColumnElement[bool]:
    return and_(within(Opinion.desk_id, asker.roots(*READERS)), visible(asker))


def _asked(since: date, until: date) -> ColumnElement[bool]:
    begin = datetime.combine(since, time.min, DEFAULT_ZONE)
    end = datetime.combine(until + timedelta(days=1), time.min, DEFAULT_ZONE)
    return and_(Opinion.asked_at >= begin, Opinion.asked_at < end)
