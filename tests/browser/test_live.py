"""What an open page asks of the house because of others: next to nothing."""

from playwright.sync_api import Page, expect

from helpdesk.audit.actor import SYSTEM
from helpdesk.kernel.db import transaction
from helpdesk.routing.rules import Queue
from helpdesk.telephony import actions, line
from helpdesk.telephony.models import Call
from tests.browser.test_board import at_905, signed_in
from tests.people import Town


def _somebody_waits(town: Town, serial: int) -> Call:
    with transaction():
        call = actions.begin(f"CA{serial:032d}", f"+7709100{serial:04d}", "1450", town.school905.id, None, "kk")
        line.join(call, Queue.TECHNICAL, "kk", SYSTEM)
    return call


def test_the_bar_counts_those_who_wait_without_asking(page: Page, town: Town) -> None:
    asked: list[str] = []
    signed_in(page, town)
    expect(page.locator("[data-line]")).to_contain_text("ешкім күтіп тұрған жоқ")
    page.on("request", lambda request: asked.append(request.url))
    calls = [_somebody_waits(town, serial) for serial in range(3)]
    expect(page.locator("[data-line]")).to_contain_text("3")
    with transaction():
        for call in calls:
            actions.end(call)
    expect(page.locator("[data-line]")).to_contain_text("ешкім күтіп тұрған жоқ")
    assert [url for url in asked if "/calls/card" in url] == []


def test_a_page_that_nobody_looks_at_asks_for_its_list_when_it_is_looked_at_again(page: Page, town: Town) -> None:
    signed_in(page, town)
    page.evaluate("Object.defineProperty(document, 'hidden', {configurable: true, get: () => window.away})")
    page.evaluate("window.away = true")
    with page.expect_event("console", lambda said: said.text == "told"):
        page.evaluate("document.addEventListener('house:tickets', () => setTimeout(() => console.log('told'), 1500))")
        at_905(town, "Жаңа өтініш")
    expect(page.locator("[data-news]")).to_be_hidden()
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("[data-news]")).to_contain_text("1")
