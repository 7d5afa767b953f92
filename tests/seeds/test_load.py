"""What a new installation finds in its tables, and what an administrator's edit survives."""

from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import delete, func, select, update

from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.routing import queries as routing
from helpdesk.routing.models import Category
from helpdesk.routing.rules import Condition
from helpdesk.seeds.load import load_reference
from helpdesk.seeds.national_days import UNNAMED, national_days
from helpdesk.sla import queries as sla
from helpdesk.sla.models import Holiday, SlaProfile
from helpdesk.sla.rules import Amount, Clock, DayKind, Unit


def _counts() -> list[int]:
    return [session().scalar(select(func.count()).select_from(table)) or 0 for table in (Category, SlaProfile, Holiday)]


def test_the_reference_rows_are_there(app: Flask) -> None:
    load_reference()
    categories, profiles, holidays = _counts()
    assert (categories, profiles) == (98, 7)
    assert holidays >= 4 * 18
    category = routing.category("T30")
    assert category.condition is Condition.LESSON_NOW
    assert category.fields == ("platform", "lesson time", "subject", "link", "error")
    law = sla.profile("LAW")
    assert (law.clock, law.resolution, law.pausable) == (Clock.STATUTORY, Amount(15, Unit.WORKING_DAYS), False)
    assert sla.profile("CONTROL").resolution == Amount(1, Unit.CALENDAR_MONTHS)


def test_loading_again_adds_nothing(app: Flask) -> None:
    load_reference()
    before = _counts()
    load_reference()
    assert _counts() == before


def test_loading_again_overwrites_no_edit(app: Flask) -> None:
    load_reference()
    session().execute(update(Category).where(Category.code == "T03").values(name_ru="Наш текст"))
    session().execute(update(SlaProfile).where(SlaProfile.code == "A").values(first_response=10, version=2))
    day = session().scalars(select(Holiday.day).limit(1)).one()
    session().execute(update(Holiday).where(Holiday.day == day).values(name_kk="Біздің мәтін"))
    load_reference()
    assert routing.category("T03").name_ru == "Наш текст"
    assert sla.profile("A").first_response == Amount(10, Unit.WORKING_MINUTES)
    assert session().scalars(select(Holiday.name_kk).where(Holiday.day == day)).one() == "Біздің мәтін"


def test_loading_again_brings_back_what_is_missing(app: Flask) -> None:
    session().execute(delete(Category).where(Category.code == "O06"))
    session().execute(delete(Holiday))
    load_reference()
    assert routing.category("O06").condition is Condition.CLOSE_AT_ONCE
    assert _counts()[2] >= 4 * 18


def test_each_year_brings_the_days_of_one_more_year(app: Flask) -> None:
    session().execute(delete(Holiday))
    with clock.told_by(lambda: datetime(2028, 1, 1, tzinfo=UTC)):
        load_reference()
    years = session().scalars(select(func.extract("year", Holiday.day)).distinct()).all()
    assert sorted(int(year) for year in years) == [2027, 2028, 2029, 2030]


def test_every_national_day_has_three_names_and_none_is_a_stopgap() -> None:
    for row in national_days(range(2024, 2031)):
        assert row["name_kk"]
        assert row["name_en"]
        assert UNNAMED not in row["name_ru"]
        assert "estimated" not in row["name_en"]
        assert "бағаланған" not in row["name_kk"]


def test_moved_and_estimated_days_are_known_as_such() -> None:
    rows = {(row["day"], row["kind"]): row for row in national_days(range(2024, 2028))}
    assert rows[date(2024, 5, 4), DayKind.WORKING_DAY]["name_ru"] == "Рабочий день (перенос)"
    assert rows[date(2024, 5, 8), DayKind.DAY_OFF]["name_ru"] == "Выходной день (перенос с 04.05.2024)"
    assert rows[date(2025, 1, 5), DayKind.WORKING_DAY]["name_en"] == "Working day (moved)"
    assert rows[date(2027, 3, 24), DayKind.DAY_OFF]["name_ru"] == "Наурыз мейрамы (перенос)"
    assert rows[date(2027, 5, 16), DayKind.DAY_OFF]["estimated"]
    assert not rows[date(2027, 3, 24), DayKind.DAY_OFF]["estimated"]
