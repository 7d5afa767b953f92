"""Everybody finds the desk of a school: number, hours today, languages."""

import csv
import io
from datetime import time

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries
from helpdesk.organizations.models import Desk, DeskSpecialDay
from helpdesk.sla import queries as calendars
from tests.conftest import SetClock, counted_statements
from tests.people import Town
from tests.web.test_public_weight import LIMIT, weight


@pytest.fixture(autouse=True)
def today(set_clock: SetClock, town: Town) -> SetClock:
    """Monday, 10:00."""
    return set_clock


def test_a_desk_is_found_by_number_and_name_in_any_language(client: FlaskClient, town: Town) -> None:
    for typed in ("905", "мектеп 905", "школа", "School 905"):
        page = client.get("/ru/desks", query_string={"q": typed})
        assert "Школа № 905" in page.text, typed
    assert "+7 (727) 200-09-05" in client.get("/kk/desks?q=905").text
    assert "09:00–18:30 · сейчас открыто" in client.get("/ru/desks?q=905").text
    assert 'class="empty"' in client.get("/kk/desks?q=верблюд").text


def test_a_day_of_its_own_hours_and_a_closed_one_are_told(client: FlaskClient, town: Town, today: SetClock) -> None:
    with transaction():
        desk = session().get_one(Desk, town.school905.id)
        desk.special_days = [DeskSpecialDay(day=today.at.date(), opens=time(14), closes=time(16))]
    queries.forget()
    calendars.forget()
    page = client.get("/ru/desks?q=905").text
    assert "14:00–16:00" in page
    assert "сейчас открыто" not in page
    today.forward(days=5)
    assert "сегодня закрыто" in client.get("/ru/desks?q=905").text


def test_the_list_goes_into_a_spreadsheet_that_computes_nothing(client: FlaskClient, town: Town) -> None:
    answer = client.get("/ru/desks.csv")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert len(rows) == 6
    assert ["Школа № 905", "'+7 (727) 200-09-05", "09:00–18:30", "Қазақша, Русский"] in rows
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_page_is_light_is_kept_by_caches_and_asks_little(client: FlaskClient, town: Town) -> None:
    client.get("/kk/desks")
    with counted_statements() as seen:
        page = client.get("/kk/desks")
    assert len(seen) <= 3, seen
    assert weight(client, page.text) <= LIMIT
    assert page.headers["Cache-Control"].startswith("public")
    assert "Set-Cookie" not in page.headers


def test_a_school_that_was_closed_is_not_listed(client: FlaskClient, town: Town, today: SetClock) -> None:
    with transaction():
        session().get_one(Desk, town.school905.id).active_to = today.at.date()
    today.forward(days=1)
    assert "№ 905" not in client.get("/ru/desks?q=905").text
