"""Every route of the house, walked by staff of every role of another district: what is not theirs does not exist."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import true
from werkzeug.routing import Rule

from helpdesk.administration import queries as administration
from helpdesk.identity import queries as identity
from helpdesk.kernel.db import session
from helpdesk.search import view_queries as views
from helpdesk.tickets import queries as tickets
from helpdesk.tickets.models import Ticket
from tests.people import SignIn, Town
from tests.rights.routes import (
    ELSEWHERE,
    LISTS,
    OBJECTS,
    OPEN,
    OPEN_BLUEPRINTS,
    OWN,
    PLACES,
    PROGRAMS_PREFIX,
    SIGNED_PREFIX,
)
from tests.rights.walk import DONE, Walk, text_of

ROOT = Path(__file__).parents[2]

# Every module that narrows by the asker's rights, by the name under which it knows one of the filters.
FILTERS = {
    "within": identity.within,
    "visible": tickets.visible,
    "organizations_below": administration.organizations_below,
    "seen_by": views.seen_by,
    "changed_by": views.changed_by,
}
# What a walk cannot come to has tests of its own, which fail without the filter.
NOT_WALKED = {
    identity.__name__: "the filter itself",
    "helpdesk.administration.organization_list": "tests/web/test_imports.py",
    "helpdesk.administration.list_places": "tests/administration/test_imports.py",
    "helpdesk.api.organizations": "tests/rights/test_api_walk.py",
    "helpdesk.tickets.listing": "tests/rights/test_api_walk.py",
    "helpdesk.administration.places": "tests/web/test_organizations.py",
    "helpdesk.tickets.linking": "tests/web/test_ties.py",
    "helpdesk.tickets.repeats": "tests/web/test_repeats.py",
    # counts of the asker's own board: the walk compares no numbers
    "helpdesk.tickets.board_counts": "tests/search/test_views.py",
    # one's own list: the filter hides the subject of a ticket that one may no longer read
    "helpdesk.notifications.notice_queries": "tests/notifications/test_notices.py",
    "helpdesk.tickets.shifts": "tests/tickets/test_shifts.py",
}
# Who a forgotten filter shows itself to: enough for every module, and faster than all.
MOST = ("operator", "supervisor", "administrator", "data_officer")
FILTERED = sorted(
    name
    for name, module in sys.modules.items()
    if name.startswith("helpdesk.")
    and name not in NOT_WALKED
    and any(getattr(module, filter_, None) is real for filter_, real in FILTERS.items())
)


def test_nobody_reaches_what_is_not_theirs_by_any_route(walk: Walk) -> None:
    assert list(walk.trespasses()) == []


def test_the_owner_opens_every_object_of_the_walk(walk: Walk, town: Town, sign_in: SignIn) -> None:
    """In the order of the table, once each: or the strangers' 404 would show nothing."""
    answers = {endpoint: walk.ask(sign_in(getattr(town, way.by)), endpoint) for endpoint, way in OBJECTS.items()}
    statuses = {endpoint: answer.status_code for endpoint, answer in answers.items()}
    assert {endpoint: status for endpoint, status in statuses.items() if status not in DONE} == {}


def test_the_owner_reads_on_every_list_what_strangers_must_not(walk: Walk, town: Town, sign_in: SignIn) -> None:
    hollow = []
    for endpoint, way in LISTS.items():
        browser = sign_in(getattr(town, way.by))
        pages = [browser.get(walk.address(endpoint, values), follow_redirects=True) for values in way.asks]
        if not any(way.shows(walk.has) in text_of(page) for page in pages):
            hollow.append(endpoint)
    assert hollow == []


def test_the_owner_sees_the_figures_of_the_desk(walk: Walk, town: Town, sign_in: SignIn) -> None:
    for endpoint, name in PLACES.items():
        assert sign_in(getattr(town, name)).get(walk.place(endpoint)).status_code == 200, endpoint


@pytest.mark.parametrize("module", FILTERED)
def test_the_walk_notices_when_a_module_forgets_its_filter(
    walk: Walk, module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for filter_ in FILTERS:
        if hasattr(sys.modules[module], filter_):
            monkeypatch.setattr(sys.modules[module], filter_, lambda *_: true())
    few = replace(walk, strangers={role: walk.strangers[role] for role in MOST})
    assert next(few.trespasses(), None) is not None


def test_no_counter_counts_what_is_not_ours(walk: Walk, town: Town, sign_in: SignIn) -> None:
    assert sign_in(town.aigul).get("/board/rows").json["counts"]["all"] == "3"
    for name, browser in walk.strangers.items():
        assert set(browser.get("/board/rows").json["counts"].values()) == {"0"}, name


def test_taking_a_strangers_ticket_takes_nothing(walk: Walk) -> None:
    for browser in walk.strangers.values():
        browser.post("/board/take", data={"number": [walk.has.ticket, walk.has.restricted]})
    session().expire_all()
    assert session().get_one(Ticket, walk.has.ticket_id).assignee_id is None


def test_registering_for_somebody_elses_person_is_refused(walk: Walk) -> None:
    form = {"form_id": "x", "way": "walk_in", "who": str(walk.has.contact), "who_text": "Жанар", "language": "kk"}
    for name, browser in walk.strangers.items():
        answer = browser.post("/by-hand", data=form | {"text": "x", "school": "905"})
        assert answer.status_code == 422, name
        assert "қызғалдақша" not in answer.text, name


# ── the tables ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_route_is_in_one_of_the_tables(app: Flask) -> None:
    known = [*OBJECTS, *LISTS, *(one for one in PLACES if one not in LISTS), *OWN, *ELSEWHERE]
    assert len(known) == len(set(known)), "a route stands in two tables"
    routes = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in ("static", *OPEN)
        and rule.endpoint.partition(".")[0] not in OPEN_BLUEPRINTS
        and not rule.rule.startswith((SIGNED_PREFIX, PROGRAMS_PREFIX))
    }
    assert routes - set(known) == set(), "say in tests/rights/routes.py who may reach these"
    assert set(known) - routes == set(), "these are gone"


def test_whatever_names_an_object_in_its_address_is_walked(app: Flask) -> None:
    named = {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments and _is_for_staff(app, rule)}
    assert named <= set(OBJECTS)


def test_nothing_but_the_open_doors_is_open(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in (*OBJECTS, *LISTS, *PLACES, *OWN, *ELSEWHERE):
            assert _is_for_staff(app, rule), rule.endpoint


def test_the_tests_that_show_the_rest_are_there() -> None:
    for reference in ELSEWHERE.values():
        path, _, name = reference.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(), reference


def _is_for_staff(app: Flask, rule: Rule) -> bool:
    return hasattr(app.view_functions[rule.endpoint], "staff_only")
