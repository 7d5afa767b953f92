"""One form for a family; a request taken back; the way up; a callback at a time that suits."""

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import CallbackState
from helpdesk.kernel.db import session
from helpdesk.tickets.families import siblings
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import secret_of, token_of
from helpdesk.tickets.rules import Resolution, TicketState
from tests.factories import filed
from tests.people import GULNAR_PHONE, SignIn, Town
from tests.web.forms import press

pytestmark = pytest.mark.usefixtures("set_clock")


def family_form(client: FlaskClient, **typed: str) -> TestResponse:
    """The last page of a form about school 905, with further children typed on the way."""
    page = press(client, client.get("/kk/"), ("choice", "1"))
    page = press(client, page, ("go", "next"), school_text="905")
    if 'name="school"' in page.text and "pupil_2" not in page.text:
        page = press(client, page, ("go", "next"), school=str(_first_school(page)))
    page = press(client, page, ("go", "next"), pupil="1а", **typed)
    return press(client, page, ("go", "next"), words="Төрт бала, бір телефон")


def _first_school(page: TestResponse) -> str:
    found = re.search(r'name="school" value="(\d+)"', page.text)
    assert found is not None
    return found[1]


def tickets() -> list[Ticket]:
    session().expire_all()
    return list(session().scalars(select(Ticket).order_by(Ticket.id)))


def test_four_children_of_two_schools_are_four_linked_requests_from_one_form(client: FlaskClient, town: Town) -> None:
    page = family_form(client, pupil_2="4б", pupil_3="7", school_3="911", pupil_4="10-ә")
    sent = press(client, page, ("go", "next"), answer_by="phone", phone="8 709 000 00 55")
    made = tickets()
    assert [one.pupil_note for one in made] == ["1 «А»", "4 «Б»", "7", "10 «Ә»"]
    assert [one.organization_id for one in made] == [
        town.school905.id,
        town.school905.id,
        town.school911.id,
        town.school905.id,
    ]
    assert made[2].desk_id == town.school911.id
    assert len({one.contact_id for one in made}) == 1
    thanks = client.get(sent.location).text
    for one in made:
        assert one.number in thanks
        assert f"{secret_of(one)[:4]} {secret_of(one)[4:]}" in thanks


def test_the_same_form_twice_is_the_same_four_requests(client: FlaskClient, town: Town) -> None:
    page = family_form(client, pupil_2="4б", pupil_3="7", pupil_4="10")
    for _ in range(2):
        press(client, page, ("go", "next"), answer_by="phone", phone="8 709 000 00 55")
    assert len(tickets()) == 4


def test_a_school_that_nobody_can_tell_stays_in_words(client: FlaskClient, town: Town) -> None:
    page = family_form(client, pupil_2="4б", school_2="№ 7777 ауыл мектебі")
    press(client, page, ("go", "next"), answer_by="phone", phone="8 709 000 00 55")
    assert tickets()[1].pupil_note == "4 «Б», № 7777 ауыл мектебі"
    assert tickets()[1].desk_id == tickets()[0].desk_id


def test_what_was_typed_of_the_children_survives_mistakes_and_going_back(client: FlaskClient, town: Town) -> None:
    page = family_form(client, pupil_2="4б", school_2="911")
    wrong = press(client, page, ("go", "next"))
    assert wrong.status_code == 422
    for _ in range(2):
        wrong = press(client, wrong, ("go", "back"))
    assert 'value="4б"' in wrong.text
    assert '<details class="more" open>' in wrong.text


def test_another_persons_request_is_never_shown_as_a_sibling(town: Town) -> None:
    first = filed(contact_id=town.gulnar.id).ticket
    assert list(siblings(first)) == []


def status(client: FlaskClient, ticket: Ticket) -> str:
    return client.get(f"/ru/t/{token_of(ticket)}").text


def test_a_request_is_taken_back_and_opened_again(client: FlaskClient, town: Town, sign_in: SignIn) -> None:
    ticket = filed(contact_id=town.gulnar.id, organization_id=town.school905.id).ticket
    address = f"/ru/t/{token_of(ticket)}"
    client.post(f"{address}/callback", data={"number": GULNAR_PHONE})
    for _ in range(2):
        assert client.post(f"{address}/withdraw").status_code == 303
    one = tickets()[0]
    assert (one.state, one.resolution) == (TicketState.RESOLVED, Resolution.WITHDRAWN)
    assert session().scalars(select(Callback.state)).all() == [CallbackState.CANCELLED]
    assert "Вы отозвали это обращение" in status(client, ticket)
    client.post(f"{address}/not-solved")
    assert tickets()[0].state is TicketState.OPEN
    assert "Вы отозвали это обращение" not in status(client, ticket)


def test_the_page_names_who_has_it_until_when_and_whom_to_ask_next(client: FlaskClient, town: Town) -> None:
    ticket = filed(contact_id=town.gulnar.id, organization_id=town.school905.id).ticket
    page = status(client, ticket)
    places = [page.index(one.name_ru) for one in (town.district, town.city)]
    assert page.index("сейчас занимается") < places[0] < places[1]
    assert "рабочих дней: 15" in page


def test_a_callback_is_asked_for_at_a_time_that_suits(client: FlaskClient, town: Town) -> None:
    ticket = filed(contact_id=town.gulnar.id, organization_id=town.school905.id).ticket
    address = f"/ru/t/{token_of(ticket)}/callback"
    begins = datetime.fromisoformat("2026-11-24T09:00:00+05:00")
    page = client.get(address).text
    offered = [datetime.fromisoformat(one) for one in re.findall(r'<option value="([^"]+)"', page)]
    value = offered[offered.index(begins)].isoformat()
    assert client.post(address, data={"number": GULNAR_PHONE, "when": value}).status_code == 303
    made = session().scalars(select(Callback)).one()
    assert (made.not_before, made.promised_at) == (begins, begins + timedelta(hours=2))


@pytest.mark.parametrize("when", ["2020-01-01T10:00:00+00:00", "ертең", "2026-11-29T09:00:00+05:00"])
def test_a_time_that_is_not_offered_is_refused_and_the_number_stays(client: FlaskClient, town: Town, when: str) -> None:
    ticket = filed(contact_id=town.gulnar.id, organization_id=town.school905.id).ticket
    answer = client.post(f"/ru/t/{token_of(ticket)}/callback", data={"number": "8 709 000 00 99", "when": when})
    assert answer.status_code == 422
    assert 'href="#when"' in answer.text
    assert "8 709 000 00 99" in answer.text
    assert session().query(Callback).count() == 0
