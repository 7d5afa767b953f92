"""A child is in danger and nobody takes calls: one key, the alarm, and the way to 112."""

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.telephony import queries
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState, Outcome
from tests.conftest import SetClock
from tests.people import Town
from tests.webhooks.signed import Carrier, played, verbs
from tests.webhooks.test_closed import SATURDAY_NOON


@pytest.fixture
def carrier(app: Flask, town: Town, set_clock: SetClock) -> Carrier:
    """At the prompt of a closed desk."""
    queries.forget()
    set_clock.at = SATURDAY_NOON
    made = Carrier(app)
    made.document("incoming")
    made.document("language?n=1", Digits="1")
    return made


@pytest.fixture
def dials_out(town: Town) -> None:
    with transaction():
        session().get_one(Desk, town.city.id).dials_service_numbers = True
    desks.forget()


def call() -> Call:
    session().rollback()
    session().expire_all()
    return session().scalars(select(Call)).one()


def alarms() -> int:
    session().rollback()
    return len(session().scalars(select(JournalEntry).where(JournalEntry.kind == "call.danger")).all())


def test_0_raises_the_alarm_at_once_and_once(carrier: Carrier) -> None:
    carrier.document("closed?n=1", Digits="0")
    assert call().danger_at is not None
    carrier.document("closed?n=1", Digits="0")
    assert alarms() == 1


def test_a_trunk_without_service_numbers_speaks_the_number_twice(carrier: Carrier) -> None:
    document = carrier.document("closed?n=1", Digits="0")
    once = ["kk/P42", "kk/number.100", "kk/number.10", "kk/number.2"]
    assert played(document) == [*once, *once, "kk/P46K"]
    assert verbs(carrier.document("closed?n=1", Digits="1"))[-2:] == ["Record", "Redirect"]


def test_1_connects_with_112_where_the_trunk_does(carrier: Carrier, dials_out: None) -> None:
    assert played(carrier.document("closed?n=1", Digits="0")) == ["kk/P20"]
    document = carrier.document("danger?n=1", Digits="1")
    assert (played(document), document.verbs[-1].children[0].text) == (["kk/P41"], "112")
    assert verbs(carrier.document("danger-left", DialCallStatus="completed")) == ["Hangup"]
    assert (call().state, call().outcome) == (CallState.ENDED, Outcome.SELF_SERVED)


def test_when_112_does_not_answer_its_number_is_spoken(carrier: Carrier, dials_out: None) -> None:
    carrier.document("closed?n=1", Digits="0")
    carrier.document("danger?n=1", Digits="1")
    assert played(carrier.document("danger-left", DialCallStatus="busy"))[0] == "kk/P42"
    carrier.told("status", CallStatus="completed")
    assert call().outcome is Outcome.CLOSED


def test_who_says_nothing_is_not_connected_but_hears_the_number(carrier: Carrier, dials_out: None) -> None:
    carrier.document("closed?n=1", Digits="0")
    assert played(carrier.document("danger?n=1", Digits="")) == ["kk/P20"]
    assert played(carrier.document("danger?n=2", Digits=""))[0] == "kk/P42"
    assert alarms() == 1


def test_hanging_up_while_112_talks_ends_the_call_as_helped(carrier: Carrier, dials_out: None) -> None:
    carrier.document("closed?n=1", Digits="0")
    carrier.document("danger?n=1", Digits="1")
    carrier.told("status", CallStatus="completed")
    assert call().outcome is Outcome.SELF_SERVED
    assert verbs(carrier.document("danger-left", DialCallStatus="completed")) == ["Hangup"]
