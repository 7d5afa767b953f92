"""The pages of work on many tickets: what they ask, what they keep of it after a mistake, how far it is."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.jobs import bulk as jobs
from helpdesk.kernel.db import session, transaction
from helpdesk.tickets import bulk
from helpdesk.tickets.bulk_models import BulkAction
from helpdesk.tickets.bulk_rules import BulkState
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def svetlana(town: Town, sign_in: SignIn) -> FlaskClient:
    """A browser in Russian."""
    return sign_in(town.svetlana)


def at_905(town: Town) -> Ticket:
    return filed(organization_id=town.school905.id).ticket


def the_work() -> BulkAction:
    return session().scalars(select(BulkAction).execution_options(populate_existing=True)).one()


def test_chosen_lines_of_the_board_are_taken_along(svetlana: FlaskClient, town: Town) -> None:
    one, two = at_905(town), at_905(town)
    assert 'formaction="/bulk/new"' in svetlana.get("/board").text
    page = svetlana.get(f"/bulk/new?view=all&number={one.number}&number={two.number}").text
    assert "Выбраны: 2 заявки" in page
    assert "Всё в этом списке: 2 заявки" in page


def test_what_was_chosen_is_done_and_the_page_says_so(svetlana: FlaskClient, town: Town) -> None:
    one = at_905(town)
    form = {"which": "chosen", "number": one.number, "verb": "assign", "staff_id": str(town.aigul.id)}
    answer = svetlana.post("/bulk", data=form)
    assert answer.status_code == 303
    assert 'data-bulk="running"' in svetlana.get(answer.location).text
    jobs.carry_on([the_work().id])
    page = svetlana.get(answer.location).text
    assert 'data-bulk="done"' in page
    assert "Сделано: 1 из 1" in page
    undone = svetlana.post(f"{answer.location}/undo", follow_redirects=True).text
    assert "отмена" in undone
    assert "Отменить сделанное" not in svetlana.get(answer.location).text


def test_a_whole_view_is_chosen_by_one_radio_button(svetlana: FlaskClient, town: Town) -> None:
    at_905(town), at_905(town)
    svetlana.post("/bulk", data={"which": "view", "view": "unassigned", "verb": "note", "note": "Починили"})
    assert len(bulk.next_of(the_work().id)) == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"verb": "note", "note": " "}, "Сначала напишите заметку"),
        ({"verb": "fly"}, "Выберите, что сделать"),
        ({"verb": "queue", "queue_to": "x"}, "Выберите очередь"),
        ({"verb": "resolve", "resolution": "x", "told": "Kundelik снова работает"}, "Выберите"),
    ],
)
def test_a_mistake_is_named_and_what_was_typed_stays(
    svetlana: FlaskClient, town: Town, given: dict[str, str], said: str
) -> None:
    number = at_905(town).number
    answer = svetlana.post("/bulk", data={"which": "chosen", "number": number, **given})
    assert answer.status_code == 422
    assert said in answer.text
    assert f'name="number" value="{number}"' in answer.text
    assert given.get("told", "") in answer.text
    assert session().scalars(select(BulkAction)).all() == []


def test_somebody_who_works_elsewhere_is_not_found(svetlana: FlaskClient, town: Town) -> None:
    form = {"which": "chosen", "number": at_905(town).number, "verb": "assign"}
    assert svetlana.post("/bulk", data=form | {"staff_id": str(town.bekzat.id)}).status_code == 404
    assert svetlana.post("/bulk", data=form | {"staff_id": "x"}).status_code == 404


def test_it_is_stopped_and_goes_on_and_each_click_counts_once(svetlana: FlaskClient, town: Town) -> None:
    svetlana.post("/bulk", data={"which": "view", "verb": "note", "note": "x", "number": at_905(town).number})
    place = f"/bulk/{the_work().id}"
    for what, state in (("stop", BulkState.STOPPED), ("go_on", BulkState.RUNNING)):
        svetlana.post(f"{place}/{what}")
        assert the_work().state is state
    assert "Это уже кто-то сделал" in svetlana.post(f"{place}/go_on", follow_redirects=True).text


def test_what_i_began_lately_is_listed_and_nobody_elses(svetlana: FlaskClient, town: Town, sign_in: SignIn) -> None:
    assert "Пока ничего" in svetlana.get("/bulk").text
    svetlana.post("/bulk", data={"which": "view", "verb": "note", "note": "x", "number": at_905(town).number})
    assert f'href="/bulk/{the_work().id}"' in svetlana.get("/bulk").text
    aigul = sign_in(town.aigul)
    assert "/bulk/1" not in aigul.get("/bulk").text
    assert aigul.get(f"/bulk/{the_work().id}").status_code == 404
    assert aigul.post(f"/bulk/{the_work().id}/stop").status_code == 404


def test_its_pages_cost_at_most_ten_statements(svetlana: FlaskClient, town: Town) -> None:
    numbers = [at_905(town).number for _ in range(20)]
    svetlana.post("/bulk", data={"which": "chosen", "number": numbers, "verb": "note", "note": "x"})
    with transaction():
        for ticket_id in bulk.next_of(the_work().id):
            bulk.leave(the_work().id, ticket_id, jobs.BROKEN)
    for path in ("/bulk", f"/bulk/{the_work().id}", "/bulk/new?" + "&".join(f"number={one}" for one in numbers)):
        with counted_statements() as seen:
            assert svetlana.get(path).status_code == 200
        assert len(seen) <= 10, path
