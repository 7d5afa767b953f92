from datetime import date

import pytest

from helpdesk.kernel import clock
from helpdesk.kernel.i18n import spoken
from helpdesk.reports.figures import COUNTS
from helpdesk.reports.queries import PERCENTILES, Report, Row
from helpdesk.reports.rules import By, Period
from helpdesk.reports.spreadsheets import report_csv


def report() -> Report:
    """One row: three tickets, two of them measured, one in time."""
    counts = dict.fromkeys(COUNTS, 0) | {"tickets": 3, "response_measured": 2, "response_kept": 1}
    minutes: dict[str, float | None] = {one.code: None for one in PERCENTILES} | {"response_median": 12.25}
    period = Period(date(2026, 11, 16), date(2026, 11, 22))
    return Report(period, By.DESK, [Row("1", counts, minutes)], Row(None, counts, minutes), clock.now())


@pytest.mark.parametrize(
    ("language", "share", "median"), [("kk", "50,0", "12,2"), ("ru", "50,0", "12,2"), ("en", "50.0", "12.2")]
)
def test_numbers_carry_the_decimal_sign_of_the_language(language: str, share: str, median: str) -> None:
    with spoken(language):
        total = report_csv(report(), "", lambda _value: "").splitlines()[-1].split(";")
    assert total[1:8] == ["3", "2", "1", "0", share, "0", median]


def test_a_name_that_begins_like_a_formula_is_only_a_name() -> None:
    written = report_csv(report(), "Desk", lambda _value: "=HYPERLINK(1)")
    assert "\r\n'=HYPERLINK(1);" in written
