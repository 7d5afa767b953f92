from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.audit.actor import SYSTEM, requester, staff
from helpdesk.identity.models import Staff
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.routing.rules import Priority
from helpdesk.tickets import actions
from helpdesk.tickets.models import Message, Ticket, TicketPause
from helpdesk.tickets.rules import MessageKind, Resolution, TicketState
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import Town, employ


@pytest.fixture
def ticket(town: Town, set_clock: SetClock) -> Ticket:
    """Filed on Monday at 10:00 for school 905, which is open 09:00–18:30: answer by 14:00, resolve by Tuesday 16:30."""
    return filed(organization_id=town.school905.id, phones=("+77090000001",)).ticket


def test_a_ticket_opens_with_both_terms_counted_in_the_desks_hours(ticket: Ticket, set_clock: SetClock) -> None:
    assert ticket.state is TicketState.NEW
    assert ticket.first_response_due_at == set_clock.at + timedelta(hours=4)
    assert ticket.resolution_due_at == set_clock.at + timedelta(hours=8.5 + 14.5 + 7.5)
    assert ticket.due_at == ticket.breach_at == ticket.first_response_due_at


def test_the_first_answer_stops_the_first_response_clock_and_the_resolution_is_next(
    ticket: Ticket, town: Town, set_clock: SetClock
) -> None:
    set_clock.forward(hours=1)
    with transaction():
        actions.reply(ticket, "Сәлеметсіз бе!", staff(town.aigul.id))
    assert ticket.first_responded_at == set_clock.at
    assert ticket.due_at == ticket.resolution_due_at
    assert ticket.state is TicketState.OPEN


def test_waiting_for_the_requester_stops_the_clock_and_an_answer_lets_it_go_on(
    ticket: Ticket, town: Town, set_clock: SetClock
) -> None:
    before = ticket.resolution_due_at
    assert before is not None
    set_clock.forward(hours=1)
    with transaction():
        actions.wait(ticket, staff(town.aigul.id), "which school?")
    assert ticket.due_at is None
    assert ticket.breach_at is None
    set_clock.forward(hours=2)
    with transaction():
        said = actions.add_message(ticket, MessageKind.PUBLIC, "905", from_requester=True)
        actions.hear(ticket, requester(), said)
    assert ticket.state is TicketState.OPEN
    assert ticket.resolution_due_at == before + timedelta(hours=2)
    pause = session().query(TicketPause).one()
    assert pause.ended_at is not None
    assert pause.ended_at - pause.started_at == timedelta(hours=2)


def test_what_is_resolved_can_be_reopened_for_seven_days_and_its_clock_is_not_started_anew(
    ticket: Ticket, town: Town, set_clock: SetClock
) -> None:
    due = ticket.resolution_due_at
    with transaction():
        actions.resolve(ticket, Resolution.SOLVED, staff(town.aigul.id), "Құпиясөз жаңартылды")
    assert ticket.due_at is None
    set_clock.forward(days=6)
    with transaction():
        actions.reopen(ticket, requester())
    assert ticket.state is TicketState.OPEN
    assert ticket.resolution_due_at == due
    assert ticket.reopened == 1


def test_after_seven_days_it_is_not_opened_again(ticket: Ticket, town: Town, set_clock: SetClock) -> None:
    with transaction():
        actions.resolve(ticket, Resolution.SOLVED, staff(town.aigul.id))
    set_clock.forward(days=7, seconds=1)
    with pytest.raises(Refused), transaction():
        actions.reopen(ticket, requester())
    again = filed(key="mail:late", joins=ticket.id, organization_id=town.school905.id)
    assert again.opened
    assert again.ticket.fields == {"follows": ticket.id}


def test_a_breach_is_recorded_once_as_of_the_moment_it_was_due(ticket: Ticket, set_clock: SetClock) -> None:
    due = ticket.first_response_due_at
    set_clock.forward(hours=5)
    with transaction():
        assert actions.mark_breaches() == 1
    with transaction():
        assert actions.mark_breaches() == 0
    session().refresh(ticket)
    assert ticket.response_breached_at == due
    assert ticket.due_at == due, "it stays where it was on the board"
    assert ticket.breach_at == ticket.resolution_due_at
    set_clock.forward(days=2)
    with transaction():
        assert actions.mark_breaches() == 1
    session().refresh(ticket)
    assert ticket.resolution_breached_at == ticket.resolution_due_at
    assert ticket.breach_at is None


