from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.kernel.errors import Refused
from helpdesk.reports.rules import Period, Preset, preset, read_period


@pytest.mark.parametrize(
    ("which", "today", "first", "last"),
    [
        (Preset.THIS_WEEK, date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 29)),
        (Preset.THIS_WEEK, date(2026, 11, 29), date(2026, 11, 23), date(2026, 11, 29)),
        (Preset.LAST_WEEK, date(2027, 1, 4), date(2026, 12, 28), date(2027, 1, 3)),
        (Preset.THIS_MONTH, date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29)),
        (Preset.LAST_MONTH, date(2027, 1, 31), date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_periods_by_name_begin_on_mondays_and_firsts(which: Preset, today: date, first: date, last: date) -> None:
    assert preset(which, today) == Period(first, last)


def test_a_period_reaches_from_the_first_midnight_to_the_one_after_the_last_day() -> None:
    since, before = Period(date(2026, 11, 16), date(2026, 11, 16)).bounds(ZoneInfo("Asia/Almaty"))
    assert since == datetime(2026, 11, 15, 19, tzinfo=UTC)
    assert before == datetime(2026, 11, 16, 19, tzinfo=UTC)


def test_a_typed_period_of_a_year_is_read_and_a_day_more_is_refused() -> None:
    assert read_period("2026-01-01", "2027-01-01") == Period(date(2026, 1, 1), date(2027, 1, 1))
    with pytest.raises(Refused) as refused:
        read_period("2026-01-01", "2027-01-02")
    assert refused.value.field == "to"


@pytest.mark.parametrize("typed", ["", "16.11.2026", "2026-02-30", "0001-01-01"])
def test_what_is_no_date_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        read_period(typed, "2026-11-22")
    assert refused.value.field == "from"
