"""Searching with keys alone, in three languages and at three widths."""

import pytest
from playwright.sync_api import Page, expect

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.search.actions import index_tickets
from helpdesk.tickets.models import Ticket
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot
from tests.factories import filed
from tests.people import GULNAR_PHONE, PASSWORD, Town


def at_905(town: Town, text: str) -> Ticket:
    ticket = filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), text=text).ticket
    with transaction():
        index_tickets([ticket.id])
    return ticket


def signed_in(page: Page, town: Town, language: str = "kk") -> Page:
    with transaction():
        session().get_one(Staff, town.aigul.id).language = language
    page.goto("/sign-in")
    page.fill("#email", town.aigul.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    return page


def test_a_ticket_is_found_and_opened_with_keys_alone(page: Page, town: Town) -> None:
    older = at_905(town, "Мұғалімге хат жібере алмаймын")
    at_905(town, "Мұғалімдер жауап бермейді")
    signed_in(page, town)
    page.keyboard.press("/")
    page.keyboard.type("мугалим")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*")
    expect(page.locator("mark").first).to_have_text("Мұғалімдер")
    page.locator("main h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("j")  # beyond the last line there is nothing
    expect(page.locator("[data-found-link]:focus")).to_contain_text(older.number)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{older.number}")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("width", [320, 768, 1366])
def test_the_page_is_clean_and_fits_with_hits_without_and_refused(
    open_page: OpenPage, town: Town, language: str, width: int
) -> None:
    at_905(town, "Мұғалімге хат жібере алмаймын, " + "өтеұзынсөз" * 12)
    page = signed_in(open_page(width=width), town, language)
    for name, typed in (
        ("hits", "мугалим"),
        ("people", "Гульнар"),
        ("nothing", "жоқнәрсе"),
        ("refused", "түс:қызыл"),
        ("empty", ""),
    ):
        page.goto(f"/search?q={typed}")
        no_serious_findings(page)
        no_sideways_scroll(page)
        shot(page, f"search-{name}-{language}-{width}")
