"""The telephone report as a supervisor sees it."""

import pytest

from helpdesk.kernel.db import transaction
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot
from tests.browser.test_report import signed_in
from tests.conftest import SetClock
from tests.people import Town
from tests.reports.phone_days import example_day

FRIDAY = "from=2026-11-20&to=2026-11-20"


@pytest.fixture
def after_the_day(town: Town, set_clock: SetClock) -> Town:
    """The example day is over."""
    with transaction():
        example_day(town)
    return town


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_first_table_and_its_chart_stand_beside_each_other(
    after_the_day: Town, open_page: OpenPage, language: str
) -> None:
    page = signed_in(open_page, after_the_day.erlan, language)
    page.goto(f"/reports/phone?{FRIDAY}")
    canvas = page.locator("canvas")
    drawn = canvas.evaluate("one => one.getContext('2d').getImageData(0, 0, one.width, one.height).data.some(Boolean)")
    assert drawn
    table = page.locator(".report__table").first.bounding_box()
    chart = canvas.bounding_box()
    assert table is not None
    assert chart is not None
    assert chart["x"] >= table["x"] + table["width"]
    no_sideways_scroll(page)
    no_serious_findings(page)
    shot(page, f"phone-report-{language}")


@pytest.mark.parametrize("language", ["kk", "ru"])
@pytest.mark.parametrize("by", ["operator", "half_hour"])
def test_operators_and_half_hours_fit_the_page(
    after_the_day: Town, open_page: OpenPage, language: str, by: str
) -> None:
    page = signed_in(open_page, after_the_day.erlan, language)
    page.goto(f"/reports/phone?{FRIDAY}&by={by}")
    assert page.locator(".report__table").count() > 0
    no_sideways_scroll(page)
    no_serious_findings(page)
    shot(page, f"phone-report-{by}-{language}")


def test_the_formula_of_a_figure_opens_by_keyboard_and_stays_on_the_screen(
    after_the_day: Town, open_page: OpenPage
) -> None:
    page = signed_in(open_page, after_the_day.erlan, "ru")
    page.goto(f"/reports/phone?{FRIDAY}")
    why = page.locator(".why").nth(6)
    why.locator("summary").focus()
    page.keyboard.press("Enter")
    formula = why.locator("p")
    assert formula.is_visible()
    assert "÷" in formula.inner_text()
    box = formula.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1366
    shot(page, "phone-report-formula")


def test_a_number_opens_its_list_of_calls(after_the_day: Town, open_page: OpenPage) -> None:
    page = signed_in(open_page, after_the_day.erlan, "kk")
    page.goto(f"/reports/phone?{FRIDAY}")
    page.locator("tfoot .figure").first.click()
    page.wait_for_url("**/reports/phone/list**")
    assert page.locator("tbody tr").count() == 13
    no_sideways_scroll(page)
    no_serious_findings(page)
    shot(page, "phone-report-list")


@pytest.mark.parametrize("width", [1024, 390, 320])
def test_the_report_fits_small_screens(after_the_day: Town, open_page: OpenPage, width: int) -> None:
    page = signed_in(open_page, after_the_day.erlan, "kk", width=width)
    page.goto(f"/reports/phone?{FRIDAY}")
    no_sideways_scroll(page)
    assert page.locator("#callbar").is_hidden(), "who takes no calls has no empty bar for them"
    shot(page, f"phone-report-{width}")


def test_the_print_view_has_the_formulas(after_the_day: Town, open_page: OpenPage) -> None:
    page = signed_in(open_page, after_the_day.erlan, "ru")
    page.goto(f"/reports/phone?{FRIDAY}")
    page.emulate_media(media="print")
    assert page.locator(".only-print").is_visible()
    assert not page.locator(".report__ask").is_visible()
    shot(page, "phone-report-print")
