"""Taking the next ticket, passing one on, and what goes back to the queue at the end of a shift."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, text

from helpdesk.audit.actor import staff
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.jobs import bulk as jobs
from helpdesk.kernel.db import db, session, transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.tickets import actions, bulk, shifts
from helpdesk.tickets.bulk_models import BulkAction
from helpdesk.tickets.bulk_rules import BulkVerb, ItemState
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import MessageKind, TicketState
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import Town

pytestmark = pytest.mark.usefixtures("set_clock")


def who(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def at_905(town: Town, **changes: object) -> Ticket:
    return filed(organization_id=town.school905.id, **changes).ticket


def taken_by(person: Staff) -> str | None:
    with transaction():
        found = shifts.take_next(who(person))
        return found.number if found else None


def again(ticket: Ticket) -> Ticket:
    return session().get_one(Ticket, ticket.id, populate_existing=True)


def test_the_most_urgent_ticket_that_nobody_has_is_taken_first(town: Town) -> None:
    later, urgent = at_905(town, category_code="T21"), at_905(town, category_code="T15")
    assert [taken_by(town.aigul) for _ in range(3)] == [urgent.number, later.number, None]
    assert again(urgent).assignee_id == town.aigul.id
    assert again(urgent).state is TicketState.OPEN


def test_only_what_one_knows_is_taken(town: Town) -> None:
    russian, methodological = at_905(town, language="ru"), at_905(town, choice=9)
    with transaction():
        session().get_one(Staff, town.aigul.id).skills = ["technical"]
    assert taken_by(town.aigul) is None
    assert taken_by(town.svetlana) == russian.number
    assert taken_by(town.svetlana) == methodological.number


def test_another_desks_tickets_restricted_ones_and_those_that_wait_are_nobodys_next(town: Town) -> None:
    filed(organization_id=town.school911.id)
    at_905(town, category_code="C07")
    waits = at_905(town)
    with transaction():
        actions.wait(session().get_one(Ticket, waits.id), staff(town.erlan.id))
    assert taken_by(town.aigul) is None


def test_who_is_no_operator_there_takes_nothing(town: Town) -> None:
    at_905(town)
    assert taken_by(town.erlan) is None


def test_a_ticket_that_somebody_is_taking_right_now_is_passed_over(town: Town) -> None:
    first, second = at_905(town), at_905(town)
    with db.engine.connect() as other, other.begin():
        other.execute(text("SELECT 1 FROM tickets WHERE id = :id FOR UPDATE"), {"id": first.id})
        assert taken_by(town.aigul) == second.number
        assert taken_by(town.svetlana) is None
    assert taken_by(town.svetlana) == first.number


def test_operators_who_press_at_once_never_get_the_same(app: Flask, town: Town) -> None:
    made = {at_905(town).number for _ in range(12)}
    people = [who(town.aigul), who(town.svetlana), who(town.asel)]
    gate, got = threading.Barrier(len(people)), []

    def take_all(person: Asker) -> None:
        with app.app_context():
            gate.wait()
            while True:
                with transaction():
                    found = shifts.take_next(person)
                    if found is None:
                        break
                    got.append(found.number)

    threads = [threading.Thread(target=take_all, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(got) == len(set(got))
    # who passed over a ticket that another one was taking may go home one too early, and the other takes the rest
    assert set(got) == made


def test_a_colleague_gets_the_ticket_and_what_they_should_know_and_no_stranger_does(town: Town) -> None:
    ticket = at_905(town)
    with transaction():
        shifts.pass_on(
            session().get_one(Ticket, ticket.id), town.svetlana.id, staff(town.aigul.id), "Қайта қоңырау күтеді"
        )
    assert again(ticket).assignee_id == town.svetlana.id
    said = session().scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)).all()
    assert (said[-1].kind, said[-1].body, said[-1].staff_id) == (
        MessageKind.NOTE,
        "Қайта қоңырау күтеді",
        town.aigul.id,
    )
    with pytest.raises(NotFound), transaction():
        shifts.pass_on(session().get_one(Ticket, ticket.id), town.bekzat.id, staff(town.aigul.id))


def test_at_the_end_of_a_shift_unanswered_is_what_the_requester_waits_for(town: Town, set_clock: SetClock) -> None:
    never, answered, asked_again, waits = (at_905(town) for _ in range(4))
    by = staff(town.aigul.id)
    with transaction():
        for one in (never, answered, asked_again, waits):
            actions.assign(session().get_one(Ticket, one.id), town.aigul.id, by)
        for one in (answered, asked_again):
            actions.reply(session().get_one(Ticket, one.id), "Қараймыз", by)
        ticket = session().get_one(Ticket, asked_again.id)
        actions.hear(ticket, by, actions.add_message(ticket, MessageKind.EMAIL, "Сонда қашан?", from_requester=True))
        actions.wait(session().get_one(Ticket, waits.id), by)
    held = {one.row.number: one.unanswered for one in shifts.in_hand(who(town.aigul), town.aigul.id)}
    assert held == {never.number: True, answered.number: False, asked_again.number: True}
    assert shifts.in_hand(who(town.bekzat), town.aigul.id) == []
    assert [(one.name, one.count) for one in shifts.holders(who(town.erlan))] == [(town.aigul.name, 3)]
    assert shifts.holders(who(town.aigul)) == []


def test_what_is_given_back_is_taken_by_the_next_and_can_be_taken_back(town: Town) -> None:
    mine, passed_on = at_905(town), at_905(town)
    with transaction():
        for one in (mine, passed_on):
            actions.assign(session().get_one(Ticket, one.id), town.aigul.id, staff(town.aigul.id))
        told = {"staff_id": None, "from_id": town.aigul.id}
        work = bulk.begin(who(town.erlan), BulkVerb.ASSIGN, told, [mine.number, passed_on.number]).id
    with transaction():  # in between a colleague got one of them
        shifts.pass_on(session().get_one(Ticket, passed_on.id), town.svetlana.id, staff(town.aigul.id))
    jobs.carry_on([work])
    assert (again(mine).assignee_id, again(passed_on).assignee_id) == (None, town.svetlana.id)
    assert bulk.progress([work])[work][ItemState.LEFT] == 1
    with transaction():
        undone = bulk.undo(session().get_one(BulkAction, work), staff(town.erlan.id)).id
    jobs.carry_on([undone])
    assert again(mine).assignee_id == town.aigul.id
    assert taken_by(town.svetlana) is None
