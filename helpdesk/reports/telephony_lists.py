"""The calls, offers or promises that a figure of the telephone report was counted from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select, tuple_
from sqlalchemy import Row as SqlRow

from helpdesk.callbacks.models import Callback
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk, Organization
from helpdesk.reports.scope import desks_of, in_period
from helpdesk.reports.telephony_counts import (
    ANSWERED_AT,
    CALLS,
    HELD,
    OFFERS,
    TALKED,
    WRAPPED_UP,
    calls_in,
    counted_at,
    seconds,
)
from helpdesk.reports.telephony_figures import FIGURES, Figure
from helpdesk.reports.telephony_promises import PROMISES, TRIES
from helpdesk.reports.telephony_slices import (
    PhoneBy,
    Selection,
    is_value,
    value_of_calls,
    value_of_offers,
    value_of_promises,
)
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.telephony.rules import EntryKind, OfferKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible


@dataclass(frozen=True)
class PhoneList:
    """One page of rows behind a figure, newest first. `count` is the whole list's length, the figure's own number.

    Rows of calls: call, ticket number, operator, waited, talked, held, wrap-up (seconds), estimate. Of offers: offer,
    call, ticket number, operator. Of promises: callback, ticket number. A ticket that the asker may not read has no
    number here; nobody's telephone number is shown.
    """

    figure: Figure
    count: int
    calls: Sequence[SqlRow[Any]]
    offers: Sequence[SqlRow[Any]]
    promises: Sequence[SqlRow[Any]]
    next: str | None


@dataclass(frozen=True)
class BehindPhone:
    """Of which figure, and of which row of the report (None: the total), the list is asked."""

    figure: str
    by: PhoneBy
    value: str | None


@dataclass(frozen=True)
class _Kind:
    """How one kind of rows is asked for, and by what it is ordered."""

    rows: Select[Any]
    moment: ColumnElement[datetime]
    id: ColumnElement[int]


def phone_list(
    asker: Asker, chosen: Selection, behind: BehindPhone, after: str | None = None, limit: int = 50
) -> PhoneList:
    """One page of the list. Two statements.

    Raises NotFound for a figure without a list, a value or place that the report does not have.
    """
    figure = FIGURES.get(behind.figure)
    if figure is None or figure.of is None:
        raise NotFound
    at = desks_of(asker, chosen.place)
    if figure.of in CALLS:
        kind = _calls(asker, at, chosen, behind, figure.of)
    elif figure.of in OFFERS:
        kind = _offers(asker, at, chosen, behind, figure.of)
    else:
        kind = _promises(asker, at, chosen, behind, figure.of)
    count = session().scalar(kind.rows.with_only_columns(func.count())) or 0
    page = kind.rows.add_columns(kind.moment.label("cursor_at"), kind.id.label("cursor_id"))
    if after:
        page = page.where(_older(after, kind))
    rows = session().execute(page.order_by(kind.moment.desc(), kind.id.desc()).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    following = f"{last.cursor_at.isoformat()}_{last.cursor_id}" if last is not None else None
    found = {"calls": (), "offers": (), "promises": ()} | {_name(figure.of): rows[:limit]}
    return PhoneList(figure, count, next=following, **found)


def _name(code: str) -> str:
    return "calls" if code in CALLS else "offers" if code in OFFERS else "promises"


def _number(asker: Asker) -> ColumnElement[Any]:
    return case((visible(asker), Ticket.number)).label("ticket_number")


def _of_row(behind: BehindPhone, column: ColumnElement[Any] | None) -> list[ColumnElement[bool]]:
    return [] if behind.value is None else [is_value(column, behind.by, behind.value)]


def _calls(asker: Asker, at: Sequence[Desk], chosen: Selection, behind: BehindPhone, code: str) -> _Kind:
    rows = (
        select(
            Call,
            _number(asker),
            Staff.name.label("operator"),
            seconds(Call.queued_at, func.coalesce(ANSWERED_AT, Call.ended_at)).label("waited"),
            TALKED.label("talked"),
            HELD.label("held"),
            WRAPPED_UP.label("wrapped_up"),
            QueueEntry.estimated_seconds.label("told"),
        )
        .select_from(Call)
        .join(Organization, Organization.id == Call.desk_id)
        .outerjoin(QueueEntry, and_(QueueEntry.call_id == Call.id, QueueEntry.kind == EntryKind.LIVE))
        .outerjoin(Ticket, Ticket.id == Call.ticket_id)
        .outerjoin(Staff, Staff.id == Call.operator_id)
        .where(calls_in(chosen.period, at), *chosen.calls(), CALLS[code].condition)
        .where(*_of_row(behind, value_of_calls(behind.by)))
    )
    return _Kind(rows, counted_at, Call.id.expression)


def _offers(asker: Asker, at: Sequence[Desk], chosen: Selection, behind: BehindPhone, code: str) -> _Kind:
    rows = (
        select(Offer, Call, _number(asker), Staff.name.label("operator"))
        .select_from(Offer)
        .join(Call, Call.id == Offer.call_id)
        .join(Staff, Staff.id == Offer.staff_id)
        .join(Organization, Organization.id == Call.desk_id)
        .outerjoin(Ticket, Ticket.id == Call.ticket_id)
        .where(calls_in(chosen.period, at), *chosen.calls(), Offer.kind == OfferKind.CALL, OFFERS[code].condition)
        .where(*_of_row(behind, value_of_offers(behind.by)))
    )
    return _Kind(rows, Offer.created_at.expression, Offer.id.expression)


def _promises(asker: Asker, at: Sequence[Desk], chosen: Selection, behind: BehindPhone, code: str) -> _Kind:
    rows = (
        select(Callback, _number(asker), TRIES.c.attempts.label("tried"))
        .select_from(Callback)
        .join(Organization, Organization.id == Callback.desk_id)
        .join(TRIES, literal(True))
        .outerjoin(Ticket, Ticket.id == Callback.ticket_id)
        .where(in_period(Callback.desk_id, Callback.created_at, at, chosen.period), *chosen.promises())
        .where(PROMISES[code].condition(clock.now()), *_of_row(behind, value_of_promises(behind.by)))
    )
    return _Kind(rows, Callback.created_at.expression, Callback.id.expression)


def _older(cursor: str, kind: _Kind) -> ColumnElement[bool]:
    at, _, last = cursor.partition("_")
    try:
        moment, id_ = datetime.fromisoformat(at.replace(" ", "+")), int(last)
    except ValueError:
        raise NotFound from None
    return tuple_(kind.moment, kind.id) < tuple_(literal(moment), literal(id_))
