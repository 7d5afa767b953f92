"""A real Chromium against the real house, served on a free port of this machine."""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from helpdesk.kernel.db import db
from helpdesk.kernel.settings import ROOT

# The shell draws pages and nothing around them: it starts faster and leaves the processors to what is tested.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SHOTS = ROOT / "test-results"
# No first-run pages, no updates, no calls home; root may not have a sandbox.
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser."""
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where Chromium is; its absence is said, and is a failure with REQUIRE_BROWSER=1."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        missing = "Chromium is not installed: the browser tests did not run"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


# One browser a file, not one a run: while it lives, no other test of the process may run an event loop.
@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    """A running Chromium with an empty profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=QUIET)
        yield browser
        browser.close()


class Silent(WSGIRequestHandler):
    """Writes no line for every request."""

    def log_request(self, *_args: object) -> None:
        pass


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the house, with its forms' tokens checked as in real life."""
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Silent)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    db.engine.dispose()


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, live_server: str) -> Iterator[OpenPage]:
    """open_page(width=1366, height=768, javascript=True, **more): a page in a profile of its own.

    A script error or a refused script on any page fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(width: int = 1366, height: int = 768, javascript: bool = True, **more: Any) -> Page:
        context = chromium.new_context(
            base_url=more.pop("base_url", live_server),
            viewport={"width": width, "height": height},
            java_script_enabled=javascript,
            locale="kk-KZ",
            timezone_id="Asia/Almaty",
            **more,
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None
        )
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page as wide as an operator's screen."""
    return open_page()


def shot(page: Page, name: str) -> None:
    """A picture of the whole page under test-results/."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


# The innermost things that stand over the right edge; what scrolls inside its own frame does not count.
STICKING_OUT = """
() => [...document.querySelectorAll("body *")]
  .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .filter(one => !one.closest(".table-frame"))
  .map(one => `${one.tagName}.${one.className} to ${Math.round(one.getBoundingClientRect().right)}`)
  .slice(-6).join(", ")
"""


def no_sideways_scroll(page: Page) -> None:
    """Asserts that the page is no wider than its window."""
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{page.url} is {wide} px too wide: {page.evaluate(STICKING_OUT)}"


FAULTS = {"resultTypes": ["violations"]}
# What a language cannot change; looked at once a page, it is most of the time that axe takes.
IN_ANY_LANGUAGE = FAULTS | {"rules": {"color-contrast": {"enabled": False}}}


def no_serious_findings(page: Page, colours: bool = True) -> None:
    """Asserts that axe finds nothing serious or critical. Without `colours` contrast is not looked at again."""
    found = Axe().run(page, options=FAULTS if colours else IN_ANY_LANGUAGE).response["violations"]
    serious = [
        f"{one['id']}: {node['html']} {node['failureSummary']}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
    assert serious == [], "\n".join(serious)


def targets_are_large(page: Page, least: int) -> None:
    """Asserts that everything to be touched is at least `least` px high; links inside a sentence are exempt."""
    small = page.evaluate(
        """(least) => [...document.querySelectorAll("button, select, textarea, input, nav a, a.button")]
            .filter((one) => one.type !== "hidden")
            .map((one) => one.matches("input[type=radio], input[type=checkbox]") ? one.closest("label") : one)
            .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < least)
            .map((one) => one.outerHTML)""",
        least,
    )
    assert small == []
