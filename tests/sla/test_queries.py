"""Calendars of desks as the tables describe them, and how seldom the tables are asked."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk, DeskHours, Organization
from helpdesk.organizations.rules import Kind
from helpdesk.sla import queries
from helpdesk.sla.calendar import Hours
from helpdesk.sla.models import Holiday
from helpdesk.sla.rules import DayKind
from tests.conftest import SetClock, counted_statements


def a_desk(name: str, parent: Organization | None = None, **columns: object) -> Desk:
    organization = Organization(
        kind=Kind.SCHOOL,
        parent_id=parent.id if parent else None,
        **{f"{kind}_{language}": name for kind in ("name", "short") for language in ("kk", "ru", "en")},
        zone="Asia/Almaty",
    )
    session().add(organization)
    session().flush()
    organization.path = f"{parent.path if parent else '/'}{organization.id}/"
    desk = Desk(id=organization.id, languages=["kk"], organization=organization, **columns)
    session().add(desk)
    session().flush()
    return desk


def a_ruling(day: date, kind: DayKind, organization: Organization | None = None) -> None:
    where = organization.id if organization else None
    session().add(Holiday(day=day, kind=kind, name_kk="Күн", name_ru="День", name_en="Day", organization_id=where))
    session().flush()


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Almaty")).astimezone(UTC)


def test_a_desk_works_in_its_own_hours(app: Flask) -> None:
    desk = a_desk("School 901")
    desk.hours = [
        DeskHours(weekday=0, opens=time(9), closes=time(13)),
        DeskHours(weekday=0, opens=time(14), closes=time(18)),
        DeskHours(weekday=5, opens=time(9), closes=time(14)),
    ]
    session().flush()
    calendar = queries.calendar_of(desk)
    assert calendar.name == "School 901"
    assert calendar.hours_on(date(2026, 11, 23)) == (Hours(time(9), time(13)), Hours(time(14), time(18)))
    assert calendar.hours_on(date(2026, 11, 24)) == ()
    assert calendar.next_opening(local("2026-11-24 10:00")) == local("2026-11-28 09:00")


def test_a_desk_without_hours_keeps_those_of_the_hotline(app: Flask) -> None:
    calendar = queries.calendar_of(a_desk("School 902"))
    assert calendar.hours_on(date(2026, 11, 23)) == (Hours(time(9), time(18, 30)),)
    assert calendar.hours_on(date(2026, 11, 28)) == ()


def test_a_desk_that_is_open_around_the_clock_is_open_on_holidays(app: Flask) -> None:
    calendar = queries.calendar_of(a_desk("City", around_the_clock=True))
    assert calendar.is_open(local("2026-12-16 03:00"))
    assert not calendar.is_working_day(date(2026, 12, 16))


def test_the_countrys_days_off_hold_for_every_desk(app: Flask) -> None:
    assert not queries.calendar_of(a_desk("School 903")).is_open(local("2026-12-16 11:00"))


def test_a_day_off_of_a_district_holds_below_it_and_nowhere_else(app: Flask) -> None:
    district, neighbour = a_desk("District"), a_desk("Other district")
    a_ruling(date(2026, 11, 24), DayKind.DAY_OFF, district.organization)
    school = a_desk("School 904", district.organization)
    assert not queries.calendar_of(school).is_open(local("2026-11-24 11:00"))
    assert not queries.calendar_of(district).is_open(local("2026-11-24 11:00"))
    assert queries.calendar_of(neighbour).is_open(local("2026-11-24 11:00"))


def test_the_ruling_of_the_nearer_organization_holds(app: Flask) -> None:
    district = a_desk("District")
    school = a_desk("School 905", district.organization)
    a_ruling(date(2026, 12, 16), DayKind.WORKING_DAY, school.organization)
    a_ruling(date(2026, 12, 16), DayKind.DAY_OFF, district.organization)
    assert queries.calendar_of(school).is_open(local("2026-12-16 11:00"))
    assert not queries.calendar_of(district).is_open(local("2026-12-16 11:00"))


def test_the_usual_request_asks_the_tables_nothing(app: Flask, set_clock: SetClock) -> None:
    desk = a_desk("School 906")
    first = queries.calendar_of(desk)
    queries.profile("C")
    with counted_statements() as seen:
        assert queries.calendar_of(desk) is first
        assert queries.profile("C").code == "C"
        set_clock.forward(seconds=29)
        assert queries.calendar_of(desk) is first
    assert seen == []


def test_an_edit_is_seen_after_thirty_seconds_or_at_once_when_told(app: Flask, set_clock: SetClock) -> None:
    desk = a_desk("School 907")
    tuesday = local("2026-11-24 11:00")
    assert queries.calendar_of(desk).is_open(tuesday)
    a_ruling(date(2026, 11, 24), DayKind.DAY_OFF, desk.organization)
    assert queries.calendar_of(desk).is_open(tuesday)
    set_clock.forward(seconds=30)
    assert not queries.calendar_of(desk).is_open(tuesday)
    a_ruling(date(2026, 11, 25), DayKind.DAY_OFF, desk.organization)
    queries.forget()
    assert not queries.calendar_of(desk).is_open(local("2026-11-25 11:00"))


def test_computed_hours_outlive_the_thirty_seconds_when_nothing_changed(app: Flask, set_clock: SetClock) -> None:
    desk = a_desk("School 908")
    first = queries.calendar_of(desk)
    set_clock.forward(seconds=31)
    assert queries.calendar_of(desk) is first


def test_an_unknown_profile_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        queries.profile("Z")
