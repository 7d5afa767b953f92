"""What is typed and not sent: kept while it is typed, shown again anywhere, and told to colleagues."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.kernel.db import session, transaction
from helpdesk.tickets import drafts
from helpdesk.tickets.draft_models import Draft
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import SignIn, Town


@pytest.fixture
def ticket(town: Town, set_clock: SetClock) -> Ticket:
    return filed(organization_id=town.school905.id).ticket


@pytest.fixture
def aigul(town: Town, sign_in: SignIn) -> FlaskClient:
    return sign_in(town.aigul)


def typed(browser: FlaskClient, ticket: Ticket, body: str, kind: str = "reply") -> list[str]:
    """What the page sends while somebody types; who else writes."""
    answer = browser.post(f"/tickets/{ticket.number}/draft", data={"kind": kind, "body": body})
    assert answer.status_code == 200
    return list(answer.json["writing"])


def left(browser: FlaskClient, ticket: Ticket) -> dict[str, Any]:
    """What a page of the ticket asks for when it opens."""
    return dict(browser.get(f"/tickets/{ticket.number}/draft").json)


def kept() -> list[str]:
    return list(session().scalars(select(Draft.body)))


def test_a_browser_that_dies_takes_no_draft_with_it(
    aigul: FlaskClient, ticket: Ticket, town: Town, sign_in: SignIn
) -> None:
    typed(aigul, ticket, "Құпиясөзді жаңарту үшін")
    typed(aigul, ticket, "Құпиясөзді жаңарту үшін мектепке")
    assert left(sign_in(town.aigul), ticket)["mine"] == {"reply": "Құпиясөзді жаңарту үшін мектепке"}


def test_what_was_sent_is_no_draft_any_more(aigul: FlaskClient, ticket: Ticket) -> None:
    typed(aigul, ticket, "Жауап")
    typed(aigul, ticket, "Ескертпе", "note")
    aigul.post(f"/tickets/{ticket.number}/reply", data={"body": "Жауап"})
    assert kept() == ["Ескертпе"]
    aigul.post(f"/tickets/{ticket.number}/note", data={"note": "Ескертпе"})
    assert kept() == []


def test_what_could_not_be_sent_stays_a_draft(aigul: FlaskClient, ticket: Ticket) -> None:
    typed(aigul, ticket, "Жауап")
    assert aigul.post(f"/tickets/{ticket.number}/reply", data={"body": "Жауап", "version": "99"}).status_code == 409
    assert kept() == ["Жауап"]


def test_an_emptied_field_is_no_draft(aigul: FlaskClient, ticket: Ticket) -> None:
    typed(aigul, ticket, "Жауап")
    typed(aigul, ticket, "  ")
    assert kept() == []


def test_colleagues_see_who_writes_and_not_what(
    aigul: FlaskClient, ticket: Ticket, town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    typed(aigul, ticket, "Құпия мәтін")
    svetlana = sign_in(town.svetlana)
    assert left(svetlana, ticket) == {"mine": {}, "writing": ["Пишет ответ: Айгүл Қасымова"]}
    assert typed(svetlana, ticket, "Я тоже", "note") == ["Пишет ответ: Айгүл Қасымова"]
    set_clock.forward(seconds=drafts.TYPING.total_seconds() + 1)
    assert left(svetlana, ticket)["writing"] == []


def test_a_draft_of_nothing_known_or_of_another_desk_is_not_found(
    aigul: FlaskClient, ticket: Ticket, town: Town, sign_in: SignIn
) -> None:
    address = f"/tickets/{ticket.number}/draft"
    assert aigul.post(address, data={"kind": "novel", "body": "x"}).status_code == 404
    assert sign_in(town.bekzat).post(address, data={"kind": "note", "body": "x"}).status_code == 404
    assert kept() == []


def test_a_forgotten_draft_is_thrown_away_after_two_weeks(
    aigul: FlaskClient, ticket: Ticket, set_clock: SetClock
) -> None:
    typed(aigul, ticket, "Жауап")
    for passed, left in ((timedelta(days=13), ["Жауап"]), (timedelta(days=2), [])):
        set_clock.at += passed
        with transaction():
            drafts.forgotten(set_clock.at)
        assert kept() == left
