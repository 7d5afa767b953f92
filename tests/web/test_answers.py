"""Canned answers: who writes them, how they are found, and what is sent."""

from datetime import time

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import spoken
from helpdesk.organizations.models import Desk, DeskHours
from helpdesk.tickets import answer_queries
from helpdesk.tickets.answer_models import CannedAnswer
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import Resolution, TicketState
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import GULNAR_PHONE, SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")

TEXTS = {"title_kk": "Құпиясөз", "title_ru": "Пароль", "title_en": "Password", "active": "1"}
TEXTS |= {f"body_{code}": f"{code}: {{{{contact.name}}}}, {{{{ticket.number}}}}" for code in ("kk", "ru", "en")}


@pytest.fixture
def erlan(town: Town, sign_in: SignIn) -> FlaskClient:
    """The district's supervisor."""
    return sign_in(town.erlan)


@pytest.fixture
def aigul(town: Town, sign_in: SignIn) -> FlaskClient:
    return sign_in(town.aigul)


@pytest.fixture
def ticket(town: Town, set_clock: SetClock) -> Ticket:
    return filed(organization_id=town.school905.id, phones=(GULNAR_PHONE,), name="Гүлнар Ахметова").ticket


def write(browser: FlaskClient, town: Town, **changes: str) -> CannedAnswer:
    """Saved by the page for the district's desks."""
    answer = browser.post("/answers/new", data=TEXTS | {"organization": str(town.district.id)} | changes)
    assert answer.status_code == 303, answer.text
    return session().query(CannedAnswer).order_by(CannedAnswer.id.desc()).first()  # type: ignore[return-value]


def again(ticket: Ticket) -> Ticket:
    session().expire_all()
    return session().get_one(Ticket, ticket.id)


def said() -> list[str]:
    return [one.body for one in session().query(Message).order_by(Message.id).offset(1)]


# ── writing ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_operators_write_no_answers_and_supervisors_only_for_their_part(
    aigul: FlaskClient, erlan: FlaskClient, town: Town
) -> None:
    assert aigul.get("/answers").status_code == 403
    assert aigul.post("/answers/new", data=TEXTS).status_code == 403
    assert erlan.post("/answers/new", data=TEXTS | {"organization": str(town.city.id)}).status_code == 404
    assert erlan.post("/answers/new", data=TEXTS | {"organization": str(town.school911.id)}).status_code == 404
    write(erlan, town, organization=str(town.school905.id))


def test_an_answer_of_another_part_of_the_tree_is_not_there(town: Town, sign_in: SignIn, erlan: FlaskClient) -> None:
    made = write(sign_in(town.asel), town, organization=str(town.school911.id))
    assert erlan.get(f"/answers/{made.id}").status_code == 404
    assert erlan.post(f"/answers/{made.id}", data=TEXTS | {"organization": str(town.district.id)}).status_code == 404
    assert "Құпиясөз" not in erlan.get("/answers").text
    assert sign_in(town.asel).get(f"/answers/{made.id}").status_code == 200


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"body_ru": ""}, "body_ru"),
        ({"title_en": " "}, "title_en"),
        ({"body_kk": "{{ticket.secret}}"}, "body_kk"),
        ({"body_kk": "", "body_ru": "", "body_en": ""}, "body_kk"),
        ({"move": "resolve"}, "resolution"),
        ({"organization": ""}, "organization"),
    ],
)
def test_what_cannot_be_saved_names_its_field_and_keeps_what_was_typed(
    erlan: FlaskClient, town: Town, changes: dict[str, str], field: str
) -> None:
    answer = erlan.post("/answers/new", data=TEXTS | {"organization": str(town.district.id)} | changes)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert 'value="Құпиясөз"' in answer.text
    assert session().query(CannedAnswer).count() == 0


def test_two_who_change_the_same_answer_do_not_overwrite_each_other(erlan: FlaskClient, town: Town) -> None:
    made = write(erlan, town)
    form = TEXTS | {"organization": str(town.district.id), "version": str(made.version)}
    assert erlan.post(f"/answers/{made.id}", data=form | {"title_ru": "Первый"}).status_code == 303
    late = erlan.post(f"/answers/{made.id}", data=form | {"title_ru": "Второй"})
    assert late.status_code == 409
    assert "Второй" in late.text
    session().expire_all()
    assert session().get_one(CannedAnswer, made.id).title_ru == "Первый"


def test_the_list_costs_few_statements(erlan: FlaskClient, town: Town) -> None:
    for _ in range(12):
        write(erlan, town)
    erlan.get("/answers")
    with counted_statements() as seen:
        assert erlan.get("/answers").status_code == 200
    assert len(seen) <= 10, seen


