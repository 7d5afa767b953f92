"""A school behind one address: 300 parents write at once, and each of them is heard."""

from collections import Counter
from itertools import groupby

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from helpdesk.kernel.db import session
from helpdesk.kernel.redis import Line
from helpdesk.tickets.models import Ticket
from helpdesk.web import turns
from tests.conftest import SetClock
from tests.people import Town
from tests.web.conftest import limited_client
from tests.web.forms import forms, press

__all__ = ["limited_client"]

PARENTS = 300


def form(number: int) -> dict[str, str]:
    """What the browser of one parent sends at the end."""
    typed = {"step": "answer", "choice": "1", "words": f"Кіре алмаймыз, отбасы {number}", "answer_by": "web"}
    return typed | {"form_id": f"00000000-0000-4000-8000-{number:012}"}


def send(browser: FlaskClient, number: int) -> TestResponse:
    return browser.post("/kk/request", data=form(number))


def filed() -> int:
    return session().scalar(select(func.count()).select_from(Ticket)) or 0


@pytest.fixture
def school(limited_client: FlaskClient, town: Town, set_clock: SetClock) -> FlaskClient:
    return limited_client


@pytest.fixture
def small(school: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """The same with five places a minute."""
    monkeypatch.setattr(turns, "PER_MINUTE", 5)
    return school


def test_three_hundred_in_ten_minutes_are_all_taken_at_once(school: FlaskClient, set_clock: SetClock) -> None:
    for number in range(PARENTS):
        with school.application.test_request_context("/kk/request", method="POST", data=form(number)):
            assert turns.take(form(number)["form_id"]).now
        set_clock.forward(seconds=2)


def test_of_three_hundred_in_one_minute_sixty_are_taken_and_the_others_each_at_the_time_they_were_told(
    school: FlaskClient, set_clock: SetClock
) -> None:
    began = set_clock.at
    pages = [send(school, number) for number in range(PARENTS)]
    assert [page.status_code for page in pages] == [303] * 60 + [429] * 240
    sent_away = pages[60:]
    # sixty for each of the next four minutes: nobody is told to come when there is no room
    waits = [int(page.headers["Retry-After"]) for page in sent_away]
    assert Counter(waits) == {60: 60, 120: 60, 180: 60, 240: 60}
    for number, page in enumerate(sent_away, 60):
        assert forms(page)[0].values()["words"] == [f"Кіре алмаймыз, отбасы {number}"]
        assert "captcha" not in page.text.lower()
    assert "10:01" in sent_away[0].text
    # too early is told the same time again, and costs no other place
    early = press(school, sent_away[-1])
    assert (early.status_code, early.headers["Retry-After"]) == (429, "240")
    for wait, group in groupby(enumerate(sent_away, 60), key=lambda one: waits[one[0] - 60]):
        set_clock.at = began
        set_clock.forward(seconds=wait)
        # strangers behind the same address take nobody's place
        assert [send(school, 1000 + wait * 10 + number).status_code for number in range(3)] == [429] * 3
        for number, page in group:
            kept = forms(page)[0].values()
            with school.application.test_request_context("/kk/request", method="POST", data=kept):
                assert turns.take(kept["form_id"][0]).now
            # one in ten really sends it again: filing is what costs
            if number % 10 == 0:
                assert press(school, page).status_code == 303
    assert filed() == 60 + 240 / 10


def test_who_was_taken_and_presses_again_is_not_sent_away(small: FlaskClient) -> None:
    first = send(small, 0)
    assert [send(small, number).status_code for number in range(1, 7)] == [303] * 4 + [429] * 2
    assert send(small, 0).location == first.location


def test_a_place_is_of_one_form_and_a_made_up_one_is_none(small: FlaskClient, set_clock: SetClock) -> None:
    pages = [send(small, number) for number in range(6)]
    turn = forms(pages[5])[0].values()["turn"][0]
    set_clock.forward(seconds=60)
    for number in range(100, 104):
        assert send(small, number).status_code == 303
    assert small.post("/kk/request", data=form(900) | {"turn": turn}).status_code == 429
    assert small.post("/kk/request", data=form(901) | {"turn": "WzEsMF0.x"}).status_code == 429
    assert press(small, pages[5]).status_code == 303


def test_what_must_be_corrected_and_what_is_only_looked_at_takes_no_place(small: FlaskClient) -> None:
    for _ in range(10):
        assert small.post("/kk/request", data=form(1) | {"answer_by": ""}).status_code == 422
        assert small.post("/kk/request", data=form(1) | {"go": "back"}).status_code == 200
    assert send(small, 1).status_code == 303


def test_a_flood_shuts_its_neighbours_out_for_minutes_and_not_for_hours(
    school: FlaskClient, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PER_MINUTE", 1)
    answers = [send(school, number) for number in range(30)]
    assert max(int(page.headers["Retry-After"]) for page in answers[1:]) == 20 * 60
    set_clock.forward(minutes=20)
    assert send(school, 99).status_code == 303


def test_without_redis_the_turns_are_kept_by_the_process(small: FlaskClient, set_clock: SetClock) -> None:
    small.application.extensions["redis"] = Line("redis://127.0.0.1:1/0")
    pages = [send(small, number) for number in range(6)]
    assert [page.status_code for page in pages] == [303] * 5 + [429]
    set_clock.forward(seconds=60)
    assert press(small, pages[5]).status_code == 303
