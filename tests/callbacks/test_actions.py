"""Promises made, kept in one place of the line, called off, and overtaken by the person's own call."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks import actions, due
from helpdesk.callbacks.rules import CallbackState
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.notifications.models import Letter
from helpdesk.routing.rules import Queue
from helpdesk.telephony import actions as calls
from helpdesk.telephony import line
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import CallState, EntryKind, EntryState
from tests.callbacks.promises import again, due_now, promised, ticket_of
from tests.conftest import SetClock
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town


def place_of(callback_id: int) -> QueueEntry:
    query = select(QueueEntry).where(QueueEntry.callback_id == callback_id).order_by(QueueEntry.id.desc())
    return session().scalars(query.execution_options(populate_existing=True)).first()


def rings_us(town: Town, number: str = GULNAR_PHONE, sid: str = "CA1") -> Call:
    """Somebody calls and joins the line of school 905."""
    with transaction():
        call = calls.begin(sid, number, "1450", town.school905.id, None, None)
        line.join(call, Queue.TECHNICAL, "kk", actions.SYSTEM)
        return call


def talks(call: Call) -> None:
    """An operator answers it."""
    with transaction():
        move(call, CallState.OFFERED)
        move(call, CallState.CONNECTED, conference="c-test")
        calls.joined(call)


def test_a_promise_is_made_within_the_desks_time_and_keeps_a_place(town: Town, set_clock: SetClock):
    callback = promised(ticket_of(town))
    assert callback.state is CallbackState.REQUESTED
    assert callback.promised_at == set_clock.at + timedelta(minutes=30)
    place = place_of(callback.id)
    assert (place.kind, place.state, place.virtual_at) == (EntryKind.CALLBACK, EntryState.WAITING, callback.virtual_at)
    assert callback.entry_id == place.id


def test_a_closed_desk_promises_for_the_next_opening(town: Town, set_clock: SetClock):
    set_clock.forward(hours=12)
    callback = promised(ticket_of(town))
    assert callback.next_attempt_at == callback.not_before == set_clock.at + timedelta(hours=11)
    assert callback.promised_at == set_clock.at + timedelta(hours=11, minutes=30)


@pytest.mark.parametrize("number", ["+74951234567", "+12025550100", "1450", "+996555123456", "+7709000000"])
def test_only_numbers_in_kazakhstan_are_promised(town: Town, set_clock: SetClock, number: str):
    ticket = ticket_of(town)
    with pytest.raises(Refused):
        promised(ticket, number)


def test_one_open_promise_a_number_and_queue(town: Town, set_clock: SetClock):
    ticket = ticket_of(town)
    first = promised(ticket)
    set_clock.forward(minutes=5)
    assert promised(ticket).id == first.id
    assert promised(ticket, queue=Queue.METHODOLOGICAL).id != first.id
    assert promised(ticket, ELENA_PHONE).id != first.id
    assert again(first).promised_at == first.promised_at


def test_a_promise_that_has_passed_gets_a_new_moment_when_it_is_asked_for_again(town: Town, set_clock: SetClock):
    ticket = ticket_of(town)
    first = promised(ticket)
    set_clock.forward(hours=2)
    assert promised(ticket).id == first.id
    assert again(first).promised_at == set_clock.at + timedelta(minutes=30)


def test_an_appointment_moves_the_open_promise(town: Town, set_clock: SetClock):
    ticket = ticket_of(town)
    first = promised(ticket)
    tomorrow = set_clock.at + timedelta(days=1)
    assert promised(ticket, not_before=tomorrow).id == first.id
    assert again(first).next_attempt_at == again(first).promised_at == place_of(first.id).not_before == tomorrow


def test_two_promises_at_once_are_one(town: Town, set_clock: SetClock, app: Flask):
    ticket = ticket_of(town)
    made: list[int] = []

    def ask() -> None:
        with app.app_context():
            made.append(promised(ticket).id)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len(set(made)) == 1


def test_the_promise_is_confirmed_by_sms_once(town: Town, set_clock: SetClock, run_jobs: Callable[[], None]):
    promised(ticket_of(town))
    run_jobs()
    run_jobs()
    texts = [letter for letter in session().scalars(select(Letter)) if letter.template == "callback_set"]
    assert [letter.address for letter in texts] == [GULNAR_PHONE]
    assert "10:30" in texts[0].body


def test_who_rings_meanwhile_stands_in_the_promised_place(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
):
    callback = promised(ticket_of(town))
    set_clock.forward(minutes=10)
    call = rings_us(town)
    run_jobs()
    entry = session().get_one(QueueEntry, line.entry_of(call.id).id, populate_existing=True)
    assert entry.virtual_at == callback.virtual_at
    assert again(callback).state in (CallbackState.REQUESTED, CallbackState.DUE)


def test_the_promise_is_overtaken_when_an_operator_answers_the_persons_own_call(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
):
    callback = promised(ticket_of(town))
    set_clock.forward(minutes=10)
    talks(rings_us(town))
    run_jobs()
    assert again(callback).state is CallbackState.SUPERSEDED
    assert place_of(callback.id).state is EntryState.LEFT


def test_who_rings_meanwhile_and_gives_up_is_called_back_after_all(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
):
    callback = promised(ticket_of(town))
    call = rings_us(town)
    set_clock.forward(minutes=2)
    with transaction():
        calls.end(call)
    run_jobs()
    assert again(callback).state is CallbackState.DUE
    assert place_of(callback.id).state is EntryState.WAITING


def test_a_call_about_the_other_queue_leaves_the_promise_alone(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
):
    callback = promised(ticket_of(town), queue=Queue.METHODOLOGICAL)
    talks(rings_us(town))
    run_jobs()
    assert again(callback).state is not CallbackState.SUPERSEDED


def test_a_cancelled_promise_gives_up_its_place_and_is_not_cancelled_twice(town: Town, set_clock: SetClock):
    callback = promised(ticket_of(town))
    with transaction():
        actions.cancel(again(callback), actions.SYSTEM)
    assert again(callback).state is CallbackState.CANCELLED
    assert place_of(callback.id).state is EntryState.LEFT
    with pytest.raises(Refused), transaction():
        actions.cancel(again(callback), actions.SYSTEM)


def test_a_promise_that_could_not_even_be_tried_for_three_days_goes_to_a_person(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
):
    callback = due_now(ticket_of(town))
    set_clock.forward(days=3, minutes=1)
    assert due.overdue(clock.now()) == [callback.id]
    run_jobs()
    assert again(callback).state is CallbackState.EXPIRED
    told = select(JournalEntry.kind).where(JournalEntry.callback_id == callback.id).order_by(JournalEntry.id)
    assert session().scalars(told).all()[-1] == "callback.exhausted"


def test_nothing_is_due_before_its_time(town: Town, set_clock: SetClock):
    callback = promised(ticket_of(town), not_before=set_clock.at + timedelta(hours=3))
    assert due.ripe(clock.now()) == []
    set_clock.forward(hours=3)
    assert due.ripe(clock.now()) == [callback.id]
    with transaction():
        assert actions.ripen() == 1
    assert [one.row.callback_id for one in due.to_dial(clock.now(), rate=1.0)] == [callback.id]
