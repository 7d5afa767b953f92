"""Taking the next ticket with one button, handing one over, and the end of a shift."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import session, transaction
from helpdesk.tickets import actions
from helpdesk.tickets.bulk_models import BulkAction, BulkItem
from helpdesk.tickets.models import Message, Ticket
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def svetlana(town: Town, sign_in: SignIn) -> FlaskClient:
    """A browser in Russian."""
    return sign_in(town.svetlana)


def hers(town: Town, **changes: object) -> Ticket:
    ticket = filed(organization_id=town.school905.id, **changes).ticket
    with transaction():
        actions.assign(session().get_one(Ticket, ticket.id), town.svetlana.id, staff(town.svetlana.id))
    return ticket


def test_one_button_opens_the_next_ticket_and_says_when_none_is_left(svetlana: FlaskClient, town: Town) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    assert 'data-key="q"' in svetlana.get("/board").text
    assert svetlana.post("/shift/next").location == f"/tickets/{ticket.number}?view=mine"
    page = svetlana.post("/shift/next", follow_redirects=True).text
    assert "не осталось" in page
    assert f'value="{ticket.number}"' not in page


def test_a_supervisor_has_no_button_to_take_and_a_ticket_is_handed_over_with_a_note(
    town: Town, sign_in: SignIn, svetlana: FlaskClient
) -> None:
    ticket = hers(town)
    assert 'action="/shift/next"' not in sign_in(town.erlan).get("/board").text
    assert sign_in(town.erlan).post("/shift/next").status_code == 403
    form = {"staff_id": str(town.aigul.id), "told_colleague": "Ждёт звонка после 18:00"}
    svetlana.post(f"/tickets/{ticket.number}/assign", data=form)
    page = svetlana.get(f"/tickets/{ticket.number}").text
    assert "Ждёт звонка после 18:00" in page
    assert session().get_one(Ticket, ticket.id, populate_existing=True).assignee_id == town.aigul.id


def test_what_the_colleague_should_know_survives_a_page_that_was_too_old(svetlana: FlaskClient, town: Town) -> None:
    ticket = hers(town)
    form = {"staff_id": str(town.aigul.id), "told_colleague": "Ждёт звонка", "version": "0"}
    answer = svetlana.post(f"/tickets/{ticket.number}/assign", data=form)
    assert answer.status_code == 409
    assert "Ждёт звонка</textarea>" in answer.text
    assert session().scalars(select(Message).where(Message.body == "Ждёт звонка")).all() == []


def test_the_end_of_a_shift_shows_what_is_in_hand_with_the_unanswered_chosen(svetlana: FlaskClient, town: Town) -> None:
    unanswered, answered = hers(town), hers(town)
    with transaction():
        actions.reply(session().get_one(Ticket, answered.id), "Смотрим", staff(town.svetlana.id))
    page = svetlana.get("/shift").text
    boxes = dict(re.findall(r'name="number" value="([\d-]+)"[^>]*?( checked)?>', page))
    assert boxes == {unanswered.number: " checked", answered.number: ""}
    answer = svetlana.post("/shift", data={"number": unanswered.number})
    assert answer.location.startswith("/bulk/")
    items = session().scalars(select(BulkItem.ticket_id)).all()
    assert items == [unanswered.id]


def test_nothing_chosen_is_said_and_somebody_elses_ticket_is_not_given_back(svetlana: FlaskClient, town: Town) -> None:
    hers(town)
    other = filed(organization_id=town.school905.id).ticket
    for sent in ({}, {"number": other.number}):
        answer = svetlana.post("/shift", data=sent)
        assert (answer.status_code, "Сначала выберите" in answer.text) == (422, True)
    assert session().scalars(select(BulkAction)).all() == []


def test_a_supervisor_gives_back_for_who_went_home(town: Town, sign_in: SignIn) -> None:
    ticket, erlan = hers(town), sign_in(town.erlan)
    assert f'href="/shift/{town.svetlana.id}"' in erlan.get("/shift/people").text
    assert town.svetlana.name in erlan.get(f"/shift/{town.svetlana.id}").text
    answer = erlan.post(f"/shift/{town.svetlana.id}", data={"number": ticket.number})
    assert answer.location.startswith("/bulk/")
    assert sign_in(town.aigul).get(f"/shift/{town.svetlana.id}").status_code == 404
    assert erlan.get(f"/shift/{town.bekzat.id}").status_code == 404


def test_an_empty_hand_says_so_and_a_full_one_costs_few_statements(svetlana: FlaskClient, town: Town) -> None:
    assert 'class="empty"' in svetlana.get("/shift").text
    for _ in range(12):
        hers(town)
    with counted_statements() as seen:
        assert svetlana.get("/shift").status_code == 200
    assert len(seen) <= 4, seen
