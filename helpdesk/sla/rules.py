"""What is promised on a ticket: profiles, the moments that follow from them, and a clock that stood still.

How the profiles of the hotline are written down as numbers:

- A to D run on the desk's hours. Their "working day" is 8 hours, 480 working minutes: B resolves in 480, C in 960,
  D answers in 480 and resolves in 2400. So a promise does not hang on how late in the day somebody writes.
- E counts desk days: a device is decided on by a commission that meets by days. Due at closing time of the n-th day.
- LAW answers (the slip with the registration number) on the day of receipt, while the desk works that day, otherwise
  on the next desk day: none, in working days. The answer itself is due by the law's term, which no waiting stretches;
  it is both the statutory and the resolution term, so that the board shows it.
- CONTROL answers on the same day; the answer is due five days before one month has passed, on a working day.
"""

import calendar as months
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from helpdesk.sla.calendar import STATUTORY_HOUR, Calendar


class Clock(StrEnum):
    """Which clock a profile runs on."""

    DESK_HOURS = "desk_hours"
    STATUTORY = "statutory"
    CONTROL = "control"


class Unit(StrEnum):
    """What an amount is counted in."""

    WORKING_MINUTES = "working_minutes"
    WORKING_DAYS = "working_days"
    CALENDAR_MONTHS = "calendar_months"


class DayKind(StrEnum):
    DAY_OFF = "day_off"
    WORKING_DAY = "working_day"


# Terms of the law in working days: an appeal is answered, one of another body's is passed on (Code of administrative
# procedures), a leak of personal data is reported to the authority (law No. 94-V, since 1 July 2024).
APPEAL_DAYS = 15
REDIRECT_DAYS = 3
LEAK_REPORT_DAYS = 1

# An answer that is on control is ready this many days before the control date, for signatures and post.
CONTROL_RESERVE = timedelta(days=5)


@dataclass(frozen=True)
class Amount:
    """So many units; none of a day's unit means the same day."""

    number: int
    unit: Unit


@dataclass(frozen=True)
class Profile:
    """One version of an SLA profile, apart from its row. What is None is not promised."""

    code: str
    version: int
    clock: Clock
    first_response: Amount | None
    update_every: Amount | None
    resolution: Amount | None
    pausable: bool


@dataclass(frozen=True)
class Promise:
    """Until when what was promised, in UTC, and how that was counted (values for JSON)."""

    first_response_due_at: datetime | None
    resolution_due_at: datetime | None
    statutory_due_at: datetime | None
    control_due_at: datetime | None
    pausable: bool
    derivation: dict[str, Any]


def promise(profile: Profile, calendar: Calendar, start: datetime, statutory_days: int | None = None) -> Promise:
    """The terms of a ticket that came in at `start`.

    `statutory_days` sets a term of the law in working days: beside an operational profile (a data leak), or instead of
    the profile's own. Raises NoWorkingTime when the desk's calendar has none in sight.
    """
    statutory = control = None
    first = _ends(profile.first_response, calendar, start)
    resolution = None
    match profile.clock:
        case Clock.DESK_HOURS:
            resolution = _ends(profile.resolution, calendar, start)
        case Clock.STATUTORY:
            if statutory_days is None and profile.resolution is not None:
                statutory_days = profile.resolution.number
        case Clock.CONTROL:
            resolution = control = _ends(profile.resolution, calendar, start)
    if statutory_days is not None:
        statutory = calendar.working_days_after(start, statutory_days)
    if profile.clock is Clock.STATUTORY:
        resolution = statutory
    derivation = {
        "profile": profile.code,
        "version": profile.version,
        "clock": profile.clock.value,
        "calendar": calendar.name,
        "zone": calendar.zone.key,
        "start": start.isoformat(),
        "amounts": {
            "first_response": _amount_json(profile.first_response),
            "update_every": _amount_json(profile.update_every),
            "resolution": _amount_json(profile.resolution),
            "statutory": statutory_days,
        },
        "due": {
            "first_response": _moment_json(first),
            "resolution": _moment_json(resolution),
            "statutory": _moment_json(statutory),
            "control": _moment_json(control),
        },
    }
    if statutory is not None:
        derivation["registered_on"] = calendar.local_day(calendar.working_days_after(start, 0)).isoformat()
    return Promise(first, resolution, statutory, control, profile.pausable, derivation)


def left(due: datetime, now: datetime, calendar: Calendar) -> int:
    """Seconds of working time still to go until `due`; negative when it has passed. What a pause keeps."""
    return calendar.elapsed(now, due)


def resumed(seconds: int, now: datetime, calendar: Calendar) -> datetime:
    """When something falls due of which so much working time was left. A clock that had run out stays run out.

    Raises NoWorkingTime.
    """
    return calendar.due(now, seconds)


def _ends(amount: Amount | None, calendar: Calendar, start: datetime) -> datetime | None:
    return None if amount is None else _COUNTED[amount.unit](calendar, start, amount.number)


def _control_date(calendar: Calendar, start: datetime, number: int) -> datetime:
    day = _months_after(calendar.local_day(start), number) - CONTROL_RESERVE
    earliest = calendar.local_day(start)
    while day > earliest and not calendar.is_working_day(day):
        day -= timedelta(days=1)
    return calendar.at(day, STATUTORY_HOUR)


def _months_after(day: date, number: int) -> date:
    """The same day of a later month, or its last day when it is shorter (31 January, 28 February)."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


_COUNTED: dict[Unit, Callable[[Calendar, datetime, int], datetime]] = {
    Unit.WORKING_MINUTES: lambda calendar, start, number: calendar.due(start, number * 60),
    Unit.WORKING_DAYS: Calendar.desk_days_after,
    Unit.CALENDAR_MONTHS: _control_date,
}


def _amount_json(amount: Amount | None) -> dict[str, Any] | None:
    return None if amount is None else {"number": amount.number, "unit": amount.unit.value}


def _moment_json(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
