from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.notifications.rules import GIVE_UP_AFTER, Medium, is_mobile, medium, next_attempt

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wishes", "channel", "has_email", "has_mobile", "expected"),
    [
        ((), "email", True, True, Medium.EMAIL),
        ((), "phone", True, True, Medium.SMS),
        (("email",), "phone", True, True, Medium.EMAIL),
        (("phone",), "web", True, True, Medium.SMS),
        (("phone",), "web", True, False, Medium.EMAIL),
        (("web",), "web", True, True, Medium.EMAIL),
        (("web", "sms"), "web", True, True, Medium.SMS),
        ((), "web", False, True, Medium.SMS),
        (("post",), "walk_in", True, False, Medium.EMAIL),
        (("email",), "email", False, False, None),
    ],
)
def test_people_are_answered_as_they_wish_then_as_they_came_then_as_they_can_be_reached(
    wishes: tuple[str, ...], channel: str, has_email: bool, has_mobile: bool, expected: Medium | None
) -> None:
    assert medium(wishes, channel, has_email, has_mobile) is expected


@pytest.mark.parametrize("number", ["+77090000001", "+77011234567", "+77471234567", "+77771234567"])
def test_mobile_numbers_of_kazakhstan_get_sms(number: str) -> None:
    assert is_mobile(number)


@pytest.mark.parametrize("number", ["+77272501450", "+79161234567", "+77172123456", "1450", "+4915112345678"])
def test_landlines_and_other_countries_get_none(number: str) -> None:
    assert not is_mobile(number)


def test_we_try_again_ever_more_slowly_and_give_up_after_two_days() -> None:
    at, attempts, waits = NOW, 0, []
    while following := next_attempt(NOW, at, attempts + 1):
        attempts += 1
        waits.append((following - at) // timedelta(minutes=1))
        at = following
    assert waits[:6] == [1, 5, 15, 60, 180, 360]
    assert GIVE_UP_AFTER - timedelta(hours=6) < at - NOW <= GIVE_UP_AFTER
