"""An operator encloses files with an answer: the letter carries them, the page offers them, none is lost or doubled."""

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk.kernel.db import session
from helpdesk.notifications.models import Letter
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.queries import token_of
from tests.factories import filed
from tests.mail_sink import MailSink, mail_sink
from tests.people import SignIn, Town
from tests.web.forms import forms

__all__ = ["mail_sink"]

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def ticket(town: Town) -> Ticket:
    """Елена wants an answer by e-mail."""
    return filed(contact_id=town.elena.id, language="ru", answer_by="email", organization_id=town.school905.id).ticket


@pytest.fixture
def svetlana(town: Town, sign_in: SignIn) -> FlaskClient:
    """The operator's browser."""
    return sign_in(town.svetlana)


def replied(browser: FlaskClient, ticket: Ticket, *files: tuple[str, bytes], **typed: object) -> TestResponse:
    given = {"body": "Инструкция во вложении", "version": str(session().get_one(Ticket, ticket.id).version)} | typed
    given["photos"] = [(io.BytesIO(content), name) for name, content in files]
    return browser.post(f"/tickets/{ticket.number}/reply", data=given, content_type="multipart/form-data")


def test_the_letter_carries_the_file_and_the_parents_page_offers_it(
    ticket: Ticket, svetlana: FlaskClient, client: FlaskClient, mail_sink: MailSink, run_jobs: Callable[[], None]
) -> None:
    assert replied(svetlana, ticket, ("Нұсқаулық.pdf", PDF)).status_code == 303
    run_jobs()
    [letter] = [one for one in mail_sink.letters if list(one.iter_attachments())]
    [file] = list(letter.iter_attachments())
    assert (file.get_filename(), file.get_content_type(), file.get_content()) == (
        "Нұсқаулық.pdf",
        "application/pdf",
        PDF,
    )
    page = client.get(f"/ru/t/{token_of(ticket)}").text
    file_id = session().scalars(select(Attachment.id)).one()
    assert "Нұсқаулық.pdf" in page
    assert client.get(f"/ru/t/{token_of(ticket)}/file/{file_id}").data == PDF


def test_an_answer_without_files_carries_none(
    ticket: Ticket, svetlana: FlaskClient, mail_sink: MailSink, run_jobs: Callable[[], None]
) -> None:
    replied(svetlana, ticket)
    run_jobs()
    assert session().scalars(select(Letter.carries_id).where(Letter.template == "ticket_replied")).all() == [None]
    assert not any(list(one.iter_attachments()) for one in mail_sink.letters)


@pytest.mark.parametrize(
    ("name", "content"), [("вирус.exe", b"MZ\x90\x00"), ("фото.pdf", PDF + b" " * (5 * 1024 * 1024))]
)
def test_what_may_not_leave_is_named_and_neither_words_nor_other_files_are_lost(
    ticket: Ticket, svetlana: FlaskClient, name: str, content: bytes
) -> None:
    page = replied(svetlana, ticket, ("Нұсқаулық.pdf", PDF), (name, content))
    assert page.status_code == 422
    assert 'href="#photos"' in page.text
    assert name in page.text
    assert "Инструкция во вложении" in page.text
    assert session().scalars(select(Message.id).where(Message.from_requester.is_(False))).all() == []
    kept = next(form for form in forms(page) if form.action.endswith("/reply"))
    answer = svetlana.post(kept.action, data={**kept.values(), "body": "Ещё раз"})
    assert answer.status_code == 303
    assert session().scalars(select(Attachment.name)).all() == ["Нұсқаулық.pdf"]


def test_who_was_slower_keeps_the_file_too(ticket: Ticket, svetlana: FlaskClient) -> None:
    page = replied(svetlana, ticket, ("Нұсқаулық.pdf", PDF), version="0")
    assert page.status_code == 409
    kept = next(form for form in forms(page) if form.action.endswith("/reply"))
    svetlana.post(kept.action, data=kept.values())
    assert session().scalars(select(Attachment.name)).all() == ["Нұсқаулық.pdf"]


def test_a_stranger_attaches_nothing(ticket: Ticket, town: Town, sign_in: SignIn) -> None:
    assert replied(sign_in(town.bekzat), ticket, ("a.pdf", PDF)).status_code == 404
    assert session().query(Attachment).count() == 0
