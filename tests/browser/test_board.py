"""An operator works through the board without a mouse; what happens meanwhile appears by itself."""

import pytest
from playwright.sync_api import Page, expect

from helpdesk.audit.actor import staff
from helpdesk.identity.actions import speak_to
from helpdesk.kernel.db import session, transaction
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Resolution, TicketState
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot
from tests.factories import filed
from tests.people import GULNAR_PHONE, PASSWORD, Town


def at_905(town: Town, text: str, **changes: object) -> Ticket:
    return filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), text=text, **changes).ticket


def signed_in(page: Page, town: Town) -> Page:
    """Айгүл has signed in and sees the board; the stream of events is open."""
    page.goto("/sign-in")
    page.fill("#email", town.aigul.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    expect(page.locator("body[data-live=yes]")).to_be_attached()
    return page


def sent(page: Page) -> None:
    """Ctrl+Enter, and the page that answers it."""
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def now(ticket: Ticket) -> Ticket:
    session().expire_all()
    session().rollback()
    return session().get_one(Ticket, ticket.id)


def test_a_ticket_is_found_answered_paused_and_resolved_with_keys_alone(page: Page, town: Town) -> None:
    at_905(town, "Бірінші сұрақ")
    second = at_905(town, "Екінші сұрақ")
    signed_in(page, town)
    for _ in range(3):  # beyond the last line there is nothing
        page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(page.locator(".line__link:focus")).to_contain_text("Екінші сұрақ")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{second.number}*")

    with page.expect_navigation():
        page.keyboard.press("a")
    expect(page.locator(".head")).to_contain_text("Айгүл Қасымова")
    page.keyboard.press("r")
    page.keyboard.type("Сәлеметсіз бе! Қай платформа?")
    sent(page)
    expect(page.locator(".entry--out")).to_contain_text("Қай платформа?")
    page.keyboard.press("n")
    page.keyboard.type("Мектепке айту керек")
    sent(page)
    expect(page.locator(".entry--note")).to_contain_text("Мектепке айту керек")

    page.keyboard.press("w")
    page.keyboard.press("Tab")
    page.keyboard.type("платформаның аты")
    sent(page)
    expect(page.locator(".head__top .badge--paused")).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("w")
    expect(page.locator(".head__top .timer--calm")).to_be_visible()

    page.keyboard.press("c")
    page.keyboard.type("куписоз")
    expect(page.locator(".combobox__option").first).to_contain_text("T03")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    sent(page)
    expect(page.locator(".head")).to_contain_text("Логин немесе құпиясөз ұмытылды")

    page.keyboard.press("e")
    page.keyboard.press("Tab")
    page.keyboard.type("Құпиясөз жаңартылды")
    sent(page)
    expect(page.locator(".head__top .badge--calm")).to_contain_text("шешілді")
    assert now(second).state is TicketState.RESOLVED
    assert now(second).category_code == "T03"


def test_the_keys_are_those_of_the_keyboard_whatever_its_layout(page: Page, town: Town) -> None:
    ticket = at_905(town, "Сұрақ")
    signed_in(page, town).goto(f"/tickets/{ticket.number}")
    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'к', code: 'KeyR', bubbles: true}))")
    expect(page.locator("#body")).to_be_focused()


