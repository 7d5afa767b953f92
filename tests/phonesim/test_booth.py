"""The booth as a person uses it: in Chromium, against a running network and a little application."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from twilio.rest import Client

from phonesim import RebasedHttpClient
from tests.phonesim.served import ACCOUNT, BASE, TOKEN, serving

pytestmark = pytest.mark.browser
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
SHOTS = Path(__file__).parents[2] / "test-results"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
MENU = {
    "/voice": '<Gather numDigits="1" timeout="60" action="/topic"><Play>/hello.wav</Play><Say>Hello</Say></Gather>',
    "/topic": '<Enqueue waitUrl="/wait">general</Enqueue>',
    "/wait": "<Pause length='30'/>",
}


# One browser a file, not one a run: while it lives, no other test of the process may run an event loop.
@pytest.fixture(scope="module")
def chromium():
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        missing = "Chromium is not installed: the booth was not tried"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=[*QUIET, "--autoplay-policy=no-user-gesture-required"]
        )
        yield browser
        browser.close()


@pytest.fixture
def server(app, tmp_path):
    """Slow enough for a person."""
    with serving(app, tmp_path, speed=5) as running:
        yield running


@pytest.fixture
def booth(chromium, server, app):
    """open_booth(lang, width): the page; a script error or a refused script fails the test."""
    app.pages, app.audio = dict(MENU), {"/hello.wav": 40.0}
    complaints, contexts = [], []

    def open_booth(lang="kk", width=1366):
        context = chromium.new_context(viewport={"width": width, "height": 800}, base_url=server.url)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
        page.goto(f"/?lang={lang}")
        return page

    yield open_booth
    for context in contexts:
        context.close()
    assert complaints == []


def no_serious_findings(page):
    violations = Axe().run(page).response["violations"]
    assert [f"{v['id']}: {n['html']}" for v in violations for n in v["nodes"]] == []


def no_wider_than_its_window(page):
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def shot(page, name):
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize(("lang", "dial", "queue"), [("kk", "Қоңырау шалу", "Кезек"), ("ru", "Позвонить", "Очередь")])
def test_a_call_is_made_by_buttons_heard_and_told_in_the_language_of_the_page(booth, server, lang, dial, queue):
    page = booth(lang)
    page.get_by_role("button", name=dial, exact=True).click()
    expect(page.locator("#heard")).to_contain_text("hello.wav")
    expect(page.locator("#state")).to_have_text({"kk": "қосылды", "ru": "соединён"}[lang])
    assert page.evaluate("document.getElementById('audio').src").endswith("hello.wav")
    expect(page.locator("#audio")).to_have_js_property("duration", 40)
    shot(page, f"booth-call-{lang}")
    page.get_by_role("button", name="1", exact=True).click()
    joined = page.locator("#trace li[data-kind=queue]").first
    expect(joined).to_contain_text(queue)
    expect(joined).to_contain_text("+77090000001")
    expect(page.locator("#live")).to_contain_text("general")
    no_serious_findings(page)
    page.locator("#hangup").click()
    expect(page.locator("#call")).to_be_enabled()
    assert page.evaluate("document.activeElement.id") == "call"
    assert server.network.ledger.legs("+77090000001")[0].status == "completed"


def test_every_kind_of_line_has_words_in_every_language(booth):
    page = booth("kk")
    page.locator("#call").click()
    expect(page.locator("#heard")).to_contain_text("hello.wav")
    page.locator("[data-key='1']").click()
    expect(page.locator("#trace li[data-kind=queue]")).to_have_count(1)
    kinds = page.locator("#trace li b").all_inner_texts()
    assert kinds
    assert not any(kind.isascii() and kind.islower() for kind in kinds), kinds


def test_the_document_stands_below_its_request_verb_by_verb(booth):
    page = booth("en")
    page.locator("#call").click()
    line = page.locator("#trace li[data-kind=webhook]").first
    line.locator("summary").click()
    document = line.locator("pre")
    expect(document).to_contain_text(
        '  <Gather numDigits="1" timeout="60" action="/topic">\n    <Play>/hello.wav</Play>'
    )
    expect(document.locator(".tag").first).to_have_text("Response")
    expect(line.locator("dl")).to_contain_text("CallSid")
    no_serious_findings(page)
    shot(page, "booth-document-en")


def test_everything_can_be_done_on_a_small_phone(booth, server):
    page = booth("ru", width=320)
    no_wider_than_its_window(page)
    no_serious_findings(page)
    page.locator("#call").click()
    expect(page.locator("#heard")).to_contain_text("hello.wav")
    page.locator("[data-key='1']").click()
    expect(page.locator("#trace li[data-kind=queue]")).to_have_count(1)
    page.locator("#trace li[data-kind=webhook] summary").first.click()
    no_wider_than_its_window(page)
    no_serious_findings(page)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button:not(.again), select, input[type=tel], nav a, .check")]
            .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 44)
            .map((one) => one.outerHTML)"""
    )
    assert small == []
    shot(page, "booth-320-ru")


def test_the_far_end_rings_in_the_booth_and_is_answered_there(booth, server, app):
    app.pages["/answer"] = "<Pause length='600'/>"
    page = booth("en")
    client = Client(ACCOUNT, TOKEN, http_client=RebasedHttpClient(server.url))
    made = client.calls.create(to="+77090000006", from_="1450", url=f"{BASE}/answer", timeout=600)
    ring = page.locator("#rings li")
    expect(ring).to_contain_text("+77090000006")
    no_serious_findings(page)
    ring.get_by_role("button", name="Answer", exact=True).click()
    expect(page.locator("#state")).to_have_text("connected")
    assert server.network.calls[made.sid].status == "in-progress"
    page.keyboard.press("5")
    expect(page.locator("#typed")).to_have_text("5")


def test_only_the_lines_of_this_handset_are_shown_when_asked_for(booth, server):
    page = booth("en")
    page.locator("#call").click()
    expect(page.locator("#heard")).to_contain_text("hello.wav")
    with server.network.clock.lock:
        server.network.dial("1450", from_="+77090000044", keys=["1"])
    expect(page.locator("#trace li", has_text="+77090000044").first).to_be_visible()
    page.get_by_label("Only the call of this handset").check()
    expect(page.locator("#trace li:visible", has_text="+77090000044")).to_have_count(0)
    expect(page.locator("#trace li:visible", has_text="+77090000001").first).to_be_visible()


def test_the_sound_can_be_switched_off(booth):
    page = booth("en")
    button = page.get_by_role("button", name="Sound")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("document.getElementById('audio').muted") is True
