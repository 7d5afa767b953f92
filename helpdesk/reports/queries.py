"""The service report of a period, and the list behind each of its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Float, Select, func, literal, select, tuple_, type_coerce
from sqlalchemy import Row as SqlRow
from sqlalchemy.orm import InstrumentedAttribute, joinedload, lazyload

from helpdesk.callbacks.models import Callback
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk
from helpdesk.reports.figures import COUNTS, FIGURES, MINUTES, Figure, Percentile, Share, Subject, count_behind
from helpdesk.reports.rules import By, Period
from helpdesk.reports.scope import desks_of, in_period
from helpdesk.routing.rules import Queue
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import Channel

_TICKET_COLUMNS: dict[By, InstrumentedAttribute[Any]] = {
    By.QUEUE: Ticket.queue,
    By.DESK: Ticket.desk_id,
    By.CHANNEL: Ticket.channel,
    By.LANGUAGE: Ticket.language,
}
# A promise has no channel of its own: it is that of the ticket which it was made for.
_CALLBACK_COLUMNS: dict[By, InstrumentedAttribute[Any]] = {
    By.QUEUE: Callback.queue,
    By.DESK: Callback.desk_id,
    By.CHANNEL: Ticket.channel,
    By.LANGUAGE: Callback.language,
}
# A ticket that was merged into another one is counted with it.
_ONCE = Ticket.merged_into_id.is_(None)
PERCENTILES = tuple(figure for figure in FIGURES.values() if isinstance(figure, Percentile))


@dataclass(frozen=True)
class Row:
    """Figures of one queue, desk, channel or language: its `value`, or None for the total."""

    value: str | None
    counts: Mapping[str, int]
    minutes: Mapping[str, float | None]

    def figure(self, code: str) -> float | int | None:
        """A count, a share between 0 and 1, or minutes; None where there is nothing to count it from."""
        figure = FIGURES[code]
        if isinstance(figure, Percentile):
            return self.minutes[code]
        if isinstance(figure, Share):
            whole = self.counts[figure.whole]
            return self.counts[figure.part] / whole if whole else None
        return self.counts[code] if figure.among is None or self.counts[figure.among] else None


@dataclass(frozen=True)
class Report:
    """The rows by name of what they stand for, and the total over all of them, counted as of `at`."""

    period: Period
    by: By
    rows: Sequence[Row]
    total: Row
    at: datetime


def sla_report(asker: Asker, period: Period, by: By, place: int | None = None) -> Report:
    """The report over the desks that the asker supervises or administers, or those at and below `place`.

    Restricted tickets are counted; who may not read them does not find them in the lists. Two statements. Raises
    NotFound when `place` is not the asker's.
    """
    now, chosen = clock.now(), desks_of(asker, place)
    tickets = _by_value(_ticket_figures(chosen, period, by, now))
    callbacks = _by_value(_callback_figures(chosen, period, by, now))
    values = sorted((tickets.keys() | callbacks.keys()) - {None}, key=str)
    rows = [_row(value, tickets.get(value), callbacks.get(value)) for value in values]
    return Report(period, by, rows, _row(None, tickets.get(None), callbacks.get(None)), now)


@dataclass(frozen=True)
class Behind:
    """Of which figure, and of which row of the report (None: the total), the list is asked."""

    figure: str
    by: By
    value: str | None


@dataclass(frozen=True)
class ListPage:
    """Rows behind a figure, newest first. `count` is the figure's; `hidden` of them the asker may not read."""

    figure: Figure
    count: int
    hidden: int
    tickets: Sequence[Ticket]
    callbacks: Sequence[SqlRow[Callback, Ticket]]
    next: str | None


def figure_list(
    asker: Asker, period: Period, behind: Behind, place: int | None = None, after: str | None = None, limit: int = 50
) -> ListPage:
    """One page of the tickets or callbacks that a figure of the report was counted from. Two statements.

    Raises NotFound for a figure, value or place that the report does not have.
    """
    if behind.figure not in FIGURES:
        raise NotFound
    counted = count_behind(behind.figure)
    chosen, now = desks_of(asker, place), clock.now()
    conditions = [counted.condition(now), *_of_value(behind, counted.subject)]
    if counted.subject is Subject.TICKET:
        conditions += [in_period(Ticket.desk_id, Ticket.created_at, chosen, period), _ONCE]
        tickets, cursor = _ticket_page(asker, conditions, after, limit)
        count, seen = _counts(asker, select(func.count()).select_from(Ticket).where(*conditions))
        return ListPage(FIGURES[behind.figure], count, count - seen, tickets, (), cursor)
    conditions.append(in_period(Callback.desk_id, Callback.created_at, chosen, period))
    callbacks, cursor = _callback_page(asker, conditions, after, limit)
    joined = select(func.count()).select_from(Callback).join(Ticket, Ticket.id == Callback.ticket_id)
    count, seen = _counts(asker, joined.where(*conditions))
    return ListPage(FIGURES[behind.figure], count, count - seen, (), callbacks, cursor)


