"""Every page of the house: no serious finding of axe, and no wider than its window.

The suite looks at each page of staff in one of the three languages, `./run prove pages` in all of them.
"""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import token_of
from helpdesk.tickets.rules import TicketState
from tests.browser.conftest import OpenPage, no_serious_findings, no_sideways_scroll
from tests.people import SignIn, Town
from tests.rights.routes import LISTS, OBJECTS, PLACES, PROGRAMS_PREFIX, SIGNED_PREFIX
from tests.rights.walk import Walk
from tests.web.forms import press

# Who opens a page that shows nothing of anybody's.
ANYBODY = {
    "account.own": "aigul",
    "account.set_up": "aigul",
    "administration.start": "admin",
    "breaches.new": "dana",
    "retention.rules": "admin",
    "answers.new": "erlan",
    "article_writing.new": "erlan",
    "bulk.choose": "aigul",
    "by_hand.form": "aigul",
    "categories.categories": "admin",
    "hooks.new": "admin",
    "mailboxes.new": "admin",
    "notifications.preferences": "aigul",
    "saved_views.new": "erlan",
    "staff.invitation": "admin",
    "styleguide.styleguide": "aigul",
    "styleguide.workspace": "aigul",
    "tokens.new": "admin",
}
# What a browser gets that is no page of its own.
NO_PAGES = {
    "static": "files",
    "health.healthz": "for machines",
    "health.readyz": "for machines",
    "prompts.prompt": "a sound",
    "recordings.sound": "a sound",
    "events.events": "a stream",
    "board.rows": "lines of the board, looked at there",
    "drafts.show": "for a script",
    "by_hand.repeated": "a piece of the form",
    "articles.suggested": "a piece of the form",
    "directory.export": "a file",
    "help.any_language": "leads to the page of a language",
    "tags.suggest": "a list under a field",
    "tags.suggest_own": "a list under a field",
    "notifications.colleagues": "a list under a field",
    "notifications.open_one": "leads to the ticket",
    "notifications.unread": "for a script",
    "handovers.suggest": "a list under a field",
    "mailboxes.suggest_desks": "a list under a field",
    "calls.card": "the bar of every page of an operator",
    "calls.softphone_token": "for a script",
    "danger.banner": "the banner of every page of a supervisor",
    "conversations.suggested": "a list under a field",
    "suggestions.categories": "a list under a field",
    "suggestions.contacts": "a list under a field",
    "suggestions.schools": "a list under a field",
    "public.schools": "a list under a field",
    "imports.template": "a file",
    "exports.file": "a file",
    "oidc.begin": "leads to the provider",
    "oidc.back": "leads into the house",
    "voices.start": "leads to the prompts of one's own part",
    "journal.export": "a file",
    "organizations.suggestions": "a list under a field",
    "public.begin_anew": "leads to the first step",
    "tickets.attachment": "a file",
    "public_status.file": "a file",
    "mail.original": "a file",
    "phone_report.export": "a file",
    "reports.export": "a file",
}
# Looked at as a parent goes through them, below.
PUBLIC = frozenset(
    {
        "public.languages",
        "public.start",
        "public.done",
        "public_status.find",
        "public_status.show",
        "public_callbacks.ask",
        "public_consent.text",
        "public_opinions.ask",
        "help.centre",
        "directory.desks",
        "help.topic",
        "help.article",
        "help.thanks",
        "login.sign_in",
        "account.code",
        "account.welcome",
    }
)
WHOLE = "PROOF_SEED" in os.environ
ZOOMED = 683  # 1366 px at 200 %

pytestmark = pytest.mark.timeout(600)


def staff_pages(walk: Walk) -> list[tuple[str, str]]:
    """Who opens it, and its address with something on it, for every page of staff."""
    return list({target: (who, target) for who, target in _opened(walk)}.values())


def _opened(walk: Walk) -> Iterator[tuple[str, str]]:
    for rule in walk.app.url_map.iter_rules():
        name = rule.endpoint
        if "GET" not in (rule.methods or ()) or name in NO_PAGES or name in PUBLIC:
            continue
        if rule.rule.startswith(PROGRAMS_PREFIX):  # for programs, described in its own document
            continue
        if name in OBJECTS:
            yield OBJECTS[name].by, walk.address(name, OBJECTS[name].address)
        elif name in LISTS:
            for values in {LISTS[name].asks[0], LISTS[name].asks[-1]}:
                yield LISTS[name].by, walk.address(name, values)
        elif name in PLACES:
            yield PLACES[name], walk.place(name)
        else:
            yield ANYBODY[name], walk.address(name, lambda _: {})


