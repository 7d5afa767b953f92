"""Twilio's own vectors (twilio-python, tests/unit/test_request_validator.py), and what proxies do to URLs."""

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from helpdesk.kernel.settings import Settings
from helpdesk.telephony.signature import is_genuine, signed_url
from tests.hotline import Hotline
from tests.people import Town

FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


def house(base: str = "https://mycompany.com", token: str = "12345") -> Settings:
    return Settings(environment="test", public_base_url=base, twilio_auth_token=token)


@pytest.mark.parametrize(
    ("base", "signature"),
    [
        ("https://mycompany.com", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com:443", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_twilios_own_vectors_are_genuine(base: str, signature: str) -> None:
    environ = {"RAW_URI": "/myapp.php?foo=1&bar=2"}
    assert is_genuine(house(base), environ, FORM, {"X-Twilio-Signature": signature})


def test_the_hash_of_a_json_body_stands_in_the_signed_address() -> None:
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    environ = {"RAW_URI": f"/myapp.php?foo=1&bar=2&bodySHA256={digest}"}
    headers = {"X-Twilio-Signature": "a9nBmqA0ju/hNViExpshrM61xv4="}
    assert is_genuine(house(), environ, {}, headers)
    assert not is_genuine(house(), {"RAW_URI": environ["RAW_URI"].replace("0a1f", "0a1e")}, {}, headers)


def test_a_field_given_twice_counts_once() -> None:
    fields = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    headers = {"X-Twilio-Signature": "IK+Dwps556ElfBT0I3Rgjkr1wJU="}
    environ = {"RAW_URI": "/myapp.php?foo=1&bar=2"}
    assert is_genuine(house(), environ, MultiDict(fields), headers)


@pytest.mark.parametrize("query", ["q=%D2%9B", "x=%7Cb%7e", "a=%2c,%3B;", "num=%2B7701&x=a%20b"])
def test_the_escapes_of_the_wire_are_the_signed_ones(query: str) -> None:
    signature = RequestValidator("12345").compute_signature(f"https://mycompany.com/v?{query}", {"From": "Қ"})
    headers = {"X-Twilio-Signature": signature}
    assert is_genuine(house(), {"RAW_URI": f"/v?{query}"}, {"From": "Қ"}, headers)
    assert is_genuine(house(), {"REQUEST_URI": f"/v?{query}"}, {"From": "Қ"}, headers)
    assert not is_genuine(house(), {"RAW_URI": "/v?q=other"}, {"From": "Қ"}, headers)


def test_the_host_of_the_request_is_never_asked() -> None:
    environ = {"RAW_URI": "http://evil.example/v?a=1", "HTTP_HOST": "evil.example"}
    assert signed_url(house(), environ) == "https://mycompany.com/v?a=1"


def test_a_missing_or_wrong_signature_is_not_genuine() -> None:
    environ = {"RAW_URI": "/myapp.php?foo=1&bar=2"}
    genuine = {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    assert not is_genuine(house(), environ, FORM, {})
    assert not is_genuine(house(), environ, FORM, {"X-Twilio-Signature": "RSOYDt4T1cUTdK1PDd93/VVr8B9="})
    assert not is_genuine(house(), environ, FORM, {"X-Twilio-Signature": "қ" * 28})
    assert not is_genuine(house(), environ, {**FORM, "Digits": "9"}, genuine)
    assert not is_genuine(house(token="54321"), environ, FORM, genuine)
    assert not is_genuine(house(token=""), environ, FORM, genuine)


def test_sha256_is_taken_when_its_header_names_it_and_only_then() -> None:
    url = "https://mycompany.com/v"
    signature = RequestValidator("12345").compute_signature(url, FORM, "HMAC_SHA256")
    settings_header = {"X-Twilio-Webhooks-Signature-Settings": "key=k1,algorithm=HMAC_SHA256"}
    assert is_genuine(house(), {"RAW_URI": "/v"}, FORM, {"X-Twilio-Signature": signature, **settings_header})
    assert not is_genuine(house(), {"RAW_URI": "/v"}, FORM, {"X-Twilio-Signature": signature})
    unknown = {"X-Twilio-Webhooks-Signature-Settings": "algorithm=HMAC_MD5"}
    assert not is_genuine(house(), {"RAW_URI": "/v"}, FORM, {"X-Twilio-Signature": signature, **unknown})


def test_a_call_whose_webhooks_are_signed_with_a_shared_key_is_answered(hotline: Hotline, town: Town) -> None:
    hotline.network.courier.algorithm = "HMAC_SHA256"
    caller = hotline.dial("+77090000001", "1", "1")
    hotline.run(5)
    assert not caller.over
    assert hotline.network.alerts == []
