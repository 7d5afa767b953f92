"""Of which days a report speaks, and by what it is divided."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

LONGEST_PERIOD = 366


class By(StrEnum):
    """What one row of a report stands for."""

    QUEUE = "queue"
    DESK = "desk"
    CHANNEL = "channel"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Period:
    """Whole days, the first and the last one included."""

    first: date
    last: date

    def bounds(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """The moments in UTC from which on and before which something falls into the period at a place in `zone`."""
        first = datetime.combine(self.first, time(), zone)
        after = datetime.combine(self.last + timedelta(days=1), time(), zone)
        return first.astimezone(UTC), after.astimezone(UTC)


class Preset(StrEnum):
    """Periods that people ask for by name."""

    THIS_WEEK = "this_week"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"


def preset(which: Preset, today: date) -> Period:
    """The named period as seen from `today`; weeks run from Monday to Sunday."""
    monday = today - timedelta(days=today.weekday())
    match which:
        case Preset.THIS_WEEK:
            return Period(monday, monday + timedelta(days=6))
        case Preset.LAST_WEEK:
            return Period(monday - timedelta(days=7), monday - timedelta(days=1))
        case Preset.THIS_MONTH:
            return _month(today)
        case Preset.LAST_MONTH:
            return _month(today.replace(day=1) - timedelta(days=1))


def read_period(first: str, last: str) -> Period:
    """The period that somebody typed as two ISO dates. Raises Refused, which names the field."""
    period = Period(_read_day(first, "from"), _read_day(last, "to"))
    if period.last < period.first:
        raise Refused(N_("The last day lies before the first one"), field="to")
    if (period.last - period.first).days >= LONGEST_PERIOD:
        raise Refused(N_("Choose a period of at most one year"), field="to")
    return period


def _read_day(typed: str, field: str) -> date:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise Refused(N_("Enter a date, for example 2026-11-16"), field=field) from None
    if not 2000 <= day.year <= 2100:
        raise Refused(N_("Enter a date, for example 2026-11-16"), field=field)
    return day


def _month(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
