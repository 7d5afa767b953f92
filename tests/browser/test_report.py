"""The report and the supervisor's overview as a supervisor sees them."""

import pytest
from playwright.sync_api import Page

from helpdesk.identity.models import Staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony.models import Presence
from helpdesk.telephony.rules import PresenceState
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot
from tests.conftest import SetClock
from tests.people import PASSWORD, Town
from tests.reports.weeks import almaty, callback, example_week, ticket

WEEK = "from=2026-11-16&to=2026-11-22"


@pytest.fixture
def after_the_week(town: Town, set_clock: SetClock) -> Town:
    """The example week, and some of today's work."""
    with transaction():
        rows = example_week(town)
        callback(rows[9], almaty(23, 9), almaty(23, 9, 45))
        callback(rows[8], almaty(23, 9), almaty(23, 12))
        ticket(town.school905, almaty(23, 9), answer_due=100)
        for person, state in ((town.aigul, PresenceState.READY), (town.svetlana, PresenceState.TALKING)):
            session().add(Presence(staff_id=person.id, state=state, since=almaty(23, 9, 30)))
    return town


def signed_in(open_page: OpenPage, person: Staff, language: str, **window: int) -> Page:
    """A page of somebody who has signed in and reads `language`."""
    with transaction():
        session().get_one(Staff, person.id).language = language
    page = open_page(**window)
    page.clock.set_fixed_time(clock.now())
    page.goto("/sign-in")
    page.fill("#email", person.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    return page


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_report_shows_table_and_chart_beside_each_other(
    after_the_week: Town, open_page: OpenPage, language: str
) -> None:
    page = signed_in(open_page, after_the_week.erlan, language)
    page.goto(f"/reports/sla?{WEEK}&by=channel")
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
    shot(page, f"report-{language}")


def test_the_formula_of_a_figure_opens_under_its_heading(after_the_week: Town, open_page: OpenPage) -> None:
    page = signed_in(open_page, after_the_week.erlan, "en")
    page.goto(f"/reports/sla?{WEEK}")
    why = page.locator(".why").nth(1)
    why.locator("summary").click()
    formula = why.locator("p")
    assert formula.is_visible()
    assert "÷" in formula.inner_text()
    box = formula.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    shot(page, "report-formula")


def test_a_number_opens_its_list(after_the_week: Town, open_page: OpenPage) -> None:
    page = signed_in(open_page, after_the_week.erlan, "ru")
    page.goto(f"/reports/sla?{WEEK}")
    page.locator("tfoot .figure").first.click()
    page.wait_for_url("**/reports/sla/list**")
    assert page.locator("tbody tr").count() == 12
    no_sideways_scroll(page)
    no_serious_findings(page)
    shot(page, "report-list")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_overview_shows_what_needs_action(after_the_week: Town, open_page: OpenPage, language: str) -> None:
    page = signed_in(open_page, after_the_week.erlan, language)
    page.goto("/supervisor")
    assert page.locator(".stat").count() == 3
    no_sideways_scroll(page)
    no_serious_findings(page)
    shot(page, f"supervisor-{language}")


@pytest.mark.parametrize("width", [1024, 390])
@pytest.mark.parametrize("address", [f"/reports/sla?{WEEK}", "/supervisor"])
def test_report_and_overview_fit_small_screens(
    after_the_week: Town, open_page: OpenPage, width: int, address: str
) -> None:
    page = signed_in(open_page, after_the_week.erlan, "kk", width=width)
    page.goto(address)
    no_sideways_scroll(page)
    shot(page, f"{address.split('?')[0].strip('/').replace('/', '-')}-{width}")


def test_the_print_view_is_the_table_and_its_formulas(after_the_week: Town, open_page: OpenPage) -> None:
    page = signed_in(open_page, after_the_week.erlan, "ru")
    page.goto(f"/reports/sla?{WEEK}")
    page.emulate_media(media="print")
    assert page.locator(".only-print").is_visible()
    assert not page.locator(".report__ask").is_visible()
    assert not page.locator(".top").is_visible()
    shot(page, "report-print")
