"""The same calls on a bad line: doubled, late, lost and slow webhooks, and a REST interface that fails."""

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.kernel.db import session
from helpdesk.telephony.models import Call, Leg, Offer, Presence, QueueEntry
from helpdesk.telephony.rules import LIVE_LEG, CallState, EntryState, OfferState, Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town

NUMBERS = [f"+770900001{n:02d}" for n in range(6)]


def call_of(number: str) -> Call:
    Hotline.look_again()
    return session().scalars(select(Call).where(Call.from_number == number)).one()


@pytest.mark.parametrize("seed", range(2))
def test_on_a_bad_line_every_call_has_one_ticket_one_outcome_and_nobody_two_calls(
    hotline: Hotline, town: Town, seed: int
) -> None:
    faults = hotline.network.faults
    faults.seed = seed
    faults.__post_init__()
    faults.duplicate, faults.delay, faults.reorder, faults.drop = 0.3, 0.3, 0.2, 0.1
    faults.rest_429, faults.rest_500 = 0.1, 0.1
    hotline.staffed(town.asel)
    handsets = []
    for place, number in enumerate(NUMBERS):
        talk, patience = 20.0 + place, [None, 25.0, 200.0][place % 3]
        handsets.append(hotline.dial(number, "1" if place % 2 else "2", "1", "1", talk=talk, patience=patience))
        hotline.run(7)
    hotline.until(lambda: all(handset.over for handset in handsets), limit=3600)
    hotline.run(240)

    calls = session().scalars(select(Call)).all()
    assert len(calls) == len(NUMBERS)
    assert {call.state for call in calls} == {CallState.ENDED}
    assert all(call.outcome is not None for call in calls)
    assert session().scalars(select(Leg.sid).where(Leg.state.in_(LIVE_LEG))).all() == []
    assert {entry.state for entry in session().scalars(select(QueueEntry))} == {EntryState.LEFT}
    assert session().scalars(select(Offer.id).where(Offer.state == OfferState.OPEN)).all() == []
    tickets = [call.ticket_id for call in calls if call.ticket_id]
    assert len(tickets) == len(set(tickets)) == len(session().scalars(select(Ticket.id)).all())
    assert hotline.network.ledger.overlapping_conversations(f"client:op_{town.asel.id}") == []
    assert session().get_one(Presence, town.asel.id).state is not PresenceState.TALKING
    talked = {talk.one if talk.one in NUMBERS else talk.other for talk in hotline.network.ledger.conversations()}
    handled = {call.from_number for call in calls if call.outcome is Outcome.HANDLED}
    assert handled == talked


def test_whichever_document_follows_a_redirect_the_caller_meets_the_operator(hotline: Hotline, town: Town) -> None:
    hotline.network.redirects_to_action = True
    hotline.staffed(town.asel)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=20)
    hotline.until(lambda: caller.over)
    hotline.run(2)
    assert call_of(GULNAR_PHONE).outcome is Outcome.HANDLED
    assert len(hotline.network.ledger.conversations(GULNAR_PHONE)) == 1


def test_a_carrier_that_refuses_for_a_while_brings_the_caller_later(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel)
    hotline.network.faults.rest_500 = 1.0
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=20)
    hotline.run(30)
    assert call_of(GULNAR_PHONE).state is CallState.CONNECTED
    assert not caller.in_conversation
    hotline.network.faults.rest_500 = 0.0
    hotline.until(lambda: caller.in_conversation, limit=30)


def test_a_caller_who_leaves_between_answer_and_join_does_not_keep_the_operator(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    hotline.network.faults.rest_500 = 1.0
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.until(lambda: bool(asel.legs))
    hotline.run(2)
    caller.hang_up()
    hotline.network.faults.rest_500 = 0.0
    hotline.run(10)
    assert call_of(GULNAR_PHONE).outcome is Outcome.ABANDONED
    assert asel.legs[0].over
    assert session().get_one(Presence, town.asel.id).state is PresenceState.WRAPUP


def test_a_call_whose_end_nobody_told_is_found_out(hotline: Hotline, town: Town) -> None:
    hotline.network.faults.drop = 1.0
    caller = hotline.dial(GULNAR_PHONE, "1")
    hotline.run(3)
    caller.hang_up()
    hotline.run(60)
    assert call_of(GULNAR_PHONE).state is CallState.IVR
    hotline.run(120)
    assert call_of(GULNAR_PHONE).outcome is Outcome.ABANDONED


def test_calls_need_no_redis(app: Flask, hotline: Hotline, town: Town) -> None:
    line = app.extensions["redis"]
    app.extensions["redis"] = type(line)("redis://127.0.0.1:1/0")
    try:
        hotline.staffed(town.asel)
        caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=10)
        hotline.until(lambda: caller.over)
        hotline.run(2)
        assert call_of(GULNAR_PHONE).outcome is Outcome.HANDLED
    finally:
        app.extensions["redis"] = line
