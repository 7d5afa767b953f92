"""Outside the hours, and the state of a ticket by telephone."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.callbacks.models import Callback
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.telephony import queries
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import CallState, Outcome
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import secret_of
from tests.conftest import SetClock
from tests.people import GULNAR_PHONE, Town
from tests.webhooks.signed import SID, Carrier, played, verbs

SATURDAY_NOON = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
MONDAY_OPENING = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
REPUBLIC_DAY = datetime(2026, 12, 16, 7, 0, tzinfo=UTC)


@pytest.fixture
def carrier(app: Flask, town: Town, set_clock: SetClock) -> Carrier:
    queries.forget()
    return Carrier(app)


def call() -> Call:
    session().rollback()
    session().expire_all()
    return session().scalars(select(Call).where(Call.sid == SID)).one()


# ── closed ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_desk_says_when_it_is_open_and_offers_a_callback(carrier: Carrier, set_clock: SetClock) -> None:
    set_clock.at = SATURDAY_NOON
    carrier.document("incoming")
    said = played(carrier.document("language?n=1", Digits="2"))
    assert said[0] == "ru/P01N"
    assert said[1] == "ru/P46"
    assert said[-1] == "ru/P46K"
    assert "ru/weekday.from.0" in said
    assert played(carrier.document("closed?n=1", Digits="2"))[0].startswith("ru/P10")
    made = session().scalars(select(Callback)).one()
    assert (made.number, made.origin, made.not_before) == (GULNAR_PHONE, "closed", MONDAY_OPENING)
    ticket = session().get_one(Ticket, made.ticket_id)
    assert (ticket.language, ticket.contact_id is not None) == ("ru", True)
    place = session().scalars(select(QueueEntry)).one()
    assert (place.callback_id, place.not_before) == (made.id, MONDAY_OPENING)
    assert call().outcome is Outcome.CALLBACK_REQUESTED


def test_a_holiday_is_called_one(carrier: Carrier, set_clock: SetClock) -> None:
    set_clock.at = REPUBLIC_DAY
    carrier.document("incoming")
    said = played(carrier.document("language?n=1", Digits="1"))
    assert said[1] == "kk/P46H"
    assert "kk/tomorrow" in said


def test_another_number_may_be_given_outside_the_hours_too(carrier: Carrier, set_clock: SetClock) -> None:
    set_clock.at = SATURDAY_NOON
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="1")
    assert played(carrier.document("closed?n=1", Digits="3")) == ["kk/P08"]
    carrier.document("number?n=1", Digits="7010000042")
    carrier.document("number-right?n=1", Digits="1")
    assert session().scalars(select(Callback.number)).all() == ["+77010000042"]


def test_who_presses_nothing_outside_the_hours_is_called_back(carrier: Carrier, set_clock: SetClock) -> None:
    set_clock.at = SATURDAY_NOON
    carrier.document("incoming")
    carrier.document("language?n=2", Digits="")
    assert verbs(carrier.document("closed?n=1", Digits="")) == ["Gather"]
    assert played(carrier.document("closed?n=2", Digits=""))[0].startswith("kk/P10")


def test_a_hidden_number_that_presses_nothing_hears_goodbye(carrier: Carrier, set_clock: SetClock) -> None:
    set_clock.at = SATURDAY_NOON
    hidden = {"From": "anonymous"}
    carrier.document("incoming", **hidden)
    carrier.document("language?n=1", Digits="1", **hidden)
    assert played(carrier.document("closed?n=2", Digits="", **hidden)) == ["kk/P23"]
    assert (call().state, call().outcome) == (CallState.ENDED, Outcome.CLOSED)


def test_hanging_up_at_a_closed_desk_is_no_abandon(carrier: Carrier, set_clock: SetClock) -> None:
    set_clock.at = SATURDAY_NOON
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="1")
    carrier.told("status", CallStatus="completed")
    assert call().outcome is Outcome.CLOSED


def test_a_desk_around_the_clock_is_never_closed(carrier: Carrier, set_clock: SetClock, town: Town) -> None:
    with transaction():
        session().get_one(Desk, town.city.id).around_the_clock = True
    desks.forget()
    set_clock.at = SATURDAY_NOON
    carrier.document("incoming")
    assert "kk/P02" in played(carrier.document("language?n=1", Digits="1"))


# ── the state of a ticket ─────────────────────────────────────────────────────────────────────────────────────────


def a_ticket(carrier: Carrier) -> Ticket:
    carrier.document("incoming", sid="CA0")
    carrier.document("language?n=1", sid="CA0", Digits="1")
    carrier.document("technical?n=1", sid="CA0", Digits="1")
    carrier.told("status", sid="CA0", CallStatus="completed")
    return session().scalars(select(Ticket)).one()


def keyed(ticket: Ticket) -> str:
    return ticket.number.replace("-", "")


def ask(carrier: Carrier, from_: str) -> None:
    carrier.document("incoming", From=from_)
    carrier.document("language?n=1", Digits="1", From=from_)
    assert played(carrier.document("menu?n=1", Digits="4", From=from_)) == ["kk/P16"]


def test_a_requesters_own_telephone_hears_the_state_and_the_menu_again(carrier: Carrier) -> None:
    ticket = a_ticket(carrier)
    ask(carrier, GULNAR_PHONE)
    said = played(carrier.document("status-number", Digits=keyed(ticket)))
    assert "kk/state.new" in said
    assert said[-1] == "kk/P02"
    carrier.told("status", CallStatus="completed")
    assert call().outcome is Outcome.SELF_SERVED


def test_another_telephone_needs_the_access_code(carrier: Carrier) -> None:
    ticket, stranger = a_ticket(carrier), "+77010000001"
    ask(carrier, stranger)
    assert played(carrier.document("status-number", Digits=keyed(ticket), From=stranger)) == ["kk/P16S"]
    said = played(carrier.document("status-secret", Digits=secret_of(ticket), From=stranger))
    assert "kk/state.new" in said


def test_after_three_failures_the_call_learns_nothing_more(carrier: Carrier) -> None:
    ticket, stranger = a_ticket(carrier), "+77010000001"
    ask(carrier, stranger)
    for answer in ("kk/P16N", "kk/P16N"):
        carrier.document("status-number", Digits=keyed(ticket), From=stranger)
        assert played(carrier.document("status-secret", Digits="00000000", From=stranger))[0] == answer
    said = played(carrier.document("status-number", Digits="123", From=stranger))
    assert said == ["kk/P16N", "kk/P02"]
    # asking once more leads to a person
    assert verbs(carrier.document("menu?n=1", Digits="4", From=stranger)) == ["Enqueue"]


def test_a_number_that_does_not_exist_sounds_like_a_wrong_code(carrier: Carrier) -> None:
    ask(carrier, GULNAR_PHONE)
    assert played(carrier.document("status-number", Digits="260000019"))[0] in ("kk/P16N", "kk/P16S")
    assert played(carrier.document("status-secret", Digits="12345678"))[0] == "kk/P16N"
