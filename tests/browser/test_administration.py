"""Every page of administration at three widths, in Kazakh and in Russian; the second factor with the keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from helpdesk.administration import failed_jobs, imports
from helpdesk.identity import second_factor, totp
from helpdesk.identity.actions import speak_to
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot
from tests.people import PASSWORD, Town

LIST = "code;parent_code;kind;name_kk;name_ru\nS-1;#{district};school;№ 1 мектеп;Школа № 1\nS-2;NONE;school;№ 2;№ 2\n"


def signed_in(page: Page, person: Staff) -> Page:
    page.goto("/sign-in")
    page.fill("#email", person.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    return page


@pytest.fixture
def pages(town: Town) -> dict[str, str]:
    """Every page of administration by the name of its picture."""
    with transaction():
        failed_jobs.record("read_lists", [1, 2], ZeroDivisionError("nothing is divided by nothing"))
        who = asker(town.admin.id)
        assert who is not None
        run = imports.check(who, "мектептер.csv", LIST.format(district=town.district.id).encode())
    return {
        "start": "/administration",
        "staff": "/staff",
        "invite": f"/staff/invite?at={town.school905.id}",
        "person": f"/staff/{town.aigul.id}",
        "organizations": "/organizations",
        "organization": f"/organizations/{town.school905.id}",
        "add": f"/organizations/{town.district.id}/add",
        "desks": "/desks",
        "desk": f"/desks/{town.school905.id}",
        "imports": "/imports",
        "import": f"/imports/{run.id}",
        "categories": "/categories",
        "category": "/categories/T03",
        "failed-jobs": "/failed-jobs",
        "journal": "/journal",
        "account": "/account",
        "second-factor": "/account/second-factor",
    }


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_page_is_readable_and_fits(open_page: OpenPage, town: Town, pages: dict[str, str], language: str) -> None:
    with transaction():
        speak_to(town.admin.id, language)
    page = signed_in(open_page(), town.admin)
    for name, path in pages.items():
        page.set_viewport_size({"width": 1366, "height": 768})
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        no_sideways_scroll(page)
        if language == "kk":
            no_serious_findings(page)
        shot(page, f"admin-{name}-1366-{language}")
        page.set_viewport_size({"width": 768, "height": 1024})
        no_sideways_scroll(page)
        shot(page, f"admin-{name}-768-{language}")
        page.set_viewport_size({"width": 320, "height": 640})
        no_sideways_scroll(page)


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
