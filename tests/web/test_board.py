"""The board: my desks' tickets, due first, and what a link says about them."""

import re

import pytest
from flask.testing import FlaskClient

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session, transaction
from helpdesk.routing.rules import Queue
from helpdesk.tickets import actions
from helpdesk.tickets.board import BoardFilter, board
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Resolution
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import SignIn, Town


def numbers(page: str) -> list[str]:
    """The tickets of the list, in its order."""
    return re.findall(r'name="number" value="([\d-]+)"', page)


@pytest.fixture
def aigul(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    return sign_in(town.aigul)


def at_905(town: Town, **changes: object) -> Ticket:
    return filed(organization_id=town.school905.id, **changes).ticket


def test_tickets_stand_due_first_and_those_whose_clock_stands_still_last(
    aigul: FlaskClient, town: Town, set_clock: SetClock
) -> None:
    paused = at_905(town)
    later = at_905(town, category_code="T21")
    urgent = at_905(town, category_code="T15")
    with transaction():
        actions.wait(session().get_one(Ticket, paused.id), staff(town.aigul.id))
    assert numbers(aigul.get("/board").text) == [urgent.number, later.number, paused.number]


def test_another_desks_tickets_are_on_nobody_elses_board(aigul: FlaskClient, town: Town, sign_in: SignIn) -> None:
    mine, other = at_905(town), filed(organization_id=town.school911.id).ticket
    assert numbers(aigul.get("/board").text) == [mine.number]
    assert numbers(sign_in(town.bekzat).get("/board").text) == [other.number]
    assert set(numbers(sign_in(town.asel).get("/board").text)) == {mine.number, other.number}


def test_a_restricted_ticket_is_listed_for_named_roles_only(aigul: FlaskClient, town: Town, sign_in: SignIn) -> None:
    bullying = at_905(town, category_code="C07")
    assert numbers(aigul.get("/board").text) == []
    assert numbers(sign_in(town.erlan).get("/board").text) == [bullying.number]


def test_each_view_shows_and_counts_what_its_name_says(aigul: FlaskClient, town: Town, set_clock: SetClock) -> None:
    mine, waiting, late, settled = (at_905(town) for _ in range(4))
    by = staff(town.aigul.id)
    with transaction():
        actions.assign(session().get_one(Ticket, mine.id), town.aigul.id, by)
        actions.reply(session().get_one(Ticket, mine.id), "Қазір", by)
        actions.wait(session().get_one(Ticket, waiting.id), by)
        actions.resolve(session().get_one(Ticket, settled.id), Resolution.SOLVED, by)
    set_clock.forward(hours=5)
    with transaction():
        actions.mark_breaches()
    methodological = at_905(town, choice=9)
    shown = {
        view: numbers(aigul.get(f"/board?view={view}").text) for view in ("mine", "unassigned", "waiting", "breached")
    }
    assert shown["mine"] == [mine.number]
    assert set(shown["unassigned"]) == {waiting.number, late.number, methodological.number}
    assert shown["waiting"] == [waiting.number]
    assert shown["breached"] == [late.number]
    page = aigul.get("/board?view=all&queue=methodological").text
    assert numbers(page) == [methodological.number]
    counted = dict(re.findall(r'data-count="(\w+)">(\d+)<', page))
    assert {name: int(counted[name]) for name in ("mine", "all", "unassigned", "waiting", "breached")} == {
        "mine": 1,
        "all": 4,
        "unassigned": 3,
        "waiting": 1,
        "breached": 1,
    }
    assert (counted["technical"], counted["methodological"]) == ("3", "1")


def test_desk_and_language_narrow_the_list_through_its_link(aigul: FlaskClient, town: Town) -> None:
    kazakh, russian = at_905(town, language="kk"), at_905(town, language="ru")
    district = filed(organization_id=town.district.id).ticket
    assert numbers(aigul.get("/board?language=ru").text) == [russian.number]
    assert numbers(aigul.get(f"/board?desk={town.district.id}").text) == [district.number]
    assert set(numbers(aigul.get(f"/board?desk={town.school905.id}").text)) == {kazakh.number, russian.number}
    assert len(numbers(aigul.get("/board?view=nonsense&queue=nonsense&desk=x&language=fr").text)) == 3


def test_the_pages_of_a_long_list_hold_every_ticket_once(town: Town, sign_in: SignIn, set_clock: SetClock) -> None:
    made = {at_905(town).number for _ in range(53)}
    browser = sign_in(town.aigul)
    first = browser.get("/board").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = browser.get(following[1].replace("&amp;", "&")).text
    assert len(numbers(first)) == 50
    assert sorted(numbers(first) + numbers(second)) == sorted(made)
    assert 'rel="next"' not in second


def test_a_cursor_that_was_made_up_is_not_found(aigul: FlaskClient) -> None:
    assert aigul.get("/board?after=nonsense").status_code == 404


@pytest.mark.parametrize("path", ["/board", "/board/rows", "/board?view=breached"])
def test_a_board_of_fifty_rows_costs_at_most_ten_statements(town: Town, sign_in: SignIn, path: str) -> None:
    for number in range(51):
        at_905(town, category_code="T03", phones=(f"+770900001{number:02d}",), name=f"Ата-ана {number}")
    browser = sign_in(town.aigul)
    browser.get(path)
    with counted_statements() as seen:
        assert browser.get(path).status_code == 200
    assert len(seen) <= 4, seen


def test_an_empty_view_says_what_to_do_next(aigul: FlaskClient) -> None:
    page = aigul.get("/board?view=mine").text
    assert "/by-hand" in page
    assert 'class="empty"' in page


def test_a_script_gets_the_lines_it_asks_for_and_only_what_the_view_holds(aigul: FlaskClient, town: Town) -> None:
    one, two = at_905(town), at_905(town, language="ru")
    foreign = filed(organization_id=town.school911.id).ticket
    answer = aigul.get(f"/board/rows?language=ru&only={one.id},{two.id},{foreign.id}").get_json()
    assert answer["order"] == [two.id]
    assert two.number in answer["lines"][str(two.id)]
    assert answer["counts"]["all"] == "2"


def test_the_chosen_tickets_become_mine_and_another_desks_are_left_alone(aigul: FlaskClient, town: Town) -> None:
    one, two = at_905(town), at_905(town)
    foreign = filed(organization_id=town.school911.id).ticket
    sent = {"number": [one.number, two.number, foreign.number, "26-999999-9"], "view": "unassigned"}
    assert aigul.post("/board/take", data=sent).location == "/board?view=unassigned"
    session().expire_all()
    owners = [session().get_one(Ticket, ticket.id).assignee_id for ticket in (one, two, foreign)]
    assert owners == [town.aigul.id, town.aigul.id, None]


def test_the_time_left_turns_amber_in_the_last_quarter_and_red_when_it_is_over(
    aigul: FlaskClient, town: Town, set_clock: SetClock
) -> None:
    at_905(town)
    assert "timer--calm" in aigul.get("/board").text
    set_clock.forward(hours=3, minutes=1)
    assert "timer--amber" in aigul.get("/board").text
    set_clock.forward(hours=1)
    assert "timer--breach" in aigul.get("/board").text


def test_a_visitor_is_sent_to_sign_in(client: FlaskClient) -> None:
    for path in ("/board", "/board/rows", "/tickets/26-000001-9", "/by-hand", "/events", "/suggestions/contacts?q=a"):
        assert client.get(path).status_code in (302, 401), path


def test_a_cursor_survives_rows_that_share_one_moment(town: Town, set_clock: SetClock) -> None:
    made = [at_905(town, choice=9 if number % 2 else 1).id for number in range(7)]
    me = asker(town.aigul.id)
    assert me is not None
    found: list[int] = []
    after: str | None = ""
    while after is not None:
        page = board(me, BoardFilter(queue=Queue.TECHNICAL), after, limit=2)
        found += [row.id for row in page.rows]
        after = page.next
    assert found == made[::2]
