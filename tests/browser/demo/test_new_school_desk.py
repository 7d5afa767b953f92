"""A new school desk goes live by pages alone: organization, desk, operator, first ticket, first answer."""

import re
from collections.abc import Callable, Iterator
from time import monotonic
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from helpdesk.demo.names import DEMO_PASSWORD
from tests.browser.conftest import no_serious_findings, no_sideways_scroll, shot
from tests.running_demo import RunningDemo

pytestmark = pytest.mark.timeout(420)

NUMBER, LOGIN = "938", "moldir@school938.kz"
PASSWORD = "дала мен тау арасында"
WORDS = "Сәлеметсіз бе! Балам Kundelik жүйесіне кіре алмай отыр."


@pytest.fixture
def somebody(chromium: Browser, demo: RunningDemo) -> Iterator[Callable[..., Page]]:
    """somebody(width=1366): a page of somebody who has not signed in."""
    contexts: list[BrowserContext] = []

    def one(width: int = 1366, height: int = 768, javascript: bool = True) -> Page:
        context = chromium.new_context(
            base_url=demo.url,
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale="kk-KZ",
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield one
    for context in contexts:
        context.close()


def look(page: Page, name: str) -> None:
    no_sideways_scroll(page)
    no_serious_findings(page)
    shot(page, f"new-desk-{name}")


def known_everywhere(page: Page, demo: RunningDemo) -> None:
    """Each process of the web server remembers desks for half a minute at most: many connections find all of them."""
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    request = Request(f"{demo.url}/desks?q={NUMBER}", headers={"Cookie": cookies, "Connection": "close"})
    until, in_a_row = monotonic() + 60, 0
    while in_a_row < 12:
        assert monotonic() < until, "a process still does not know the desk"
        with urlopen(request, timeout=20) as answer:
            known = f"№ {NUMBER}" in answer.read().decode()
        in_a_row = in_a_row + 1 if known else 0
        if not known:
            page.wait_for_timeout(500)


def test_a_new_school_desk_goes_live_by_pages_alone(somebody: Callable[..., Page], demo: RunningDemo) -> None:
    admin = somebody()
    admin.goto("/sign-in")
    admin.fill("#email", "irina@demo.1450")
    admin.fill("#password", DEMO_PASSWORD)
    admin.keyboard.press("Enter")
    admin.wait_for_url("**/board")
    admin.get_by_role("link", name="Администрирование").click()
    look(admin, "1-administration-ru")

    # the organization
    admin.get_by_role("link", name="Организации").last.click()
    admin.get_by_label("Название или номер").fill("алатау")
    admin.keyboard.press("Enter")
    admin.get_by_role("link", name=re.compile("Алатауский район")).click()
    admin.get_by_role("link", name="Добавить под ней").click()
    admin.get_by_label("Название на казахском", exact=True).fill(f"№ {NUMBER} мектеп-гимназия")
    admin.get_by_label("Название на русском", exact=True).fill(f"Школа-гимназия № {NUMBER}")
    admin.get_by_label("Номер школы").fill(NUMBER)
    look(admin, "2-organization-ru")
    admin.get_by_role("button", name="Добавить", exact=True).click()
    expect(admin.get_by_role("heading", level=1)).to_contain_text(NUMBER)
    look(admin, "3-organization-added-ru")

    # the desk with hours, number and mailbox
    admin.get_by_role("link", name="Открыть службу").click()
    for day in ("Понедельник", "Вторник", "Среда", "Четверг", "Пятница", "Суббота"):
        admin.get_by_label(day).fill("08:00–13:00, 14:00–19:00")
    admin.get_by_label("Номера телефонов").fill(f"8 727 000 0{NUMBER}")
    admin.get_by_label("Адреса почты").fill(f"school{NUMBER}@demo.1450")
    look(admin, "4-desk-ru")
    admin.get_by_role("button", name="Открыть службу").click()
    expect(admin.locator("[data-now]")).to_be_visible()
    expect(admin.get_by_label("Суббота")).to_have_value("08:00–13:00, 14:00–19:00")
    look(admin, "5-desk-open-ru")

    # the operator
    admin.get_by_role("link", name="Пригласить сотрудника").click()
    admin.get_by_label("Имя", exact=True).fill("Мөлдір Сапарова")
    admin.get_by_label("Адрес электронной почты").fill(LOGIN)
    look(admin, "6-invite-ru")
    admin.get_by_role("button", name="Пригласить").click()
    expect(admin.get_by_role("status").first).to_contain_text("Приглашение отправлено.")
    look(admin, "7-invited-ru")
    invitation = admin.get_by_role("link", name="Ссылка из сохранённого письма").get_attribute("href")
    assert invitation is not None

    operator = somebody()
    operator.goto(invitation)
    expect(operator.get_by_text("Мөлдір Сапарова")).to_be_visible()
    look(operator, "8-welcome-kk")
    operator.get_by_label("Құпиясөз").fill(PASSWORD)
    operator.get_by_label("Тағы бір рет").fill(PASSWORD)
    operator.keyboard.press("Enter")
    operator.get_by_label("Электрондық пошта").fill(LOGIN)
    operator.get_by_label("Құпиясөз").fill(PASSWORD)
    operator.keyboard.press("Enter")
    operator.wait_for_url("**/board")
    look(operator, "9-board-kk")

    known_everywhere(admin, demo)

    # a parent with a small telephone and no script
    parent = somebody(width=320, height=640, javascript=False)
    parent.goto("/kk/")
    parent.get_by_role("button", name="Кіре алмаймын").click()
    parent.get_by_role("textbox", name="Мектеп").fill(NUMBER)
    parent.get_by_role("button", name="Келесі").click()
    parent.get_by_role("button", name="Келесі").click()
    parent.get_by_label("Сынып, курс немесе топ").fill("4 ә")
    parent.get_by_role("button", name="Келесі").click()
    parent.get_by_label("Өз сөзіңізбен жазыңыз").fill(WORDS)
    parent.get_by_role("button", name="Келесі").click()
    parent.get_by_label("Атыңыз").fill("Гүлнар")
    parent.get_by_role("radio", name="Телефон").check()
    parent.get_by_role("textbox", name="Телефон").fill("8 709 000 09 38")
    parent.get_by_role("button", name="Жіберу").click()
    expect(parent.get_by_role("heading", name="Рақмет. Өтінішіңіз тіркелді")).to_be_visible()
    number = parent.locator(".slip__number").first.inner_text()

    # the first ticket, and the first answer
    operator.goto("/board")
    expect(operator.get_by_role("link", name=re.compile(number))).to_be_visible()
    operator.get_by_role("link", name=re.compile(number)).click()
    operator.wait_for_url(f"**/tickets/{number}*")
    operator.keyboard.press("r")
    operator.keyboard.type("Жаңа құпиясөз SMS арқылы жіберілді.")
    with operator.expect_navigation():
        operator.keyboard.press("Control+Enter")
    expect(operator.locator("#timeline")).to_contain_text("Жаңа құпиясөз SMS арқылы жіберілді.")
    look(operator, "10-answered-kk")
    parent.get_by_role("link", name="Өтінішімді бақылау").click()
    expect(parent.get_by_text("Жаңа құпиясөз SMS арқылы жіберілді.")).to_be_visible()
    shot(parent, "new-desk-11-parent-kk")
