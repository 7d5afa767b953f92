"""A parent with a small phone and no script files the form in Kazakh and follows it to the answer."""

import re
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import transaction
from helpdesk.tickets import actions
from helpdesk.tickets.queries import ticket_by_secret
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot, targets_are_large
from tests.people import Town

WORDS = "Сәлеметсіз бе! Балам екінші күн Kundelik жүйесіне кіре алмай отыр, құпиясөзді қабылдамайды."


@dataclass
class Phone:
    """A small phone without script, and beside it a browser in which axe, a script, can read the same page."""

    page: Page
    reader: Page

    def look(self, name: str) -> None:
        no_sideways_scroll(self.page)
        targets_are_large(self.page, 44)
        self.reader.goto("/healthz")
        self.reader.set_content(self.page.content())
        no_serious_findings(self.reader)
        shot(self.page, name)


def test_a_parent_files_the_form_reads_the_reply_and_answers_at_320_px_without_script(
    open_page: OpenPage, town: Town
) -> None:
    page = open_page(width=320, height=640, javascript=False)
    phone = Phone(page, open_page(width=320, height=640))
    page.goto("/")
    phone.look("form-0-language")
    page.get_by_role("link", name="Қазақша").click()
    expect(page.get_by_role("heading", name="Не болды?")).to_be_visible()
    phone.look("form-1-what")
    page.get_by_role("button", name="Кіре алмаймын").click()

    page.get_by_role("textbox", name="Мектеп").fill("905")
    phone.look("form-2-school")
    page.get_by_role("button", name="Келесі").click()
    expect(page.get_by_role("radio")).to_be_checked()
    phone.look("form-3-schools-found")
    page.get_by_role("button", name="Келесі").click()

    page.get_by_label("Сынып, курс немесе топ").fill("4 ә")
    phone.look("form-4-child")
    page.get_by_role("button", name="Келесі").click()

    page.get_by_role("button", name="Келесі").click()
    expect(page.get_by_role("alert")).to_contain_text("Не болғанын бірнеше сөзбен жазыңыз")
    phone.look("form-5-error")
    page.get_by_label("Өз сөзіңізбен жазыңыз").fill(WORDS)
    page.get_by_role("button", name="Келесі").click()

    expect(page.get_by_role("heading", name="Сізге қалай жауап берейік?")).to_be_visible()
    page.get_by_label("Атыңыз").fill("Гүлнар")
    page.go_back()
    expect(page.get_by_label("Өз сөзіңізбен жазыңыз")).to_have_value(WORDS)
    page.go_forward()
    page.get_by_role("radio", name="Телефон").check()
    page.get_by_role("textbox", name="Телефон").fill("8 709 000 00 01")
    phone.look("form-6-answer")
    page.get_by_role("button", name="Жіберу").click()

    expect(page.get_by_role("heading", name="Рақмет. Өтінішіңіз тіркелді")).to_be_visible()
    phone.look("form-7-thanks")
    number, secret = page.locator(".slip__number").all_inner_texts()
    assert re.fullmatch(r"\d\d-\d{6}-\d", number)
    page.emulate_media(media="print")
    shot(page, "form-8-thanks-printed")
    page.emulate_media(media="screen")

    with transaction():
        ticket = ticket_by_secret(number, secret, lock=True)
        actions.reply(ticket, "Жаңа құпиясөз SMS арқылы жіберілді. Кіріп көріңізші.", staff(town.aigul.id))

    page.get_by_role("link", name="Өтінішімді бақылау").click()
    expect(page.get_by_text("Жаңа құпиясөз SMS арқылы жіберілді.")).to_be_visible()
    page.goto("/kk/status")
    phone.look("status-1-find")
    page.get_by_label("Өтініш нөмірі").fill(number.replace("-", ""))
    page.get_by_label("Құпия код").fill(secret)
    page.get_by_role("button", name="Көрсету").click()
    expect(page.get_by_text("Жаңа құпиясөз SMS арқылы жіберілді.")).to_be_visible()
    phone.look("status-2-reply")
    page.get_by_label("Бізге жазыңыз").fill("Рақмет, кірді!")
    page.get_by_role("button", name="Жіберу").click()
    expect(page.get_by_role("status")).to_contain_text("Хабарыңыз қосылды")
    expect(page.get_by_text("Рақмет, кірді!")).to_be_visible()
    phone.look("status-3-answered")
    page.get_by_role("button", name="Мәселе шешілді").click()
    expect(page.get_by_text("Өтінішіңіз шешілді.")).to_be_visible()


def test_with_script_the_school_is_found_while_typing(open_page: OpenPage, town: Town) -> None:
    page = open_page(width=390, height=800)
    page.goto("/ru/")
    page.get_by_role("button", name="Журнал, оценки").click()
    school = page.get_by_role("combobox")
    school.press_sequentially("905")
    expect(page.get_by_role("option")).to_have_count(1)
    no_serious_findings(page)
    shot(page, "form-type-ahead")
    school.press("ArrowDown")
    school.press("Enter")
    expect(school).to_have_value(town.school905.short_ru)
    page.get_by_role("button", name="Далее").click()
    expect(page.get_by_role("heading", name="О ком идёт речь?")).to_be_visible()
    page.get_by_role("button", name="Назад").click()
    expect(page.get_by_role("combobox")).to_have_value(town.school905.short_ru)


def test_the_pages_are_readable_in_the_dark(open_page: OpenPage, town: Town) -> None:
    page = open_page(width=320, height=640, color_scheme="dark")
    for path in ("/", "/kk/", "/kk/status"):
        page.goto(path)
        no_serious_findings(page)
    shot(page, "status-dark")
