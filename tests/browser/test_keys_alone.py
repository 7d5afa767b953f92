"""Without a mouse from the first page to the last, on a narrow, a middling and a wide screen: a parent, an operator."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from helpdesk.kernel.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import TicketState
from tests.browser.conftest import OpenPage, no_sideways_scroll, shot
from tests.factories import filed
from tests.people import PASSWORD, Town

WIDTHS = (320, 768, 1366)
MOST_TABS = 60
LAST_WORD = "2026"
_RING = (
    "one => { const at = getComputedStyle(one); return at.outlineStyle !== 'none' && parseFloat(at.outlineWidth) > 0 }"
)
_SEEN = """one => { const at = one.getBoundingClientRect(), x = at.left + at.width / 2, y = at.top + at.height / 2;
    const top = document.elementFromPoint(x, y); return !!top && (one.contains(top) || top.contains(one)) }"""


def tab_to(page: Page, wanted: Locator) -> None:
    """Tab until it is there: it can be reached, the focus can be seen, and nothing lies on it."""
    expect(wanted).to_have_count(1)
    for _ in range(MOST_TABS):
        if wanted.evaluate("one => one === document.activeElement"):
            assert wanted.evaluate(_RING), "nobody sees where the focus is"
            assert wanted.evaluate(_SEEN), "something lies on what has the focus"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way by keys to {wanted}")


def press(page: Page, wanted: Locator, name: str = "") -> None:
    """Go there by keys and press Enter; before it a picture."""
    tab_to(page, wanted)
    if name:
        no_sideways_scroll(page)
        shot(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def write(page: Page, wanted: Locator, text: str) -> None:
    """Go there by keys and type."""
    tab_to(page, wanted)
    page.keyboard.type(text)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_parent_files_a_request_and_reads_its_state_by_keys_alone(
    open_page: OpenPage, town: Town, width: int
) -> None:
    page = open_page(width=width, height=700, javascript=False)
    page.goto("/kk/")
    press(page, page.get_by_role("button", name="Кіре алмаймын"), f"keys-parent-1-{width}")
    write(page, page.get_by_role("textbox", name="Мектеп"), "905")
    press(page, page.get_by_role("button", name="Келесі"), f"keys-parent-2-{width}")
    press(page, page.get_by_role("button", name="Келесі"), f"keys-parent-3-{width}")
    write(page, page.get_by_label("Сынып, курс немесе топ"), "4 ә")
    press(page, page.get_by_role("button", name="Келесі"), f"keys-parent-4-{width}")
    write(page, page.get_by_label("Өз сөзіңізбен жазыңыз"), "Балам Kundelik жүйесіне кіре алмай отыр.")
    press(page, page.get_by_role("button", name="Келесі"), f"keys-parent-5-{width}")
    telephone = page.get_by_role("radio", name="Телефон")
    tab_to(page, page.locator("input[type=radio]:focus").or_(page.get_by_role("radio").first).first)
    while not telephone.is_checked():
        page.keyboard.press("ArrowDown")
    write(page, page.get_by_role("textbox", name="Телефон"), "8 709 000 00 01")
    press(page, page.get_by_role("button", name="Жіберу"), f"keys-parent-6-{width}")
    expect(page.get_by_role("heading", name="Рақмет. Өтінішіңіз тіркелді")).to_be_visible()
    number = page.locator(".slip__number").first.inner_text()
    assert re.fullmatch(r"\d\d-\d{6}-\d", number)
    press(page, page.get_by_role("link", name="Өтінішімді бақылау"), f"keys-parent-7-{width}")
    expect(page.get_by_text(number)).to_be_visible()
    shot(page, f"keys-parent-8-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_an_operator_signs_in_answers_and_settles_by_keys_alone(open_page: OpenPage, town: Town, width: int) -> None:
    ticket = filed(organization_id=town.school905.id, text="Құпиясөзді ұмыттық").ticket
    page = open_page(width=width, height=700)
    page.goto("/sign-in")
    write(page, page.locator("#email"), town.aigul.email)
    write(page, page.locator("#password"), PASSWORD)
    shot(page, f"keys-operator-1-{width}")
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    no_sideways_scroll(page)
    shot(page, f"keys-operator-2-{width}")
    page.keyboard.press("j")
    expect(page.locator(".line__link:focus")).to_contain_text("Құпиясөзді ұмыттық")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{ticket.number}*")
    no_sideways_scroll(page)
    shot(page, f"keys-operator-3-{width}")
    page.keyboard.press("r")
    page.keyboard.type("Сәлеметсіз бе! Құпиясөз SMS арқылы жіберілді.")
    shot(page, f"keys-operator-4-{width}")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    expect(page.locator(".entry--out")).to_contain_text("Құпиясөз SMS арқылы жіберілді.")
    page.keyboard.press("e")
    shot(page, f"keys-operator-5-{width}")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    shot(page, f"keys-operator-6-{width}")
    session().expire_all()
    assert session().get_one(Ticket, ticket.id).state is TicketState.RESOLVED


def test_a_browser_dies_with_half_an_answer_and_another_one_has_it(open_page: OpenPage, town: Town) -> None:
    ticket = filed(organization_id=town.school905.id, text="Сұрақ").ticket
    half = f"Сәлеметсіз бе! Платформа {LAST_WORD}"
    for browser in range(2):
        page = open_page()
        page.goto("/sign-in")
        page.fill("#email", town.aigul.email)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/board")
        page.goto(f"/tickets/{ticket.number}")
        if browser == 0:
            page.keyboard.press("r")
            with page.expect_response(lambda one: "/draft" in one.url and LAST_WORD in (one.request.post_data or "")):
                page.keyboard.type(half)
            # killed: no event of the page runs any more
            page.context.close()
        else:
            expect(page.locator("#body")).to_have_value(half)
