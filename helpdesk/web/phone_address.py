"""What the address of a telephone report says, and the addresses of its neighbours."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request

from helpdesk.kernel import clock, i18n
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_
from helpdesk.reports.rules import Period, Preset, preset, read_period
from helpdesk.reports.telephony_slices import PhoneBy, Selection
from helpdesk.routing.rules import Queue
from helpdesk.web.reports import PRESET_WORDS, read_place


@dataclass(frozen=True)
class Asked:
    """What the address of a report says."""

    chosen: Selection
    by: PhoneBy

    def query(self, **changes: Any) -> dict[str, Any]:
        """The same as parameters of an address, with some of them changed."""
        chosen = self.chosen
        values = {
            "from": chosen.period.first,
            "to": chosen.period.last,
            "by": self.by.value,
            "place": chosen.place,
            "queue": chosen.queue.value if chosen.queue else None,
            "language": chosen.language,
        }
        return {key: value for key, value in (values | changes).items() if value is not None}


def asked() -> Asked:
    """The report that this request asks for. Raises Refused for a wrong period, NotFound for everything else."""
    given = request.args
    period = read_period(given.get("from", ""), given.get("to", "")) if "from" in given or "to" in given else today()
    try:
        by = PhoneBy(given.get("by", PhoneBy.HOUR))
    except ValueError:
        raise NotFound from None
    return Asked(Selection(period, read_place(), _queue(), _language()), by)


def usual() -> Asked:
    """Today by hours, with what else was chosen: for a period that cannot be."""
    return Asked(Selection(today(), read_place(), _queue(), _language()), PhoneBy.HOUR)


def _queue() -> Queue | None:
    typed = request.args.get("queue", "")
    try:
        return Queue(typed) if typed else None
    except ValueError:
        raise NotFound from None


def _language() -> str | None:
    typed = request.args.get("language", "")
    if typed and typed not in i18n.LANGUAGES:
        raise NotFound
    return typed or None


def today() -> Period:
    """The present day."""
    day = i18n.local(clock.now()).date()
    return Period(day, day)


def periods() -> list[tuple[str, Period]]:
    """Periods that people ask for by name."""
    present = today()
    day_before = present.first - timedelta(days=1)
    named = [(PRESET_WORDS[which], preset(which, present.first)) for which in Preset]
    return [(N_("Today"), present), (N_("Yesterday"), Period(day_before, day_before)), *named]


def fitting(by: PhoneBy, period: Period) -> PhoneBy:
    """Days instead of hours for more than a week: nobody reads hundreds of rows."""
    long = (period.last - period.first).days >= 7
    return PhoneBy.DAY if long and by in (PhoneBy.HOUR, PhoneBy.HALF_HOUR) else by
