"""Somebody dials 1450 while an operator looks at the board: the whole house runs, as `./run demo` starts it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_serious_findings, shot
from tests.browser.demo.callers import Caller

pytestmark = pytest.mark.timeout(240)


def test_the_card_comes_up_by_itself_and_the_ticket_tells_the_whole_story(
    come: Callable[..., Page], dial: Callable[[str, str], Caller]
) -> None:
    operator = come("aruzhan", ready=False)
    operator.get_by_role("button", name="Қоңырауға дайынмын").click()
    expect(operator.locator("[data-presence]")).to_contain_text("дайын")
    operator.evaluate("window.neverReloaded = true")
    caller = dial("+77090000001", "1,1,1")
    card = operator.locator("[data-offer-card]")
    expect(card).to_be_visible(timeout=90_000)
    assert operator.evaluate("window.neverReloaded") is True, "the card came without a reload"
    expect(card).to_contain_text("+7 (709) 000-00-01")
    no_serious_findings(operator)
    shot(operator, "call-offered-kk")

    operator.keyboard.press("Enter")
    expect(operator.locator("[data-mute]")).to_be_visible()
    shot(operator, "call-talking-kk")
    operator.locator("[data-ticket]").first.click()
    operator.wait_for_url("**/tickets/*")
    expect(operator.locator("[data-mute]")).to_be_visible(), "the call outlives the change of page"

    operator.keyboard.press("c")
    operator.keyboard.type("куписоз")
    expect(operator.locator(".combobox__option").first).to_contain_text("T03")
    operator.keyboard.press("ArrowDown")
    operator.keyboard.press("Enter")
    with operator.expect_navigation():
        operator.keyboard.press("Control+Enter")
    operator.keyboard.press("e")
    operator.keyboard.press("Tab")
    operator.keyboard.type("Құпиясөз жаңартылды")
    with operator.expect_navigation():
        operator.keyboard.press("Control+Enter")
    expect(operator.locator(".head__top .badge--calm")).to_contain_text("шешілді")

    operator.locator("form[action$='/hangup'] button").click()
    expect(operator.locator("[data-presence]")).not_to_contain_text("сөйлесу", timeout=20_000)
    assert "outcome   completed" in caller.said()
    operator.reload()
    operator.wait_for_load_state()
    told = [re.sub(r"\s+", " ", entry).strip() for entry in operator.locator("#timeline .entry").all_inner_texts()]
    shot(operator, "call-timeline-kk")
    call = [
        "Қоңырау түсті",
        "Өтініш тіркелді",
        "кезекте күтуде",
        "Қоңырау ұсынылды",
        "жауап берген",
        "Қоңырау аяқталды",
    ]
    work = ["Қоңырау ұсынылды: Аружан", "Санаты: T03", "Құпиясөз жаңартылды", "Шешілді", "Қоңырау аяқталды"]
    for story in (call, work):
        _in_order(told, story)


def _in_order(told: list[str], wanted: list[str]) -> None:
    place = 0
    for words in wanted:
        found = next((at for at in range(place, len(told)) if words.lower() in told[at].lower()), None)
        assert found is not None, f"{words!r} is not told after line {place} of:\n" + "\n".join(told)
        place = found
