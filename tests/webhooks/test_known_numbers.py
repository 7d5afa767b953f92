"""Numbers with a history: blocked, calling like a machine, calling again, hidden."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony import number_rules, queries
from helpdesk.telephony.conversation_rules import NumberRule
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import CallState, Outcome
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import Resolution
from tests.conftest import SetClock
from tests.people import GULNAR_PHONE, Town
from tests.webhooks.signed import Carrier, played, verbs


@pytest.fixture
def carrier(app: Flask, town: Town, set_clock: SetClock) -> Carrier:
    queries.forget()
    return Carrier(app)


def calls() -> list[Call]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(Call).order_by(Call.id)))


def block(town: Town, number: str, hours: int | None = None) -> None:
    me = asker(town.asel.id)
    assert me is not None
    with transaction():
        until = clock.now() + timedelta(hours=hours) if hours else None
        number_rules.add(me, number, NumberRule.BLOCKED, "спам", until)


def joins(carrier: Carrier, sid: str, key: str = "2", number: str = GULNAR_PHONE) -> None:
    carrier.document("incoming", sid=sid, From=number)
    carrier.document("language?n=1", sid=sid, From=number, Digits="1")
    carrier.document("menu?n=1", sid=sid, From=number, Digits=key)


# ── turned away ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_blocked_number_hears_the_busy_tone_and_leaves_no_ticket(carrier: Carrier, town: Town) -> None:
    block(town, GULNAR_PHONE)
    document = carrier.document("incoming", CallStatus="ringing")
    assert (verbs(document), document.verbs[0].attributes) == (["Reject"], {"reason": "busy"})
    [call] = calls()
    assert (call.state, call.outcome, call.failure) == (CallState.ENDED, Outcome.REJECTED, "blocked")
    assert session().scalars(select(Ticket)).all() == []
    assert verbs(carrier.document("incoming", CallStatus="ringing")) == ["Reject"]
    assert carrier.told("status", CallStatus="busy") == 204
    assert len(calls()) == 1


def test_a_block_that_is_over_lets_the_number_in_again(carrier: Carrier, town: Town, set_clock: SetClock) -> None:
    block(town, GULNAR_PHONE, hours=1)
    assert verbs(carrier.document("incoming", sid="CA1")) == ["Reject"]
    set_clock.forward(seconds=3600)
    assert verbs(carrier.document("incoming", sid="CA2")) == ["Gather"]


def test_a_machine_that_calls_ten_times_a_minute_hears_the_busy_tone(carrier: Carrier, set_clock: SetClock) -> None:
    for number in range(10):
        assert verbs(carrier.document("incoming", sid=f"CA{number}")) == ["Gather"]
        carrier.told("status", sid=f"CA{number}", CallStatus="completed")
        set_clock.forward(seconds=3)
    assert verbs(carrier.document("incoming", sid="CA10")) == ["Reject"]
    assert calls()[-1].failure == "too_many"
    assert verbs(carrier.document("incoming", sid="CA11", From="+77090000002")) == ["Gather"]
    set_clock.forward(seconds=61)
    assert verbs(carrier.document("incoming", sid="CA12")) == ["Gather"]


# ── calling again ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_who_is_cut_off_in_the_line_has_the_old_ticket_and_place(carrier: Carrier, set_clock: SetClock) -> None:
    joins(carrier, "CA1")
    set_clock.forward(seconds=120)
    joins(carrier, "CA2", number="+77090000002")
    carrier.told("status", sid="CA1", CallStatus="completed")
    set_clock.forward(seconds=60)
    joins(carrier, "CA3")
    first, _, again = calls()
    assert again.ticket_id == first.ticket_id
    assert len(session().scalars(select(Ticket)).all()) == 2
    places = {entry.call_id: entry.virtual_at for entry in session().scalars(select(QueueEntry))}
    assert places[again.id] == places[first.id]
    said = session().scalars(select(Message).where(Message.ticket_id == first.ticket_id).order_by(Message.id)).all()
    assert [message.call_id for message in said] == [first.id, again.id]


def test_another_topic_is_another_ticket(carrier: Carrier, set_clock: SetClock) -> None:
    joins(carrier, "CA1")
    carrier.told("status", sid="CA1", CallStatus="completed")
    joins(carrier, "CA2", key="3")
    first, again = calls()
    assert again.ticket_id != first.ticket_id


def test_after_ten_minutes_it_is_another_matter(carrier: Carrier, set_clock: SetClock) -> None:
    joins(carrier, "CA1")
    carrier.told("status", sid="CA1", CallStatus="completed")
    set_clock.forward(seconds=601)
    joins(carrier, "CA2")
    first, again = calls()
    assert again.ticket_id != first.ticket_id


def test_a_settled_matter_is_not_opened_again_by_a_new_call(carrier: Carrier, town: Town) -> None:
    joins(carrier, "CA1")
    carrier.told("status", sid="CA1", CallStatus="completed")
    with transaction():
        ticket = session().scalars(select(Ticket).with_for_update()).one()
        tickets.resolve(ticket, Resolution.SOLVED, staff(town.asel.id), "Дайын")
    joins(carrier, "CA2")
    first, again = calls()
    assert again.ticket_id != first.ticket_id


def test_two_calls_of_one_school_at_the_same_time_are_two_matters(carrier: Carrier) -> None:
    joins(carrier, "CA1")
    joins(carrier, "CA2")
    first, second = calls()
    assert first.ticket_id != second.ticket_id


def test_hidden_callers_are_never_taken_for_each_other(carrier: Carrier) -> None:
    joins(carrier, "CA1", number="anonymous")
    carrier.told("status", sid="CA1", CallStatus="completed", From="anonymous")
    joins(carrier, "CA2", number="anonymous")
    first, second = calls()
    assert first.ticket_id != second.ticket_id


# ── the technical submenu ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("key", "choice"), [("1", 1), ("2", 3), ("3", 4), ("4", 7), ("0", None)])
def test_the_submenu_gives_the_operator_a_hint(carrier: Carrier, key: str, choice: int | None) -> None:
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="2")
    assert played(carrier.document("menu?n=1", Digits="1")) == ["ru/P03"]
    assert verbs(carrier.document("technical?n=1", Digits=key)) == ["Enqueue"]
    ticket = session().scalars(select(Ticket)).one()
    assert (ticket.queue.value, ticket.choice) == ("technical", choice)
    assert ticket.subject.startswith("Звонок: ")


def test_star_leads_back_from_the_submenu_and_two_failures_to_an_operator(carrier: Carrier) -> None:
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="1")
    carrier.document("menu?n=1", Digits="1")
    assert played(carrier.document("technical?n=1", Digits="*")) == ["kk/P02"]
    assert played(carrier.document("technical?n=1", Digits="8")) == ["kk/P18", "kk/P03"]
    assert verbs(carrier.document("technical?n=2", Digits="")) == ["Enqueue"]
    assert session().scalars(select(Ticket)).one().choice is None
