"""An operator without a computer: the mobile telephone rings, 1 takes the call, and nothing else ever gets a caller."""

import pytest
from sqlalchemy import select

from helpdesk.identity.models import Staff
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony import operator_phones, presence, queries, transfers
from helpdesk.telephony.models import Call, Offer, Presence
from helpdesk.telephony.rules import CallState, Device, OfferState, Outcome, PresenceState
from phonesim import Person
from tests.hotline import Hotline, Operator
from tests.people import GULNAR_PHONE, Town

MOBILE = "+77090000077"


def on_phone(hotline: Hotline, staff: Staff, **person: object) -> Operator:
    """This operator is ready, without a browser, with a telephone in the pocket."""
    hotline.network.person(MOBILE, Person(**person))  # type: ignore[arg-type]  # what a test says of the person
    with transaction():
        session().get_one(Staff, staff.id).mobile = MOBILE
        session().flush()
        presence.choose(staff.id, PresenceState.READY)
        operator_phones.choose(staff.id, Device.PHONE)
    [operator] = [
        Operator(staff, hotline.network.softphone(f"op_{staff.id}", "/twilio/voice/operator"), None, alive=False)
    ]
    return operator


def the_call() -> Call:
    Hotline.look_again()
    return session().scalars(select(Call)).one()


def where(staff_id: int) -> PresenceState:
    Hotline.look_again()
    return session().get_one(Presence, staff_id).state


def rings(hotline: Hotline) -> int:
    return len(hotline.network.ledger.rings(MOBILE))


def test_pressing_one_takes_the_caller(hotline: Hotline, town: Town) -> None:
    on_phone(hotline, town.asel, rings=[4.0], keys=["1"], talk=None)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", talk=40)
    hotline.until(lambda: caller.in_conversation)
    assert the_call().operator_id == town.asel.id
    assert hotline.network.ledger.heard_by(MOBILE, hotline.clock.now()) == {GULNAR_PHONE}
    hotline.until(lambda: caller.over)
    hotline.run(3)
    assert the_call().outcome is Outcome.HANDLED
    assert where(town.asel.id) is PresenceState.WRAPUP
    assert rings(hotline) == 1
    hotline.run(100)
    assert where(town.asel.id) is PresenceState.READY, "no browser is needed to stay there"


@pytest.mark.parametrize("reaction", ["machine", "busy", "no-answer", "failed"])
def test_whatever_is_not_a_key_gives_the_caller_to_the_next_one(hotline: Hotline, town: Town, reaction: str) -> None:
    on_phone(hotline, town.asel, rings=[reaction])
    hotline.run(1)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", talk=None)
    hotline.until(lambda: rings(hotline) == 1 or bool(hotline.network.ledger.legs(MOBILE)))
    hotline.staffed(town.aigul)
    with transaction():
        session().get_one(Staff, town.asel.id).skills = []
    hotline.run(90)
    assert not caller.in_conversation
    assert MOBILE not in {one for talk in hotline.network.ledger.conversations() for one in (talk.one, talk.other)}
    assert the_call().state in (CallState.QUEUED, CallState.OFFERED)
    assert session().scalars(select(Offer.state).where(Offer.staff_id == town.asel.id)).first() is OfferState.EXPIRED


def test_somebody_who_picks_up_and_presses_nothing_is_let_go(hotline: Hotline, town: Town) -> None:
    on_phone(hotline, town.asel, rings=[2.0], keys=["", "", ""])
    caller = hotline.dial(GULNAR_PHONE, "1", "1")
    hotline.until(lambda: rings(hotline) == 2, limit=120)
    hotline.run(60)
    assert not caller.in_conversation
    assert where(town.asel.id) is PresenceState.BREAK, "two misses"
    assert all(leg.to_at is not None for leg in hotline.network.ledger.legs(MOBILE))


def test_a_caller_who_hangs_up_stops_the_ringing(hotline: Hotline, town: Town) -> None:
    on_phone(hotline, town.asel, rings=[15.0], keys=["1"])
    caller = hotline.dial(GULNAR_PHONE, "1", "1")
    hotline.until(lambda: rings(hotline) == 1)
    hotline.run(3)
    caller.hang_up()
    hotline.run(4)
    [leg] = hotline.network.ledger.legs(MOBILE)
    assert leg.to_at is not None
    assert leg.answered_at is None
    assert where(town.asel.id) is PresenceState.READY


def test_nobody_is_rung_twice_for_one_offer_whatever_the_carrier_does(hotline: Hotline, town: Town) -> None:
    hotline.network.faults.rest_lost = 1.0
    on_phone(hotline, town.asel, rings=[4.0], keys=["1"])
    caller = hotline.dial(GULNAR_PHONE, "1", "1", talk=None)
    hotline.until(lambda: rings(hotline) == 1)
    hotline.network.faults.rest_lost = 0.0
    hotline.until(lambda: caller.in_conversation, limit=30)
    assert rings(hotline) == 1


def test_a_worker_that_dies_after_asking_the_carrier_rings_nobody_again(hotline: Hotline, town: Town) -> None:
    on_phone(hotline, town.asel, rings=[4.0], keys=["1"])

    def die() -> None:
        raise RuntimeError("killed here")

    with failpoints.armed("operator_phone.placed", die):
        caller = hotline.dial(GULNAR_PHONE, "1", "1", talk=None)
        hotline.until(lambda: rings(hotline) == 1)
    hotline.until(lambda: caller.in_conversation, limit=30)
    assert rings(hotline) == 1


def test_a_carrier_that_refuses_for_a_while_is_asked_again(hotline: Hotline, town: Town) -> None:
    hotline.network.faults.rest_429 = 1.0
    on_phone(hotline, town.asel, rings=[2.0], keys=["1"])
    caller = hotline.dial(GULNAR_PHONE, "1", "1", talk=None)
    hotline.until(lambda: queries.open_offer(town.asel.id) is not None)
    hotline.run(5)
    assert rings(hotline) == 0
    hotline.network.faults.rest_429 = 0.0
    hotline.until(lambda: caller.in_conversation, limit=40)
    assert rings(hotline) == 1


def test_a_foreign_leg_with_the_token_of_an_offer_gets_no_caller(hotline: Hotline, town: Town) -> None:
    on_phone(hotline, town.asel, rings=[10.0], keys=["1"])
    hotline.dial(GULNAR_PHONE, "1", "1")
    hotline.until(lambda: rings(hotline) == 1)
    offer = queries.open_offer(town.asel.id)
    assert offer is not None
    with transaction():
        assert operator_phones.adopt(offer.token, "CAghost") is None
        assert operator_phones.claim(offer.id) is None


def test_a_colleague_on_a_telephone_is_asked_there(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", to="+77272000905", talk=None)
    hotline.until(lambda: caller.in_conversation)
    on_phone(hotline, town.svetlana, rings=[3.0], keys=["1"])
    with transaction():
        transfers.consult(queries.locked(the_call().id), town.aigul.id, town.svetlana.id)
    hotline.until(lambda: f"client:op_{town.aigul.id}" in hotline.network.ledger.heard_by(MOBILE))
    with transaction():
        assert transfers.complete(queries.locked(the_call().id), town.aigul.id)
    hotline.run(3)
    assert hotline.network.ledger.heard_by(MOBILE, hotline.clock.now()) == {GULNAR_PHONE}
    assert the_call().operator_id == town.svetlana.id
