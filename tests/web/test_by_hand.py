"""What an operator registers by hand goes the road of every channel."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from helpdesk.contacts.models import Contact
from helpdesk.kernel.db import session
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import Channel, MessageKind
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import ELENA_PHONE, GULNAR_PHONE, SignIn, Town


@pytest.fixture
def aigul(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    return sign_in(town.aigul)


def form(**changes: str) -> dict[str, str]:
    """A visitor's matter, filled in."""
    filled = {
        "form_id": "a-form",
        "way": "walk_in",
        "who_text": "8 709 000 00 09",
        "name": "Сәуле Нұрланқызы",
        "role": "parent",
        "language": "kk",
        "school_text": "905",
        "category": "T03",
        "text": "Құпиясөзін ұмытып қалған",
    }
    return filled | changes


def the_ticket() -> Ticket:
    return session().scalars(select(Ticket)).one()


def test_a_visitor_becomes_a_ticket_with_the_clock_of_every_other_channel(
    aigul: FlaskClient, town: Town, set_clock: SetClock
) -> None:
    answer = aigul.post("/by-hand", data=form(pupil_note="4 «Ә»"))
    ticket = the_ticket()
    assert answer.status_code == 303
    assert answer.location == f"/tickets/{ticket.number}"
    assert ticket.channel is Channel.WALK_IN
    assert (ticket.organization_id, ticket.desk_id) == (town.school905.id, town.school905.id)
    assert (ticket.category_code, ticket.language, ticket.pupil_note) == ("T03", "kk", "4 «Ә»")
    by_form = filed(organization_id=town.school905.id, category_code="T03").ticket
    assert (ticket.first_response_due_at, ticket.resolution_due_at) == (
        by_form.first_response_due_at,
        by_form.resolution_due_at,
    )
    contact = session().get_one(Contact, ticket.contact_id)
    assert (contact.name, contact.phones[0].number) == ("Сәуле Нұрланқызы", "+77090000009")
    said = session().scalars(select(Message).where(Message.ticket_id == ticket.id)).one()
    assert (said.body, said.from_requester) == ("Құпиясөзін ұмытып қалған", True)


def test_the_same_form_sent_twice_is_one_ticket(aigul: FlaskClient) -> None:
    first, second = (aigul.post("/by-hand", data=form()) for _ in range(2))
    assert first.location == second.location
    assert session().scalar(select(func.count()).select_from(Ticket)) == 1


def test_each_form_has_an_id_of_its_own(aigul: FlaskClient) -> None:
    pages = {aigul.get("/by-hand").text.split('name="form_id" value="')[1].split('"')[0] for _ in range(2)}
    assert len(pages) == 2


def test_a_known_person_is_found_by_number_or_name_and_is_not_made_anew(aigul: FlaskClient, town: Town) -> None:
    filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,))
    for typed in ("8 (709) 000-00-01", "гулнар"):
        (found,) = aigul.get("/suggestions/contacts", query_string={"q": typed}).get_json()
        assert found["value"] == str(town.gulnar.id)
        assert found["text"] == "Гүлнар Ахметова, +7 (709) 000-00-01"
    aigul.post("/by-hand", data=form(who=str(town.gulnar.id), who_text=found["text"], name=""))
    newest = session().scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert newest is not None
    assert newest.contact_id == town.gulnar.id


def test_a_name_finds_only_people_who_asked_here_but_a_whole_number_finds_anybody(
    aigul: FlaskClient, town: Town
) -> None:
    filed(organization_id=town.school911.id, phones=(ELENA_PHONE,))
    assert aigul.get("/suggestions/contacts?q=Елена").get_json() == []
    (found,) = aigul.get("/suggestions/contacts", query_string={"q": ELENA_PHONE}).get_json()
    refused = aigul.post("/by-hand", data=form(who=found["value"], who_text="Елена"))
    assert refused.status_code == 422
    assert aigul.post("/by-hand", data=form(who=found["value"], who_text=found["text"])).status_code == 303
    newest = session().scalars(select(Ticket).order_by(Ticket.id.desc())).first()
    assert newest is not None
    assert newest.contact_id == town.elena.id


def test_a_letter_is_a_written_appeal(aigul: FlaskClient) -> None:
    aigul.post("/by-hand", data=form(way="post", category="C03"))
    assert the_ticket().profile == "LAW"


def test_a_message_of_a_messenger_names_where_it_stood(aigul: FlaskClient) -> None:
    refused = aigul.post("/by-hand", data=form(way="messenger"))
    assert refused.status_code == 422
    assert "Құпиясөзін ұмытып қалған" in refused.text
    aigul.post("/by-hand", data=form(way="messenger", source="WhatsApp, мектеп тобы"))
    assert (the_ticket().channel, the_ticket().source) == (Channel.MESSENGER, "WhatsApp, мектеп тобы")


def test_an_outgoing_call_is_written_by_its_operator_and_names_the_number(aigul: FlaskClient, town: Town) -> None:
    assert aigul.post("/by-hand", data=form(way="outgoing_call", who_text="Сәуле")).status_code == 422
    aigul.post("/by-hand", data=form(way="outgoing_call"))
    said = session().scalars(select(Message)).one()
    assert (said.kind, said.from_requester, said.staff_id) == (MessageKind.CALL, False, town.aigul.id)


def test_without_a_school_the_ticket_is_of_the_operators_own_desk(aigul: FlaskClient, town: Town) -> None:
    aigul.post("/by-hand", data=form(school_text=""))
    assert the_ticket().desk_id == town.district.id


def test_the_matter_of_another_desks_school_goes_there_and_the_operator_is_told(aigul: FlaskClient, town: Town) -> None:
    answer = aigul.post("/by-hand", data=form(school_text="911"))
    ticket = the_ticket()
    assert ticket.desk_id == town.school911.id
    assert answer.location == "/board"
    assert f"Тіркелді: {ticket.number}" in aigul.get("/board").text


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("way", {"way": "phone"}),
        ("text", {"text": "  "}),
        ("text", {"text": "а" * 20_001}),
        ("school_text", {"school_text": "мектеп"}),
        ("school_text", {"school": "999999999", "school_text": ""}),
        ("category_text", {"category": "", "category_text": "мектеп"}),
    ],
)
def test_what_is_missing_is_named_at_its_field_and_nothing_typed_is_lost(
    aigul: FlaskClient, field: str, changes: dict[str, str]
) -> None:
    answer = aigul.post("/by-hand", data=form(**changes))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert 'value="Сәуле Нұрланқызы"' in answer.text
    assert 'name="form_id" value="a-form"' in answer.text
    assert session().scalar(select(func.count()).select_from(Ticket)) == 0


@pytest.mark.parametrize(
    "path", ["/by-hand", "/suggestions/contacts?q=Гүл", "/suggestions/schools?q=905", "/suggestions/categories?q=parol"]
)
def test_the_form_and_what_it_asks_for_cost_few_statements(aigul: FlaskClient, path: str) -> None:
    aigul.get(path)
    with counted_statements() as seen:
        assert aigul.get(path).status_code == 200
    assert len(seen) <= 10, seen
