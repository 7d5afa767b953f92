"""People at the whole house, as `./run demo` starts it."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from helpdesk.demo.names import DEMO_PASSWORD
from tests.browser.demo.callers import Caller
from tests.running_demo import RunningDemo, running_demo


@pytest.fixture(scope="package")
def demo() -> Iterator[RunningDemo]:
    """The whole house as `./run demo` starts it; those who come to it leave it as they found it."""
    with running_demo() as opened:
        yield opened


# Does what a form of the bar does; true when the house agrees.
SAY = """async () => {
    const say = (path, body) => fetch(path, { method: "POST", body, headers: {
        "X-Requested-With": "fetch", "Content-Type": "application/x-www-form-urlencoded",
        "X-CSRFToken": document.querySelector("[data-callbar]").dataset.csrf } });
    return (await say("WHAT")).ok;
}"""


@pytest.fixture
def come(chromium: Browser, demo: RunningDemo) -> Iterator[Callable[..., Page]]:
    """come("aruzhan"): a member of staff has signed in, ready for calls unless ready=False; at the end they leave."""
    contexts: list[BrowserContext] = []
    pages: list[Page] = []
    # a worker forks for what the carrier is asked: on a busy machine that takes its time
    expect.set_options(timeout=20_000)

    def one(login: str, width: int = 1366, height: int = 768, ready: bool = True) -> Page:
        context = chromium.new_context(base_url=demo.url, viewport={"width": width, "height": height}, locale="kk-KZ")
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        pages.append(page)
        page.goto("/sign-in")
        page.fill("#email", f"{login}@demo.1450")
        page.fill("#password", DEMO_PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/board")
        if ready:
            while not page.evaluate(SAY.replace("WHAT", '/calls/presence", "state=ready')):
                page.wait_for_timeout(500)  # the house is still ending what they did before
            expect(page.locator("[data-presence='ready'], [data-presence='reserved']")).to_be_visible()
        return page

    yield one
    expect.set_options(timeout=5_000)
    for page in pages:
        for what in ('/calls/hangup", "', '/sign-out", "'):
            page.evaluate(SAY.replace("WHAT", what))
    for context in contexts:
        context.close()


@pytest.fixture
def dial(demo: RunningDemo) -> Iterator[Callable[[str, str], Caller]]:
    """dial("+77090000001", "1,1,1"): somebody dials 1450 and presses these keys; hung up at the end."""
    callers: list[Caller] = []

    def one(number: str, keys: str) -> Caller:
        callers.append(Caller(demo, number, keys))
        return callers[-1]

    yield one
    for caller in callers:
        caller.hang_up()
