"""Calendars of desks and profiles, remembered for at most 30 s: the usual request asks the database for neither."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlalchemy import select

from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.remembered import Remembered
from helpdesk.organizations.models import Desk
from helpdesk.sla.calendar import MONDAY_TO_FRIDAY, Calendar, Day, Hours, Week
from helpdesk.sla.models import Holiday, SlaProfile
from helpdesk.sla.rules import DayKind, Profile

# The hotline's own hours: what a desk keeps for which none were entered, so that its tickets have a clock.
USUAL_DAY: Day = (Hours(time(9, 0), time(18, 30)),)


@dataclass(frozen=True)
class _Ruling:
    """What a holiday row says of a day, and for whom: None is the whole country."""

    day: date
    kind: DayKind
    organization_id: int | None


_profiles: Remembered[str, dict[str, Profile]] = Remembered()
_rulings: Remembered[str, tuple[_Ruling, ...]] = Remembered()
_calendars: Remembered[int, Calendar] = Remembered()


def forget() -> None:
    """Read profiles, holidays and desk hours anew: they were edited."""
    for remembered in (_profiles, _rulings, _calendars):
        remembered.forget()


def profile(code: str) -> Profile:
    """The profile with this code as it stands now. Raises NotFound."""
    profiles = _profiles.get("all", _read_profiles)
    if code not in profiles:
        raise NotFound(f"SLA profile {code}")
    return profiles[code]


def calendar_of(desk: Desk) -> Calendar:
    """The working time of a desk: its hours, the zone of its organization, the country's holidays and its own.

    Where two rows speak of the same day, that of the nearer organization holds. Costs no statement while remembered.
    """
    return _calendars.get(desk.id, lambda: _calendar(desk))


def _calendar(desk: Desk) -> Calendar:
    organization = desk.organization
    by_day = {ruling.day: ruling.kind for ruling in _rulings_for(organization.path)}
    return _same_calendar(
        organization.short_en,
        organization.zone,
        _week(desk),
        frozenset(day for day, kind in by_day.items() if kind is DayKind.DAY_OFF),
        frozenset(day for day, kind in by_day.items() if kind is DayKind.WORKING_DAY),
        desk.around_the_clock,
        _special_days(desk),
    )


def _special_days(desk: Desk) -> tuple[tuple[date, Day], ...]:
    """What the desk does on single days, whatever weekday or holiday it is; no hours are a closed day."""
    days = {one.day for one in desk.special_days}
    hours = {
        day: tuple(
            Hours(one.opens, one.closes)
            for one in desk.special_days
            if one.day == day and one.opens is not None and one.closes is not None
        )
        for day in days
    }
    return tuple(sorted(hours.items()))


# Equal content gives the same object, so that its computed intervals outlive the 30 seconds.
@lru_cache(maxsize=2048)
def _same_calendar(
    name: str,
    zone: str,
    week: Week,
    days_off: frozenset[date],
    moved_days: frozenset[date],
    around_the_clock: bool,
    other_hours: tuple[tuple[date, Day], ...],
) -> Calendar:
    return Calendar(name, ZoneInfo(zone), week, days_off, moved_days, dict(other_hours), around_the_clock)


def _week(desk: Desk) -> Week:
    if not desk.hours:
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
            USUAL_DAY if weekday in MONDAY_TO_FRIDAY else () for weekday in range(7)
        )
    else:
        monday, tuesday, wednesday, thursday, friday, saturday, sunday = (
            tuple(Hours(hours.opens, hours.closes) for hours in desk.hours if hours.weekday == weekday)
            for weekday in range(7)
        )
    return monday, tuesday, wednesday, thursday, friday, saturday, sunday


def _rulings_for(path: str) -> Sequence[_Ruling]:
    """The country's rulings first, then from the top of the path down: the later one holds."""
    depth: dict[int | None, int] = {None: 0}
    depth |= {int(part): place for place, part in enumerate(path.strip("/").split("/"), start=1) if part}
    known = _rulings.get("all", _read_rulings)
    return sorted(
        (ruling for ruling in known if ruling.organization_id in depth), key=lambda one: depth[one.organization_id]
    )


def _read_profiles() -> dict[str, Profile]:
    return {row.code: row.values() for row in session().scalars(select(SlaProfile))}


def _read_rulings() -> tuple[_Ruling, ...]:
    rows = session().execute(select(Holiday.day, Holiday.kind, Holiday.organization_id))
    return tuple(_Ruling(day, kind, organization_id) for day, kind, organization_id in rows)
