"""Administration by keyboard: the second factor, and an organization chosen while typing."""

import re

from playwright.sync_api import Page, expect

from helpdesk.identity import second_factor, totp
from helpdesk.identity.models import Staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from tests.browser.conftest import OpenPage, no_serious_findings, shot
from tests.people import PASSWORD, Town


def signed_in(page: Page, person: Staff) -> Page:
    page.goto("/sign-in")
    page.fill("#email", person.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    return page


def code_of(person: Staff, later: int = 0) -> str:
    session().rollback()
    session().expire_all()
    factor = second_factor.factor_of(person.id)
    assert factor is not None
    return totp.code(second_factor.secret_of(factor), totp.step_of(clock.now()) + later)


def test_the_second_factor_is_set_up_and_used_with_keys_alone(open_page: OpenPage, town: Town) -> None:
    page = signed_in(open_page(), town.aigul)
    page.goto("/account/second-factor")
    page.keyboard.type(code_of(town.aigul))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Қағазға жазылатын кодтар")).to_be_visible()
    no_serious_findings(page)
    shot(page, "admin-codes-kk")

    other = open_page()
    other.goto("/sign-in")
    other.keyboard.type(town.aigul.email)
    other.keyboard.press("Tab")
    other.keyboard.type(PASSWORD)
    other.keyboard.press("Enter")
    other.wait_for_url("**/sign-in/code")
    no_serious_findings(other)
    shot(other, "admin-code-kk")
    other.keyboard.type(code_of(town.aigul, later=1))
    other.keyboard.press("Enter")
    other.wait_for_url("**/board")


def test_an_organization_is_chosen_while_typing(open_page: OpenPage, town: Town) -> None:
    page = signed_in(open_page(), town.admin)
    page.goto(f"/staff/{town.aigul.id}")
    page.get_by_role("combobox", name=re.compile("организации")).press_sequentially("911")
    options = page.locator("#organization_list").get_by_role("option")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Дать").click()
    expect(page.get_by_role("status").first).to_contain_text("Роль действует с этого момента.")
    expect(page.get_by_role("button", name=re.compile("Школа № 911"))).to_be_visible()