def parents_pages(client: FlaskClient, walk: Walk, language: str) -> Iterator[tuple[str, TestResponse]]:
    """What a parent meets from the first page to the answer, with a mistake on the way."""
    token = token_of(session().get_one(Ticket, walk.has.ticket_id))
    yield "languages", client.get("/")
    start = client.get(f"/{language}/")
    yield "start", start
    school = press(client, start, ("choice", "1"))
    yield "school", school
    found = press(client, school, ("go", "next"), school_text="9")
    yield "schools", found
    child = press(client, found, ("go", "skip"))
    yield "child", child
    words = press(client, child, ("go", "next"))
    yield "words", words
    answer = press(client, words, ("go", "next"), words="Kundelik")
    yield "answer", answer
    yield "mistake", press(client, answer, ("go", "next"))
    yield "answered", press(client, answer, ("go", f"answered:{walk.has.country_article}"))
    article = f"help/{walk.has.country_article}"
    for page in (
        "consent",
        "help",
        "help?q=платформа",
        "help?q=qwerty",
        "help/topic/1",
        "help/topic/12",
        article,
        "help/thanks?said=no",
        "desks",
        "desks?q=905",
        "desks?q=qwerty",
    ):
        yield page, client.get(f"/{language}/{page}")
    with transaction():
        ticket = session().get_one(Ticket, walk.has.ticket_id)
        ticket.state, before = TicketState.RESOLVED, ticket.state
    yield "opinion", client.get(f"/{language}/t/{token}/opinion")
    with transaction():
        session().get_one(Ticket, walk.has.ticket_id).state = before
    for page in ("status", f"done/{token}", f"t/{token}", f"t/{token}/callback", "nothing-here"):
        yield page, client.get(f"/{language}/{page}")


def speak(people: list[Staff], language: str) -> None:
    with transaction():
        for person in people:
            session().get_one(Staff, person.id).language = language


def enter(page: Page, app: Flask, browser: FlaskClient) -> None:
    """Take the session of a browser of the tests along."""
    cookie = browser.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": "http://127.0.0.1"}])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_staff_shuts_anybody_out(
    walk: Walk, town: Town, sign_in: SignIn, open_page: OpenPage, language: str
) -> None:
    speak([town.aigul, town.erlan, town.admin, town.dana], language)
    pages = {}
    for name in ("aigul", "erlan", "admin", "dana"):
        pages[name] = open_page()
        enter(pages[name], walk.app, sign_in(getattr(town, name)))
    every = staff_pages(walk)
    for who, target in every if WHOLE else every[LANGUAGES.index(language) :: len(LANGUAGES)]:
        page = pages[who]
        answer = page.goto(target, wait_until="domcontentloaded")
        assert answer is not None
        assert answer.status == 200, target
        assert page.locator("html").get_attribute("lang") == language, target
        no_serious_findings(page, colours=language == "kk" or not WHOLE)
        page.set_viewport_size({"width": ZOOMED, "height": 768})
        no_sideways_scroll(page)
        page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_parents_shuts_anybody_out(
    walk: Walk, client: FlaskClient, open_page: OpenPage, language: str
) -> None:
    page = open_page(width=320, height=640)
    for name, answer in parents_pages(client, walk, language):
        page.goto("/healthz")
        page.set_content(answer.text)
        assert page.locator("h1").count() == 1, name
        no_serious_findings(page, colours=language == "kk")
        no_sideways_scroll(page)


def test_every_page_of_the_route_map_is_looked_at(app: Flask) -> None:
    unknown = [rule.endpoint for rule in app.url_map.iter_rules() if not _is_known(rule)]
    assert unknown == [], "say in tests/rights/routes.py who opens them, or here why they are no pages"


def _is_known(rule: Rule) -> bool:
    known = {*NO_PAGES, *PUBLIC, *OBJECTS, *LISTS, *PLACES, *ANYBODY}
    return (
        "GET" not in (rule.methods or ())
        or rule.endpoint in known
        or rule.rule.startswith((SIGNED_PREFIX, PROGRAMS_PREFIX))
    )
