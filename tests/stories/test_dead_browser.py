"""The operator's browser dies in the middle: the caller hears an apology and is the next one to be served."""

from sqlalchemy import select

from helpdesk.kernel.db import session
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.rules import Outcome, PresenceState
from phonesim import CallHandle
from tests.hotline import Hotline, Operator
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town
from tests.stories.test_hold import hold


def call_of(number: str) -> Call:
    Hotline.look_again()
    return session().scalars(select(Call).where(Call.from_number == number)).one()


def where(staff_id: int) -> PresenceState:
    Hotline.look_again()
    return session().get_one(Presence, staff_id).state


def talking(hotline: Hotline, operator: Operator) -> CallHandle:
    caller = hotline.dial(GULNAR_PHONE, "1", "1", talk=None)
    hotline.until(lambda: caller.in_conversation)
    hotline.run(20)
    assert call_of(GULNAR_PHONE).operator_id == operator.staff.id
    return caller


def dies(operator: Operator) -> None:
    """No heartbeat any more, and the network notices that the softphone is gone."""
    operator.alive = False
    operator.legs[-1].hang_up()


def test_the_caller_hears_an_apology_and_comes_before_all_who_waited(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    caller = talking(hotline, asel)
    waits = hotline.dial(ELENA_PHONE, "2", "1")
    hotline.run(30)
    dies(asel)
    hotline.until(lambda: any(name.startswith("P27") for name in caller.prompts), limit=10)
    assert not caller.over
    asel.alive = True
    hotline.until(lambda: where(town.asel.id) is PresenceState.READY, limit=200)
    hotline.until(lambda: caller.in_conversation, limit=60)
    assert not waits.in_conversation
    caller.hang_up()
    hotline.run(3)
    assert call_of(GULNAR_PHONE).outcome is Outcome.HANDLED
    assert hotline.network.ledger.overlapping_conversations(GULNAR_PHONE) == []


def test_an_operator_who_is_gone_is_offline_and_gets_no_calls(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    caller = talking(hotline, asel)
    dies(asel)
    hotline.run(50)
    assert where(town.asel.id) is PresenceState.OFFLINE
    hotline.staffed(town.asel)[0].answers = 2.0
    hotline.until(lambda: caller.in_conversation, limit=60)
    assert len(hotline.network.ledger.conversations(GULNAR_PHONE)) == 2


def test_a_browser_that_dies_while_the_caller_is_on_hold_loses_nobody(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    caller = talking(hotline, asel)
    hold(call_of(GULNAR_PHONE), True)
    hotline.run(5)
    dies(asel)
    hotline.until(lambda: any(name.startswith("P27") for name in caller.prompts), limit=10)
    assert call_of(GULNAR_PHONE).held_at is None
    hotline.staffed(town.aigul)
    asel.alive = True
    hotline.until(lambda: caller.in_conversation, limit=200)
    assert f"client:op_{town.asel.id}" in hotline.network.ledger.heard_by(GULNAR_PHONE, hotline.clock.now())


def test_a_caller_who_has_had_enough_of_it_was_served_or_gave_up_never_both(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    caller = talking(hotline, asel)
    dies(asel)
    hotline.run(40)
    caller.hang_up()
    hotline.run(3)
    assert call_of(GULNAR_PHONE).outcome is Outcome.ABANDONED
