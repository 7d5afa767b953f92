"""What holds every test to Twilio's rules does not let a planted mistake pass."""

import pytest
from flask import Flask, Response

from helpdesk.telephony import gateway, twiml
from helpdesk.telephony.gateway import CarrierRefused
from tests.hotline import Hotline
from tests.people import Town
from tests.twilio_rules import Documents, assert_kept, documents
from tests.webhooks.signed import Carrier


def read(path: str, verbs: str) -> Documents:
    reader = Documents()
    with Flask("a test").test_request_context(path):
        reader.read(Response(f"<Response>{verbs}</Response>", mimetype="text/xml"))
    return reader


@pytest.mark.parametrize(
    ("path", "verbs"),
    [
        ("/twilio/voice/topic", '<Gather numDigit="1"/>'),
        ("/twilio/voice/topic", '<Say language="kk-KZ">Сәлем</Say>'),
        ("/twilio/voice/topic", "<Hangup/><Play>/late.wav</Play>"),
        ("/twilio/voice/wait", "<Dial>+77090000001</Dial>"),
        ("/twilio/voice/wait-key", "<Record/>"),
    ],
)
def test_a_planted_mistake_in_a_document_is_found(path: str, verbs: str) -> None:
    reader = read(path, verbs)
    with pytest.raises(AssertionError):
        reader.assert_right()
    reader.assert_right()


@pytest.mark.parametrize(
    ("path", "verbs"),
    [
        ("/twilio/voice/topic", "<Dial>+77090000001</Dial>"),
        ("/twilio/voice/wait", '<Gather numDigits="1"/><Leave/>'),
        ("/twilio/voice/leave", "<Leave/>"),
        ("/twilio/voice/hold", "<Play>/music.wav</Play>"),
    ],
)
def test_a_document_is_right_where_it_may_be_executed(path: str, verbs: str) -> None:
    read(path, verbs).assert_right()


def test_every_view_is_read_also_when_a_test_asks_it_directly(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twiml, "apology", lambda: "<Response><Hangup/><Sing/></Response>")
    Carrier(app).post("fallback")
    with pytest.raises(AssertionError, match="fallback"):
        documents.assert_right()


def test_a_planted_mistake_in_a_request_is_found(hotline: Hotline) -> None:
    with pytest.raises(CarrierRefused) as caught:
        gateway.carrier().place_call("+77090000001", "/twilio/voice/incoming", "/twilio/voice/status", 9999)
    assert caught.value.code == 20001
    with pytest.raises(AssertionError, match="Timeout is not in"):
        assert_kept(hotline.network)
    hotline.network.violations.clear()


def test_a_document_that_the_network_refuses_is_found(
    hotline: Hotline, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twiml, "ask", lambda *_args, **_kwargs: "<Response><Gather numDigit='1'/></Response>")
    hotline.dial("+77090000001")
    hotline.run(5)
    with pytest.raises(AssertionError, match="no attribute numDigit"):
        assert_kept(hotline.network)
    hotline.network.alerts.clear()
    with pytest.raises(AssertionError):
        documents.assert_right()
