"""The door over real connections."""

import smtplib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine

from helpdesk.intake.models import MailState, RawMail
from helpdesk.kernel.db import db, session
from helpdesk.maildoor import door as mail_door
from helpdesk.maildoor.door import Door
from tests.people import Town

LETTERS = Path(__file__).parents[1] / "intake" / "letters"
LETTER = (LETTERS / "koi8r.eml").read_bytes()


@pytest.fixture
def door(app: Flask, town: Town) -> Iterator[Door]:
    opened = mail_door.start(app)
    yield opened
    opened.stop()


@pytest.fixture
def send(door: Door) -> Callable[..., object]:
    """Hand a letter over by SMTP, as another server would."""

    def do(*to: str, content: bytes = LETTER, envelope_from: str = "asel@parents.test") -> object:
        with smtplib.SMTP(door.hostname, door.port, timeout=10) as client:
            return client.sendmail(envelope_from, list(to), content)

    return do


def letters() -> list[RawMail]:
    session().rollback()
    return session().query(RawMail).order_by(RawMail.id).all()


def test_a_letter_to_a_desk_is_kept_byte_for_byte(send: Callable[..., object]) -> None:
    send("905@1450.test")
    [raw] = letters()
    assert raw.content == LETTER
    assert (raw.envelope_from, raw.envelope_to, raw.state) == (
        "asel@parents.test",
        ["905@1450.test"],
        MailState.WAITING,
    )


def test_the_hotlines_own_mailbox_takes_letters_in_any_spelling(send: Callable[..., object]) -> None:
    send("1450@1450.TEST", "Alatau@1450.test")
    assert letters()[0].envelope_to == ["1450@1450.test", "alatau@1450.test"]


def test_a_stranger_cannot_send_through_us(send: Callable[..., object]) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send("somebody@elsewhere.test")
    assert refused.value.recipients["somebody@elsewhere.test"][0] == 550
    assert letters() == []


def test_a_letter_sent_again_because_the_answer_was_lost_is_one_letter(send: Callable[..., object]) -> None:
    send("905@1450.test")
    send("905@1450.test")
    assert len(letters()) == 1


def test_a_bounce_keeps_its_null_sender(send: Callable[..., object]) -> None:
    send("905@1450.test", envelope_from="<>")
    assert letters()[0].envelope_from == ""


def test_a_letter_that_is_too_large_is_refused_for_good(door: Door) -> None:
    with smtplib.SMTP(door.hostname, door.port, timeout=10) as client:
        client.ehlo()
        assert int(client.esmtp_features["size"]) == mail_door.MAX_BYTES
        assert client.docmd(f"MAIL FROM:<a@b.test> SIZE={mail_door.MAX_BYTES + 1}")[0] == 552


def test_a_line_longer_than_the_standard_allows_is_taken(send: Callable[..., object]) -> None:
    send("905@1450.test", content=b"Subject: long\r\n\r\n" + b"x" * 50_000 + b"\r\n")
    assert len(letters()[0].content) > 50_000


def test_with_the_database_away_the_sender_is_asked_to_try_later(app: Flask, send: Callable[..., object]) -> None:
    send("905@1450.test")  # the mailboxes are remembered, so that only storing fails
    dead = create_engine("postgresql+psycopg://nobody@127.0.0.1:9/nowhere", connect_args={"connect_timeout": 2})
    with _connected_to(app, dead), pytest.raises(smtplib.SMTPDataError) as refused:
        send("905@1450.test", content=LETTER + b"another\r\n")
    assert refused.value.smtp_code == 451
    assert len(letters()) == 1
    send("905@1450.test", content=LETTER + b"another\r\n")
    assert len(letters()) == 2


def test_lmtp_answers_for_each_recipient(app: Flask, town: Town) -> None:
    settings = app.extensions["settings"].model_copy(update={"mail_door_lmtp": True})
    opened = Door(app, settings)
    opened.start()
    try:
        with smtplib.LMTP(opened.hostname, opened.port) as client:
            client.ehlo()
            client.mail("asel@parents.test")
            client.rcpt("905@1450.test")
            client.rcpt("alatau@1450.test")
            assert client.data(LETTER)[0] == 250
            assert client.getreply()[0] == 250  # the second recipient's
    finally:
        opened.stop()
    assert letters()[0].envelope_to == ["905@1450.test", "alatau@1450.test"]


class _connected_to:
    """The house with another engine."""

    def __init__(self, app: Flask, engine: Engine) -> None:
        self._engines = db._app_engines[app]
        self._other = engine

    def __enter__(self) -> None:
        self._own, self._engines[None] = self._engines[None], self._other

    def __exit__(self, *_: object) -> None:
        self._engines[None] = self._own
