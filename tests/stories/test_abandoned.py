"""Who waited and gave up is called back without having asked: once, in the old place, and only where it is wanted."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from helpdesk.audit.actor import staff
from helpdesk.callbacks import abandoned
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import DIALS_A_DAY, CallbackState
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.telephony import number_rules
from helpdesk.telephony.conversation_rules import NumberRule
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import Outcome
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Resolution
from phonesim import CallHandle, Person
from tests.callbacks.promises import due_now, ticket_of
from tests.exchange import HOTLINE, Exchange, exchange
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town

__all__ = ["exchange"]

Open = Callable[..., Exchange]
# language, topic, subtopic; the prompts before the line last about 40 seconds when keys are pressed early
KEYS = ("1", "1", "1")


@pytest.fixture
def calls_back(town: Town) -> Town:
    """Every desk calls back whom it let wait in vain."""
    with transaction():
        session().execute(update(Desk).values(calls_abandoned_back=True))
    desks.forget()
    return town


def gives_up(house: Exchange, from_: str = GULNAR_PHONE, after: float = 45.0) -> CallHandle:
    """Somebody joins the line, waits so many seconds in it, and hangs up."""
    caller = house.network.dial(HOTLINE, from_=from_, keys=list(KEYS))
    assert house.clock.run_until(lambda: caller.queue_name is not None, limit=200)
    house.clock.run_for(after)
    caller.hang_up()
    house.clock.run_for(5)
    return caller


def last_call() -> Call:
    session().rollback()
    session().expire_all()
    call = session().scalars(select(Call).where(Call.direction == "inbound").order_by(Call.id.desc())).first()
    assert call is not None
    return call


def test_who_gives_up_is_called_back_in_the_place_that_was_waited_for(exchange: Open, calls_back: Town) -> None:
    house = exchange(talk=30)
    house.ask_operators_first()
    house.network.person(GULNAR_PHONE, Person(rings=[4.0], patience=300, talk=60))
    gives_up(house)
    gone = last_call()
    assert gone.outcome is Outcome.ABANDONED, "the figures call it what it was"
    [callback] = house.callbacks()
    assert (callback.origin, callback.number, callback.ticket_id) == ("abandoned", GULNAR_PHONE, gone.ticket_id)
    assert callback.virtual_at == gone.queued_at
    later = house.network.dial(HOTLINE, from_=ELENA_PHONE, keys=["2", *KEYS[1:]], patience=900, talk=60)
    assert house.clock.run_until(lambda: later.queue_name is not None, limit=200)
    house.sign_in(calls_back.asel)
    house.clock.run_for(400)
    talks = house.ledger.conversations()
    assert [GULNAR_PHONE in (talk.one, talk.other) for talk in talks] == [True, False]
    assert house.callbacks()[0].state is CallbackState.DONE
    assert len(house.ledger.rings(GULNAR_PHONE)) == 1
    told = session().scalars(select(Letter).where(Letter.address == GULNAR_PHONE, Letter.template == "callback_set"))
    assert len(told.all()) == 1


def test_without_the_desks_policy_nobody_is_called_unasked(exchange: Open, town: Town) -> None:
    house = exchange()
    gives_up(house)
    assert last_call().outcome is Outcome.ABANDONED
    assert house.callbacks() == []


def test_who_hangs_up_sooner_is_left_alone(exchange: Open, calls_back: Town) -> None:
    house = exchange()
    gives_up(house, after=15)
    assert last_call().outcome is Outcome.ABANDONED
    assert house.callbacks() == []


def test_who_hangs_up_in_the_menu_has_not_waited(exchange: Open, calls_back: Town) -> None:
    house = exchange()
    caller = house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=["1", ""], patience=40)
    house.clock.run_for(120)
    assert caller.over
    assert last_call().queued_at is None
    assert house.callbacks() == []


@pytest.mark.parametrize("from_", ["anonymous", "+79161234567"])
def test_hidden_and_foreign_numbers_are_not_called_back(exchange: Open, calls_back: Town, from_: str) -> None:
    house = exchange()
    gives_up(house, from_)
    assert last_call().outcome is Outcome.ABANDONED
    assert house.callbacks() == []


@pytest.mark.parametrize("rule", [NumberRule.BLOCKED, NumberRule.DO_NOT_CALL])
def test_blocked_numbers_and_those_that_want_no_calls_are_left_alone(
    exchange: Open, calls_back: Town, rule: NumberRule
) -> None:
    house = exchange()
    caller = house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=list(KEYS))
    assert house.clock.run_until(lambda: caller.queue_name is not None, limit=200)
    with transaction():
        supervisor = asker(calls_back.asel.id)
        assert supervisor is not None
        number_rules.add(supervisor, GULNAR_PHONE, rule, "asked for it")
    house.clock.run_for(60)
    caller.hang_up()
    house.clock.run_for(5)
    assert last_call().outcome is Outcome.ABANDONED
    assert house.callbacks() == []


def test_an_open_promise_is_promise_enough(exchange: Open, calls_back: Town) -> None:
    house = exchange()
    house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=[*KEYS, "1"])
    house.clock.run_for(180)
    [promised] = house.callbacks()
    assert promised.origin == "queue"
    gives_up(house)
    [callback] = house.callbacks()
    assert (callback.id, callback.promised_at) == (promised.id, promised.promised_at)


def test_who_rings_again_is_waited_for_and_not_rung(exchange: Open, calls_back: Town) -> None:
    house = exchange(talk=30)
    first = house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=list(KEYS))
    assert house.clock.run_until(lambda: first.queue_name is not None, limit=200)
    house.clock.run_for(60)
    house.enqueue = lambda _name, _ids: True  # the workers stand still
    first.hang_up()
    again = house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=list(KEYS), patience=900, talk=60)
    house.clock.run_for(20)
    assert house.callbacks() == []
    house.enqueue = lambda _name, _ids: False
    house.start_clock_process()
    house.sign_in(calls_back.asel)
    house.clock.run_for(400)
    assert again.over
    assert len(house.ledger.conversations(GULNAR_PHONE)) == 1
    assert house.callbacks() == []
    assert house.ledger.rings(GULNAR_PHONE) == []


def test_who_rings_again_after_the_promise_is_served_and_not_called(exchange: Open, calls_back: Town) -> None:
    house = exchange(talk=30)
    gives_up(house)
    [callback] = house.callbacks()
    house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=list(KEYS), patience=900, talk=60)
    house.clock.run_for(60)
    place = session().scalars(select(QueueEntry.virtual_at).where(QueueEntry.call_id == last_call().id)).one()
    assert place == callback.virtual_at
    house.sign_in(calls_back.asel)
    house.clock.run_for(300)
    assert house.callbacks()[0].state is CallbackState.SUPERSEDED
    assert house.ledger.rings(GULNAR_PHONE) == []


def test_it_happens_once_a_day(exchange: Open, calls_back: Town) -> None:
    house = exchange()
    house.network.person(GULNAR_PHONE, Person(rings=[3.0], keys=["3"]))
    gives_up(house)
    house.sign_in(calls_back.asel)
    house.clock.run_for(120)
    house.sign_out(calls_back.asel)
    assert [one.state for one in house.callbacks()] == [CallbackState.CANCELLED]
    gives_up(house)
    assert len(house.callbacks()) == 1
    with transaction():
        session().execute(update(Callback).values(created_at=Callback.created_at - timedelta(days=1)))
    gives_up(house)
    assert len(house.callbacks()) == 2


def test_a_telephone_that_rang_often_enough_today_is_left_alone(exchange: Open, calls_back: Town) -> None:
    house = exchange()
    house.network.person(GULNAR_PHONE, Person(rings=[2.0], keys=["3"]))
    ticket = ticket_of(calls_back)
    for _ in range(DIALS_A_DAY):
        due_now(ticket)
        house.clock.run_for(60)
    assert len(house.ledger.rings(GULNAR_PHONE)) == DIALS_A_DAY
    gives_up(house)
    assert {one.origin for one in house.callbacks()} == {"web"}


def test_a_matter_that_was_settled_meanwhile_needs_no_call(exchange: Open, calls_back: Town) -> None:
    house = exchange()
    caller = house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=list(KEYS))
    assert house.clock.run_until(lambda: caller.queue_name is not None, limit=200)
    house.clock.run_for(60)
    with transaction():
        ticket = session().scalars(select(Ticket).with_for_update()).one()
        tickets.resolve(ticket, Resolution.SOLVED, staff(calls_back.asel.id), "Готово")
    caller.hang_up()
    house.clock.run_for(5)
    assert house.callbacks() == []


def test_the_reaction_may_run_twice_and_late(exchange: Open, calls_back: Town) -> None:
    house = exchange()
    gives_up(house)
    [callback] = house.callbacks()
    for _ in range(2):
        with transaction():
            assert abandoned.promise_back(last_call()) is None
    assert [one.id for one in house.callbacks()] == [callback.id]
