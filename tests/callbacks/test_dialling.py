"""Claim, dial once, make the leg ours: what each step leaves behind, and what follows from every answer."""

import itertools
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from helpdesk.callbacks import dialling, due, queries, reconcile, settle
from helpdesk.callbacks.rules import AttemptResult, AttemptState, CallbackState
from helpdesk.jobs import callbacks as jobs
from helpdesk.kernel import clock, failpoints
from helpdesk.kernel.db import db, session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.telephony import actions as calls
from helpdesk.telephony.rules import LegState
from phonesim import Faults, Person
from tests.callbacks.promises import again, attempts, due_now, promised, ticket_of
from tests.conftest import SetClock
from tests.exchange import Exchange, exchange
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town

__all__ = ["exchange"]

Open = Callable[..., Exchange]


class Crash(BaseException):
    """The process is gone."""


def crash() -> None:
    raise Crash


def claimed(callback_id: int) -> dialling.Intent | None:
    with transaction():
        return dialling.claim(callback_id)


# ── the claim ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_writes_the_intent_before_anything_is_dialled(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    intent = claimed(callback.id)
    [attempt] = attempts()
    assert again(callback).state is CallbackState.DIALING
    assert (attempt.state, attempt.n, attempt.sid, attempt.token) == (AttemptState.INTENT, 1, None, intent.token)


