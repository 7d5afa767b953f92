"""Promises to call back, lived through on a telephone: what counts is what the far end heard."""

from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks.rules import AttemptResult, CallbackState
from helpdesk.kernel.db import session
from phonesim import Person
from tests.exchange import HOTLINE, exchange
from tests.people import GULNAR_PHONE, Town

__all__ = ["exchange"]


def told(callback_id: int) -> list[str]:
    """The kinds of what the journal holds about a callback, in order."""
    rows = session().query(JournalEntry).filter_by(callback_id=callback_id).order_by(JournalEntry.id)
    return [row.kind for row in rows if row.kind.startswith("callback.")]


def test_nobody_on_shift_a_promise_busy_once_then_exactly_one_conversation(exchange, town: Town):
    house = exchange()
    network, ledger = house.network, house.ledger
    call = network.dial(HOTLINE, from_=GULNAR_PHONE, keys=["1", "1", "1", "1"])
    house.clock.run_for(180)
    assert call.over
    [callback] = house.callbacks(GULNAR_PHONE)
    assert callback.state is CallbackState.REQUESTED or callback.state is CallbackState.DUE
    promised = callback.promised_at
    assert 29 <= (promised - callback.created_at).total_seconds() / 60 <= 31
    assert ledger.rings(GULNAR_PHONE) == []

    network.person(GULNAR_PHONE, Person(rings=["busy", 6.0], keys=["1"], patience=900, talk=90))
    house.clock.run_until(lambda: len(ledger.rings(GULNAR_PHONE)) == 1, limit=3600)
    [busy] = ledger.rings(GULNAR_PHONE)
    assert abs((busy.from_at - promised).total_seconds()) < 15
    house.clock.run_until(lambda: len(ledger.rings(GULNAR_PHONE)) == 2, limit=3600)
    house.clock.run_for(60)
    assert ledger.conversations() == []
    assert house.callbacks()[0].state is CallbackState.ANSWERED

    house.sign_in(town.asel)
    house.clock.run_for(300)
    [conversation] = ledger.conversations(GULNAR_PHONE)
    assert round((conversation.to_at - conversation.from_at).total_seconds()) in range(55, 95)
    [callback] = house.callbacks()
    assert callback.state is CallbackState.DONE
    assert [attempt.result for attempt in house.attempts()] == [AttemptResult.BUSY, AttemptResult.CONNECTED]
    second = ledger.rings(GULNAR_PHONE)[1]
    assert 290 <= (second.from_at - busy.to_at).total_seconds() <= 310
    assert told(callback.id) == [
        "callback.requested",
        "callback.dialed",
        "callback.missed",
        "callback.dialed",
        "callback.connected",
        "callback.done",
    ]
    house.sign_out(town.asel)
    house.clock.run_for(7200)
    assert len(ledger.rings(GULNAR_PHONE)) == 2
    assert len(ledger.conversations()) == 1


def test_who_rings_before_the_promise_and_is_answered_is_not_called_any_more(exchange, town: Town):
    house = exchange(talk=40)
    house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=["1", "1", "1", "1"])
    house.clock.run_for(180)
    [callback] = house.callbacks()
    house.sign_in(town.asel)
    # the operator is free now: before the promise's moment it is the house that calls, so the parent must be faster
    again = house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=["1", "1", "1"], talk=120)
    house.clock.run_for(200)
    assert again.over
    assert len(house.ledger.conversations(GULNAR_PHONE)) == 1
    house.sign_out(town.asel)
    house.clock.run_for(3600)
    [callback] = house.callbacks()
    assert callback.state is CallbackState.SUPERSEDED
    assert house.ledger.rings(GULNAR_PHONE) == []
    assert len(house.ledger.conversations(GULNAR_PHONE)) == 1


def test_a_free_operator_is_not_kept_waiting_for_the_promised_moment(exchange, town: Town):
    house = exchange(talk=40)
    house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=["1", "1", "1", "1"])
    house.clock.run_for(180)
    [callback] = house.callbacks()
    house.network.person(GULNAR_PHONE, Person(rings=[5.0], keys=["1"], talk=120))
    house.sign_in(town.asel)
    house.clock.run_for(180)
    [ring] = house.ledger.rings(GULNAR_PHONE)
    assert ring.from_at < callback.promised_at
    assert len(house.ledger.conversations(GULNAR_PHONE)) == 1
    assert house.callbacks()[0].state is CallbackState.DONE
