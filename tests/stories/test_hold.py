"""A caller is put on hold: music instead of voices, and the operator is heard by nobody."""

from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony import holding, queries
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import Outcome
from phonesim import CallHandle
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town


def the_call() -> Call:
    Hotline.look_again()
    return session().scalars(select(Call)).one()


def hold(call: Call, on: bool) -> None:
    with transaction():
        locked = queries.locked(call.id)
        (holding.hold if on else holding.unhold)(locked, staff(locked.operator_id or 0))


def talking(hotline: Hotline) -> CallHandle:
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=None)
    hotline.until(lambda: caller.in_conversation)
    hotline.run(2)
    return caller


def heard_by(hotline: Hotline, speaker: str) -> set[str]:
    return hotline.network.ledger.heard_by(speaker, hotline.clock.now())


def test_a_held_caller_hears_music_and_comes_back(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel)
    caller, operator = talking(hotline), f"client:op_{town.asel.id}"
    assert heard_by(hotline, operator) == {GULNAR_PHONE}
    hold(the_call(), True)
    hotline.run(3)
    assert heard_by(hotline, operator) == set()
    assert caller.prompts[-1].startswith("music")
    hotline.run(57)
    hold(the_call(), False)
    hotline.run(3)
    assert heard_by(hotline, operator) == {GULNAR_PHONE}
    assert (the_call().held_at, the_call().hold_seconds) == (None, 60)
    assert not caller.over


def test_a_hold_that_is_over_before_the_carrier_hears_of_it_is_none(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel)
    caller = talking(hotline)
    hotline.network.faults.rest_500 = 1.0
    hold(the_call(), True)
    hotline.run(3)
    hold(the_call(), False)
    hotline.network.faults.rest_500 = 0.0
    hotline.run(45)
    assert caller.in_conversation
    assert heard_by(hotline, f"client:op_{town.asel.id}") == {GULNAR_PHONE}


def test_a_hold_that_the_carrier_refuses_for_a_while_comes_later(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel)
    caller = talking(hotline)
    hotline.network.faults.rest_429 = 1.0
    hold(the_call(), True)
    hotline.run(5)
    hotline.network.faults.rest_429 = 0.0
    hotline.until(lambda: heard_by(hotline, f"client:op_{town.asel.id}") == set(), limit=30)
    assert not caller.over


def test_a_caller_who_hangs_up_on_hold_has_been_served(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    caller = talking(hotline)
    hold(the_call(), True)
    hotline.run(20)
    caller.hang_up()
    hotline.run(3)
    call = the_call()
    assert (call.outcome, call.held_at) == (Outcome.HANDLED, None)
    assert call.hold_seconds >= 20
    assert asel.legs[0].over


def test_a_conference_whose_name_nobody_told_is_asked_for(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel)
    hotline.network.faults.drop = 1.0
    talking(hotline)
    assert the_call().conference_sid is None
    hold(the_call(), True)
    hotline.run(3)
    assert heard_by(hotline, f"client:op_{town.asel.id}") == set()
