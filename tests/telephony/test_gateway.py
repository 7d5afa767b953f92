"""What we ask of the carrier, and what its failures mean. The other side is the simulator, or a dead port."""

import pytest
from flask import Flask

from helpdesk.kernel import settings
from helpdesk.telephony import gateway
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.gateway import Carrier, identity, staff_of
from helpdesk.telephony.rules import LegState
from phonesim import InProcessHttpClient
from tests.hotline import Hotline

NUMBER = "+77090000001"


def place(hotline: Hotline) -> str:
    return gateway.carrier().place_call(NUMBER, "/twilio/voice/incoming", "/twilio/voice/status").sid


def test_a_call_is_placed_found_and_hung_up(hotline: Hotline) -> None:
    sid = place(hotline)
    hotline.run(2)
    carrier = gateway.carrier()
    [found] = carrier.find_calls(NUMBER, settings.current().twilio_from)
    assert (found.sid, found.state, found.is_over) == (sid, LegState.RINGING, False)
    assert carrier.hangup(sid)
    hotline.run(2)
    ended = carrier.fetch_call(sid)
    assert ended is not None
    assert ended.is_over
    assert not carrier.hangup(sid)
    assert not carrier.redirect(sid, "/twilio/voice/join")


def test_a_leg_that_the_carrier_does_not_know_is_none(hotline: Hotline) -> None:
    assert gateway.carrier().fetch_call("CA" + "9" * 32) is None
    assert not gateway.carrier().hangup("CA" + "9" * 32)


def test_too_many_requests_had_no_effect_and_may_be_repeated(hotline: Hotline) -> None:
    hotline.network.faults.rest_429 = 1.0
    with pytest.raises(CarrierRefused) as caught:
        place(hotline)
    assert (caught.value.retryable, caught.value.outcome_known) == (True, True)
    assert hotline.network.ledger.legs() == []


def test_a_bad_number_is_refused_for_good(hotline: Hotline) -> None:
    with pytest.raises(CarrierRefused) as caught:
        gateway.carrier().place_call("12", "/twilio/voice/incoming", "/twilio/voice/status")
    assert (caught.value.code, caught.value.retryable, caught.value.outcome_known) == (21211, False, True)
    assert [violation.parameter for violation in hotline.network.violations] == ["To"]
    hotline.network.violations.clear()


def test_after_a_broken_answer_nobody_knows_whether_it_rings(hotline: Hotline) -> None:
    hotline.network.faults.rest_500 = 1.0
    with pytest.raises(CarrierRefused) as caught:
        place(hotline)
    assert (caught.value.retryable, caught.value.outcome_known) == (True, False)


def test_a_lost_answer_may_be_a_ringing_telephone(hotline: Hotline) -> None:
    hotline.network.faults.rest_lost = 1.0
    with pytest.raises(CarrierAway) as caught:
        place(hotline)
    assert not caught.value.outcome_known
    assert len(hotline.network.ledger.legs(NUMBER)) == 1


def test_without_a_connection_nothing_happened(app: Flask) -> None:
    nobody = Carrier(settings.current().model_copy(update={"twilio_api_base_url": "http://127.0.0.1:1"}))
    with pytest.raises(CarrierAway) as caught:
        nobody.place_call(NUMBER, "/twilio/voice/incoming", "/twilio/voice/status")
    assert caught.value.outcome_known


def test_a_post_is_never_repeated_by_itself(hotline: Hotline) -> None:
    hotline.network.faults.rest_lost = 1.0
    client = InProcessHttpClient(hotline.network.rest_app)
    with pytest.raises(CarrierAway):
        Carrier(settings.current(), client).place_call(NUMBER, "/twilio/voice/incoming", "/twilio/voice/status")
    assert len(hotline.network.ledger.legs(NUMBER)) == 1


@pytest.mark.parametrize(
    ("address", "staff_id"),
    [("client:op_7", 7), ("client:op_", None), ("client:7", None), ("op_7", None), ("client:op_7x", None), ("", None)],
)
def test_a_softphone_is_known_by_its_name(address: str, staff_id: int | None) -> None:
    assert staff_of(address) == staff_id


def test_a_pass_names_the_operator_and_lasts_an_hour(app: Flask) -> None:
    keys = {"twilio_api_key_sid": "SK" + "1" * 32, "twilio_api_key_secret": "s" * 32, "twilio_application_sid": "AP1"}
    token = Carrier(settings.current().model_copy(update=keys)).softphone_token(7)
    assert token.count(".") == 2
    assert identity(7) == "op_7"
