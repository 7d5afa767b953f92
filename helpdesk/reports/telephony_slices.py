"""Which calls, offers and promises a telephone report speaks of, and into which rows they fall."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Interval, false, func, literal, literal_column

from helpdesk.callbacks.models import Callback
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Organization
from helpdesk.reports.rules import Period
from helpdesk.reports.telephony_counts import counted_at, spoken
from helpdesk.routing.rules import Queue
from helpdesk.telephony.models import Call, Offer

# More rows than this of half hours and hours are nothing to be looked at.
MOST_DAYS_OF_HOURS = 31


class PhoneBy(StrEnum):
    """What one row of the telephone report stands for."""

    HALF_HOUR = "half_hour"
    HOUR = "hour"
    DAY = "day"
    QUEUE = "queue"
    LANGUAGE = "language"
    DESK = "desk"
    OPERATOR = "operator"


LASTS = {
    PhoneBy.HALF_HOUR: timedelta(minutes=30),
    PhoneBy.HOUR: timedelta(hours=1),
    PhoneBy.DAY: timedelta(days=1),
}
# Written out, because what is grouped by must be the same text in every place of a statement.
STEPS = {by: literal_column(f"interval '{lasts.total_seconds():.0f} seconds'", Interval) for by, lasts in LASTS.items()}
_ORIGIN: ColumnElement[Any] = literal_column("timestamp '2000-01-01'")


@dataclass(frozen=True)
class Selection:
    """The calls of these days, of a part of the tree (None: all that is the asker's), a queue and a language."""

    period: Period
    place: int | None = None
    queue: Queue | None = None
    language: str | None = None

    def calls(self) -> list[ColumnElement[bool]]:
        """The chosen queue and language, as conditions on calls."""
        return self._conditions(Call.queue, spoken)

    def promises(self) -> list[ColumnElement[bool]]:
        """The same on promised callbacks."""
        return self._conditions(Callback.queue, Callback.language)

    def _conditions(self, queue: Any, language: Any) -> list[ColumnElement[bool]]:
        wanted = ((queue, self.queue), (language, self.language))
        return [column == value for column, value in wanted if value is not None]


def interval_start(by: PhoneBy, local: Any) -> ColumnElement[Any]:
    """The beginning of the half hour, hour or day that a local moment falls into, in SQL."""
    return func.date_bin(STEPS[by], local, _ORIGIN)


def value_of_calls(by: PhoneBy) -> ColumnElement[Any]:
    """The column of a call that says into which row it falls. Needs Organization, the desk's, for times."""
    match by:
        case PhoneBy.QUEUE:
            return Call.queue.expression
        case PhoneBy.LANGUAGE:
            return spoken
        case PhoneBy.DESK:
            return Call.desk_id.expression
        case PhoneBy.OPERATOR:
            return Call.operator_id.expression
    return interval_start(by, func.timezone(Organization.zone, counted_at))


def value_of_offers(by: PhoneBy) -> ColumnElement[Any]:
    """The same of an offer: that of its call, but for the operator who was asked."""
    return Offer.staff_id.expression if by is PhoneBy.OPERATOR else value_of_calls(by)


def value_of_promises(by: PhoneBy) -> ColumnElement[Any] | None:
    """The same of a promised callback; None where promises are not divided so: no operator has promised them."""
    match by:
        case PhoneBy.QUEUE:
            return Callback.queue.expression
        case PhoneBy.LANGUAGE:
            return Callback.language.expression
        case PhoneBy.DESK:
            return Callback.desk_id.expression
        case PhoneBy.OPERATOR:
            return None
    return interval_start(by, func.timezone(Organization.zone, Callback.created_at))


def written(value: Any) -> str:
    """The value of a row as it stands in addresses; rows of calls without one have the empty value."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return "" if value is None else str(value)


def is_value(column: ColumnElement[Any] | None, by: PhoneBy, value: str) -> ColumnElement[bool]:
    """Rows with the written `value`. Raises NotFound for one that cannot be."""
    if column is None:
        return false()
    if not value:
        return column.is_(None)
    try:
        match by:
            case PhoneBy.QUEUE:
                return column == Queue(value)
            case PhoneBy.LANGUAGE:
                return column == value
            case PhoneBy.DESK | PhoneBy.OPERATOR:
                return column == int(value)
        start = datetime.fromisoformat(value)
    except ValueError:
        raise NotFound from None
    if start.tzinfo is not None:
        raise NotFound
    return column == literal(start)