def test_of_many_workers_with_the_same_job_one_dials(town: Town, set_clock: SetClock, app: Flask):
    callback = due_now(ticket_of(town))
    intents: list[dialling.Intent | None] = []

    def work() -> None:
        with app.app_context():
            intents.append(claimed(callback.id))

    workers = [threading.Thread(target=work) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(intents) == 8
    assert len([intent for intent in intents if intent is not None]) == 1
    assert len(attempts()) == 1


def test_nobody_is_dialled_in_quiet_hours(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    set_clock.forward(hours=10)
    assert claimed(callback.id) is None
    assert again(callback).next_attempt_at == set_clock.at + timedelta(hours=13)
    assert again(callback).state is CallbackState.DUE


def test_a_telephone_rings_at_most_five_times_a_day_over_all_promises(town: Town, set_clock: SetClock):
    ticket = ticket_of(town)
    for _ in range(5):
        callback = due_now(ticket)
        assert claimed(callback.id) is not None
        with transaction():
            held = queries.held_by_id(attempts()[-1].id)
            settle.settle(held, AttemptResult.DECLINED)
        set_clock.forward(minutes=10)
    sixth = due_now(ticket)
    assert claimed(sixth.id) is None
    local = again(sixth).next_attempt_at - set_clock.at
    assert timedelta(hours=20) < local < timedelta(hours=24)
    set_clock.at = again(sixth).next_attempt_at
    assert claimed(sixth.id) is not None


def test_a_person_who_is_calling_us_is_not_dialled(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    with transaction():
        call = calls.begin("CA1", GULNAR_PHONE, "1450", town.school905.id, None, None)
    assert claimed(callback.id) is None
    with transaction():
        calls.end(queries.session().get_one(type(call), call.id))
    set_clock.forward(seconds=20)
    assert claimed(callback.id) is not None


def test_two_promises_to_one_number_never_ring_together(town: Town, set_clock: SetClock):
    ticket = ticket_of(town)
    first, second = due_now(ticket), due_now(ticket, queue=promised(ticket).queue.METHODOLOGICAL)
    assert claimed(first.id) is not None
    set_clock.forward(seconds=5)
    assert claimed(second.id) is None
    assert again(second).state is CallbackState.DUE


def test_the_account_dials_no_faster_than_it_may(town: Town, set_clock: SetClock):
    ticket = ticket_of(town)
    waiting = [due_now(ticket, f"+7709000{n:04d}") for n in range(4)]
    assert due.tokens(clock.now(), 1.0) == 1
    assert [claimed(one.id) is not None for one in waiting] == [True, False, False, False]
    assert due.tokens(clock.now(), 1.0) == 0
    set_clock.forward(seconds=1)
    assert [claimed(one.id) is not None for one in waiting[1:]] == [True, False, False]
    set_clock.forward(seconds=60)
    assert [claimed(one.id) is not None for one in waiting[2:]] == [True, False]


# ── asking the carrier ────────────────────────────────────────────────────────────────────────────────────────────


def test_the_carriers_answer_makes_the_leg_ours(exchange: Open, town: Town):
    house = exchange()
    callback = due_now(ticket_of(town))
    jobs.dial([callback.id])
    [attempt] = attempts()
    assert attempt.state is AttemptState.LIVE
    assert attempt.sid in house.network.calls
    jobs.dial([callback.id])
    assert len(house.network.calls) == 1


@pytest.mark.parametrize(("result", "minutes"), [("busy", 5), ("no-answer", 15), ("failed", 15), ("machine", 15)])
def test_what_the_far_end_did_decides_the_next_try(exchange: Open, town: Town, result: str, minutes: int):
    house = exchange()
    callback = due_now(ticket_of(town))
    house.network.person(GULNAR_PHONE, Person(rings=[result]))
    jobs.dial([callback.id])
    house.clock.run_for(150)
    ended = attempts()[0].ended_at
    missed = again(callback)
    assert missed.state is CallbackState.RETRY_WAIT
    assert missed.next_attempt_at == ended + timedelta(minutes=minutes)
    assert missed.attempts == 1


def test_too_many_requests_is_tried_again_and_counts_as_no_attempt(exchange: Open, town: Town):
    house = exchange(faults=Faults(rest_429=1.0))
    callback = due_now(ticket_of(town))
    jobs.dial([callback.id])
    [attempt] = attempts()
    assert (attempt.state, attempt.result) == (AttemptState.DONE, AttemptResult.TECHNICAL)
    waits = again(callback)
    assert (waits.state, waits.attempts, waits.technical_failures) == (CallbackState.DUE, 0, 1)
    assert waits.next_attempt_at == clock.now() + timedelta(seconds=5)
    house.network.faults.rest_429 = 0
    house.network.person(GULNAR_PHONE, Person(rings=[3.0], keys=["1"], patience=30))
    house.clock.run_for(15)
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1


def test_a_lost_answer_is_no_second_call(exchange: Open, town: Town):
    house = exchange(faults=Faults(rest_lost=1.0, drop=1.0))
    callback = due_now(ticket_of(town))
    house.network.person(GULNAR_PHONE, Person(rings=["busy"]))
    jobs.dial([callback.id])
    assert attempts()[0].state is AttemptState.INTENT
    house.clock.run_for(130)
    assert attempts()[0].result is AttemptResult.BUSY
    assert again(callback).state is CallbackState.RETRY_WAIT
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1


def test_killed_after_the_claim_the_promise_is_due_again_in_two_minutes(exchange: Open, town: Town):
    house = exchange()
    callback = due_now(ticket_of(town))
    with failpoints.armed("callback.claimed", crash), pytest.raises(Crash):
        jobs.dial([callback.id])
    db.session.remove()
    assert house.network.calls == {}
    house.network.person(GULNAR_PHONE, Person(rings=["busy"]))
    house.clock.run_for(130)
    assert [attempt.state for attempt in attempts()] == [AttemptState.ABANDONED, AttemptState.DONE]
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1


def test_killed_after_the_dial_the_first_webhook_makes_the_leg_ours(exchange: Open, town: Town):
    house = exchange()
    callback = due_now(ticket_of(town))
    house.network.person(GULNAR_PHONE, Person(rings=[8.0], keys=["2"]))
    with failpoints.armed("callback.placed", crash), pytest.raises(Crash):
        jobs.dial([callback.id])
    db.session.remove()
    assert attempts()[0].state is AttemptState.INTENT
    house.clock.run_for(3)
    assert attempts()[0].state is AttemptState.LIVE
    house.clock.run_for(40)
    assert attempts()[0].result is AttemptResult.LATER
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1
    assert again(callback).state is CallbackState.RETRY_WAIT


def test_a_worker_that_wakes_up_too_late_dials_nobody(exchange: Open, town: Town):
    house = exchange()
    callback = due_now(ticket_of(town))
    with failpoints.armed("callback.claimed", lambda: house.clock.run_for(25)):
        jobs.dial([callback.id])
    assert house.network.calls == {}
    assert attempts()[0].state is AttemptState.INTENT


def test_a_leg_of_nobody_is_hung_up_and_hears_no_question(exchange: Open, town: Town):
    house = exchange()
    callback = due_now(ticket_of(town))
    intent = claimed(callback.id)
    with transaction():
        dialling.adopt(intent.token, "CAfirst")
    house.network.person(GULNAR_PHONE, Person(rings=[0.6], keys=["1"]))
    placed = dialling.place(intent)
    with transaction():
        assert dialling.adopt(intent.token, placed.sid) is None
    house.clock.run_for(20)
    ghost = house.network.calls[placed.sid]
    assert ghost.over
    assert "P11" not in " ".join(ghost.prompts)
    assert attempts()[0].sid == "CAfirst"


def test_a_late_leg_of_an_abandoned_attempt_is_a_ghost(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    intent = claimed(callback.id)
    set_clock.forward(seconds=100)
    with transaction():
        reconcile.found_in_list(intent.attempt_id, [], clock.now())
    assert again(callback).state is CallbackState.DUE
    with transaction():
        assert dialling.adopt(intent.token, "CAlate") is None


def test_a_cancelled_callback_stops_ringing(exchange: Open, town: Town, sign_in):
    house = exchange()
    callback = due_now(ticket_of(town))
    house.network.person(GULNAR_PHONE, Person(rings=["no-answer"]))
    jobs.dial([callback.id])
    house.clock.run_for(5)
    assert house.ledger.rings(GULNAR_PHONE)[0].to_at is None
    assert sign_in(town.aigul).post(f"/callbacks/{callback.id}/cancel").status_code == 303
    house.clock.run_for(5)
    assert house.ledger.rings(GULNAR_PHONE)[0].result == "canceled"
    assert again(callback).state is CallbackState.CANCELLED


# ── what follows ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_after_three_misses_the_ticket_stays_with_a_person_and_an_sms_says_so(exchange: Open, town: Town):
    house = exchange()
    ticket = ticket_of(town)
    callback = due_now(ticket)
    house.network.person(GULNAR_PHONE, Person(rings=["no-answer"]))
    house.clock.run_for(3 * 3600)
    given_up = again(callback)
    assert (given_up.state, given_up.attempts) == (CallbackState.EXHAUSTED, 3)
    rings = house.ledger.rings(GULNAR_PHONE)
    pauses = [(later.from_at - earlier.to_at).total_seconds() / 60 for earlier, later in itertools.pairwise(rings)]
    assert [round(pause) for pause in pauses] == [15, 60]
    house.clock.run_for(60)
    templates = [text for text in _templates() if text.startswith("callback")]
    assert templates == ["callback_set", "callback_missed", "callback_missed", "callback_failed"]
    assert session().get_one(type(ticket), ticket.id, populate_existing=True).due_at is not None


def _templates() -> list[str]:
    return [letter.template for letter in session().query(Letter).order_by(Letter.id)]


@pytest.mark.parametrize(("key", "state"), [("2", CallbackState.RETRY_WAIT), ("3", CallbackState.CANCELLED)])
def test_the_person_may_ask_for_later_or_for_never(exchange: Open, town: Town, key: str, state: CallbackState):
    house = exchange()
    callback = due_now(ticket_of(town))
    house.network.person(GULNAR_PHONE, Person(rings=[3.0], keys=[key]))
    jobs.dial([callback.id])
    house.clock.run_for(60)
    settled = again(callback)
    assert settled.state is state
    if key == "2":
        assert settled.next_attempt_at == settled.promised_at == attempts()[0].ended_at + timedelta(minutes=30)
        assert settled.attempts == 0
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1


def test_who_presses_nothing_hears_the_greeting_twice_and_is_called_again(exchange: Open, town: Town):
    house = exchange()
    callback = due_now(ticket_of(town))
    house.network.person(GULNAR_PHONE, Person(rings=[3.0]))
    jobs.dial([callback.id])
    house.clock.run_for(120)
    [call] = house.network.calls.values()
    assert sum("P11" in name for name in call.prompts) == 2
    assert attempts()[0].result is AttemptResult.NO_KEY
    assert again(callback).state is CallbackState.RETRY_WAIT


def test_a_call_that_lay_in_the_carriers_queue_until_the_evening_asks_nothing(exchange: Open, town: Town):
    house = exchange(quiet=1200)
    callback = due_now(ticket_of(town))
    evening = again(callback).created_at.replace(hour=14, minute=59, second=50)
    with transaction():
        waits = again(callback)
        waits.next_attempt_at = waits.promised_at = evening
    house.network.person(GULNAR_PHONE, Person(rings=[15.0], keys=["1"]))
    house.clock.run_until(evening + timedelta(minutes=3))
    [attempt] = attempts()
    assert attempt.result is AttemptResult.TOO_LATE
    moved = again(callback)
    assert (moved.state, moved.attempts) == (CallbackState.RETRY_WAIT, 0)
    assert moved.next_attempt_at == evening.replace(hour=4, minute=0, second=0) + timedelta(days=1)
    assert house.ledger.conversations() == []


def test_a_silent_leg_is_asked_for(exchange: Open, town: Town):
    house = exchange(faults=Faults(drop=1.0))
    callback = due_now(ticket_of(town), ELENA_PHONE)
    house.network.person(ELENA_PHONE, Person(rings=["no-answer"]))
    jobs.dial([callback.id])
    house.clock.run_for(100)
    assert attempts()[0].state is AttemptState.LIVE
    house.clock.run_for(60)
    assert attempts()[0].result is AttemptResult.NO_ANSWER


def test_status_reports_in_any_order_and_number_count_once(exchange: Open, town: Town):
    house = exchange(faults=Faults(duplicate=0.9, reorder=0.9, seed=4))
    callback = due_now(ticket_of(town))
    house.network.person(GULNAR_PHONE, Person(rings=["busy"]))
    jobs.dial([callback.id])
    house.clock.run_for(60)
    assert house.network.faults.counts["duplicate"] > 0
    assert again(callback).attempts == 1
    assert LegState.BUSY.value == house.network.calls[attempts()[0].sid].status
