"""The search page."""

import re

import pytest
from flask.testing import FlaskClient

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import session, transaction
from helpdesk.search import queries
from helpdesk.search.actions import index_tickets
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import GULNAR_PHONE, SignIn, Town


@pytest.fixture
def aigul(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    return sign_in(town.aigul)


def at_905(town: Town, text: str, **changes: object) -> Ticket:
    ticket = filed(**{"organization_id": town.school905.id, "text": text} | changes).ticket
    with transaction():
        index_tickets([ticket.id])
    return ticket


def search(browser: FlaskClient, typed: str) -> str:
    answer = browser.get("/search", query_string={"q": typed})
    assert answer.status_code == 200
    return answer.text


def found(page: str) -> list[str]:
    return re.findall(r'data-found-link href="/tickets/([\d-]+)"', page.partition('id="tickets"')[2])


def test_a_whole_number_in_any_spelling_leads_straight_to_its_ticket(
    aigul: FlaskClient, town: Town, sign_in: SignIn
) -> None:
    number = at_905(town, "Сұрақ").number
    for typed in (number, number.replace("-", ""), f"№{number.replace('-', ' ')}", f" {number} "):
        assert aigul.get("/search", query_string={"q": typed}).location == f"/tickets/{number}"
        elsewhere = sign_in(town.bekzat).get("/search", query_string={"q": typed})
        assert elsewhere.status_code == 200
        assert f"/tickets/{number}" not in elsewhere.text


def test_every_staff_page_has_the_box_and_keeps_what_was_typed(aigul: FlaskClient, town: Town) -> None:
    for page in ("/board", "/callbacks", f"/tickets/{at_905(town, 'Сұрақ').number}"):
        answer = aigul.get(page)
        assert answer.status_code == 200
        assert answer.text.count('action="/search"') == answer.text.count("data-search") == 1
        assert 'name="q" value=""' in answer.text, "what a form of the page remembers is not what was searched for"
    assert 'value="&#34;құпия&#34; сөз"' in search(aigul, '"құпия" сөз')


def test_visitors_and_those_who_look_without_asking_are_told_what_to_do(
    client: FlaskClient, aigul: FlaskClient
) -> None:
    assert "/sign-in" in client.get("/search?q=x").headers["Location"]
    page = search(aigul, "")
    assert "Не іздейсіз?" in page
    assert "queue:technical" in page
    assert "Табылмады" in search(aigul, "жоқнәрсе") or "табылмады" in search(aigul, "жоқнәрсе")
    assert "Бұл сөздер барлық жерде айтылады" in search(aigul, "и не на")


def test_hits_are_marked_in_the_subject_and_in_what_was_said_and_notes_are_said_to_be_notes(
    aigul: FlaskClient, town: Town
) -> None:
    ticket = at_905(town, "Мұғалімге жаза алмаймын, мугалимдер жауап бермейді")
    page = search(aigul, "мугалим")
    assert found(page) == [ticket.number]
    assert "<mark>Мұғалімге</mark> жаза алмаймын, <mark>мугалимдер</mark>" in page
    with transaction():
        actions.note(session().get_one(Ticket, ticket.id), "директорға айтылды", staff(town.aigul.id))
        index_tickets([ticket.id])
    page = search(aigul, "директор")
    assert "ішкі жазба:</span> <mark>директорға</mark>" in page.lower()


def test_what_people_wrote_and_what_was_typed_are_shown_as_text(aigul: FlaskClient, town: Town) -> None:
    at_905(town, '<script>alert("мугалим")</script> <img src=x onerror=alert(1)> мугалим', subject="<b>мугалим</b>")
    page = search(aigul, "мугалим")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;<mark>мугалим</mark>&lt;/b&gt;" in page
    page = search(aigul, '"><script>alert(1)</script>')
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", "Мұндай сүзгі жоқ: түс"),
        ("ru", "Фильтра с таким именем нет: түс"),
        ("en", "There is no filter with this name: түс"),
    ],
)
def test_a_filter_that_cannot_be_used_is_named_and_what_was_typed_is_kept(
    aigul: FlaskClient, town: Town, language: str, words: str
) -> None:
    aigul.post("/language", data={"language": language, "next": "/board"})
    answer = aigul.get("/search", query_string={"q": "пароль түс:қызыл due<soon"})
    assert answer.status_code == 422
    assert words in answer.text
    assert "due&lt;soon — " in answer.text
    assert 'value="пароль түс:қызыл due&lt;soon"' in answer.text
    assert 'href="#q"' in answer.text
    assert 'id="q"' in answer.text


