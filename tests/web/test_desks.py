"""Desks by pages alone: opened, with hours, special days, numbers and addresses that no other desk has."""

from datetime import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from helpdesk.identity.models import Staff
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk, DeskHours, Organization
from helpdesk.organizations.rules import CallbackMode, Kind
from helpdesk.sla.queries import calendar_of
from tests.conftest import SetClock, counted_statements
from tests.people import SignIn, Town, employ, organization

pytestmark = pytest.mark.usefixtures("set_clock")

FORM = {
    "languages": ["kk", "ru"],
    **{f"hours_{day}": "09:00-13:00, 14-18:30" for day in range(5)},
    "hours_5": "",
    "hours_6": "",
    "numbers": "8 (727) 200-09-31\n2720932",
    "area_code": "727",
    "mailboxes": "931@1450.test",
    "overflow_after_seconds": "60",
    "wrapup_seconds": "45",
    "promise_minutes": "",
    "reminds_after_days": "3",
    "settles_after_days": "7",
    "callback_mode": "caller_first",
    "dials_from": "09:00",
    "dials_to": "20:00",
    "calls_abandoned_back": "1",
}


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The city administrator's browser."""
    return sign_in(town.admin)


@pytest.fixture
def school931(town: Town) -> Organization:
    """A school of the district without a desk of its own."""
    with transaction():
        return organization(town.district, Kind.SCHOOL, "№ 931 мектеп", "Школа № 931", "School 931", "931")


def test_a_desk_is_opened_and_calls_and_letters_find_it_at_once(irina: FlaskClient, school931: Organization) -> None:
    assert irina.get(f"/desks/{school931.id}").status_code == 200
    data = FORM | {"overflow_to_id": str(school931.parent_id)}
    assert irina.post(f"/desks/{school931.id}", data=data).status_code == 303
    desk = desks.desk(school931.id)
    assert desk.overflow_to_id == school931.parent_id
    assert (desk.callback_mode, desk.wrapup_seconds) == (CallbackMode.CALLER_FIRST, 45)
    assert desk.calls_abandoned_back
    assert not desk.records_calls
    assert desks.desk_of_number("+77272000931") is desk
    assert desks.desk_of_number("+77272720932") is desk, "the area code completes a short number"
    assert desks.mailboxes()["931@1450.test"] == desk.id
    assert desks.desk_for(school931.id) is desk
    mondays = session().query(DeskHours).filter_by(desk_id=desk.id, weekday=0).order_by(DeskHours.opens)
    assert [(one.opens, one.closes) for one in mondays] == [(time(9), time(13)), (time(14), time(18, 30))]


def test_the_page_says_whether_it_is_open_until_when_and_when_next(
    irina: FlaskClient, school931: Organization, set_clock: SetClock
) -> None:
    irina.post(f"/desks/{school931.id}", data=FORM)
    page = irina.get(f"/desks/{school931.id}").text
    assert "открыто" in page
    assert "сегодня 13:00" in page
    set_clock.forward(hours=3, minutes=30)
    assert "сегодня 14:00" in irina.get(f"/desks/{school931.id}").text
    assert "сегодня 14:00" in irina.get("/desks?q=931").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hours_0", "9 до 18"),
        ("hours_0", "09:00–13:00, 12:00–18:00"),
        ("hours_0", "25:00-26:00"),
        ("languages", []),
        ("numbers", "1450"),
        ("numbers", "+77272000905"),
        ("mailboxes", "905@1450.test"),
        ("mailboxes", "kein"),
        ("overflow_after_seconds", "0"),
        ("wrapup_seconds", "x"),
        ("promise_minutes", "-5"),
        ("overflow_to_id", "999"),
        ("dials_to", "08:00"),
        ("area_code", "12a"),
    ],
)
def test_a_refusal_names_the_field_and_keeps_what_was_typed(
    irina: FlaskClient, school931: Organization, field: str, value: object
) -> None:
    answer = irina.post(f"/desks/{school931.id}", data=FORM | {field: value})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    if field != "hours_0":
        assert "09:00-13:00, 14-18:30" in answer.text
    assert session().get(Desk, school931.id) is None


