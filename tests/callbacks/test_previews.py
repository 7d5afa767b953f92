"""An operator reads up and says yes, then the telephone rings: what each step leaves behind, and what may go wrong."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.actor import CARRIER
from helpdesk.callbacks import actions, dialling, previews, reconcile
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import AttemptResult, AttemptState, CallbackState
from helpdesk.identity.models import Staff
from helpdesk.kernel import clock, failpoints
from helpdesk.kernel.db import db, session, transaction
from helpdesk.organizations.models import Desk
from helpdesk.routing.rules import Queue
from helpdesk.telephony import actions as calls
from helpdesk.telephony import line, offers, presence
from helpdesk.telephony.models import Call, Offer, Presence, QueueEntry
from helpdesk.telephony.rules import CallState, EntryState, OfferKind, OfferState, Outcome, PresenceState
from phonesim import Person
from tests.callbacks.promises import again, attempts, due_now, promised, ticket_of
from tests.conftest import SetClock
from tests.exchange import Exchange, exchange
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town

__all__ = ["exchange"]

Open = Callable[..., Exchange]


@pytest.fixture
def open_house(exchange: Open) -> Open:
    """An exchange whose desks ask an operator first."""

    def make(**values: object) -> Exchange:
        house = exchange(**values)
        house.ask_operators_first()
        return house

    return make


def the_offer() -> Offer:
    return session().scalars(select(Offer).execution_options(populate_existing=True)).one()


def the_call() -> Call:
    return session().scalars(select(Call).execution_options(populate_existing=True)).one()


def where(person: Staff) -> PresenceState:
    return session().get_one(Presence, person.id, populate_existing=True).state


def state_of_place(callback: Callback) -> EntryState:
    return session().get_one(QueueEntry, again(callback).entry_id, populate_existing=True).state


# ── from the promise to the conversation ──────────────────────────────────────────────────────────────────────────


def test_the_operator_is_shown_the_callback_says_yes_and_talks(open_house: Open, town: Town):
    house = open_house(talk=30)
    house.network.person(GULNAR_PHONE, Person(rings=[6.0], patience=60, talk=100))
    callback = due_now(ticket_of(town))
    house.sign_in(town.aigul)
    house.clock.run_for(1)
    offer = the_offer()
    assert (offer.kind, offer.staff_id, offer.callback_id) == (OfferKind.PREVIEW, town.aigul.id, callback.id)
    assert (again(callback).state, where(town.aigul)) == (CallbackState.OFFERED, PresenceState.RESERVED)
    assert house.ledger.rings(GULNAR_PHONE) == []

    house.clock.run_for(6)
    [attempt] = attempts()
    assert (again(callback).state, attempt.state) == (CallbackState.DIALING, AttemptState.LIVE)
    assert where(town.aigul) is PresenceState.TALKING
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1
    assert house.ledger.conversations() == []

    house.clock.run_for(15)
    assert again(callback).state is CallbackState.CONNECTED
    assert [name for name in house.network.calls[attempt.sid].prompts if "P11" in name] == []
    house.clock.run_for(60)
    [talk] = house.ledger.conversations(GULNAR_PHONE)
    assert {talk.one, talk.other} == {GULNAR_PHONE, f"client:op_{town.aigul.id}"}
    assert again(callback).state is CallbackState.DONE
    assert attempts()[0].result is AttemptResult.CONNECTED
    assert state_of_place(callback) is EntryState.LEFT
    assert where(town.aigul) in (PresenceState.WRAPUP, PresenceState.READY)


def test_who_hears_who_is_calling_is_put_through_at_once(open_house: Open, town: Town):
    house = open_house()
    house.network.person(GULNAR_PHONE, Person(rings=[4.0], patience=60, talk=20))
    due_now(ticket_of(town))
    house.sign_in(town.aigul)
    house.clock.run_for(60)
    [call] = [call for call in house.network.calls.values() if call.address == GULNAR_PHONE]
    assert [name.split("-")[0] for name in call.prompts] == ["P39"]


@pytest.mark.parametrize(
    ("ring", "result", "minutes"), [("busy", AttemptResult.BUSY, 5), ("no-answer", AttemptResult.NO_ANSWER, 15)]
)
def test_who_does_not_answer_is_tried_again_and_the_operator_writes_up(
    open_house: Open, town: Town, ring: str, result: AttemptResult, minutes: int
):
    house = open_house()
    house.network.person(GULNAR_PHONE, Person(rings=[ring]))
    callback = due_now(ticket_of(town))
    house.sign_in(town.aigul)
    house.clock.run_until(lambda: again(callback).state is CallbackState.RETRY_WAIT, limit=90)
    [attempt] = attempts()
    assert attempt.result is result
    assert again(callback).next_attempt_at == attempt.ended_at + timedelta(minutes=minutes)
    assert where(town.aigul) is PresenceState.WRAPUP
    assert state_of_place(callback) is EntryState.WAITING
    house.clock.run_for(2)
    assert house.network.softphone(f"op_{town.aigul.id}", "").active is None


def test_three_misses_end_it_as_ever(open_house: Open, town: Town):
    house = open_house()
    callback = due_now(ticket_of(town))
    house.sign_in(town.aigul)
    house.clock.run_for(2.5 * 3600)
    assert (again(callback).state, len(house.ledger.rings(GULNAR_PHONE))) == (CallbackState.EXHAUSTED, 3)


# ── one order ─────────────────────────────────────────────────────────────────────────────────────────────────────


def waits_on_the_line(town: Town, sid: str, number: str) -> Call:
    with transaction():
        call = calls.begin(sid, number, "1450", town.school905.id, None, "kk")
        line.join(call, Queue.TECHNICAL, "kk", CARRIER)
        return call


@pytest.fixture
def operators_first(town: Town) -> None:
    with transaction():
        for desk in session().scalars(select(Desk)):
            desk.callback_mode = desk.callback_mode.OPERATOR_FIRST


def routed() -> list[int | None]:
    """Ids of the callbacks offered so far in order, None for callers on the line."""
    with transaction():
        actions.ripen()
        offers.route_waiting(previews.turns)
    return [offer.callback_id for offer in session().scalars(select(Offer).order_by(Offer.id))]


def ready(*people: Staff) -> None:
    for person in people:
        with transaction():
            presence.choose(person.id, PresenceState.READY)


@pytest.mark.usefixtures("operators_first")
def test_callers_and_callbacks_are_held_out_in_the_order_in_which_they_came(town: Town, set_clock: SetClock):
    waits_on_the_line(town, "CA1", ELENA_PHONE)
    set_clock.forward(seconds=1)
    callback = due_now(ticket_of(town))
    set_clock.forward(seconds=1)
    waits_on_the_line(town, "CA2", "+77090000003")
    ready(town.aigul)
    assert routed() == [None]
    ready(town.svetlana)
    assert routed() == [None, callback.id]
    ready(town.asel)
    assert routed() == [None, callback.id, None]


@pytest.mark.usefixtures("operators_first")
def test_a_promise_is_not_held_out_before_its_time(town: Town, set_clock: SetClock):
    later = promised(ticket_of(town), not_before=set_clock.at + timedelta(hours=1))
    waits_on_the_line(town, "CA1", ELENA_PHONE)
    ready(town.aigul, town.svetlana)
    assert routed() == [None]
    set_clock.forward(hours=1)
    for person in (town.aigul, town.svetlana):
        with transaction():
            presence.heartbeat(person.id)
    assert routed() == [None, later.id]


@pytest.mark.usefixtures("operators_first")
def test_what_nobody_takes_is_held_out_again_in_the_same_place(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    ready(town.aigul)
    assert routed() == [callback.id]
    set_clock.forward(seconds=16)
    with transaction():
        assert offers.expire(the_offer().id)
    assert (again(callback).state, state_of_place(callback)) == (CallbackState.DUE, EntryState.WAITING)
    ready(town.svetlana)
    assert routed() == [callback.id, callback.id]
    assert again(callback).virtual_at == callback.virtual_at


@pytest.mark.usefixtures("operators_first")
def test_who_says_no_takes_a_break_and_the_next_one_is_asked(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    ready(town.aigul, town.svetlana)
    routed()
    first = the_offer()
    with transaction():
        offers.decline(session().get_one(Offer, first.id))
    assert session().get_one(Presence, first.staff_id, populate_existing=True).state is PresenceState.BREAK
    assert routed() == [callback.id, callback.id]


@pytest.mark.usefixtures("operators_first")
def test_nobody_is_shown_a_callback_twice_at_once(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    ready(town.aigul, town.svetlana, town.asel)
    assert routed() == [callback.id]
    assert routed() == [callback.id]


@pytest.mark.usefixtures("operators_first")
def test_in_quiet_hours_nothing_is_held_out_and_nobody_behind_waits_for_it(town: Town, set_clock: SetClock):
    callback = due_now(ticket_of(town))
    set_clock.forward(hours=10)
    waits_on_the_line(town, "CA1", ELENA_PHONE)
    ready(town.aigul)
    assert routed() == [None]
    assert again(callback).next_attempt_at == set_clock.at + timedelta(hours=13)


# ── yes, and what came in between ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def shown(town: Town, set_clock: SetClock, operators_first: None) -> Callback:
    """A callback that is held out to Aigul."""
    callback = due_now(ticket_of(town))
    ready(town.aigul)
    routed()
    return callback


def says_yes(town: Town, leg: str = "CAleg", person: Staff | None = None) -> Call | None:
    with transaction():
        return previews.accept(the_offer().token, (person or town.aigul).id, leg)


def test_saying_yes_twice_is_one_call(shown: Callback, town: Town):
    first, second = says_yes(town), says_yes(town)
    assert first is not None
    assert second is not None
    assert first.id == second.id == the_call().id
    assert len(attempts()) == 1
    assert says_yes(town, "CAother") is None


def test_nobody_else_may_say_yes(shown: Callback, town: Town):
    assert says_yes(town, person=town.svetlana) is None
    assert attempts() == []


def test_yes_to_a_cancelled_callback_calls_nobody_and_frees_the_operator(shown: Callback, town: Town):
    with transaction():
        actions.cancel(again(shown), actions.SYSTEM)
    assert the_offer().state is OfferState.CANCELLED
    assert where(town.aigul) is PresenceState.READY
    assert says_yes(town) is None
    assert again(shown).state is CallbackState.CANCELLED


def test_yes_after_the_dialling_hours_calls_nobody(shown: Callback, town: Town, set_clock: SetClock):
    set_clock.forward(hours=10)
    assert says_yes(town) is None
    assert (again(shown).state, where(town.aigul)) == (CallbackState.DUE, PresenceState.READY)
    assert again(shown).next_attempt_at > clock.now()


def test_who_rings_while_the_operator_reads_up_takes_the_place_and_frees_the_operator(
    shown: Callback, town: Town, set_clock: SetClock
):
    set_clock.forward(seconds=5)
    call = waits_on_the_line(town, "CA1", GULNAR_PHONE)
    with transaction():
        actions.inherit_place(session().get_one(Call, call.id))
    assert (again(shown).state, the_offer().state) == (CallbackState.DUE, OfferState.CANCELLED)
    assert where(town.aigul) is PresenceState.READY
    assert line.entry_of(call.id).virtual_at == shown.virtual_at
    assert routed()[-1] is None


def test_an_attempt_that_nobody_placed_in_time_was_never_made(shown: Callback, town: Town, set_clock: SetClock):
    assert says_yes(town) is not None
    set_clock.forward(seconds=25)
    from_the_round = [attempt.id for attempt in attempts()]
    with transaction():
        assert dialling.ask(from_the_round[0]) is None
        assert reconcile.void_unasked(from_the_round[0])
    assert attempts()[0].state is AttemptState.ABANDONED
    assert again(shown).state is CallbackState.DUE
    assert where(town.aigul) is PresenceState.WRAPUP


# ── while it rings ────────────────────────────────────────────────────────────────────────────────────────────────


def ringing(house: Exchange, town: Town, **person: object) -> Callback:
    house.network.person(GULNAR_PHONE, Person(**({"rings": [12.0], "patience": 200, "talk": 30} | person)))
    callback = due_now(ticket_of(town))
    house.sign_in(town.aigul)
    house.clock.run_until(lambda: len(house.ledger.rings(GULNAR_PHONE)) == 1, limit=30)
    return callback


def test_whose_operator_is_lost_while_it_rings_is_asked_and_served_in_front(open_house: Open, town: Town):
    house = open_house()
    callback = ringing(house, town, keys=["1"])
    house.operators.remove(town.aigul)
    house.network.softphone(f"op_{town.aigul.id}", "").active.hang_up()
    house.clock.run_for(25)
    assert where(town.aigul) is PresenceState.WRAPUP
    [call] = [call for call in house.network.calls.values() if call.address == GULNAR_PHONE]
    assert call.prompts[0].startswith("P11")
    house.sign_in(town.svetlana)
    house.clock.run_for(60)
    [talk] = house.ledger.conversations(GULNAR_PHONE)
    assert f"client:op_{town.svetlana.id}" in (talk.one, talk.other)
    assert again(callback).state is CallbackState.DONE


def test_an_operator_may_give_up_while_it_rings(open_house: Open, town: Town):
    house = open_house()
    callback = ringing(house, town, rings=["no-answer"])
    with transaction():
        calls.close(the_call(), town.aigul.id)
    house.clock.run_for(5)
    [ring] = house.ledger.rings(GULNAR_PHONE)
    assert ring.result == "canceled"
    assert attempts()[0].result is AttemptResult.NO_ANSWER
    assert again(callback).state is CallbackState.RETRY_WAIT
    assert where(town.aigul) is PresenceState.WRAPUP


def test_a_cancelled_callback_stops_ringing_and_frees_the_operator(open_house: Open, town: Town, sign_in):
    house = open_house()
    callback = ringing(house, town, rings=["no-answer"])
    assert sign_in(town.aigul).post(f"/callbacks/{callback.id}/cancel").status_code == 303
    house.clock.run_for(5)
    assert house.ledger.rings(GULNAR_PHONE)[0].result == "canceled"
    assert again(callback).state is CallbackState.CANCELLED
    assert where(town.aigul) is PresenceState.WRAPUP


def test_whose_operator_is_lost_in_the_middle_of_the_conversation_waits_in_front(open_house: Open, town: Town):
    house = open_house()
    callback = ringing(house, town, rings=[3.0], talk=300)
    house.clock.run_for(25)
    assert the_call().connected_at is not None
    house.operators.remove(town.aigul)
    house.network.softphone(f"op_{town.aigul.id}", "").active.hang_up()
    house.clock.run_for(5)
    assert the_call().state is CallState.QUEUED
    house.sign_in(town.svetlana)
    house.clock.run_for(400)
    assert len(house.ledger.conversations(GULNAR_PHONE)) == 2
    assert again(callback).state is CallbackState.DONE


class Crash(BaseException):
    """The process is gone."""


@pytest.mark.parametrize(("step", "seconds"), [("callback.asked", 150), ("callback.placed", 30)])
def test_a_worker_that_dies_while_it_dials_for_an_operator_leaves_no_second_ring(
    open_house: Open, town: Town, step: str, seconds: int
):
    house = open_house(talk=20)
    house.network.person(GULNAR_PHONE, Person(rings=[5.0], patience=60, talk=100))
    died = []

    def crash() -> None:
        if not died:
            died.append(step)
            raise Crash

    def work(name: str, ids: list[int]) -> bool:
        def run() -> None:
            with house.app.app_context():
                try:
                    house.dispatcher.jobs[name](ids)
                except Crash:
                    pass
                finally:
                    db.session.remove()

        house.clock.after(0.05, run)
        return True

    house.enqueue = work
    callback = due_now(ticket_of(town))
    house.sign_in(town.aigul)
    with failpoints.armed(step, crash):
        house.clock.run_for(seconds + 90)
    assert died == [step]
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1
    assert len(house.ledger.conversations(GULNAR_PHONE)) == 1
    assert again(callback).state is CallbackState.DONE


def test_the_account_is_asked_no_faster_than_it_may_for_operators_too(open_house: Open, app: Flask, town: Town):
    house = open_house(talk=60)
    numbers = [f"+7709000010{n}" for n in range(2)]
    for number in numbers:
        house.network.person(number, Person(rings=["no-answer"]))
        due_now(ticket_of(town), number)
    house.sign_in(town.aigul, town.svetlana)
    house.clock.run_for(20)
    placed = sorted(house.ledger.rings(number)[0].from_at for number in numbers)
    gaps = [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(placed)]
    assert all(gap >= 0.95 for gap in gaps), gaps


def test_an_operator_who_hears_a_machine_sends_the_callback_back_to_the_ladder(open_house: Open, town: Town, sign_in):
    house = open_house()
    callback = ringing(house, town, rings=["machine"])
    house.clock.run_for(30)
    assert again(callback).state is CallbackState.CONNECTED
    browser = sign_in(town.aigul)
    assert 'action="/callbacks/machine"' in browser.get("/calls/card").text
    assert browser.post("/callbacks/machine").status_code == 303
    house.clock.run_for(5)
    assert attempts()[0].result is AttemptResult.MACHINE
    missed = again(callback)
    assert (missed.state, missed.attempts, missed.reached_at) == (CallbackState.RETRY_WAIT, 1, None)
    assert state_of_place(callback) is EntryState.WAITING
    assert the_call().outcome is Outcome.FAILED
    assert where(town.aigul) is PresenceState.WRAPUP
    assert browser.post("/callbacks/machine").status_code == 422


def test_who_calls_us_while_it_rings_and_picks_up_is_not_given_a_second_operator(open_house: Open, town: Town):
    house = open_house()
    callback = ringing(house, town)
    with transaction():
        calls.begin("CAown", GULNAR_PHONE, "1450", town.school905.id, None, "kk")
    house.clock.run_for(20)
    assert house.ledger.conversations() == []
    assert again(callback).state in (CallbackState.RETRY_WAIT, CallbackState.DUE)
    assert again(callback).attempts == 0
