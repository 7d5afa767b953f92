"""The operator's day with a list of tickets, by keys alone: a view, the next ticket, handing over, going home."""

import pytest
from playwright.sync_api import Page, expect

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot
from tests.browser.test_administration import signed_in
from tests.factories import filed
from tests.people import Town


def looked_at(page: Page, name: str) -> None:
    for width, height in ((1366, 768), (768, 1024), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        no_sideways_scroll(page)
        shot(page, f"day-{name}-{width}")
    page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_a_day_with_the_list_by_keys_alone(open_page: OpenPage, town: Town, language: str) -> None:
    with transaction():
        session().get_one(Staff, town.svetlana.id).language = language
    about = {"organization_id": town.school905.id, "name": "Гүлнар Ахметова"}
    for code in ("T03", "T15", "T21"):
        filed(**about, category_code=code)
    page = signed_in(open_page(), town.svetlana)
    page.keyboard.press("v")
    page.keyboard.press("ArrowUp")
    expect(page.locator(".views__view:focus")).to_have_count(1)
    page.goto("/views/new")
    page.locator("#name").focus()
    page.keyboard.type("Қазақша техникалық" if language == "kk" else "Технические на казахском, сначала важные")
    page.keyboard.press("Tab")
    page.keyboard.type("queue:technical lang:kk")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board?view=saved-*")
    expect(page.locator("[aria-current] .views__count")).to_have_text("3")
    no_serious_findings(page)
    looked_at(page, f"board-{language}")

    page.keyboard.press("q")
    page.wait_for_url("**/tickets/**")
    page.keyboard.press("f")
    expect(page.locator("#staff_id")).to_be_focused()
    shot(page, f"day-hand-over-{language}")
    page.keyboard.press("Escape")
    page.goto("/shift")
    no_serious_findings(page)
    looked_at(page, f"shift-{language}")
    page.locator("#number").focus()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/bulk/**")
    page.goto("/views")
    no_serious_findings(page)
    looked_at(page, f"views-{language}")
    page.goto("/views/new")
    looked_at(page, f"form-{language}")