def test_a_special_day_stands_above_weekday_and_holiday_and_can_be_taken_away(irina: FlaskClient, town: Town) -> None:
    one = f"/desks/{town.school905.id}"
    day = {"day": "2026-11-24", "day_hours": "10:00–12:00", "day_reason": "ҰБТ"}
    assert irina.post(f"{one}/days", data=day).status_code == 303
    assert irina.post(f"{one}/days", data={"day": "2026-11-25", "day_hours": ""}).status_code == 303
    assert irina.post(f"{one}/days", data={"day": "2026-12-16", "day_hours": "8-9"}).status_code == 303
    calendar = calendar_of(desks.desk(town.school905.id))
    hours = [len(calendar.hours_on(clock.now().date().replace(month=m, day=d))) for m, d in ((11, 25), (12, 16))]
    assert hours == [0, 1]
    assert [tuple(one) for one in calendar.hours_on(clock.now().date().replace(day=24))] == [(time(10), time(12))]
    assert irina.post(f"{one}/days/drop", data={"day": "2026-11-25"}).status_code == 303
    calendar = calendar_of(desks.desk(town.school905.id))
    assert len(calendar.hours_on(clock.now().date().replace(day=25))) == 1
    assert irina.post(f"{one}/days/drop", data={"day": "2026-11-25"}).status_code == 404
    assert irina.post(f"{one}/days", data={"day": "soon", "day_hours": ""}).status_code == 422


def test_saved_again_nothing_is_noted_and_a_number_that_is_taken_away_reaches_nobody(
    irina: FlaskClient, school931: Organization
) -> None:
    irina.post(f"/desks/{school931.id}", data=FORM)
    irina.post(f"/desks/{school931.id}", data=FORM)
    told = "SELECT kind, details FROM journal WHERE kind LIKE 'desk.%' ORDER BY id"
    assert [kind for kind, _ in session().execute(text(told))] == ["desk.opened"]
    irina.post(f"/desks/{school931.id}", data=FORM | {"numbers": ""})
    assert desks.desk_of_number("+77272000931") is None
    assert [details for _, details in session().execute(text(told))][-1] == {"fields": ["desk_numbers"]}


def test_no_desk_overflows_in_a_circle(irina: FlaskClient, town: Town) -> None:
    with transaction():
        session().get_one(Desk, town.city.id).overflow_to_id = town.school905.id
    desks.forget()
    answer = irina.post(f"/desks/{town.school905.id}", data=FORM | {"numbers": "", "overflow_to_id": str(town.city.id)})
    assert answer.status_code == 422
    assert 'href="#overflow_to_id"' in answer.text


def test_another_parts_desk_does_not_exist(town: Town, sign_in: SignIn) -> None:
    with transaction():
        qanat: Staff = employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    browser = sign_in(qanat)
    assert browser.get(f"/desks/{town.school905.id}").status_code == 200
    for at in (town.city, town.school911):
        assert sign_in(town.admin).get(f"/desks/{at.id}").status_code == 200
        assert browser.get(f"/desks/{at.id}").status_code == 404
        for page in ("", "/days", "/days/drop"):
            data = FORM | {"day": "2026-11-25"}
            assert browser.post(f"/desks/{at.id}{page}", data=data).status_code == 404
    listed = browser.get("/desks").text
    assert "№ 905" in listed
    assert "№ 911" not in listed


def test_list_and_desk_take_few_statements(irina: FlaskClient, town: Town) -> None:
    for page in ("/desks", f"/desks/{town.school905.id}"):
        irina.get(page)
        with counted_statements() as sent:
            assert irina.get(page).status_code == 200
        assert len(sent) <= 10, "\n".join(sent)