# ── answering ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_composer_offers_what_is_written_for_its_desk_or_one_above(
    aigul: FlaskClient, erlan: FlaskClient, town: Town, sign_in: SignIn, ticket: Ticket
) -> None:
    write(erlan, town)
    write(sign_in(town.asel), town, organization=str(town.school911.id), title_kk="Басқа мектептікі")
    write(erlan, town, title_kk="Ескі", active="")
    session().query(CannedAnswer).filter_by(title_kk="Ескі").one().active = False
    session().commit()
    answer_queries.forget()
    page = aigul.get(f"/tickets/{ticket.number}").text
    assert "Құпиясөз · Пароль · Password" in page
    assert "Басқа мектептікі" not in page
    assert "Ескі" not in page


def test_a_chosen_answer_is_shown_filled_in_the_requesters_language_with_what_was_typed(
    aigul: FlaskClient, erlan: FlaskClient, town: Town, ticket: Ticket
) -> None:
    made = write(erlan, town)
    form = {"body": "Қайырлы күн!", "answer": str(made.id)}
    page = aigul.post(f"/tickets/{ticket.number}/answers", data=form).text
    assert f"Қайырлы күн!\n\nkk: Гүлнар Ахметова, {ticket.number}" in page
    assert said() == []
    text = {"body": "Өзгертілген мәтін", "version": ticket.version}
    assert aigul.post(f"/tickets/{ticket.number}/answers/{made.id}", data=text).status_code == 303
    assert said() == ["Өзгертілген мәтін"]


def test_an_official_position_goes_out_word_for_word_whatever_is_sent(
    aigul: FlaskClient, erlan: FlaskClient, town: Town, ticket: Ticket
) -> None:
    made = write(erlan, town, locked="1")
    page = aigul.post(f"/tickets/{ticket.number}/answers", data={"body": "Меніңше…", "answer": str(made.id)}).text
    assert "<textarea" not in page
    assert "Меніңше…" in page, "what was typed is not lost"
    aigul.post(f"/tickets/{ticket.number}/answers/{made.id}", data={"body": "Басқа сөз"})
    assert said() == [f"kk: Гүлнар Ахметова, {ticket.number}"]


def test_a_macro_answers_categorises_assigns_and_settles_in_one_step(
    aigul: FlaskClient, erlan: FlaskClient, town: Town, ticket: Ticket
) -> None:
    macro = {"move": "resolve", "resolution": "answered", "category": "T03", "assign_to": "me"}
    made = write(erlan, town, **macro)
    page = aigul.post(f"/tickets/{ticket.number}/answers", data={"answer": str(made.id)}).text
    assert "T03" in page or "Санат" in page
    aigul.post(f"/tickets/{ticket.number}/answers/{made.id}", data={"body": "Дайын"})
    now = again(ticket)
    assert (now.state, now.resolution, now.category_code, now.assignee_id) == (
        TicketState.RESOLVED,
        Resolution.ANSWERED,
        "T03",
        town.aigul.id,
    )
    assert said() == ["Дайын"]


def test_a_macro_that_is_refused_does_nothing_at_all(
    aigul: FlaskClient, erlan: FlaskClient, town: Town, ticket: Ticket
) -> None:
    made = write(erlan, town, move="wait", category="T03")
    aigul.post(f"/tickets/{ticket.number}/wait", data={})
    before = again(ticket).version
    answer = aigul.post(f"/tickets/{ticket.number}/answers/{made.id}", data={"body": "Мәтін сақталсын"})
    assert answer.status_code == 422
    assert "Мәтін сақталсын" in answer.text
    assert (again(ticket).version, said()) == (before, [])


def test_a_page_that_is_older_than_the_ticket_sends_nothing(
    aigul: FlaskClient, erlan: FlaskClient, town: Town, ticket: Ticket
) -> None:
    made = write(erlan, town)
    aigul.post(f"/tickets/{ticket.number}/note", data={"note": "Жазба"})
    old = aigul.post(f"/tickets/{ticket.number}/answers/{made.id}", data={"body": "Мәтін", "version": ticket.version})
    assert old.status_code == 409
    assert "Мәтін" in old.text


def test_answers_of_another_desk_and_on_another_desks_ticket_do_not_exist(
    aigul: FlaskClient, town: Town, sign_in: SignIn, ticket: Ticket
) -> None:
    foreign = write(sign_in(town.asel), town, organization=str(town.school911.id))
    own = write(sign_in(town.asel), town)
    secret = filed(organization_id=town.school911.id).ticket
    for number, answer_id in ((ticket.number, foreign.id), (secret.number, own.id)):
        assert aigul.post(f"/tickets/{number}/answers", data={"answer": str(answer_id)}).status_code == 404
        assert aigul.post(f"/tickets/{number}/answers/{answer_id}", data={"body": "x"}).status_code == 404


def test_the_hours_of_a_desk_are_told_by_runs_of_days() -> None:
    spans = [(day, time(9), time(13)) for day in range(5)] + [(day, time(14), time(18, 30)) for day in range(5)]
    at = Desk(hours=[DeskHours(weekday=d, opens=a, closes=b) for d, a, b in [*sorted(spans), (5, time(9), time(12))]])
    with spoken("en"):
        assert answer_queries.hours_text(at) == "Mon–Fri 09:00–13:00, 14:00–18:30; Sat 09:00–12:00"
