"""Saved views in the column of the board, and the pages where they are made."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.rules import Kind
from helpdesk.search import view_actions, view_queries
from helpdesk.search.view_actions import Draft
from helpdesk.search.view_models import SavedView
from helpdesk.search.view_rules import Scope
from helpdesk.tickets.board_rules import Order
from helpdesk.tickets.bulk_models import BulkItem
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import SignIn, Town, employ, open_desk, organization

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def aigul(town: Town, sign_in: SignIn) -> FlaskClient:
    return sign_in(town.aigul)


@pytest.fixture
def svetlana(town: Town, sign_in: SignIn) -> FlaskClient:
    """A browser in Russian."""
    return sign_in(town.svetlana)


def at_905(town: Town, **changes: object) -> Ticket:
    return filed(organization_id=town.school905.id, **changes).ticket


def numbers(page: str) -> list[str]:
    return re.findall(r'name="number" value="([\d-]+)"', page)


def counted(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-count="([\w-]+)">([^<]*)<', page))


def save(client: FlaskClient, **given: str) -> str:
    answer = client.post("/views/new", data={"name": "Орысша", "filter": "lang:ru", "sorted_by": "newest"} | given)
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def test_a_view_is_saved_opened_and_counted_beside_the_others(aigul: FlaskClient, town: Town) -> None:
    old, _, new = at_905(town, language="ru"), at_905(town, language="kk"), at_905(town, language="ru")
    target = save(aigul)
    page = aigul.get(target).text
    name = target.partition("view=")[2]
    assert numbers(page) == [new.number, old.number]
    assert counted(page)[name] == "2"
    assert re.search(r'aria-current="page">Орысша', page)
    answer = aigul.get(f"/board/rows?view={name}").get_json()
    assert (answer["counts"][name], answer["order"]) == ("2", [new.id, old.id])


def test_a_ticket_opened_from_a_view_stands_beside_its_list(aigul: FlaskClient, town: Town) -> None:
    ticket, other = at_905(town, language="ru"), at_905(town, language="kk")
    name = save(aigul).partition("view=")[2]
    page = aigul.get(f"/tickets/{ticket.number}?view={name}").text
    assert numbers(page).count(ticket.number) == 1
    assert other.number not in numbers(page)


def test_all_of_a_saved_view_is_worked_on_at_once(aigul: FlaskClient, town: Town) -> None:
    ticket, _ = at_905(town, language="ru"), at_905(town, language="kk")
    name = save(aigul).partition("view=")[2]
    aigul.post("/bulk", data={"which": "view", "view": name, "verb": "note", "note": "Жөнделді"})
    assert session().scalars(select(BulkItem.ticket_id)).all() == [ticket.id]


def test_somebody_elses_view_does_not_exist(aigul: FlaskClient, town: Town, sign_in: SignIn) -> None:
    target = save(aigul)
    ticket = at_905(town)
    name = target.partition("view=")[2]
    assert sign_in(town.svetlana).get(target).status_code == 404
    # a link to a ticket that was made in a view which is gone meanwhile still leads to the ticket
    assert sign_in(town.svetlana).get(f"/tickets/{ticket.number}?view={name}").status_code == 200


def test_what_was_typed_survives_a_mistake_and_the_field_is_named(svetlana: FlaskClient) -> None:
    answer = svetlana.post("/views/new", data={"name": "Мой список", "filter": "queue:странная", "sorted_by": "oldest"})
    assert answer.status_code == 422
    assert 'value="Мой список"' in answer.text
    assert 'value="queue:странная"' in answer.text
    assert 'href="#filter"' in answer.text
    assert re.search(r'value="oldest" selected', answer.text)
    answer = svetlana.post("/views/new", data={"name": "Мой список", "filter": "пароль"})
    assert "слова ищут в строке поиска" in answer.text


def test_a_supervisor_shares_a_view_and_an_operator_cannot(town: Town, sign_in: SignIn, aigul: FlaskClient) -> None:
    shared = {"scope": "below", "organization": str(town.district.id), "name": "Барлығына"}
    save(sign_in(town.erlan), **shared)
    assert "Барлығына" in aigul.get("/board").text
    assert 'name="scope"' not in aigul.get("/views/new").text
    answer = aigul.post("/views/new", data={"name": "x", "filter": "", "sorted_by": "due"} | shared)
    assert answer.status_code == 404
    view = session().scalars(select(SavedView)).one()
    for path in (f"/views/{view.id}", f"/views/{view.id}/delete"):
        assert aigul.post(path, data={"name": "x", "filter": "", "sorted_by": "due"}).status_code == 404


def test_views_are_put_in_an_order_hidden_deleted_and_brought_back_by_buttons(svetlana: FlaskClient) -> None:
    one, two = (save(svetlana, name=name).rpartition("-")[2] for name in ("Первый", "Второй"))

    def shown() -> list[str]:
        return [name for name in re.findall(r"saved-(\d+)\"", svetlana.get("/board").text) if name in (one, two)]

    first, second = dict.fromkeys(shown())
    svetlana.post("/views/order", data={"down": first})
    assert list(dict.fromkeys(shown())) == [second, first]
    svetlana.post("/views/order", data={"hide": first})
    assert set(shown()) == {second}
    assert "скрыт" in svetlana.get("/views").text
    svetlana.post("/views/order", data={"show": first})
    svetlana.post(f"/views/{first}/delete")
    assert set(shown()) == {second}
    assert f"/views/{first}/restore" in svetlana.get("/views").text
    svetlana.post(f"/views/{first}/restore")
    assert list(dict.fromkeys(shown())) == [second, first]
    assert svetlana.post("/views/order", data={"up": "999999"}).status_code == 404


def test_the_filter_of_the_board_and_of_the_search_are_taken_along(aigul: FlaskClient, town: Town) -> None:
    at_905(town)
    page = aigul.get("/views/new?view=mine&queue=technical&language=kk").text
    assert 'value="assignee:me queue:technical lang:kk"' in page
    assert "/views/new?filter=lang:kk" in aigul.get("/search?q=lang:kk").text.replace("%3A", ":")
    assert "/views/new?filter" not in aigul.get("/search?q=lang:kk құпиясөз").text


def test_two_who_change_a_shared_view_keep_both_texts(town: Town, sign_in: SignIn) -> None:
    erlan = sign_in(town.erlan)
    save(erlan, scope="below", organization=str(town.district.id))
    view = session().scalars(select(SavedView)).one()
    given = {"name": "Жаңа", "filter": "lang:kk", "sorted_by": "due", "scope": "below"}
    given |= {"organization": str(town.district.id), "version": "1"}
    assert erlan.post(f"/views/{view.id}", data=given).status_code == 303
    answer = erlan.post(f"/views/{view.id}", data=given | {"name": "Басқа"})
    assert (answer.status_code, 'value="Басқа"' in answer.text) == (409, True)


def thirty_views(town: Town) -> None:
    filters = ("lang:kk", "school:905", "due<2h", "assignee:me", "priority:P1", "queue:technical")
    with transaction():
        for number in range(30):
            draft = Draft(f"Көрініс {number}", filters[number % 6], Order.DUE, Scope.OWN, clock.now().date(), set())
            view_actions.save(None, None, draft, staff(town.aigul.id), None)


@pytest.mark.parametrize("path", ["/board", "/board/rows", "/tickets/{}", "/views"])
def test_thirty_views_cost_not_one_statement_more_than_none(aigul: FlaskClient, town: Town, path: str) -> None:
    number = at_905(town).number
    path = path.format(number)
    aigul.get(path)
    with counted_statements() as without:
        aigul.get(path)
    thirty_views(town)
    view_queries.forget()
    aigul.get(path)
    with counted_statements() as seen:
        assert aigul.get(path).status_code == 200
    assert len(seen) == len(without) <= 10


def test_hundreds_of_desks_lengthen_neither_the_page_nor_the_list_of_statements(town: Town, sign_in: SignIn) -> None:
    asel = sign_in(town.asel)
    at_905(town)
    asel.get("/board")
    with counted_statements() as before:
        asel.get("/board")
    with transaction():
        for number in range(120):
            school = organization(town.district, Kind.SCHOOL, f"№ {number}", f"№ {number}", f"№ {number}", str(number))
            open_desk(school)
            draft = Draft(f"Мектеп {number}", "", Order.DUE, Scope.DESK, clock.now().date(), set())
            view_actions.save(None, school, draft, staff(town.erlan.id), None)
    view_queries.forget()
    asel.get("/board")
    with counted_statements() as after:
        page = asel.get("/board").text
    assert len(after) == len(before)
    assert "Мектеп" not in page
    assert page.count("<option") < 120


def test_a_thousand_colleagues_lengthen_no_list_of_statements(aigul: FlaskClient, town: Town) -> None:
    number = at_905(town).number
    pages = ("/board", f"/tickets/{number}", "/shift")
    before, after = [], []
    for seen in (before, after):
        for path in pages:
            aigul.get(path)
            with counted_statements() as statements:
                assert aigul.get(path).status_code == 200
            seen.append(len(statements))
        if seen is before:
            with transaction():
                for one in range(200):
                    employ(f"Оператор {one}", f"{one}@1450.test", ["kk"])
    assert before == after
