"""A parent without an account and without script: files the form, follows the request, and loses nothing on the way."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from helpdesk.audit.actor import staff
from helpdesk.kernel import i18n
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.rules import Kind
from helpdesk.tickets import actions
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.queries import secret_of, token_of
from helpdesk.tickets.rules import Resolution, TicketState
from tests.conftest import SetClock, counted_statements
from tests.people import Town, organization
from tests.web.conftest import Away
from tests.web.forms import forms, press, without_tokens

WORDS = "Сәлеметсіз бе! Балам күнделікке кіре алмай отыр."
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(100)
FULL = {
    "step": "answer",
    "form_id": "6f1f9a50-3a0e-4b0b-9a51-0d6d6f4c1450",
    "choice": "1",
    "words": WORDS,
    "answer_by": "phone",
    "phone": "8 709 000 00 01",
    "name": "Гүлнар",
}


def tickets() -> list[Ticket]:
    session().expire_all()
    return list(session().scalars(select(Ticket).order_by(Ticket.id)))


def filed(client: FlaskClient, language: str = "kk", **changes: str) -> Ticket:
    answer = client.post(f"/{language}/request", data=FULL | changes)
    assert answer.status_code == 303, answer.text
    return tickets()[-1]


def status_page(client: FlaskClient, ticket: Ticket, language: str = "kk") -> TestResponse:
    return client.get(f"/{language}/t/{token_of(ticket)}")


def message_count() -> int:
    return session().scalar(select(func.count()).select_from(Message)) or 0


# ── filing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_parent_files_the_form_in_kazakh_page_by_page_without_script(
    client: FlaskClient, town: Town, set_clock: SetClock
) -> None:
    page = client.get("/kk/")
    assert "Не болды?" in page.text
    page = press(client, page, ("choice", "1"))
    assert "Қадам: 1 / 4" in page.text
    page = press(client, page, ("go", "next"), school_text="905")
    assert str(town.school905.id) in forms(page)[0].offered["school"]
    page = press(client, page, ("go", "next"), school=str(town.school905.id))
    assert "Қадам: 2 / 4" in page.text
    page = press(client, page, ("go", "next"), pupil="4ә")
    page = press(client, page, ("go", "next"), words=WORDS)
    assert "Қадам: 4 / 4" in page.text
    answer = press(client, page, ("go", "next"), answer_by="phone", phone="8 (709) 000-00-01", name="Гүлнар Ахметова")
    assert answer.status_code == 303

    (ticket,) = tickets()
    assert ticket.language == "kk"
    assert ticket.organization_id == ticket.desk_id == town.school905.id
    assert ticket.contact_id == town.gulnar.id
    assert (ticket.choice, ticket.pupil_note, ticket.answer_by) == (1, "4 «Ә»", "phone")
    thanks = client.get(answer.location).text
    secret = secret_of(ticket)
    assert ticket.number in thanks
    assert f"{secret[:4]} {secret[4:]}" in thanks
    assert ticket.first_response_due_at is not None
    with i18n.spoken("kk"):
        assert i18n.moment_text(ticket.first_response_due_at) in thanks


def test_the_first_page_remembers_the_language(client: FlaskClient) -> None:
    asked = client.get("/")
    assert "Қазақша" in asked.text
    assert "Русский" in asked.text
    client.get("/ru/")
    assert client.get("/").location == "/ru/"


def test_going_back_and_changing_the_language_lose_nothing(client: FlaskClient, town: Town) -> None:
    page = press(client, client.get("/kk/"), ("choice", "5"))
    page = press(client, page, ("go", "skip"), school_text="менің мектебім")
    page = press(client, page, ("go", "next"), pupil="2 курс")
    page = press(client, page, ("go", "next"), words=WORDS)
    typed = forms(page)[0].values() | {"phone": ["8701"], "answer_by": ["phone"]}
    page = client.post("/ru/request", data={**typed, "go": "stay"})
    assert "Как вам ответить?" in page.text
    assert 'value="8701"' in page.text
    page = press(client, page, ("go", "back"))
    assert WORDS in page.text
    page = press(client, page, ("go", "back"))
    assert 'value="2 курс"' in page.text
    page = press(client, page, ("go", "back"))
    assert 'value="менің мектебім"' in page.text
    values = forms(page)[0].values()
    assert (values["phone"], values["words"], values["choice"]) == (["8701"], [WORDS], ["5"])


def test_a_form_sent_twice_is_one_ticket_with_the_same_number_and_secret(client: FlaskClient, town: Town) -> None:
    first = client.post("/kk/request", data=FULL)
    second = client.post("/kk/request", data=FULL)
    assert first.location == second.location
    assert len(tickets()) == 1
    assert message_count() == 1


def test_a_form_sent_again_with_other_words_adds_them_once(client: FlaskClient, town: Town) -> None:
    client.post("/kk/request", data=FULL)
    for _ in range(2):
        client.post("/kk/request", data=FULL | {"words": WORDS + " Екінші күн."})
    assert len(tickets()) == 1
    assert message_count() == 2


def test_a_form_without_a_school_goes_to_the_city_and_keeps_what_was_typed(client: FlaskClient, town: Town) -> None:
    ticket = filed(client, school_text="Жаңа мектеп", pupil="1Б")
    assert ticket.desk_id == town.city.id
    assert ticket.pupil_note == "1 «Б», Жаңа мектеп"


@pytest.mark.parametrize("school", ["999999", "-1", "abc", "9" * 40])
def test_a_school_that_does_not_exist_is_no_reason_to_lose_the_request(
    client: FlaskClient, town: Town, school: str
) -> None:
    assert filed(client, school=school).desk_id == town.city.id


def test_somebody_who_names_neither_phone_nor_address_is_heard_too(client: FlaskClient, town: Town) -> None:
    ticket = filed(client, answer_by="web", phone="", name="")
    assert ticket.contact_id is None
    assert ticket.number in status_page(client, ticket).text


# ── what has to be corrected ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"words": ""}, "words", "Не болғанын бірнеше сөзбен жазыңыз"),
        ({"words": "а" * 5010}, "words", "Артық таңбалар саны: 10"),
        ({"phone": ""}, "phone", "Телефон нөміріңізді енгізіңіз"),
        ({"phone": "1450"}, "phone", "Телефон нөмірі толық емес"),
        ({"phone": "abc"}, "phone", "Телефон нөмірі толық емес"),
        ({"answer_by": "email"}, "email", "Электрондық пошта мекенжайыңызды енгізіңіз"),
        ({"email": "гүлнар@"}, "email", "Электрондық пошта мекенжайы толық емес"),
        ({"answer_by": "fax"}, "answer_by", "Қалай жауап берейік"),
        ({"choice": "13"}, "choice", "Не болғанын таңдаңыз"),
        ({"choice": ""}, "choice", "Не болғанын таңдаңыз"),
    ],
)
def test_an_error_names_the_field_in_the_persons_language_and_keeps_everything(
    client: FlaskClient, town: Town, changes: dict[str, str], field: str, words: str
) -> None:
    page = client.post("/kk/request", data=FULL | changes)
    assert page.status_code == 422
    assert f'<a href="#{field}">' in page.text
    assert f'id="{field}"' in page.text
    assert words in page.text
    values = forms(page)[0].values()
    for name in ("phone", "name", "form_id"):
        assert values[name] == [(FULL | changes)[name]] or not (FULL | changes)[name]
    assert tickets() == []


def test_an_unknown_school_is_named_and_the_page_offers_to_go_on_without(client: FlaskClient, town: Town) -> None:
    page = press(client, client.get("/ru/"), ("choice", "1"))
    page = press(client, page, ("go", "next"), school_text="Хогвартс")
    assert page.status_code == 422
    assert "Школа не найдена" in page.text
    assert 'value="Хогвартс"' in page.text
    assert press(client, page, ("go", "skip")).status_code == 200


def test_what_was_changed_after_the_list_was_shown_is_searched_anew(client: FlaskClient, town: Town) -> None:
    page = press(client, client.get("/kk/"), ("choice", "1"))
    page = press(client, page, ("go", "next"), school_text="905")
    page = press(client, page, ("go", "next"), school=str(town.school905.id), school_text="911")
    assert forms(page)[0].offered["school"] == [str(town.school911.id)]


def test_control_characters_and_half_letters_do_not_break_the_form(client: FlaskClient, town: Town) -> None:
    ticket = filed(client, words="а\x00б\x1b\r\nв", name="Г\x00үлнар")
    (message,) = session().scalars(select(Message).where(Message.ticket_id == ticket.id))
    assert message.body == "аб\nв"


# ── photos ────────────────────────────────────────────────────────────────────────────────────────────────────────


def words_page(client: FlaskClient, *photos: tuple[bytes, str], words: str = WORDS) -> TestResponse:
    uploads = [(io.BytesIO(content), name) for content, name in photos]
    return client.post("/kk/request", data=FULL | {"step": "words", "words": words, "photos": uploads})


def test_photos_are_kept_while_the_form_goes_on(client: FlaskClient, town: Town) -> None:
    page = words_page(client, (PNG, "экран.png"))
    assert press(client, page, ("go", "next")).status_code == 303
    (kept,) = session().scalars(select(Attachment))
    assert (kept.name, kept.content_type, kept.size) == ("экран.png", "image/png", len(PNG))
    (ticket,) = tickets()
    shown = status_page(client, ticket).text
    href = re.search(r'href="(/kk/t/[^"]+/file/\d+)"', shown)
    assert href is not None
    assert client.get(href[1]).data == PNG


@pytest.mark.parametrize(
    ("photo", "words"),
    [
        ((b"MZ\x90\x00" + bytes(100), "сурет.png"), "Тек фото"),
        ((b"<svg xmlns='x'><script/></svg>", "сурет.svg"), "Тек фото"),
        ((PNG + bytes(5 * 1024 * 1024), "үлкен.png"), "5 МБ-тан аспауы керек"),
    ],
)
def test_a_file_that_is_no_photo_or_too_large_is_named_and_the_words_stay(
    client: FlaskClient, town: Town, photo: tuple[bytes, str], words: str
) -> None:
    page = words_page(client, photo)
    assert page.status_code == 422
    assert words in page.text
    assert photo[1] in page.text
    assert WORDS in page.text


def test_a_fourth_photo_is_refused_and_three_are_kept(client: FlaskClient, town: Town) -> None:
    page = words_page(client, *((PNG + bytes([n]), f"{n}.png") for n in range(4)))
    assert "файлдар саны: 3" in page.text
    assert len(forms(page)[0].values()["file"]) == 3


def test_photos_may_speak_for_themselves_and_can_be_dropped(client: FlaskClient, town: Town) -> None:
    page = words_page(client, (PNG, "экран.png"), words="")
    assert page.status_code == 200
    page = press(client, page, ("go", "back"))
    page = press(client, page, ("go", "next"), drop=forms(page)[0].offered["drop"])
    assert page.status_code == 422
    assert "file" not in forms(page)[0].values()


def test_nobody_attaches_a_file_that_is_not_theirs(client: FlaskClient, town: Town) -> None:
    page = words_page(client, (PNG, "экран.png"))
    (seal,) = forms(page)[0].values()["file"]
    for forged in (seal[:-3] + "abc", "abc", "", seal.partition(".")[0]):
        assert client.post("/kk/request", data=FULL | {"file": forged}).status_code == 303
    assert list(session().scalars(select(Attachment))) == []


# ── trouble ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_with_the_database_away_the_form_keeps_its_text_and_can_be_sent_again(
    client: FlaskClient, town: Town, database_away: Away
) -> None:
    with database_away():
        page = client.post("/kk/request", data=FULL)
        assert page.status_code == 503
        assert page.headers["Retry-After"] == "30"
        assert WORDS in page.text
        assert client.get("/kk/").status_code == 200
    assert press(client, page).status_code == 303
    assert [ticket.number for ticket in tickets()] != []


def test_with_the_database_away_an_answer_keeps_its_text(client: FlaskClient, town: Town, database_away: Away) -> None:
    ticket = filed(client)
    with database_away():
        page = client.post(f"/kk/t/{token_of(ticket)}/answer", data={"text": WORDS, "form_id": "x"})
        assert page.status_code == 503
    assert forms(page)[0].values()["text"] == [WORDS]


def test_a_form_whose_token_is_gone_keeps_its_text_and_gets_a_new_one(app: Flask, town: Town) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    browser = app.test_client()
    page = browser.post("/kk/request", data=FULL)
    assert page.status_code == 400
    assert forms(page)[0].values()["words"] == [WORDS]
    assert press(browser, page).status_code == 303


def test_answers_over_the_limit_keep_their_text(limited_client: FlaskClient, town: Town) -> None:
    """Forms come in turn: tests/stories/test_shared_address.py."""
    sent = limited_client.post("/kk/request", data=FULL)
    target = sent.location.replace("/done/", "/t/") + "/answer"
    pages = [limited_client.post(target, data={"text": ""}) for _ in range(60)]
    assert {page.status_code for page in pages} == {422}
    over = limited_client.post(target, data={"text": WORDS})
    assert over.status_code == 429
    assert int(over.headers["Retry-After"]) <= 60
    assert forms(over)[0].values()["text"] == [WORDS]


def test_guessing_secrets_is_slowed_down(limited_client: FlaskClient, town: Town) -> None:
    pages = [limited_client.post("/kk/status", data={"number": "1", "secret": f"{n:08}"}) for n in range(31)]
    assert [page.status_code for page in pages] == [422] * 30 + [429]


# ── following ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_number_and_secret_open_the_request(client: FlaskClient, town: Town) -> None:
    ticket = filed(client)
    secret = secret_of(ticket)
    page = client.get("/ru/status")
    answer = press(client, page, number=ticket.number.replace("-", " "), secret=f"{secret[:4]} {secret[4:]}")
    assert answer.location == f"/ru/t/{token_of(ticket)}"
    shown = client.get(answer.location).text
    assert "Ваше обращение зарегистрировано. Оператор прочитает его и ответит вам." in shown
    assert WORDS in shown


def test_a_wrong_number_and_a_wrong_secret_are_answered_alike(client: FlaskClient, town: Town) -> None:
    ticket = filed(client)
    right = {"number": ticket.number, "secret": secret_of(ticket)}
    other = client.post("/kk/status", data=right | {"secret": "00000000"})
    unknown = client.post("/kk/status", data=right | {"number": "26-999999-0"})
    assert (other.status_code, unknown.status_code) == (422, 422)
    assert without_tokens(other).replace(ticket.number, "26-999999-0") == without_tokens(unknown)


def test_a_token_opens_its_own_ticket_and_no_other(client: FlaskClient, town: Town) -> None:
    mine = filed(client)
    theirs = filed(client, form_id="6f1f9a50-3a0e-4b0b-9a51-0d6d6f4c1451", words="Басқа адамның сөзі")
    token = token_of(mine)
    forged = f"{theirs.id:x}-{token.partition('-')[2]}"
    for path in (f"/kk/t/{forged}", f"/kk/done/{forged}", f"/kk/t/{token}x", "/kk/t/%00"):
        assert client.get(path).status_code == 404
    for verb in ("answer", "solved", "not-solved"):
        assert client.post(f"/kk/t/{forged}/{verb}", data={"text": "x"}).status_code == 404
    assert "Басқа адамның сөзі" not in client.get(f"/kk/t/{token}").text


def test_the_parent_reads_the_reply_but_no_note_and_no_name(client: FlaskClient, town: Town) -> None:
    ticket = filed(client)
    with transaction():
        again = session().get_one(Ticket, ticket.id)
        actions.note(again, "Мектепке қоңырау шалдым", staff(town.aigul.id))
        actions.reply(again, "Жаңа құпиясөз жіберілді", staff(town.aigul.id))
    page = status_page(client, ticket).text
    assert "Жаңа құпиясөз жіберілді" in page
    assert "Мектепке қоңырау шалдым" not in page
    assert town.aigul.name not in page
    assert "+7709" not in page
    assert "709" not in re.sub(r"<[^>]+>", "", page)


def test_the_parents_answer_joins_the_ticket_once_and_lets_it_go_on(client: FlaskClient, town: Town) -> None:
    ticket = filed(client)
    with transaction():
        actions.wait(session().get_one(Ticket, ticket.id), staff(town.aigul.id))
    page = status_page(client, ticket)
    assert "жауабыңызды күтіп отырмыз" in page.text
    for _ in range(2):
        assert press(client, page, text="Міне, жауабым").status_code == 303
    (after,) = tickets()
    assert after.state is TicketState.OPEN
    assert message_count() == 2
    assert status_page(client, ticket).text.count("Міне, жауабым") == 1


def test_an_empty_answer_is_named_and_changes_nothing(client: FlaskClient, town: Town) -> None:
    page = press(client, status_page(client, filed(client)), text="  ")
    assert page.status_code == 422
    assert '<a href="#text">' in page.text
    assert message_count() == 1


def test_the_parent_says_solved_and_then_not_solved(client: FlaskClient, town: Town) -> None:
    ticket = filed(client)
    for _ in range(2):
        assert press(client, status_page(client, ticket), nth=1).status_code == 303
        (now,) = tickets()
        assert (now.state, now.resolution) == (TicketState.RESOLVED, Resolution.SOLVED)
        client.post(f"/kk/t/{token_of(ticket)}/solved")
        press(client, status_page(client, ticket), nth=1)
        assert tickets()[0].state is TicketState.OPEN


def test_after_seven_days_an_answer_becomes_a_new_request_at_the_same_desk(
    client: FlaskClient, town: Town, set_clock: SetClock
) -> None:
    ticket = filed(client, school=str(town.school905.id))
    client.post(f"/kk/t/{token_of(ticket)}/solved")
    set_clock.forward(days=8)
    page = status_page(client, ticket)
    answer = press(client, page, text="Қайта болмай жатыр")
    old, new = tickets()
    assert old.state is TicketState.RESOLVED
    assert "/kk/done/" in answer.location
    assert client.post(f"/kk/t/{token_of(old)}/not-solved").location == f"/kk/done/{token_of(new)}"
    press(client, status_page(client, old), text="Әлі болмай жатыр")
    assert len(tickets()) == 2, "what comes next belongs to the request that goes on"
    assert (new.desk_id, new.contact_id, new.fields["follows"]) == (old.desk_id, old.contact_id, old.id)


def test_a_late_answer_is_admitted(client: FlaskClient, town: Town, set_clock: SetClock) -> None:
    ticket = filed(client)
    assert ticket.first_response_due_at is not None
    set_clock.at = ticket.first_response_due_at + timedelta(minutes=1)
    assert "Кешірім сұраймыз" in status_page(client, ticket).text


# ── all pages ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_page_asks_the_database_at_most_ten_times(client: FlaskClient, town: Town) -> None:
    ticket = filed(client, school=str(town.school905.id))
    token = token_of(ticket)
    for n in range(12):
        client.post(f"/kk/t/{token}/answer", data={"text": f"{n}", "form_id": ""})
    for path in ("/", "/kk/", "/kk/status", f"/kk/t/{token}", f"/kk/done/{token}", "/kk/schools?q=9"):
        with counted_statements() as seen:
            assert client.get(path).status_code in (200, 302)
        assert len(seen) <= 10, (path, seen)
    with counted_statements() as seen:
        client.post("/kk/request", data=FULL | {"step": "school", "school_text": "школе 905"})
    assert len(seen) <= 10, seen


def test_filing_and_answering_take_few_statements(client: FlaskClient, town: Town) -> None:
    filed(client)
    with counted_statements() as seen:
        ticket = filed(client, form_id="6f1f9a50-3a0e-4b0b-9a51-0d6d6f4c1452")
    print("statements of one form:", len(seen))
    assert len(seen) <= 20, "\n".join(seen)
    with counted_statements() as seen:
        client.post(f"/kk/t/{token_of(ticket)}/answer", data={"text": "тағы", "form_id": ""})
    assert len(seen) <= 20, "\n".join(seen)


def test_the_hotline_is_one_touch_away_on_every_page(client: FlaskClient, town: Town) -> None:
    token = token_of(filed(client))
    for path in ("/", "/kk/", "/kk/status", f"/kk/t/{token}", f"/kk/done/{token}", "/kk/nowhere"):
        assert 'href="tel:1450"' in client.get(path).text, path


def test_type_ahead_names_schools(client: FlaskClient, town: Town) -> None:
    rows = client.get("/ru/schools?q=№905").get_json()
    assert [(row["value"], row["text"]) for row in rows] == [(town.school905.id, town.school905.short_ru)]
    assert client.get("/ru/schools").get_json() == []


def test_two_schools_with_the_same_number_are_told_apart_by_who_is_above_them(client: FlaskClient, town: Town) -> None:
    with transaction():
        elsewhere = organization(
            None, Kind.REGION_DEPARTMENT, "Шымкент қаласы Білім басқармасы", "Управление Шымкента", "Shymkent Education"
        )
        organization(elsewhere, Kind.SCHOOL, "№ 905 мектеп", "Школа № 905", "School 905", "905")
    rows = client.get("/ru/schools?q=905").get_json()
    assert len({row["hint"] for row in rows}) == 2
    assert any(row["hint"].endswith("Управление Шымкента") for row in rows)
    page = client.post("/ru/request", data=FULL | {"step": "school", "school": "", "school_text": "905", "go": "next"})
    assert "Управление Шымкента" in page.text


def test_no_personal_data_in_addresses_or_titles(client: FlaskClient, town: Town) -> None:
    answer = client.post("/kk/request", data=FULL)
    for path in (answer.location, f"/kk/t/{token_of(tickets()[0])}"):
        title = re.search(r"<title>(.*?)</title>", client.get(path).text)
        assert title is not None
        assert "Гүлнар" not in title[1]
        assert "709" not in path + title[1]