def test_a_school_that_does_not_exist_is_said_to_be_none(aigul: FlaskClient) -> None:
    answer = aigul.get("/search", query_string={"q": "school:31999"})
    assert answer.status_code == 422
    assert "Мұндай нөмірлі мектеп жоқ: 31999" in answer.text


def test_people_lead_to_their_newest_ticket(aigul: FlaskClient, town: Town, sign_in: SignIn) -> None:
    at_905(town, "Бірінші", phones=(GULNAR_PHONE,))
    newest = at_905(town, "Екінші", phones=(GULNAR_PHONE,))
    page = search(aigul, "Гульнар")
    assert f'href="/tickets/{newest.number}">Гүлнар Ахметова</a>' in page
    assert "+7 (709) 000-00-01" in page
    elsewhere = search(sign_in(town.bekzat), "Гульнар")
    assert "Ахметова" not in elsewhere


def test_another_desks_and_restricted_tickets_are_not_shown(aigul: FlaskClient, town: Town, sign_in: SignIn) -> None:
    mine = at_905(town, "микрофон істемейді")
    elsewhere = at_905(town, "микрофон істемейді", organization_id=town.school911.id)
    bullying = at_905(town, "микрофон істемейді, құпия іс", category_code="C07")
    assert found(search(aigul, "микрофон")) == [mine.number]
    assert found(search(sign_in(town.bekzat), "микрофон")) == [elsewhere.number]
    trusted = search(sign_in(town.erlan), "құпия")
    assert found(trusted) == [bullying.number]
    # each look at a restricted ticket is noted: a list of hits tells no more of it than the board does
    assert "found__said" not in trusted


def test_a_page_leads_to_the_next_one(aigul: FlaskClient, town: Town) -> None:
    for place in range(27):
        at_905(town, f"микрофон {place}")
    page = search(aigul, "микрофон")
    assert len(found(page)) == 25
    following = re.search(r'href="(/search\?[^"]*after=[^"]*)"', page)
    assert following is not None
    rest = aigul.get(following[1].replace("&amp;", "&")).text
    assert len(found(rest)) == 2
    assert not set(found(rest)) & set(found(page))


@pytest.mark.parametrize("query", ["after=x", "after=1_", "after=1_99999999999999999999999"])
def test_a_cursor_that_is_none_is_not_found(aigul: FlaskClient, query: str) -> None:
    assert aigul.get(f"/search?q=микрофон&{query}").status_code == 404


@pytest.mark.parametrize(
    "typed", ["'", "\\", "%", "\x00", "a'b", "&|!()", ":*", "<->", "😀", "и" * 1000, "-", "*", '"']
)
def test_nonsense_is_no_error(aigul: FlaskClient, typed: str) -> None:
    assert aigul.get("/search", query_string={"q": typed}).status_code == 200


@pytest.mark.parametrize(
    "typed", ["микрофон", "Гульнар", GULNAR_PHONE, "микрофон school:905 status:open", "status:open"]
)
def test_the_page_takes_few_statements_however_much_is_found(
    aigul: FlaskClient, town: Town, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    # as in a house with so many tickets that all windows are looked through
    monkeypatch.setattr(queries, "FIRST_AMONG", (1, 2))
    for place in range(30):
        at_905(town, f"микрофон {place}", phones=(GULNAR_PHONE,))
    search(aigul, typed)
    with counted_statements() as sent:
        search(aigul, typed)
    assert len(sent) <= 10, "\n".join(sent)
