"""The wallboard in a real browser: looked at, used by keyboard, and on a wall. One picture a language and a width."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.routing.rules import Queue
from helpdesk.telephony import danger, queries, queues, supervision
from helpdesk.telephony.conversation_rules import SupervisionMode
from helpdesk.telephony.danger_models import Alarm
from helpdesk.telephony.models import Call
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll, shot, targets_are_large
from tests.hotline import Hotline
from tests.people import ELENA_PHONE, GULNAR_PHONE, PASSWORD, Town

SCHOOL = "+77272000905"


@pytest.fixture
def morning(hotline: Hotline, town: Town) -> Hotline:
    """Айгүл talks and Ерлан listens, two wait, one queue is closed, Светлана forgot her break."""
    hotline.staffed(town.aigul)
    talk = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=SCHOOL, talk=None, patience=9000)
    hotline.until(lambda: talk.in_conversation)
    hotline.staffed(town.svetlana, answers=None)
    hotline.dial(ELENA_PHONE, "2", "1", "1", to=SCHOOL, patience=9000)
    hotline.run(100)
    hotline.dial("+77090000003", "1", "2", to=SCHOOL, patience=9000)
    hotline.run(65)
    with transaction():
        queues.close(town.district.id, Queue.METHODOLOGICAL, "Әдіскер кешігіп жатыр", supervision.staff(town.erlan.id))
        call = session().scalars(select(Call).where(Call.from_number == GULNAR_PHONE)).one()
        row = supervision.start(call, SupervisionMode.LISTEN, town.erlan.id)
    hotline.network.softphone(f"op_{town.erlan.id}", "/twilio/voice/operator").connect(supervision=row.token)
    hotline.run(5)
    return hotline


def signed_in(page: Page, person: Staff, hotline: Hotline, language: str) -> Page:
    with transaction():
        session().get_one(Staff, person.id).language = language
    page.clock.set_fixed_time(hotline.clock.now())
    page.goto("/sign-in")
    page.fill("#email", person.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    return page


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_wallboard_is_whole_at_every_width(
    open_page: OpenPage, morning: Hotline, town: Town, language: str
) -> None:
    for width, height in ((1366, 768), (768, 1024), (390, 844)):
        page = signed_in(open_page(width, height), town.erlan, morning, language)
        page.goto("/wallboard")
        expect(page.locator("[data-part=calls] li")).to_have_count(3)
        no_sideways_scroll(page)
        no_serious_findings(page)
        targets_are_large(page, 24)
        shot(page, f"wallboard-{language}-{width}")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_wall_shows_a_few_huge_numbers(open_page: OpenPage, morning: Hotline, town: Town, language: str) -> None:
    page = signed_in(open_page(1920, 1080), town.erlan, morning, language)
    page.goto("/wallboard/wall")
    numbers = page.locator(".wall__number")
    expect(numbers).to_have_count(6)
    assert all(box["height"] > 100 for box in (one.bounding_box() for one in numbers.all()) if box)
    no_serious_findings(page)
    no_sideways_scroll(page)
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    shot(page, f"wall-{language}")


def test_a_caller_is_moved_and_a_queue_closed_and_opened_by_keyboard(
    open_page: OpenPage, morning: Hotline, town: Town
) -> None:
    page = signed_in(open_page(), town.erlan, morning, "ru")
    page.goto("/wallboard")
    waiting = session().scalars(select(Call).where(Call.from_number == ELENA_PHONE)).one()
    page.locator(f"#call-{waiting.id}-move").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask-move")).to_be_visible()
    expect(page.locator("#move-desk")).to_have_value(str(town.school905.id))
    no_serious_findings(page)
    page.locator("#move-queue").select_option("methodological")
    page.locator("#ask-move button.button--primary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#ask-move")).not_to_be_visible()
    expect(page.locator(f"#call-{waiting.id}")).to_contain_text("методическая")

    page.locator(f"#line-{town.district.id}-methodological-open").focus()
    page.keyboard.press("Enter")
    expect(page.locator(f"#line-{town.district.id}-methodological-open")).to_have_count(0)
    page.locator(f"#line-{town.school905.id}-technical-close").click()
    page.keyboard.type("Учёба")
    page.keyboard.press("Enter")
    expect(page.locator(f"#line-{town.school905.id}-technical")).to_contain_text("Учёба")
    morning.look_again()
    assert queues.is_closed(town.school905.id, Queue.TECHNICAL)


def test_an_empty_floor_says_what_will_appear(open_page: OpenPage, hotline: Hotline, town: Town) -> None:
    page = signed_in(open_page(), town.erlan, hotline, "kk")
    page.goto("/wallboard")
    expect(page.locator("[data-part=calls]")).to_contain_text("Қазір қоңырау жоқ")
    expect(page.locator("[data-part=lines]")).to_contain_text("Бүгін қоңырау да")
    expect(page.locator("[data-part=operators]")).to_contain_text("Бірде-бір оператор жоқ")
    shot(page, "wallboard-empty-kk")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_an_alarm_comes_up_by_itself_on_the_page_that_is_open_and_stays(
    open_page: OpenPage, morning: Hotline, town: Town, language: str
) -> None:
    page = signed_in(open_page(), town.erlan, morning, language)
    page.goto("/wallboard")
    expect(page.locator("body")).to_have_attribute("data-live", "yes")
    call = session().scalars(select(Call).where(Call.from_number == GULNAR_PHONE)).one()
    with transaction():
        danger.raise_alarm(queries.locked(call.id), supervision.staff(town.aigul.id))
    banner = page.locator("#alarms .alarm")
    expect(banner).to_contain_text("Айгүл")
    expect(page.locator(f"#call-{call.id}")).to_have_class("floor__row floor__row--danger")
    no_serious_findings(page)
    no_sideways_scroll(page)
    shot(page, f"alarm-{language}")
    page.goto("/alarms")
    expect(banner).to_be_visible()
    shot(page, f"alarms-{language}")
    banner.get_by_role("button").focus()
    page.keyboard.press("Enter")
    expect(banner).to_have_count(0)
    morning.look_again()
    assert session().scalars(select(Alarm)).one().acknowledged_by == town.erlan.id
