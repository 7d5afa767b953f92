"""A supervisor's browser joins a conversation: the whole house runs, as `./run demo` starts it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import no_serious_findings, shot
from tests.browser.demo.callers import Caller

pytestmark = pytest.mark.timeout(240)


def test_a_supervisor_listens_whispers_and_leaves_and_the_operator_sees_it(
    come: Callable[..., Page], dial: Callable[[str, str], Caller]
) -> None:
    operator, supervisor = come("aruzhan"), come("asel", ready=False)
    supervisor.goto("/wallboard")
    caller = dial("+77090000001", "1,1,1")
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
    assert "outcome   completed" in caller.said()
