"""IIN and card numbers in free text: the desk reads them; no list, letter or link carries them."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.identity.insiders import answers_at
from helpdesk.identity.queries import asker
from helpdesk.intake.mailroom import store
from helpdesk.jobs.mail import file_mail
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.tickets import actions
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import token_of
from tests.factories import filed
from tests.people import SignIn, Town

IIN, COVERED = "850101100012", "••••••••0012"
CARD = "4111 1111 1111 1111"


@pytest.fixture
def ticket(town: Town) -> Ticket:
    """A parent wrote an IIN into the words."""
    text = f"ЖСН {IIN} кіре алмаймын құпиясөз"
    return filed(text=text, organization_id=town.school905.id, contact_id=town.gulnar.id).ticket


def test_the_desk_reads_the_number_and_those_above_it_do_not(ticket: Ticket, town: Town, sign_in: SignIn) -> None:
    page = sign_in(town.aigul).get(f"/tickets/{ticket.number}").text
    assert IIN in page
    page = sign_in(town.erlan).get(f"/tickets/{ticket.number}").text
    assert IIN not in page
    assert COVERED in page


def test_who_answers_at_a_desk(town: Town) -> None:
    people = {person: asker(getattr(town, person).id) for person in ("aigul", "erlan", "bekzat", "admin")}
    places = (town.school905, town.district)
    at = {name: [answers_at(one, place.path) for place in places] for name, one in people.items() if one}
    assert at == {"aigul": [True, True], "erlan": [False, True], "bekzat": [False, False], "admin": [False, False]}


def test_lists_searches_and_links_carry_no_number(
    ticket: Ticket, town: Town, sign_in: SignIn, client: FlaskClient, run_jobs: Callable[[], None]
) -> None:
    run_jobs()
    browser = sign_in(town.aigul)
    for address in ("/board", "/search?q=құпиясөз"):
        page = browser.get(address).text
        assert ticket.number in page
        assert IIN not in page
    assert IIN not in client.get(f"/kk/t/{token_of(ticket)}").text
    assert session().get_one(Ticket, ticket.id).subject == f"ЖСН {COVERED} кіре алмаймын құпиясөз"


def test_a_number_in_the_subject_line_moves_into_the_text(town: Town) -> None:
    raw = f"From: a@parents.test\nTo: 905@1450.test\nSubject: IIN {IIN}\nMessage-ID: <1@parents.test>\n\nHelp me\n"
    with transaction():
        raw_id = store(raw.encode(), "a@parents.test", ["905@1450.test"])
    file_mail([raw_id])
    found = session().scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert found is not None
    assert found.subject == f"IIN {COVERED}"
    assert session().scalars(select(Message.body).where(Message.ticket_id == found.id)).one() == f"IIN {IIN}\n\nHelp me"


def test_an_answer_leaves_the_house_covered(town: Town, run_jobs: Callable[[], None]) -> None:
    ticket = filed(contact_id=town.elena.id, answer_by="email", organization_id=town.school905.id).ticket
    with transaction():
        actions.reply(session().get_one(Ticket, ticket.id), f"Карта {CARD}, ИИН {IIN}", staff(town.svetlana.id))
    run_jobs()
    query = select(Letter.body).where(Letter.ticket_id == ticket.id, Letter.template == "ticket_replied")
    letter = session().scalars(query).one()
    assert f"Карта ••••••••••••1111, ИИН {COVERED}" in letter


def test_nobody_learns_by_searching_that_a_number_stands_somewhere(
    ticket: Ticket, town: Town, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    run_jobs()
    for typed in (IIN, "8501*"):
        assert ticket.number not in sign_in(town.aigul).get("/search", query_string={"q": typed}).text


def test_the_data_officer_finds_who_wrote_an_iin(
    ticket: Ticket, town: Town, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    run_jobs()
    browser = sign_in(town.dana)
    assert town.gulnar.name in browser.post("/privacy", data={"q": IIN}).text
    assert town.gulnar.name not in browser.post("/privacy", data={"q": "850101100304"}).text
