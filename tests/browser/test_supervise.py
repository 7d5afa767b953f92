"""A supervisor's browser joins a conversation: the whole house runs, as `./run demo` starts it."""

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


def signed_in(chromium: Browser, demo: RunningDemo, login: str) -> Page:
    context = chromium.new_context(base_url=demo.url, viewport={"width": 1366, "height": 768}, locale="kk-KZ")
    context.set_default_timeout(20_000)
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("#email", f"{login}@demo.1450")
    page.fill("#password", DEMO_PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/board")
    return page


def test_a_supervisor_listens_whispers_and_leaves_and_the_operator_sees_it(
    chromium: Browser, demo: RunningDemo
) -> None:
    operator = signed_in(chromium, demo, "aruzhan")
    operator.get_by_role("button", name="Қоңырауға дайынмын").click()
    supervisor = signed_in(chromium, demo, "asel")
    supervisor.goto("/wallboard")
    command = [sys.executable, "-m", "phonesim", "dial", "1450", "--from", "+77090000001", "--keys", "1,1"]
    command += ["--stay", "120", "--server", demo.phone_url]
    caller = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    expect(operator.locator("[data-offer-card]")).to_be_visible(timeout=90_000)
    operator.keyboard.press("Enter")

    listen = supervisor.get_by_role("button", name="Тыңдау")
    listen.click()
    expect(listen).to_have_attribute("aria-pressed", "true")
    expect(operator.locator("[data-callbar]")).to_contain_text("Супервайзер тыңдап тұр: Әсел Сейітова")
    no_serious_findings(supervisor)
    shot(supervisor, "wallboard-listening-kk")
    shot(operator, "console-supervised-kk")
    supervisor.get_by_role("button", name="Сыбырлау").click()
    expect(operator.locator("[data-callbar]")).to_contain_text("Супервайзер тек сізге айтып тұр")
    supervisor.get_by_role("button", name="Әңгімеден шығу").click()
    expect(operator.locator("[data-callbar]")).not_to_contain_text("Супервайзер")
    expect(operator.locator("[data-presence]")).to_have_attribute("data-presence", "talking")
    operator.get_by_role("button", name=re.compile("Қоңырауды аяқтау")).click()
    said, _ = caller.communicate(timeout=60)
    assert "outcome   completed" in said, said
