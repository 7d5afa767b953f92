"""By whom, when, and whether at all: what a person wishes of a callback holds until the telephone is in their hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks import dialling
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import WAITS_FOR_ONE, AttemptResult, CallbackState
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.telephony import number_rules
from helpdesk.telephony.conversation_rules import NumberRule
from helpdesk.telephony.models import Offer
from phonesim import Person
from tests.callbacks.promises import again, attempts, due_now, promised, ticket_of
from tests.conftest import SetClock
from tests.exchange import MORNING, Exchange, exchange
from tests.people import GULNAR_PHONE, Town

__all__ = ["exchange"]

Open = Callable[..., Exchange]

IN_AN_HOUR = timedelta(hours=1)


def wants_no_calls(town: Town) -> None:
    with transaction():
        supervisor = asker(town.erlan.id)
        assert supervisor is not None
        number_rules.add(supervisor, GULNAR_PHONE, NumberRule.DO_NOT_CALL, "asked us to")


def asked() -> list[int]:
    """Who was asked to make it, in order."""
    session().rollback()
    return list(session().scalars(select(Offer.staff_id).order_by(Offer.id)))


# ── not at all ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_nothing_is_promised_to_a_number_that_does_not_want_to_be_called(town: Town, set_clock: SetClock) -> None:
    ticket = ticket_of(town)
    wants_no_calls(town)
    with pytest.raises(Refused, match="does not want to be called"):
        promised(ticket)
    assert session().scalars(select(Callback)).all() == []


def test_who_asks_for_no_calls_after_the_promise_is_left_to_a_person(town: Town, set_clock: SetClock) -> None:
    callback = due_now(ticket_of(town))
    wants_no_calls(town)
    with transaction():
        assert dialling.claim(callback.id) is None
    assert attempts() == []
    assert again(callback).state is CallbackState.EXPIRED
    kinds = session().scalars(select(JournalEntry.kind).where(JournalEntry.callback_id == callback.id))
    assert "callback.kept_from" in kinds.all()


# ── tomorrow at ten, me or anybody ────────────────────────────────────────────────────────────────────────────────


def appointment(town: Town, with_whom: Staff | None) -> Callback:
    return promised(
        ticket_of(town),
        not_before=MORNING + IN_AN_HOUR,
        staff_id=with_whom.id if with_whom else None,
        origin="operator",
    )


def test_an_appointment_with_one_operator_is_held_out_to_that_one(exchange: Open, town: Town) -> None:
    house = exchange(talk=20)
    house.ask_operators_first()
    house.network.person(GULNAR_PHONE, Person(rings=[3.0], patience=60, talk=60))
    callback = appointment(town, town.aigul)
    house.sign_in(town.svetlana)
    house.clock.run_for(60)
    house.sign_in(town.aigul)
    house.clock.run_for(IN_AN_HOUR.total_seconds() - 90)
    assert asked() == []
    house.clock.run_for(120)
    assert asked() == [town.aigul.id], "though the other one has been idle for longer"
    assert again(callback).state is CallbackState.DONE


def test_when_that_one_is_away_anybody_keeps_the_appointment_ten_minutes_later(exchange: Open, town: Town) -> None:
    house = exchange(talk=20)
    house.ask_operators_first()
    house.network.person(GULNAR_PHONE, Person(rings=[3.0], patience=60, talk=60))
    callback = appointment(town, town.aigul)
    house.sign_in(town.svetlana)
    house.clock.run_for((IN_AN_HOUR + WAITS_FOR_ONE).total_seconds() - 20)
    assert asked() == []
    assert house.ledger.rings(GULNAR_PHONE) == []
    house.clock.run_for(90)
    assert asked() == [town.svetlana.id]
    assert again(callback).state is CallbackState.DONE


def test_an_appointment_with_anybody_is_kept_at_its_moment(exchange: Open, town: Town) -> None:
    house = exchange(talk=20)
    house.ask_operators_first()
    house.network.person(GULNAR_PHONE, Person(rings=[3.0], patience=60, talk=60))
    appointment(town, None)
    house.sign_in(town.svetlana)
    house.clock.run_for(IN_AN_HOUR.total_seconds() + 60)
    [ring] = house.ledger.rings(GULNAR_PHONE)
    assert 0 <= (ring.from_at - (MORNING + IN_AN_HOUR)).total_seconds() < 30


# ── not at this hour ──────────────────────────────────────────────────────────────────────────────────────────────


def test_who_picks_up_after_the_dialling_hours_is_not_put_through(exchange: Open, town: Town) -> None:
    closes = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    house = exchange(start=closes - timedelta(seconds=20))
    house.ask_operators_first()
    house.network.person(GULNAR_PHONE, Person(rings=[22.0], patience=60, talk=60))
    callback = due_now(ticket_of(town))
    house.sign_in(town.aigul)
    house.clock.run_for(120)
    [ring] = house.ledger.rings(GULNAR_PHONE)
    assert ring.from_at < closes, "it rang while it still might"
    assert [attempt.result for attempt in attempts()] == [AttemptResult.TOO_LATE]
    moved = again(callback)
    assert (moved.state, moved.attempts) == (CallbackState.RETRY_WAIT, 0)
    assert moved.next_attempt_at == closes + timedelta(hours=13)
    assert house.ledger.conversations() == []
