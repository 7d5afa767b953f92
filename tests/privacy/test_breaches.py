"""A breach is logged once, its clock is one working day, and its steps are in order."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import StaffPermission
from helpdesk.identity.rules import Permission
from helpdesk.kernel.db import session, transaction
from helpdesk.privacy.breaches import mark_overdue
from helpdesk.privacy.models import Breach
from helpdesk.privacy.rules import BREACH_MOVES, BreachState
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import SignIn, Town, employ

FORM = {"what": "Тізім ашық қалды", "data": "аты-жөні", "people": "38", "measures": "", "reference": ""}


@pytest.fixture
def dana(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    """The data officer's browser, on a Friday at noon."""
    set_clock.forward(days=4, hours=2)
    return sign_in(town.dana)


def row() -> Breach:
    session().expire_all()
    return session().scalars(select(Breach)).one()


def logged(browser: FlaskClient, town: Town) -> Breach:
    assert browser.post("/breaches/new", data=FORM | {"organization": town.city.id}).status_code == 303
    return row()


def step(browser: FlaskClient, to: str, **more: str) -> TestResponse:
    one = row()
    return browser.post(f"/breaches/{one.id}", data=FORM | {"version": one.version, "to": to} | more)


def test_noticed_on_friday_it_must_be_told_by_the_end_of_monday(dana: FlaskClient, town: Town) -> None:
    assert logged(dana, town).report_by == datetime.fromisoformat("2026-11-30T18:30:00+05:00")
    assert row().state is BreachState.CONFIRMED


def test_a_ticket_about_leaked_data_stands_in_the_log_once(
    dana: FlaskClient, town: Town, run_jobs: Callable[[], None]
) -> None:
    ticket = filed(contact_id=town.gulnar.id, organization_id=town.school905.id).ticket
    for code in ("T44", "T03", "T44"):
        with transaction():
            actions.recategorise(session().get_one(Ticket, ticket.id), code, staff(town.aigul.id))
        run_jobs()
    assert (row().state, row().ticket_id, row().organization_id) == (
        BreachState.SUSPECTED,
        ticket.id,
        town.school905.id,
    )


def test_what_was_not_reported_in_time_is_noted_once(dana: FlaskClient, town: Town, set_clock: SetClock) -> None:
    logged(dana, town)
    with transaction():
        assert mark_overdue() == 0
    # Monday, 18:31
    set_clock.forward(days=3, hours=6, minutes=31)
    for found in (1, 0):
        with transaction():
            assert mark_overdue() == found
    assert session().scalars(select(JournalEntry.kind).where(JournalEntry.kind == "breach.overdue")).all() == [
        "breach.overdue"
    ]


def test_it_is_reported_with_measures_and_a_number_then_closed(dana: FlaskClient, town: Town) -> None:
    logged(dana, town)
    assert 'href="#measures"' in step(dana, "reported", reference="1").text
    assert 'href="#reference"' in step(dana, "reported", measures="Жабылды").text
    assert row().state is BreachState.CONFIRMED
    said = {"measures": "Жабылды", "reference": "15-1"}
    assert step(dana, "reported", **said).status_code == 303
    assert row().reported_at is not None
    dana.post(f"/breaches/{row().id}/people-told")
    first = row().people_told_at
    dana.post(f"/breaches/{row().id}/people-told")
    assert row().people_told_at == first
    assert step(dana, "dismissed", **said).status_code == 409
    assert step(dana, "closed", **said).status_code == 303
    assert row().state is BreachState.CLOSED


def test_two_who_write_at_once_lose_nothing(dana: FlaskClient, town: Town) -> None:
    one = logged(dana, town)
    dana.post(f"/breaches/{one.id}", data=FORM | {"version": "1", "measures": "бірінші"})
    answer = dana.post(f"/breaches/{one.id}", data=FORM | {"version": "1", "measures": "екінші"})
    assert answer.status_code == 409
    assert "екінші" in answer.text
    assert row().measures == "бірінші"


@pytest.mark.parametrize(("field", "typed"), [("what", ""), ("people", "көп"), ("organization", "0")])
def test_what_is_missing_is_named(dana: FlaskClient, town: Town, field: str, typed: str) -> None:
    answer = dana.post("/breaches/new", data=FORM | {"organization": town.city.id} | {field: typed})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert session().query(Breach).count() == 0


def test_another_parts_breach_does_not_exist(dana: FlaskClient, town: Town, sign_in: SignIn) -> None:
    logged(dana, town)
    with transaction():
        lower = employ("Жанат", "zhanat@1450.test", ["kk"])
        lower.permissions = [StaffPermission(permission=Permission.DATA_OFFICER, organization_id=town.district.id)]
    browser = sign_in(lower)
    assert browser.get(f"/breaches/{row().id}").status_code == 404
    assert FORM["what"] not in browser.get("/breaches").text
    assert browser.post("/breaches/new", data=FORM | {"organization": town.city.id}).status_code == 422
    assert sign_in(town.erlan).get("/breaches").status_code == 403


def test_every_state_is_reached_and_every_unreported_one_can_end() -> None:
    reached = {BreachState.SUSPECTED, *(to for targets in BREACH_MOVES.values() for to in targets)}
    assert reached == set(BreachState)
