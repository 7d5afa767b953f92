"""A requester who keeps silent is reminded once, then the ticket is settled with a way back; an answer stops both."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from helpdesk.audit.actor import requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import Kind
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.routing.rules import Priority
from helpdesk.tickets import actions, patience
from helpdesk.tickets.models import Ticket, TicketPause
from helpdesk.tickets.rules import MessageKind, Resolution, TicketState
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import SignIn, Town

RunJobs = Callable[[], None]


@pytest.fixture
def asked(town: Town, set_clock: SetClock, run_jobs: RunJobs) -> Callable[..., Ticket]:
    """A ticket of Елена's, in Russian and by e-mail, of whom something was asked just now."""

    def make(**changes: object) -> Ticket:
        about: dict[str, object] = {"organization_id": town.school905.id, "language": "ru", "name": "Елена"}
        ticket = filed(**about | {"emails": ("elena@parents.test",)} | changes).ticket
        with transaction():
            actions.wait(session().get_one(Ticket, ticket.id), staff(town.aigul.id), "номер школы")
        run_jobs()
        return ticket

    return make


def letters(ticket: Ticket, kind: Kind) -> list[Letter]:
    query = select(Letter).where(Letter.ticket_id == ticket.id, Letter.template == kind.value)
    return list(session().scalars(query).all())


def again(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def killed_in(step: Callable[[], int]) -> None:
    """After it was claimed, before the commit."""
    with transaction():
        assert step() == 1
        raise RuntimeError


def test_silence_is_reminded_of_once_in_the_tickets_language_and_then_settled_with_a_way_back(
    asked: Callable[..., Ticket], set_clock: SetClock, run_jobs: RunJobs
) -> None:
    ticket = asked()
    for _ in range(6):
        set_clock.forward(days=1)
        run_jobs()
    reminders = letters(ticket, Kind.REMINDED)
    assert [one.address for one in reminders] == ["elena@parents.test"]
    assert "всё ещё ждём" in reminders[0].subject
    assert again(ticket).state is TicketState.WAITING_REQUESTER
    for _ in range(6):
        set_clock.forward(days=1)
        run_jobs()
    settled = again(ticket)
    assert (settled.state, settled.resolution) == (TicketState.RESOLVED, Resolution.NOT_REACHED)
    told = letters(ticket, Kind.UNANSWERED)
    assert len(told) == 1
    assert "/ru/t/" in told[0].body
    assert letters(ticket, Kind.RESOLVED) == []
    assert len(letters(ticket, Kind.REMINDED)) == 1


def test_who_was_settled_for_silence_opens_it_again_by_the_link_of_the_letter(
    asked: Callable[..., Ticket], set_clock: SetClock, run_jobs: RunJobs
) -> None:
    ticket = asked()
    for _ in range(4):
        set_clock.forward(days=3)
        run_jobs()
    with transaction():
        actions.reopen(session().get_one(Ticket, ticket.id, populate_existing=True), requester())
    assert again(ticket).state is TicketState.OPEN
    set_clock.forward(days=5)
    run_jobs()
    assert again(ticket).state is TicketState.OPEN


@pytest.mark.parametrize("after_days", [1, 6])
def test_an_answer_in_time_stops_what_is_still_to_come(
    asked: Callable[..., Ticket], set_clock: SetClock, run_jobs: RunJobs, after_days: int
) -> None:
    ticket = asked()
    set_clock.forward(days=after_days)
    run_jobs()
    reminded = len(letters(ticket, Kind.REMINDED))
    with transaction():
        known = session().get_one(Ticket, ticket.id, populate_existing=True)
        message = actions.add_message(known, MessageKind.EMAIL, "Школа 905", from_requester=True)
        actions.hear(known, requester(), message)
    for _ in range(4):
        set_clock.forward(days=5)
        run_jobs()
    assert again(ticket).state is TicketState.OPEN
    assert len(letters(ticket, Kind.REMINDED)) == reminded == (1 if after_days == 6 else 0)
    assert letters(ticket, Kind.UNANSWERED) == []


def test_each_step_happens_once_however_often_and_by_whomever_it_is_tried(
    asked: Callable[..., Ticket], set_clock: SetClock, run_jobs: RunJobs
) -> None:
    ticket = asked()
    set_clock.forward(days=20)
    with pytest.raises(RuntimeError):
        killed_in(patience.remind)
    with transaction():
        assert [patience.remind(), patience.remind()] == [1, 0]
    with pytest.raises(RuntimeError):
        killed_in(patience.settle)
    with transaction():
        assert [patience.settle(), patience.settle()] == [1, 0]
    with transaction():
        patience.begin(session().get_one(Ticket, ticket.id, populate_existing=True))
    run_jobs()
    kinds = session().scalars(select(JournalEntry.kind).where(JournalEntry.ticket_id == ticket.id)).all()
    assert (kinds.count("ticket.reminded"), kinds.count("ticket.resolved")) == (1, 1)
    # whoever was away for so long is not reminded of what is settled already
    assert letters(ticket, Kind.REMINDED) == []


def test_a_term_of_the_law_and_a_child_in_danger_are_not_settled_by_silence(
    town: Town, asked: Callable[..., Ticket]
) -> None:
    by_law, danger, ordinary = asked(category_code="C01"), asked(category_code="O05"), asked()
    assert (again(by_law).profile, again(danger).priority) == ("LAW", Priority.P0)
    pauses = session().scalars(select(TicketPause)).all()
    settled = {one.ticket_id for one in pauses if one.settle_at is not None}
    reminded = {one.ticket_id for one in pauses if one.remind_at is not None}
    assert (settled, reminded) == ({ordinary.id}, {by_law.id, danger.id, ordinary.id})


def test_a_desk_may_never_remind_and_never_settle(
    town: Town, asked: Callable[..., Ticket], set_clock: SetClock, run_jobs: RunJobs
) -> None:
    with transaction():
        desk = session().get_one(Desk, town.school905.id)
        desk.reminds_after_days = desk.settles_after_days = 0
    desks.forget()
    ticket = asked()
    set_clock.forward(days=40)
    run_jobs()
    assert again(ticket).state is TicketState.WAITING_REQUESTER
    assert letters(ticket, Kind.REMINDED) == []


def test_waiting_for_somebody_else_is_no_business_of_the_requester(
    town: Town, set_clock: SetClock, run_jobs: RunJobs
) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    with transaction():
        known = session().get_one(Ticket, ticket.id)
        actions.wait(known, staff(town.aigul.id), "Kundelik", TicketState.WAITING)
    run_jobs()
    pause = session().scalars(select(TicketPause)).one()
    assert (pause.remind_at, pause.settle_at) == (None, None)


def test_the_page_says_what_happens_when_the_requester_keeps_silent(
    town: Town, asked: Callable[..., Ticket], sign_in: SignIn
) -> None:
    ticket = asked()
    assert "Ждём заявителя; напоминание:" in sign_in(town.svetlana).get(f"/tickets/{ticket.number}").text
