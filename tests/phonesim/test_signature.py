"""The signature: Twilio's own vectors, and the bytes of unusual URLs."""

import pytest
from twilio.request_validator import RequestValidator, get_signature_algorithm
from werkzeug.datastructures import MultiDict

from phonesim.signature import Overrides, overrides_of, sign, signed_headers

TOKEN = "12345"
PARAMS = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        ("https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        ("http://mycompany.com:1234/myapp.php?foo=1&bar=2", "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        ("https://mycompany.com:443/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w="),
        ("http://mycompany.com:80/myapp.php?foo=1&bar=2", "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_twilios_published_vectors(url, signature):
    assert sign(TOKEN, url, PARAMS) == signature


def test_repeated_fields_are_sorted_and_counted_once():
    fields = MultiDict([("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")])
    fields.add("Digits", "1234")
    validator = RequestValidator(TOKEN)
    assert validator.compute_signature("https://mycompany.com/myapp.php?foo=1&bar=2", fields) == (
        "IK+Dwps556ElfBT0I3Rgjkr1wJU="
    )


def test_a_json_body_is_signed_by_its_hash_in_the_url():
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    url = f"https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256={digest}"
    assert sign(TOKEN, url, {}) == "a9nBmqA0ju/hNViExpshrM61xv4="


def test_sha256_is_another_signature_and_only_genuine_under_its_name():
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    signature = sign(TOKEN, url, PARAMS, "HMAC_SHA256")
    validator = RequestValidator(TOKEN)
    assert validator.validate(url, PARAMS, signature, "HMAC_SHA256")
    assert not validator.validate(url, PARAMS, signature)
    assert not validator.validate(url, PARAMS, sign(TOKEN, url, PARAMS), "HMAC_SHA256")


def test_the_settings_header_names_an_unusual_algorithm():
    usual = signed_headers(TOKEN, "https://x/y", PARAMS, "HMAC_SHA1")
    shared = signed_headers(TOKEN, "https://x/y", PARAMS, "HMAC_SHA256")
    assert usual.keys() == {"X-Twilio-Signature"}
    named = shared["X-Twilio-Webhooks-Signature-Settings"]
    assert get_signature_algorithm(named) == "HMAC_SHA256"
    assert shared["X-Twilio-Signature"] != usual["X-Twilio-Signature"]


def test_cyrillic_values_are_signed_as_utf8():
    fields = {"Body": "Өтініміңіз қабылданды", "From": "+77090000001"}
    assert sign(TOKEN, "https://mycompany.com/v", fields) == "ntM73e5WRrWcMW/Icsn+NXDh2EE="


def test_escapes_in_the_query_are_signed_as_they_are():
    signatures = {sign(TOKEN, f"https://mycompany.com/v?x={x}", {}) for x in ("%7Cb%7e", "|b~", "%7cb%7E")}
    assert len(signatures) == 3
    assert "1reRQoqp4COMHT5kJ3BM1DqoqoM=" in signatures


def test_the_fragment_is_not_signed():
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sign(TOKEN, f"{url}#rc=2&rp=5xx", PARAMS) == sign(TOKEN, url, PARAMS)


@pytest.mark.parametrize(
    "target", ["/v?q=%D2%9B", "/v?x=%7Cb%7e", "/v?a=%2c,%3B;", "/v/%2F/x", "/v?num=%2B7701&x=a%20b"]
)
def test_unusual_urls_arrive_as_they_were_signed(app, net, clock, target):
    net.number("1451", voice_url=target)
    app.pages = {"/v": "<Hangup/>", "/v///x": "<Hangup/>"}
    net.dial("1451", from_="+77090000001", keys=["1"])
    clock.run_for(5)
    assert [post.genuine for post in app.posts] == [True]


def test_cyrillic_fields_are_signed(app, net, clock):
    app.pages = {"/operator": "<Hangup/>"}
    net.softphone("op_7", voice_url="/operator").connect(note="Қабылдау")
    clock.run_for(5)
    assert [(post.form["note"], post.genuine) for post in app.posts] == [("Қабылдау", True)]


def test_the_simulator_with_another_token_is_not_genuine(app, net, clock):
    app.pages = {"/voice": "<Hangup/>"}
    net.courier._token = "somebody-else"
    net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    assert [post.genuine for post in app.posts] == [False]


def test_a_get_webhook_carries_its_fields_in_the_signed_query(app, net, clock):
    net.number("1451", voice_url="/voice?desk=1", voice_method="GET")
    app.pages = {"/voice": "<Hangup/>"}
    net.dial("1451", from_="+77090000001")
    clock.run_for(5)
    [post] = app.posts
    assert (post.method, post.genuine, post.form["From"], post.form["desk"]) == ("GET", True, "+77090000001", "1")


def test_overrides_are_read_in_milliseconds_and_kept_in_their_limits():
    assert overrides_of("https://x/y") == Overrides()
    read = overrides_of("https://x/y#rc=9&rp=ct,5xx&ct=2000&rt=99000&tt=8000")
    assert read == Overrides(5, frozenset({"ct", "5xx"}), 2.0, 15.0, 8.0)
    assert read.wants_retry("5xx")
    assert not read.wants_retry("4xx")
    assert overrides_of("https://x/y#rp=all").wants_retry("rt")
    assert overrides_of("https://x/y#rp=often").mistake == "rp=often"