def test_a_ticket_that_waits_is_never_breached(ticket: Ticket, town: Town, set_clock: SetClock) -> None:
    with transaction():
        actions.wait(ticket, staff(town.aigul.id))
    set_clock.forward(days=30)
    with transaction():
        assert actions.mark_breaches() == 0


def test_a_new_category_moves_queue_priority_and_terms_but_not_the_beginning(
    ticket: Ticket, town: Town, set_clock: SetClock
) -> None:
    began = ticket.created_at
    set_clock.forward(minutes=30)
    with transaction():
        actions.recategorise(ticket, "M14", staff(town.aigul.id))
    assert ticket.queue == "methodological"
    assert ticket.profile == "B"
    assert ticket.first_response_due_at == began + timedelta(hours=1)


def test_what_somebody_else_did_already_is_refused_kindly(ticket: Ticket, town: Town) -> None:
    with transaction():
        actions.resolve(ticket, Resolution.SOLVED, staff(town.aigul.id))
    with pytest.raises(Refused, match="already"), transaction():
        actions.resolve(ticket, Resolution.SOLVED, staff(town.svetlana.id))


def test_what_is_settled_while_it_waits_is_measured_against_the_term_that_the_wait_moved(
    ticket: Ticket, town: Town, set_clock: SetClock
) -> None:
    first, last = ticket.first_response_due_at, ticket.resolution_due_at
    assert first is not None
    assert last is not None
    with transaction():
        actions.wait(ticket, staff(town.aigul.id))
    set_clock.forward(days=7)
    with transaction():
        actions.reply(ticket, "№ 905?", staff(town.aigul.id))
        actions.resolve(ticket, Resolution.SOLVED, staff(town.aigul.id))
    assert ticket.first_response_due_at == first + timedelta(days=7)
    assert ticket.resolution_due_at == last + timedelta(days=7)
    assert ticket.paused_at is ticket.response_left is ticket.resolution_left is ticket.due_at is None


def test_talking_to_somebody_is_an_answer_and_makes_the_ticket_the_talkers(
    ticket: Ticket, town: Town, set_clock: SetClock
) -> None:
    began = set_clock.forward(minutes=5)
    set_clock.forward(minutes=5)
    for _ in range(2):
        with transaction():
            actions.speak(ticket, town.aigul.id, began)
    assert ticket.first_responded_at == began
    assert ticket.assignee_id == town.aigul.id
    assert ticket.due_at == ticket.resolution_due_at
    with transaction():
        actions.speak(ticket, town.svetlana.id, set_clock.at)
    assert ticket.assignee_id == town.aigul.id, "a second talker takes nothing away"


def test_anybody_raises_a_ticket_to_a_child_in_danger_and_a_supervisor_takes_it_back_with_a_reason(town: Town) -> None:
    ticket = filed(organization_id=town.school905.id).ticket

    def say(code: str, by: Staff | None, why: str = "") -> Ticket:
        with transaction():
            found = session().get_one(Ticket, ticket.id, with_for_update=True, populate_existing=True)
            actions.recategorise(found, code, staff(by.id) if by else SYSTEM, None, why)
        return session().get_one(Ticket, ticket.id, populate_existing=True)

    assert say("O05", town.aigul).priority is Priority.P0
    for by in (town.aigul, None):
        with pytest.raises(Refused, match="Only a supervisor"):
            say("T01", by, "the child is well")
    with pytest.raises(Refused, match="Say why"):
        say("T01", town.erlan, "  ")
    assert session().get_one(Ticket, ticket.id, populate_existing=True).priority is Priority.P0
    lowered = say("T01", town.erlan, "Ошиблись клавишей, перезвонили: всё в порядке")
    assert lowered.priority is not Priority.P0
    notes = session().scalars(select(Message).where(Message.ticket_id == ticket.id, Message.kind == MessageKind.NOTE))
    assert [(one.body, one.staff_id) for one in notes] == [
        ("Ошиблись клавишей, перезвонили: всё в порядке", town.erlan.id)
    ]


def test_a_supervisor_of_another_district_lowers_nothing_here(town: Town) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    with transaction():
        far = employ("Қайрат Алиев", "kairat@1450.test", ["kk"], (Role.SUPERVISOR, town.other_district))
    with transaction():
        actions.recategorise(session().get_one(Ticket, ticket.id), "O05", staff(town.aigul.id))
    with pytest.raises(Refused), transaction():
        actions.recategorise(session().get_one(Ticket, ticket.id), "T01", staff(far.id), None, "why not")
