"""A ticket that is put off: out of every list, back in time, and sooner when something happens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.audit.actor import requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.tickets import actions, shifts, snoozing
from helpdesk.tickets.board import BoardFilter, board
from helpdesk.tickets.board_counts import counts
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import MessageKind, Resolution
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import SignIn, Town
from tests.web.forms import forms

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def later(town: Town) -> Ticket:
    """A ticket with a long term, put off for an hour."""
    ticket = filed(organization_id=town.school905.id, category_code="T21").ticket
    with transaction():
        snoozing.snooze(session().get_one(Ticket, ticket.id), clock.now() + timedelta(hours=1), staff(town.aigul.id))
    return ticket


def listed(town: Town, view: str = "all") -> list[int]:
    who = asker(town.aigul.id)
    assert who is not None
    page, counted = board(who, BoardFilter(view=view)), counts(who).numbers[view]
    assert len(page.rows) == counted
    return [row.id for row in page.rows]


def woken(ticket: Ticket) -> int:
    query = select(JournalEntry.id).where(JournalEntry.ticket_id == ticket.id, JournalEntry.kind == "ticket.woken")
    return len(session().scalars(query).all())


def test_it_stands_only_in_the_list_of_what_was_put_off_and_nobody_takes_it_next(town: Town, later: Ticket) -> None:
    assert (listed(town), listed(town, "unassigned"), listed(town, "snoozed")) == ([], [], [later.id])
    who = asker(town.aigul.id)
    assert who is not None
    with transaction():
        assert shifts.take_next(who) is None


def test_it_comes_back_in_time_once(
    town: Town, later: Ticket, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    set_clock.forward(minutes=59)
    run_jobs()
    assert listed(town) == []
    set_clock.forward(minutes=2)
    run_jobs()
    with transaction():
        assert snoozing.wake_due() == 0
    assert (listed(town), listed(town, "snoozed"), woken(later)) == ([later.id], [], 1)


def test_it_comes_back_at_once_when_the_requester_writes(town: Town, later: Ticket) -> None:
    with transaction():
        known = session().get_one(Ticket, later.id)
        message = actions.add_message(known, MessageKind.EMAIL, "Қашан болады?", from_requester=True)
        actions.hear(known, requester(), message)
    assert (listed(town), woken(later)) == ([later.id], 1)


def test_a_promise_that_breaks_brings_it_back(town: Town, set_clock: SetClock, run_jobs: Callable[[], None]) -> None:
    ticket = filed(organization_id=town.school905.id, category_code="T15").ticket
    with transaction():
        snoozing.snooze(session().get_one(Ticket, ticket.id), clock.now() + timedelta(days=100), staff(town.aigul.id))
    set_clock.forward(days=3)
    run_jobs()
    assert listed(town, "breached") == [ticket.id]


def test_what_is_settled_or_opened_again_was_never_put_off(town: Town, later: Ticket) -> None:
    by = staff(town.aigul.id)
    with transaction():
        actions.resolve(session().get_one(Ticket, later.id), Resolution.SOLVED, by)
        actions.reopen(session().get_one(Ticket, later.id), by)
    assert listed(town) == [later.id]


def test_a_child_in_danger_the_past_and_what_is_settled_cannot_be_put_off(town: Town, later: Ticket) -> None:
    by, soon = staff(town.aigul.id), clock.now() + timedelta(hours=1)
    danger = filed(organization_id=town.school905.id, category_code="O05").ticket
    for ticket, until in ((danger, soon), (later, clock.now()), (later, clock.now() + timedelta(days=181))):
        with pytest.raises(Refused), transaction():
            snoozing.snooze(session().get_one(Ticket, ticket.id), until, by)


def test_buttons_and_a_typed_moment_put_off_and_a_mistake_keeps_what_was_typed(town: Town, sign_in: SignIn) -> None:
    svetlana, ticket = sign_in(town.svetlana), filed(organization_id=town.school905.id).ticket
    act = f"/tickets/{ticket.number}"
    assert 'data-key="z"' in svetlana.get(act).text
    assert svetlana.post(f"{act}/snooze", data={"when": "monday"}).status_code == 303
    assert "Отложено до:" in svetlana.get(act).text
    monday = session().get_one(Ticket, ticket.id, populate_existing=True).snoozed_until
    assert monday is not None
    assert (monday.weekday(), monday.hour) == (0, 4)  # nine o'clock in Almaty
    svetlana.post(f"{act}/wake")
    assert session().get_one(Ticket, ticket.id, populate_existing=True).snoozed_until is None
    answer = svetlana.post(f"{act}/snooze", data={"until": "2020-01-01T09:00"})
    assert (answer.status_code, 'value="2020-01-01T09:00"' in answer.text) == (422, True)
    typed = f"{clock.now() + timedelta(days=2):%Y-%m-%dT09:30}"
    assert svetlana.post(f"{act}/snooze", data={"until": typed}).status_code == 303


def test_enter_in_the_typed_moment_presses_its_own_button_and_on_sundays_monday_stands_once(
    town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    svetlana, ticket = sign_in(town.svetlana), filed(organization_id=town.school905.id).ticket
    for days, moments in ((4, 3), (2, 2)):  # Friday, then Sunday
        set_clock.forward(days=days)
        page = svetlana.get(f"/tickets/{ticket.number}")
        quick, typed = [one for one in forms(page) if one.action == f"/tickets/{ticket.number}/snooze"]
        assert len(quick.buttons) == moments
        assert ("until" in typed.values(), typed.buttons) == (True, [])
