"""The list of promises, and promises made on a ticket or by a parent on the status page."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.callbacks import actions, due
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import CallbackState
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.models import Desk
from helpdesk.organizations.rules import CallbackMode
from helpdesk.telephony import presence
from helpdesk.telephony.rules import PresenceState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import token_of
from tests.callbacks.promises import promised, ticket_of
from tests.conftest import SetClock, counted_statements
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, SignIn, Town


@pytest.fixture(autouse=True)
def at_ten(set_clock: SetClock, town: Town) -> Iterator[SetClock]:
    return set_clock


def the_callback() -> Callback:
    return session().scalars(select(Callback).execution_options(populate_existing=True)).one()


def test_an_operator_promises_a_callback_for_tomorrow_at_ten(sign_in: SignIn, town: Town, set_clock: SetClock):
    ticket = ticket_of(town)
    browser = sign_in(town.aigul)
    assert "+77090000001" in browser.get(f"/tickets/{ticket.number}/callback").text
    assert f'action="/tickets/{ticket.number}/callback"' in browser.get(f"/tickets/{ticket.number}").text
    answer = browser.post(
        f"/tickets/{ticket.number}/callback", data={"number": "8 709 000 00 01", "at": "2026-11-24T10:00", "to_me": "1"}
    )
    assert answer.status_code == 303
    made = the_callback()
    assert made.promised_at == made.next_attempt_at == set_clock.at + timedelta(days=1)
    assert (made.number, made.staff_id, made.origin) == (GULNAR_PHONE, town.aigul.id, "operator")
    assert ticket.number in browser.get("/callbacks").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"number": "+1 202 555 0100"}, "We can only call numbers in Kazakhstan"),
        ({"number": "школа"}, "This is not a phone number"),
        ({"number": GULNAR_PHONE, "at": "2026-11-22T10:00"}, "Choose a time within the next 60 days"),
        ({"number": GULNAR_PHONE, "at": "tomorrow"}, "Write day and time like"),
    ],
)
def test_what_cannot_be_promised_is_said_and_nothing_is_promised(
    sign_in: SignIn, town: Town, typed: dict[str, str], said: str
):
    ticket = ticket_of(town)
    with transaction():
        session().get_one(Staff, town.aigul.id).language = "en"
    browser = sign_in(town.aigul)
    answer = browser.post(f"/tickets/{ticket.number}/callback", data=typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert session().scalars(select(Callback)).all() == []


def test_another_desks_promise_is_not_there(sign_in: SignIn, town: Town):
    ticket = ticket_of(town)
    callback = promised(ticket)
    browser = sign_in(town.bekzat)
    assert ticket.number not in browser.get("/callbacks").text
    assert browser.post(f"/callbacks/{callback.id}/cancel").status_code == 404
    assert browser.post(f"/callbacks/{callback.id}/call-now").status_code == 404
    assert browser.get(f"/tickets/{ticket.number}/callback").status_code == 404
    assert browser.post(f"/tickets/{ticket.number}/callback", data={"number": GULNAR_PHONE}).status_code == 404
    assert the_callback().state is CallbackState.REQUESTED


def test_a_cancelled_promise_moves_to_the_ended_ones(sign_in: SignIn, town: Town):
    ticket = ticket_of(town)
    callback = promised(ticket)
    browser = sign_in(town.aigul)
    assert browser.post(f"/callbacks/{callback.id}/cancel").status_code == 303
    assert the_callback().state is CallbackState.CANCELLED
    assert ticket.number not in browser.get("/callbacks").text
    assert ticket.number in browser.get("/callbacks?view=ended").text
    assert browser.post(f"/callbacks/{callback.id}/cancel").status_code == 422


def test_call_now_brings_the_next_attempt_before_everybody_elses_and_makes_nothing_late(
    sign_in: SignIn, town: Town, set_clock: SetClock
):
    first = promised(ticket_of(town), "+77090000044")
    callback = promised(ticket_of(town), not_before=set_clock.at + timedelta(hours=2))
    latest = callback.promised_at
    assert sign_in(town.aigul).post(f"/callbacks/{callback.id}/call-now").status_code == 303
    with transaction():
        actions.ripen()
        presence.choose(town.aigul.id, PresenceState.READY)
        for desk in session().scalars(select(Desk)):
            desk.callback_mode = CallbackMode.CALLER_FIRST
    assert [one.row.callback_id for one in due.to_dial(set_clock.at, rate=5.0)][:1] == [callback.id]
    assert session().get_one(Callback, first.id, populate_existing=True).state is CallbackState.DUE
    assert session().get_one(Callback, callback.id, populate_existing=True).promised_at == latest


def test_nobody_is_called_now_at_night(sign_in: SignIn, town: Town, set_clock: SetClock):
    callback = promised(ticket_of(town))
    set_clock.forward(hours=12)
    assert sign_in(town.aigul).post(f"/callbacks/{callback.id}/call-now").status_code == 422


def test_the_list_takes_ten_statements_whatever_its_length(sign_in: SignIn, town: Town):
    ticket = ticket_of(town)
    for place in range(60):
        promised(ticket, f"+7709000{place:04d}")
    browser = sign_in(town.aigul)
    with counted_statements() as seen:
        page = browser.get("/callbacks")
    assert len(seen) <= 10, seen
    assert page.text.count("call-now") == 50
    next_page = page.text.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert browser.get(next_page).text.count("call-now") == 10


def test_a_parent_asks_to_be_called_from_the_page_of_the_request(client: FlaskClient, town: Town):
    ticket = ticket_of(town)
    page = f"/ru/t/{token_of(ticket)}"
    assert f"{page}/callback" in client.get(page).text
    assert client.get(f"{page}/callback").status_code == 200
    assert client.post(f"{page}/callback", data={"number": "+44 20 7946 0000"}).status_code == 422
    assert client.post(f"{page}/callback", data={"number": "8 709 000 00 01"}).status_code == 303
    assert client.post(f"{page}/callback", data={"number": "8 709 000 00 01"}).status_code == 303
    callback = the_callback()
    assert (callback.number, callback.ticket_id, callback.origin) == (GULNAR_PHONE, ticket.id, "web")


def test_visitors_see_no_promises(app: Flask, client: FlaskClient):
    assert client.get("/callbacks").status_code == 302


@pytest.mark.parametrize("written_up", [False, True])
def test_an_operator_promises_a_callback_out_of_the_call_bar(
    hotline: Hotline, town: Town, sign_in: SignIn, written_up: bool
):
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", to="+77272000905", talk=None, patience=9000)
    hotline.until(lambda: caller.in_conversation)
    if written_up:
        caller.hang_up()
        hotline.run(5)
    aigul = sign_in(town.aigul)
    card = aigul.get("/calls/card").text
    assert 'action="/calls/callback"' in card
    assert f'value="{GULNAR_PHONE}"' in card
    typed = {"number": GULNAR_PHONE, "at": "2026-11-24T10:00", "to_me": "1"}
    answer = aigul.post("/calls/callback", data=typed, headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 200
    assert "ең кеш уақыты: ертең 10:00" in answer.text
    Hotline.look_again()
    made = the_callback()
    assert (made.number, made.staff_id, made.origin) == (GULNAR_PHONE, town.aigul.id, "operator")
    assert made.promised_at == hotline.clock.start.replace(hour=5, minute=0, second=0) + timedelta(days=1)
    assert made.ticket_id == session().scalars(select(Ticket.id)).one()


def test_who_is_in_no_call_promises_nothing_there(sign_in: SignIn, town: Town):
    answer = sign_in(town.aigul).post("/calls/callback", data={"number": GULNAR_PHONE})
    assert answer.status_code == 422
    assert session().scalars(select(Callback)).all() == []