def test_any_action_is_found_by_its_words(page: Page, town: Town) -> None:
    ticket = at_905(town, "Сұрақ")
    signed_in(page, town).goto(f"/tickets/{ticket.number}")
    page.keyboard.press("Control+k")
    page.keyboard.type("жазба")
    expect(page.locator(".palette__one")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#note")).to_be_focused()
    page.locator("h1").click()
    page.keyboard.press("Control+k")
    page.keyboard.type("әдістемелік")
    page.locator(".palette__one", has_text="Басқа кезекке").click()
    expect(page.locator(".head__top")).to_contain_text("әдістемелік")


def test_a_new_ticket_is_announced_and_shown_when_asked_and_nothing_jumps(page: Page, town: Town) -> None:
    known = at_905(town, "Бұрыннан тұрған өтініш")
    signed_in(page, town)
    page.keyboard.press("j")
    fresh = at_905(town, "Жаңа ғана келген өтініш", category_code="T15")
    expect(page.locator("[data-news]")).to_contain_text("1")
    expect(page.locator(".line")).to_have_count(1)
    expect(page.locator(f'[data-ticket="{known.id}"] .line__link')).to_be_focused()
    expect(page.locator('[data-count="all"]')).to_have_text("2")
    page.keyboard.press("u")
    expect(page.locator(".line").first).to_contain_text(fresh.number)
    expect(page.locator(".line")).to_have_count(2)


def test_a_changed_ticket_changes_its_line_where_it_is_and_a_settled_one_says_so(page: Page, town: Town) -> None:
    tickets = [at_905(town, f"Өтініш {number}") for number in range(3)]
    by = staff(town.svetlana.id)
    signed_in(page, town)
    page.keyboard.press("j")
    page.keyboard.press("x")
    with transaction():
        actions.assign(session().get_one(Ticket, tickets[0].id), town.svetlana.id, by)
    expect(page.locator(".line").first).to_contain_text("Светлана Ким")
    expect(page.locator(".line").first.locator(".line__choose")).to_be_checked()
    expect(page.locator(".line").first.locator(".line__link")).to_be_focused()
    with transaction():
        actions.resolve(session().get_one(Ticket, tickets[1].id), Resolution.SOLVED, by)
    expect(page.locator(".line").nth(1)).to_contain_text("бұл тізімде енді жоқ")
    expect(page.locator(".line")).to_have_count(3)


def test_what_is_chosen_becomes_mine(page: Page, town: Town) -> None:
    tickets = [at_905(town, f"Өтініш {number}") for number in range(2)]
    signed_in(page, town)
    for _ in tickets:
        page.keyboard.press("j")
        page.keyboard.press("x")
    page.keyboard.press("a")
    expect(page.locator(".flash--calm")).to_contain_text("2")
    assert {now(ticket).assignee_id for ticket in tickets} == {town.aigul.id}


def test_an_answer_that_comes_while_one_writes_appears_and_the_draft_stays(page: Page, town: Town) -> None:
    ticket = at_905(town, "Сұрақ")
    signed_in(page, town).goto(f"/tickets/{ticket.number}")
    expect(page.locator("body[data-live=yes]")).to_be_attached()
    page.keyboard.press("r")
    page.keyboard.type("Жартылай жазылған жауап")
    filed(joins=ticket.id, text="Тағы бір нәрсе айтайын")
    expect(page.locator("#timeline")).to_contain_text("Тағы бір нәрсе айтайын")
    expect(page.locator("#body")).to_have_value("Жартылай жазылған жауап")
    sent(page)
    expect(page.locator(".entry--out")).to_contain_text("Жартылай жазылған жауап")


def test_a_draft_survives_a_reload_and_goes_when_it_was_sent(page: Page, town: Town) -> None:
    ticket = at_905(town, "Сұрақ")
    signed_in(page, town).goto(f"/tickets/{ticket.number}")
    page.keyboard.press("r")
    page.keyboard.type("Жартылай жазылған жауап")
    page.reload()
    expect(page.locator("#body")).to_have_value("Жартылай жазылған жауап")
    page.keyboard.press("r")
    sent(page)
    expect(page.locator(".entry--out")).to_be_visible()
    expect(page.locator("#body")).to_have_value("")


def test_without_a_script_the_same_forms_do_the_same(open_page: OpenPage, town: Town) -> None:
    ticket = at_905(town, "Сұрақ")
    page = open_page(javascript=False)
    page.goto("/sign-in")
    page.fill("#email", town.aigul.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.click(f"text={ticket.number}")
    page.click("[data-composer=reply] summary")
    page.fill("#body", "Скриптсіз жауап")
    page.click("[data-composer=reply] button")
    assert "Скриптсіз жауап" in page.inner_text("#timeline")
    page.click("[data-menu] summary:has-text('Шешу')")
    page.click("[data-menu] button:has-text('Шешу')")
    assert now(ticket).state is TicketState.RESOLVED


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_board_ticket_and_form_are_accessible_and_fit_every_screen(
    open_page: OpenPage, town: Town, language: str
) -> None:
    with transaction():
        speak_to(town.aigul.id, language)
    for number in range(8):
        at_905(town, f"Kundelik құпиясөзін қалпына келтіру керек, {number}", category_code="T03", pupil_note="4 «Ә»")
    ticket = at_905(town, "Не помню ни логин, ни пароль", quoted="> бұрынғы хат")
    with transaction():
        found, by = session().get_one(Ticket, ticket.id), staff(town.aigul.id)
        actions.reply(found, "Сәлеметсіз бе! Жаңа құпиясөз жіберілді.", by)
        actions.note(found, "Мектепке айту керек", by)
        actions.wait(found, by, "растау")
    page = signed_in(open_page(), town)
    for name, path in (("board", "/board"), ("ticket", f"/tickets/{ticket.number}?view=all"), ("by-hand", "/by-hand")):
        page.goto(path)
        for width, height in ((1366, 768), (768, 1024), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            no_sideways_scroll(page)
            shot(page, f"{name}-{language}-{width}")
        page.set_viewport_size({"width": 1366, "height": 768})
        no_serious_findings(page)
