"""What the profiles promise, counted by hand."""

import json
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from helpdesk.seeds.profiles import PROFILES
from helpdesk.sla.calendar import Calendar, Hours, NoWorkingTime
from helpdesk.sla.models import SlaProfile
from helpdesk.sla.rules import Profile, Promise, left, promise, resumed

ALMATY = ZoneInfo("Asia/Almaty")
DAY = (Hours(time(9), time(18, 30)),)
DESK = Calendar(
    "School 901", ALMATY, (DAY, DAY, DAY, DAY, DAY, (), ()), days_off=frozenset({date(2026, 12, 16), date(2027, 1, 1)})
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ALMATY).astimezone(UTC)


def profile(code: str) -> Profile:
    row: dict[str, Any] = next(row for row in PROFILES if row["code"] == code)
    return SlaProfile(**row).values()


def promised(code: str, start: str, statutory_days: int | None = None) -> Promise:
    return promise(profile(code), DESK, local(start), statutory_days)


@pytest.mark.parametrize(
    ("code", "start", "first_response", "resolution"),
    [
        # Monday 23 November 2026, ten o'clock: 8.5 hours are left of the day
        ("A", "2026-11-23 10:00", "2026-11-23 10:15", "2026-11-23 14:00"),
        ("B", "2026-11-23 10:00", "2026-11-23 11:00", "2026-11-23 18:00"),
        ("C", "2026-11-23 10:00", "2026-11-23 14:00", "2026-11-24 16:30"),
        ("D", "2026-11-23 10:00", "2026-11-23 18:00", "2026-11-27 12:00"),
        ("E", "2026-11-23 10:00", "2026-11-24 18:30", "2026-11-30 18:30"),
        # Friday evening
        ("A", "2026-11-20 18:20", "2026-11-23 09:05", "2026-11-23 12:50"),
        ("B", "2026-11-20 18:20", "2026-11-23 09:50", "2026-11-23 16:50"),
    ],
)
def test_an_operational_profile_promises_a_first_response_and_a_resolution(
    code: str, start: str, first_response: str, resolution: str
) -> None:
    found = promised(code, start)
    assert found.first_response_due_at == local(first_response)
    assert found.resolution_due_at == local(resolution)
    assert (found.statutory_due_at, found.control_due_at) == (None, None)
    assert found.pausable


def test_an_appeal_is_registered_the_same_day_and_answered_in_fifteen_working_days() -> None:
    found = promised("LAW", "2026-11-30 10:00")
    assert found.first_response_due_at == local("2026-11-30 18:30")
    # 16 December is off: 1-4, 7-11, 14-15, 17-18, 21-22 December
    assert found.statutory_due_at == found.resolution_due_at == local("2026-12-22 18:30")
    assert not found.pausable
    assert found.derivation["registered_on"] == "2026-11-30"


def test_an_appeal_of_a_saturday_is_registered_on_monday() -> None:
    found = promised("LAW", "2026-11-21 12:00")
    assert found.first_response_due_at == local("2026-11-23 18:30")
    assert found.derivation["registered_on"] == "2026-11-23"
    assert found.statutory_due_at == local("2026-12-11 18:30")


def test_an_appeal_of_the_evening_is_registered_that_day_and_answered_by_the_desk_on_the_next() -> None:
    found = promised("LAW", "2026-11-23 22:00")
    assert found.first_response_due_at == local("2026-11-24 18:30")
    assert found.derivation["registered_on"] == "2026-11-23"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # 23 December less five days
        ("2026-11-23 10:00", "2026-12-18 18:30"),
        # 25 December less five is Sunday the 20th: Friday before
        ("2026-11-25 10:00", "2026-12-18 18:30"),
        # 21 December less five is 16 December, a day off: the day before
        ("2026-11-21 10:00", "2026-12-15 18:30"),
        # one month after 31 January is 28 February; less five is Tuesday the 23rd
        ("2027-01-31 10:00", "2027-02-23 18:30"),
        # over the turn of the year: 8 January less five is Sunday, Friday is a day off
        ("2026-12-08 10:00", "2026-12-31 18:30"),
    ],
)
def test_a_paper_on_control_is_answered_five_days_before_its_month_ends(start: str, expected: str) -> None:
    found = promised("CONTROL", start)
    assert found.control_due_at == found.resolution_due_at == local(expected)
    assert found.statutory_due_at is None
    assert not found.pausable


def test_a_term_of_the_law_may_run_beside_an_operational_profile() -> None:
    found = promised("A", "2026-11-20 10:00", statutory_days=1)
    assert found.resolution_due_at == local("2026-11-20 14:00")
    assert found.statutory_due_at == local("2026-11-23 18:30")
    assert found.pausable


def test_a_term_given_replaces_that_of_the_profile() -> None:
    assert promised("LAW", "2026-11-23 10:00", statutory_days=3).resolution_due_at == local("2026-11-26 18:30")


def test_the_derivation_says_how_it_was_counted_in_values_for_json() -> None:
    found = promised("C", "2026-11-23 10:00")
    assert json.loads(json.dumps(found.derivation)) == {
        "profile": "C",
        "version": 1,
        "clock": "desk_hours",
        "calendar": "School 901",
        "zone": "Asia/Almaty",
        "start": "2026-11-23T05:00:00+00:00",
        "amounts": {
            "first_response": {"number": 240, "unit": "working_minutes"},
            "update_every": None,
            "resolution": {"number": 960, "unit": "working_minutes"},
            "statutory": None,
        },
        "due": {
            "first_response": "2026-11-23T09:00:00+00:00",
            "resolution": "2026-11-24T11:30:00+00:00",
            "statutory": None,
            "control": None,
        },
    }


def test_a_desk_without_working_time_cannot_promise() -> None:
    with pytest.raises(NoWorkingTime, match="Nobody"):
        promise(profile("C"), Calendar("Nobody", ALMATY), local("2026-11-23 10:00"))


@pytest.mark.parametrize(
    ("due", "paused", "seconds", "went_on", "new_due"),
    [
        # an hour left on Monday afternoon, an hour left on Thursday morning
        ("2026-11-23 17:00", "2026-11-23 16:00", 3600, "2026-11-26 10:00", "2026-11-26 11:00"),
        # left over the night
        ("2026-11-24 10:00", "2026-11-23 18:00", 5400, "2026-11-25 18:00", "2026-11-26 10:00"),
        # overdue by an hour of work stays overdue by an hour of work
        ("2026-11-23 17:00", "2026-11-23 18:00", -3600, "2026-11-24 09:30", "2026-11-23 18:00"),
        # due at closing time, paused in the evening: nothing left, nothing lost
        ("2026-11-23 18:30", "2026-11-23 20:00", 0, "2026-11-25 10:00", "2026-11-25 10:00"),
    ],
)
def test_a_pause_keeps_the_working_time_that_was_left(
    due: str, paused: str, seconds: int, went_on: str, new_due: str
) -> None:
    assert left(local(due), local(paused), DESK) == seconds
    assert resumed(seconds, local(went_on), DESK) == local(new_due)


@pytest.mark.parametrize("seconds", [-90_000, -1, 0, 1, 90_000])
def test_pausing_again_at_once_finds_the_same_time_left(seconds: int) -> None:
    moment = local("2026-11-23 12:00")
    assert left(resumed(seconds, moment, DESK), moment, DESK) == seconds
