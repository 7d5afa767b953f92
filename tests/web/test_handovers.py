"""Pages of what goes up, down and to another body, and of what became of it."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.models import Desk
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import token_of
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import SignIn, Town, employ
from tests.web.forms import forms

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def teacher(town: Town) -> Staff:
    """Works at school 905 alone, in Russian."""
    with transaction():
        return employ("Марат Ли", "marat@1450.test", ["ru"], (Role.OPERATOR, town.school905))


@pytest.fixture
def school(teacher: Staff, sign_in: SignIn) -> FlaskClient:
    """The teacher's."""
    return sign_in(teacher)


def ticket_of(town: Town) -> Ticket:
    return filed(organization_id=town.school905.id, phones=("+77090000905",), name="Жанар").ticket


def sent(school: FlaskClient, ticket: Ticket, **changes: str) -> str:
    """The form as it stands on the page, filled in and sent; where it leads."""
    page = school.get(f"/tickets/{ticket.number}/hand-on?way={changes.get('way', 'up')}")
    form = next(one for one in forms(page) if one.action.endswith("/hand-on"))
    to = session().get_one(Desk, ticket.desk_id).overflow_to_id
    typed = {**form.values(), "to": str(to), "reason": "Школа не решает", **changes}
    answer = school.post(form.action, data=typed)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_from_the_ticket_up_a_level_acknowledged_there_and_read_by_everybody_it_concerns(
    school: FlaskClient, town: Town, sign_in: SignIn, client: FlaskClient
) -> None:
    ticket = ticket_of(town)
    assert f'href="/tickets/{ticket.number}/hand-on"' in school.get(f"/tickets/{ticket.number}").text
    shown = sent(school, ticket)
    assert "ещё не подтверждено" in school.get(shown).text
    assert school.get(f"/tickets/{ticket.number}").location == shown
    assert school.get(f"/tickets/{ticket.number}/hand-on").location == shown
    district = sign_in(town.svetlana)
    assert re.search(r'data-count="arrived">1<', district.get("/board").text)
    page = district.get(f"/tickets/{ticket.number}").text
    assert "Школа не решает" in page
    public = client.get(f"/ru/t/{token_of(ticket)}").text
    assert (town.district.name_ru in public, "Срок рассмотрения" in public) == (True, True)
    district.post(f"/tickets/{ticket.number}/acknowledge", data={})
    assert re.search(r'data-count="arrived">0<', district.get("/board").text)
    assert "подтверждено" in school.get(shown).text


def test_sent_twice_it_is_handed_on_once(school: FlaskClient, town: Town) -> None:
    ticket = ticket_of(town)
    first = sent(school, ticket)
    again = school.post(f"/tickets/{ticket.number}/hand-on", data={"way": "up", "reason": "x"})
    assert (again.status_code, again.location) == (303, first)


def test_what_is_wrong_is_named_and_nothing_typed_is_lost(school: FlaskClient, town: Town) -> None:
    ticket = ticket_of(town)
    answer = school.post(
        f"/tickets/{ticket.number}/hand-on",
        data={"way": "redirect", "to_text": "Медеуский", "reason": "", "told": "Ваш вопрос передан", "until": "x"},
    )
    assert answer.status_code == 422
    assert ("Медеуский" in answer.text, "Ваш вопрос передан" in answer.text) == (True, True)
    assert 'aria-invalid="true"' in answer.text
    changed = school.post(f"/tickets/{ticket.number}/hand-on", data={"way": "up", "version": "99", "reason": "долго"})
    assert (changed.status_code, "долго" in changed.text) == (409, True)


def test_back_for_rework_with_a_visible_reason_and_taken_back_by_mistake(
    school: FlaskClient, town: Town, sign_in: SignIn
) -> None:
    ticket = ticket_of(town)
    shown, district = sent(school, ticket), sign_in(town.svetlana)
    refused = district.post(f"/tickets/{ticket.number}/send-back", data={"return_reason": ""})
    assert (refused.status_code, "Напишите, что доработать" in refused.text) == (422, True)
    district.post(f"/tickets/{ticket.number}/send-back", data={"return_reason": "Нет класса"})
    assert "Нет класса" in school.get(shown).text
    assert "Нет класса" in school.get(f"/tickets/{ticket.number}").text
    again = sent(school, ticket)
    taken = school.post(f"{again}/take-back")
    assert taken.location == f"/tickets/{ticket.number}"
    assert school.get(f"/tickets/{ticket.number}").status_code == 200


def test_desks_are_found_by_typing_and_only_those_on_the_way(town: Town, sign_in: SignIn) -> None:
    ticket = filed(desk_id=town.district.id).ticket
    district = sign_in(town.svetlana)

    def found(way: str, typed: str) -> list[str]:
        rows = district.get(f"/tickets/{ticket.number}/hand-on/desks", query_string={"way": way, "q": typed}).json
        return [row["text"] for row in rows or ()]

    assert found("down", "905") == [town.school905.short_ru]
    assert (found("down", "911"), found("redirect", "911")) == ([], [town.school911.short_ru])


def test_the_list_of_what_we_sent_says_what_to_do_when_empty_and_costs_few_statements(
    school: FlaskClient, town: Town
) -> None:
    assert 'class="empty"' in school.get("/handovers").text
    for _ in range(6):
        sent(school, ticket_of(town))
    with counted_statements() as seen:
        page = school.get("/handovers")
    assert (page.text.count("ещё не подтверждено"), len(seen) <= 3) == (6, True), seen
    handed = school.get("/handovers").text
    first = re.findall(r'href="(/handovers/\d+)"', handed)[0]
    with counted_statements() as seen:
        school.get(first)
    assert len(seen) <= 10, seen


def test_a_look_at_what_became_of_a_restricted_ticket_is_noted(
    school: FlaskClient, town: Town, teacher: Staff, sign_in: SignIn
) -> None:
    ticket = ticket_of(town)
    shown = sent(school, ticket)
    with transaction():
        actions.recategorise(session().get_one(Ticket, ticket.id), "T44", staff(town.svetlana.id))
    assert school.get(shown).status_code == 404
    assert ticket.number not in school.get("/handovers").text
    assert sign_in(town.erlan).get(shown).status_code == 200
    looks = session().scalars(select(JournalEntry.actor_id).where(JournalEntry.kind == "ticket.viewed")).all()
    assert looks == [town.erlan.id]


def test_another_schools_staff_finds_neither_the_ticket_nor_what_became_of_it(
    school: FlaskClient, town: Town, sign_in: SignIn
) -> None:
    ticket = ticket_of(town)
    shown, stranger = sent(school, ticket), sign_in(town.bekzat)
    for answer in (
        stranger.get(shown),
        stranger.get(f"/tickets/{ticket.number}/hand-on"),
        stranger.post(f"/tickets/{ticket.number}/acknowledge"),
        stranger.post(f"/tickets/{ticket.number}/send-back"),
        stranger.post(f"{shown}/take-back"),
    ):
        assert answer.status_code == 404
