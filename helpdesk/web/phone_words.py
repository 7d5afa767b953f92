"""How rows of the telephone report are called, ordered and drawn."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.organizations.queries import desks
from helpdesk.reports.rules import By
from helpdesk.reports.scope import tree_order
from helpdesk.reports.telephony import PhoneReport, staff_names
from helpdesk.reports.telephony_rows import PhoneRow
from helpdesk.reports.telephony_slices import LASTS, PhoneBy, Selection
from helpdesk.telephony.rules import OfferState
from helpdesk.web.history import OUTCOMES
from helpdesk.web.reports import MOST_BARS, name_of

BY_WORDS = {
    PhoneBy.HALF_HOUR: N_("Half hour"),
    PhoneBy.HOUR: N_("Hour"),
    PhoneBy.DAY: N_("Day"),
    PhoneBy.QUEUE: N_("Queue"),
    PhoneBy.LANGUAGE: N_("Language"),
    PhoneBy.DESK: N_("Desk"),
    PhoneBy.OPERATOR: N_("Operator"),
}
# Rows of calls that have no such value.
NOWHERE = {
    PhoneBy.QUEUE: N_("No queue chosen"),
    PhoneBy.LANGUAGE: N_("No language chosen"),
    PhoneBy.OPERATOR: N_("No operator"),
}
REASON_WORDS = OUTCOMES | {"open": N_("still going on")}
ANSWER_WORDS = {
    OfferState.ACCEPTED: N_("taken"),
    OfferState.DECLINED: N_("declined"),
    OfferState.EXPIRED: N_("missed"),
}
_BARS = (
    ("handled", N_("handled")),
    ("abandoned", N_("abandoned")),
    ("callback", N_("callback")),
    ("voicemail", N_("voice message")),
    ("other", N_("other")),
)
Names = Callable[[str], str]


def ordered(found: PhoneReport) -> Sequence[PhoneRow]:
    """Intervals in their order, desks in the order of the tree, everything else with the most calls first."""
    if found.by in LASTS:
        return found.rows
    if found.by is PhoneBy.DESK:
        known = desks()
        return sorted(found.rows, key=lambda row: tree_order(known[int(row.value or 0)]))
    return sorted(found.rows, key=lambda row: (-row.counts["received"], row.value or ""))


def chart(found: PhoneReport, rows: Sequence[PhoneRow]) -> dict[str, Any] | None:
    """What became of the calls of each row, of those with most calls; None where there is nothing to draw."""
    most = sorted(rows, key=lambda row: -row.calls.offered)[:MOST_BARS]
    drawn = [row for row in rows if row in most and row.calls.offered]
    if not drawn or found.by is PhoneBy.OPERATOR:
        return None
    words = {row.value: _name(found.by, row.value or "", {}, short=True) for row in drawn}
    return {
        "stacked": True,
        "labels": [words[row.value] for row in drawn],
        "series": [{"label": gettext(name), "data": [row.counts[code] for row in drawn]} for code, name in _BARS],
    }


def clock_text(seconds: float) -> str:
    """1:05, or 2:00:05 from an hour on."""
    whole = round(seconds)
    hours, minutes = whole // 3600, whole % 3600 // 60
    tail = f"{whole % 60:02d}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def names(by: PhoneBy, values: Sequence[str | None], chosen: Selection) -> Names:
    """What each of these rows is called; intervals of one day without the day. One statement for operators."""
    people = staff_names(values) if by is PhoneBy.OPERATOR else {}
    one_day = chosen.period.first == chosen.period.last
    return lambda value: _name(by, value, people, short=one_day)


def _name(by: PhoneBy, value: str, people: Mapping[str, str], short: bool = False) -> str:
    """What a row is called; a `short` interval is without its day. Raises NotFound for a value that there is not."""
    if not value and by in NOWHERE:
        return gettext(NOWHERE[by])
    match by:
        case PhoneBy.OPERATOR:
            if value not in people:
                raise NotFound
            return people[value]
        case PhoneBy.QUEUE | PhoneBy.LANGUAGE | PhoneBy.DESK:
            return name_of(By(by.value), value)
    try:
        began = datetime.fromisoformat(value)
    except ValueError:
        raise NotFound from None
    if by is PhoneBy.DAY:
        return f"{began:%d.%m.%Y}"
    interval = f"{began:%H:%M}\u2013{began + LASTS[by]:%H:%M}"
    return interval if short else f"{began:%d.%m} {interval}"