def _ticket_figures(chosen: Sequence[Desk], period: Period, by: By, now: datetime) -> Select[Any]:
    shares = {of: sorted(one.at for one in PERCENTILES if one.of == of) for of in MINUTES}
    value = _TICKET_COLUMNS[by]
    return (
        select(
            value.label("value"),
            func.grouping(value).label("is_total"),
            *_filtered(Subject.TICKET, now),
            *(_percentiles(of, at) for of, at in shares.items()),
        )
        .where(in_period(Ticket.desk_id, Ticket.created_at, chosen, period), _ONCE)
        .group_by(func.grouping_sets(tuple_(value), tuple_()))
    )


def _percentiles(of: str, at: Sequence[float]) -> ColumnElement[Any]:
    found = func.percentile_cont(literal(at, ARRAY(Float))).within_group(MINUTES[of])
    return type_coerce(found, ARRAY(Float)).label(f"minutes_{of}")


def _callback_figures(chosen: Sequence[Desk], period: Period, by: By, now: datetime) -> Select[Any]:
    value = _CALLBACK_COLUMNS[by]
    query = select(value.label("value"), func.grouping(value).label("is_total"), *_filtered(Subject.CALLBACK, now))
    if by is By.CHANNEL:
        query = query.join(Ticket, Ticket.id == Callback.ticket_id)
    return query.where(in_period(Callback.desk_id, Callback.created_at, chosen, period)).group_by(
        func.grouping_sets(tuple_(value), tuple_())
    )


def _filtered(subject: Subject, now: datetime) -> list[ColumnElement[int]]:
    wanted = [count for count in COUNTS.values() if count.subject is subject]
    return [func.count().filter(count.condition(now)).label(count.code) for count in wanted]


def _by_value(query: Select[Any]) -> dict[str | None, Mapping[Any, Any]]:
    found = session().execute(query).mappings()
    return {None if row["is_total"] else str(row["value"]): row for row in found}


def _row(value: str | None, tickets: Mapping[Any, Any] | None, callbacks: Mapping[Any, Any] | None) -> Row:
    known = {Subject.TICKET: tickets or {}, Subject.CALLBACK: callbacks or {}}
    counts = {code: int(known[count.subject].get(code, 0)) for code, count in COUNTS.items()}
    minutes: dict[str, float | None] = {}
    for of in MINUTES:
        alike = sorted((one for one in PERCENTILES if one.of == of), key=lambda one: one.at)
        found = known[Subject.TICKET].get(f"minutes_{of}") or [None] * len(alike)
        minutes |= {one.code: value_ for one, value_ in zip(alike, found, strict=True)}
    return Row(value, counts, minutes)


def _of_value(behind: Behind, subject: Subject) -> list[ColumnElement[bool]]:
    if behind.value is None:
        return []
    column = (_TICKET_COLUMNS if subject is Subject.TICKET else _CALLBACK_COLUMNS)[behind.by]
    try:
        match behind.by:
            case By.QUEUE:
                return [column == Queue(behind.value)]
            case By.CHANNEL:
                return [column == Channel(behind.value)]
            case By.DESK:
                return [column == int(behind.value)]
            case By.LANGUAGE:
                return [column == behind.value]
    except ValueError:
        raise NotFound from None


def _ticket_page(
    asker: Asker, conditions: Sequence[ColumnElement[bool]], after: str | None, limit: int
) -> tuple[Sequence[Ticket], str | None]:
    query = select(Ticket).where(*conditions, visible(asker), *_older(after, Ticket.created_at, Ticket.id))
    loaded = (
        joinedload(Ticket.desk_organization),
        joinedload(Ticket.category),
        joinedload(Ticket.assignee).options(lazyload("*")),
    )
    ordered = query.order_by(Ticket.created_at.desc(), Ticket.id.desc()).limit(limit + 1).options(*loaded)
    rows = session().scalars(ordered).all()
    cursor = _cursor(rows[limit - 1].created_at, rows[limit - 1].id) if len(rows) > limit else None
    return rows[:limit], cursor


def _callback_page(
    asker: Asker, conditions: Sequence[ColumnElement[bool]], after: str | None, limit: int
) -> tuple[Sequence[SqlRow[Callback, Ticket]], str | None]:
    query = select(Callback, Ticket).join(Ticket, Ticket.id == Callback.ticket_id)
    query = query.where(*conditions, visible(asker), *_older(after, Callback.created_at, Callback.id))
    ordered = query.order_by(Callback.created_at.desc(), Callback.id.desc()).limit(limit + 1)
    rows = session().execute(ordered.options(joinedload(Ticket.desk_organization))).all()
    cursor = _cursor(rows[limit - 1][0].created_at, rows[limit - 1][0].id) if len(rows) > limit else None
    return rows[:limit], cursor


def _counts(asker: Asker, query: Select[int]) -> tuple[int, int]:
    """All rows, and those that the asker may read."""
    count, seen = session().execute(query.add_columns(func.count().filter(visible(asker)))).one()
    return count, seen


def _cursor(moment: datetime, id_: int) -> str:
    return f"{moment.isoformat()}_{id_}"


def _older(
    cursor: str | None, moment: InstrumentedAttribute[datetime], id_: InstrumentedAttribute[int]
) -> list[ColumnElement[bool]]:
    if not cursor:
        return []
    at, _, last = cursor.partition("_")
    try:
        return [tuple_(moment, id_) < tuple_(literal(datetime.fromisoformat(at.replace(" ", "+"))), literal(int(last)))]
    except ValueError:
        raise NotFound from None
