"""Merging, linking and splitting by the pages, and what the two people of two merged tickets get to see."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.tickets import actions, linking
from helpdesk.tickets.answer_models import CannedAnswer
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import secret_of, token_of
from helpdesk.tickets.rules import MessageKind, TicketState
from helpdesk.tickets.tie_models import TicketLink
from helpdesk.tickets.tie_rules import LinkKind
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import ELENA_PHONE, GULNAR_PHONE, SignIn, Town
from tests.web.forms import forms, press

GULNAR, ELENA = {"phones": (GULNAR_PHONE,)}, {"phones": (ELENA_PHONE,)}


@pytest.fixture
def aigul(town: Town, sign_in: SignIn, set_clock: SetClock) -> FlaskClient:
    browser = sign_in(town.aigul)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "kk"
    return browser


@pytest.fixture
def hers(town: Town, set_clock: SetClock) -> Ticket:
    return filed(organization_id=town.school905.id, text="Гүлнардың сөзі", name="Гүлнар Ахметова", **GULNAR).ticket


@pytest.fixture
def others(town: Town, set_clock: SetClock) -> Ticket:
    return filed(organization_id=town.school905.id, text="Слова Елены", name="Елена Смирнова", **ELENA).ticket


def again(ticket: Ticket) -> Ticket:
    session().expire_all()
    return session().get_one(Ticket, ticket.id)


def send(browser: FlaskClient, page: TestResponse, named: str, **typed: object) -> TestResponse:
    """Press the button of the form that has a field of this name."""
    nth = next(place for place, form in enumerate(forms(page)) if named in form.values())
    return press(browser, page, nth=nth, **typed)


def merge_people(browser: FlaskClient, ticket: Ticket, into: Ticket) -> None:
    """Through the page that asks about two people."""
    asked = browser.post(f"/tickets/{ticket.number}/merge", data={"other": into.number})
    assert send(browser, asked, "people").status_code == 303


# ── merging ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_picker_offers_the_same_person_and_the_same_school_and_finds_a_number(
    aigul: FlaskClient, hers: Ticket, others: Ticket, town: Town
) -> None:
    earlier = filed(desk_id=town.district.id, text="Бұрынғы", **GULNAR).ticket
    page = aigul.get(f"/tickets/{hers.number}/merge").text
    assert earlier.number in page
    assert others.number in page
    assert page.index(earlier.number) < page.index(others.number)
    found = aigul.get(f"/tickets/{hers.number}/merge?q={others.number.replace('-', '')}").text
    assert others.number in found
    assert earlier.number not in found


def test_the_picker_costs_few_statements_whatever_there_is(aigul: FlaskClient, hers: Ticket, town: Town) -> None:
    for number in range(25):
        filed(organization_id=town.school905.id, name=f"Ата-ана {number}", **GULNAR)
    aigul.get(f"/tickets/{hers.number}/merge")
    with counted_statements() as seen:
        assert aigul.get(f"/tickets/{hers.number}/merge").status_code == 200
    assert len(seen) <= 10, seen


def test_one_persons_tickets_are_merged_with_one_click_and_taken_apart_with_one(
    aigul: FlaskClient, hers: Ticket, town: Town
) -> None:
    second = filed(organization_id=town.school905.id, text="Тағы да мен", **GULNAR).ticket
    answer = aigul.post(f"/tickets/{second.number}/merge", data={"other": hers.number, "version": second.version})
    assert answer.location == f"/tickets/{hers.number}"
    page = aigul.get(answer.location).text
    assert "Тағы да мен" in page[page.index('id="timeline"') :]
    assert hers.number in aigul.get(f"/tickets/{second.number}").text
    assert aigul.post(f"/tickets/{second.number}/reply", data={"body": "Жауап"}).status_code == 422
    aigul.post(f"/tickets/{hers.number}/unmerge", data={"other": second.number})
    assert again(second).state is TicketState.NEW


def test_who_keeps_this_one_merges_the_other_one_into_it(aigul: FlaskClient, hers: Ticket, town: Town) -> None:
    second = filed(organization_id=town.school905.id, **GULNAR).ticket
    aigul.post(f"/tickets/{second.number}/merge", data={"other": hers.number, "keep": "this"})
    assert again(hers).merged_into_id == second.id


def test_somebody_who_was_faster_is_noticed(aigul: FlaskClient, hers: Ticket, town: Town) -> None:
    second = filed(organization_id=town.school905.id, **GULNAR).ticket
    with transaction():
        actions.note(session().get_one(Ticket, second.id), "Жазба", staff(town.svetlana.id))
    answer = aigul.post(f"/tickets/{second.number}/merge", data={"other": hers.number, "version": second.version - 1})
    assert answer.status_code == 409
    assert again(second).merged_into_id is None


def test_two_people_are_named_before_their_tickets_are_merged(aigul: FlaskClient, hers: Ticket, others: Ticket) -> None:
    asked = aigul.post(f"/tickets/{others.number}/merge", data={"other": hers.number})
    assert again(others).merged_into_id is None
    assert "Гүлнар Ахметова" in asked.text
    assert "Елена Смирнова" in asked.text
    send(aigul, asked, "people")
    assert again(others).merged_into_id == hers.id


def test_no_word_of_one_person_and_no_note_reaches_the_other_by_page_letter_or_file(
    aigul: FlaskClient, hers: Ticket, others: Ticket, client: FlaskClient, run_jobs: Callable[[], None]
) -> None:
    merge_people(aigul, others, hers)
    aigul.post(f"/tickets/{hers.number}/note", data={"note": "ЕКЕУІНІҢ ЖАЗБАСЫ"})
    aigul.post(f"/tickets/{hers.number}/reply", data={"body": "ГҮЛНАРҒА ЖАУАП"})
    aigul.post(f"/tickets/{hers.number}/reply", data={"body": "ОТВЕТ ЕЛЕНЕ", "to": others.number})
    aigul.post(f"/tickets/{hers.number}/resolve", data={"resolution": "solved", "body": "ГҮЛНАРҒА СОҢҒЫ СӨЗ"})
    run_jobs()
    page = client.get(f"/ru/t/{token_of(others)}").text
    assert "Слова Елены" in page
    assert "ОТВЕТ ЕЛЕНЕ" in page
    assert others.number in page
    for secret in ("Гүлнар", "ГҮЛНАР", "ЖАЗБАСЫ", hers.number):
        assert secret not in page
    letters = session().query(Letter).filter(Letter.ticket_id == others.id).all()
    assert any(letter.template == "ticket_resolved" for letter in letters), "she learns that it is settled"
    assert not any("ГҮЛНАР" in letter.body for letter in letters)
    page = client.get(f"/kk/t/{token_of(hers)}").text
    assert "ГҮЛНАРҒА ЖАУАП" in page
    for secret in ("Елен", "ЕЛЕНЕ", "ЖАЗБАСЫ", others.number):
        assert secret not in page


def test_the_other_person_settles_and_opens_nothing_of_the_first(
    aigul: FlaskClient, hers: Ticket, others: Ticket, client: FlaskClient
) -> None:
    merge_people(aigul, others, hers)
    client.post(f"/ru/t/{token_of(others)}/solved")
    assert again(hers).state is TicketState.NEW


def test_number_and_secret_of_a_merged_ticket_still_open_it_and_an_answer_there_follows(
    aigul: FlaskClient, hers: Ticket, client: FlaskClient, town: Town
) -> None:
    second = filed(organization_id=town.school905.id, text="Тағы да мен", **GULNAR).ticket
    aigul.post(f"/tickets/{second.number}/merge", data={"other": hers.number})
    aigul.post(f"/tickets/{hers.number}/wait", data={"reason": "код"})
    shown = client.post("/kk/status", data={"number": second.number, "secret": secret_of(second)})
    page = client.get(shown.location)
    assert hers.number in page.text
    assert "Гүлнардың сөзі" in page.text
    press(client, page, text="Код: келді")
    assert again(hers).state is TicketState.OPEN
    assert "Код: келді" in aigul.get(f"/tickets/{hers.number}").text


def test_a_canned_answer_to_the_other_person_is_filled_with_their_own_name(
    aigul: FlaskClient, hers: Ticket, others: Ticket, town: Town, sign_in: SignIn
) -> None:
    texts = {f"{part}_{code}": "{{contact.name}}" for part in ("title", "body") for code in ("kk", "ru", "en")}
    texts |= {"organization": str(town.district.id), "active": "1", "locked": "1"}
    sign_in(town.erlan).post("/answers/new", data=texts)
    merge_people(aigul, others, hers)
    made = session().query(CannedAnswer).one()
    shown = aigul.post(f"/tickets/{hers.number}/answers", data={"answer": str(made.id), "to": others.number})
    assert "Елена Смирнова" in shown.text
    aigul.post(f"/tickets/{hers.number}/answers/{made.id}", data={"to": others.number})
    said = session().query(Message).order_by(Message.id.desc()).first()
    assert said is not None
    assert (said.ticket_id, said.body) == (others.id, "Елена Смирнова")


@pytest.mark.parametrize("page", ["merge", "split", "family"])
def test_another_desks_ticket_is_not_there(town: Town, sign_in: SignIn, hers: Ticket, page: str) -> None:
    bekzat = sign_in(town.bekzat)
    assert bekzat.get(f"/tickets/{hers.number}/{page}").status_code == 404
    assert bekzat.post(f"/tickets/{hers.number}/{page}", data={"other": hers.number}).status_code == 404


@pytest.mark.parametrize("verb", ["merge", "unmerge", "link", "unlink"])
def test_with_a_ticket_that_one_may_not_see_nothing_is_merged_or_linked(
    aigul: FlaskClient, hers: Ticket, town: Town, verb: str
) -> None:
    secret = filed(organization_id=town.school911.id, **GULNAR).ticket
    assert aigul.post(f"/tickets/{hers.number}/{verb}", data={"other": secret.number}).status_code == 404
    assert f"/tickets/{secret.number}" not in aigul.get(f"/tickets/{hers.number}/merge?q={secret.number}").text


# ── links, parts, family ──────────────────────────────────────────────────────────────────────────────────────────


def test_linked_tickets_name_each_other_until_they_are_unlinked(
    aigul: FlaskClient, hers: Ticket, others: Ticket
) -> None:
    aigul.post(f"/tickets/{hers.number}/link", data={"other": others.number})
    assert others.number in aigul.get(f"/tickets/{hers.number}").text
    assert hers.number in aigul.get(f"/tickets/{others.number}").text
    assert aigul.post(f"/tickets/{others.number}/link", data={"other": hers.number}).status_code == 422
    aigul.post(f"/tickets/{others.number}/unlink", data={"other": hers.number})
    assert session().query(TicketLink).count() == 0


def test_a_part_has_no_parts_and_one_whole(aigul: FlaskClient, hers: Ticket, others: Ticket, town: Town) -> None:
    third = filed(organization_id=town.school905.id, **ELENA).ticket
    assert aigul.post(f"/tickets/{hers.number}/link", data={"other": others.number, "kind": "child"}).status_code == 303
    for one, other in ((third, hers), (others, third), (others, hers), (hers, third)):
        answer = aigul.post(f"/tickets/{one.number}/link", data={"other": other.number, "kind": "child"})
        assert answer.status_code == 422


def test_resolving_the_whole_answers_and_settles_all_of_its_parts_and_only_when_asked(
    aigul: FlaskClient, hers: Ticket, town: Town, run_jobs: Callable[[], None]
) -> None:
    parts = [filed(organization_id=town.school905.id, text=f"Сабақ ашылмайды {n}", **ELENA).ticket for n in range(30)]
    hidden = filed(organization_id=town.school911.id, **ELENA).ticket
    with transaction():
        whole = session().get_one(Ticket, hers.id)
        for part in (*parts, hidden):
            linking.link(session().get_one(Ticket, part.id), whole, LinkKind.CHILD, staff(town.asel.id))
    page = aigul.get(f"/tickets/{hers.number}").text
    assert 'name="children"' in page
    assert f"/tickets/{hidden.number}" not in page
    aigul.post(f"/tickets/{hers.number}/resolve", data={"resolution": "solved", "body": "Жөнделді"})
    run_jobs()
    assert again(parts[0]).state is TicketState.NEW, "nobody asked for that"
    aigul.post(f"/tickets/{hers.number}/reopen")
    told = {"resolution": "solved", "body": "Жөнделді, кіріп көріңіз", "children": "1"}
    aigul.post(f"/tickets/{hers.number}/resolve", data=told)
    run_jobs()
    session().expire_all()
    assert {session().get_one(Ticket, part.id).state for part in parts} == {TicketState.RESOLVED}
    assert session().get_one(Ticket, hidden.id).state is TicketState.NEW
    said = session().query(Message).filter(Message.body == told["body"]).count()
    assert said == 31
    assert "30" in aigul.get(f"/tickets/{hers.number}").text


def test_chosen_messages_get_a_ticket_of_their_own_and_the_rest_stays(
    aigul: FlaskClient, hers: Ticket, town: Town, set_clock: SetClock
) -> None:
    since = set_clock.forward(minutes=20)
    with transaction():
        one = session().get_one(Ticket, hers.id)
        moved = actions.add_message(one, MessageKind.PUBLIC, "Ноутбук та керек", from_requester=True)
    set_clock.forward(hours=1)
    form = {"messages": str(moved.id), "subject": "Ноутбук", "category": "S01", "version": again(hers).version}
    answer = aigul.post(f"/tickets/{hers.number}/split", data=form)
    new = session().query(Ticket).filter(Ticket.id != hers.id).one()
    assert answer.location == f"/tickets/{new.number}"
    assert (new.created_at, new.category_code, new.contact_id) == (since, "S01", hers.contact_id)
    session().expire_all()
    assert session().get_one(Message, moved.id).ticket_id == new.id
    assert "Ноутбук та керек" not in aigul.get(f"/tickets/{hers.number}").text
    assert aigul.post(f"/tickets/{hers.number}/split", data=form).status_code == 409


def test_a_split_that_takes_nothing_or_everything_is_refused_and_keeps_what_was_typed(
    aigul: FlaskClient, hers: Ticket
) -> None:
    only = session().query(Message).one().id
    for chosen in ([], [str(only)]):
        answer = aigul.post(f"/tickets/{hers.number}/split", data={"messages": chosen, "subject": "Басқа іс"})
        assert answer.status_code == 422
        assert 'value="Басқа іс"' in answer.text
    assert session().query(Ticket).count() == 1


def test_one_page_files_a_ticket_for_each_further_pupil_without_typing_again(
    aigul: FlaskClient, hers: Ticket, town: Town
) -> None:
    page = aigul.get(f"/tickets/{hers.number}/family")
    typed = {"pupil_note_1": "7 «А», Айша", "pupil_note_2": "10 «Б», Дамир", "school_2": str(town.school911.id)}
    for _ in range(2):
        assert send(aigul, page, "form_id", **typed).status_code == 303
    new = session().query(Ticket).filter(Ticket.id != hers.id).order_by(Ticket.id).all()
    assert [(one.pupil_note, one.organization_id) for one in new] == [
        ("7 «А», Айша", town.school905.id),
        ("10 «Б», Дамир", town.school911.id),
    ]
    assert {one.contact_id for one in new} == {hers.contact_id}
    assert new[0].number in aigul.get(f"/tickets/{hers.number}").text
    empty = send(aigul, aigul.get(f"/tickets/{hers.number}/family"), "form_id")
    assert empty.status_code == 422


def test_a_page_with_much_that_belongs_together_costs_no_more(aigul: FlaskClient, hers: Ticket, town: Town) -> None:
    for n in range(12):
        other = filed(organization_id=town.school905.id, text=f"Тағы {n}", **GULNAR).ticket
        if n % 2:
            aigul.post(f"/tickets/{other.number}/merge", data={"other": hers.number})
        else:
            aigul.post(f"/tickets/{other.number}/link", data={"other": hers.number, "kind": "child"})
    aigul.get(f"/tickets/{hers.number}")
    with counted_statements() as seen:
        assert aigul.get(f"/tickets/{hers.number}").status_code == 200
    assert len(seen) <= 10, seen
