"""Codes as RFC 4226 and RFC 6238 publish them, and none that opens twice."""

import base64
from datetime import UTC, datetime

import pytest

from helpdesk.identity import totp

RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    assert totp.code(RFC_SECRET, totp.step_of(moment)) == code
    assert totp.matching_step(RFC_SECRET, f" {code[:3]} {code[3:]}", moment, 0) == second // 30


def test_a_telephone_may_be_one_step_off_and_not_two() -> None:
    step = 40_000_000
    moment = datetime.fromtimestamp(step * 30 + 10, UTC)
    taken = [
        at for at in range(step - 3, step + 4) if totp.matching_step(RFC_SECRET, totp.code(RFC_SECRET, at), moment, 0)
    ]
    assert taken == [step - 1, step, step + 1]


def test_a_code_that_was_used_or_is_older_than_the_used_one_is_none() -> None:
    step = 40_000_000
    moment = datetime.fromtimestamp(step * 30, UTC)
    assert totp.matching_step(RFC_SECRET, totp.code(RFC_SECRET, step), moment, after=step) is None
    assert totp.matching_step(RFC_SECRET, totp.code(RFC_SECRET, step - 1), moment, after=step) is None
    assert totp.matching_step(RFC_SECRET, totp.code(RFC_SECRET, step + 1), moment, after=step) == step + 1


@pytest.mark.parametrize("given", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef"])
def test_what_is_no_code_is_none(given: str) -> None:
    assert totp.matching_step(RFC_SECRET, given, datetime.fromtimestamp(59, UTC), 0) is None


def test_each_person_and_each_setting_up_has_a_secret_of_its_own() -> None:
    made = {
        totp.secret("key", 1, "a"),
        totp.secret("key", 1, "b"),
        totp.secret("key", 2, "a"),
        totp.secret("no", 1, "a"),
    }
    assert len(made) == 4
    assert all(len(base64.b32decode(one)) == 20 for one in made)


def test_a_code_on_paper_is_the_same_however_it_is_typed() -> None:
    code = totp.recovery_code()
    assert totp.recovery_hash("key", 1, code) == totp.recovery_hash("key", 1, code.upper().replace("-", " "))
    assert totp.recovery_hash("key", 1, code) != totp.recovery_hash("key", 2, code)
