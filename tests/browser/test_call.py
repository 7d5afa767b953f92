"""Somebody dials 1450 while an operator looks at the board: the whole house runs, as `./run demo` starts it."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from helpdesk.demo.names import DEMO_PASSWORD
from helpdesk.kernel.settings import ROOT
from tests.browser.conftest import no_serious_findings, shot
from tests.running_demo import RunningDemo, running_demo

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    with running_demo() as opened:
        yield opened


@pytest.fixture
def operator(chromium: Browser, demo: RunningDemo) -> Iterator[Page]:
    """Аружан, who speaks Kazakh, has signed in and is ready for calls."""
    context = chromium.new_context(base_url=demo.url, viewport={"width": 1366, "height": 768}, locale="kk-KZ")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", "aruzhan@demo.1450")
    page.fill("#password", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    page.get_by_role("button", name="Қоңырауға дайынмын").click()
    expect(page.locator("[data-presence]")).to_contain_text("дайын")
    yield page
    context.close()


def _dial(demo: RunningDemo, number: str, keys: str) -> subprocess.Popen[str]:
    """`./run phone 1450 --from NUMBER --keys KEYS` beside the running demo."""
    command = [sys.executable, "-m", "phonesim", "dial", "1450", "--from", number, "--keys", keys]
    command += ["--stay", "120", "--server", demo.phone_url]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_the_card_comes_up_by_itself_and_the_ticket_tells_the_whole_story(demo: RunningDemo, operator: Page) -> None:
    operator.evaluate("window.neverReloaded = true")
    caller = _dial(demo, "+77090000001", "1,1")
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
    said, _ = caller.communicate(timeout=60)
    assert "outcome   completed" in said, said
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
