"""Where webhooks may go, how they are signed, and how long they are tried."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.notifications.hook_rules import GIVE_UP_AFTER, headers, is_address, is_public, new_secret, next_attempt

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "http://hooks.example.org/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://localhost/",
        "https://db.internal/",
        "https://printer.local/",
        "https://user:word@hooks.example.org/",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org/#part",
        "https://",
        "ftp://hooks.example.org/",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\nHost: other",
        "https://мысал.kz/",
        "https://" + "a" * 500 + ".org/",
    ],
)
def test_webhooks_go_to_public_https_addresses_only(address: str) -> None:
    assert not is_address(address)


def test_an_address_of_the_internet_is_one() -> None:
    assert is_address("https://hooks.example.org/1450?x=1")
    assert is_address("https://hooks.example.org:8443")
    assert is_address("https://93.184.215.14/")
    assert is_address("http://127.0.0.1:8080/", inside=True)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::1111", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd12::1", False),
        ("::ffff:10.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("ff02::1", False),
    ],
)
def test_an_address_of_a_network_of_our_own_is_known_in_every_dress(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_the_signature_is_that_of_standard_webhooks() -> None:
    secret = new_secret()
    found = headers("msg_1450_7", NOW, b'{"type":"test"}', secret)
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"msg_1450_7.{int(NOW.timestamp())}.".encode() + b'{"type":"test"}'
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert found == {
        "webhook-id": "msg_1450_7",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": f"v1,{mac}",
    }
    # the example that the specification publishes
    example = headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    )
    assert example["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_tries_come_later_and_later_and_end_after_a_day() -> None:
    moment, gaps = NOW, []
    for attempts in range(1, 100):
        at = next_attempt(NOW, moment, attempts)
        if at is None:
            break
        gaps.append(at - moment)
        moment = at
    assert gaps == sorted(gaps)
    assert gaps[0] == timedelta(seconds=5)
    assert timedelta(hours=20) < moment - NOW <= GIVE_UP_AFTER
