"""A letter becomes a ticket, the answer leaves, and the parent's answer finds its way back: all by real SMTP."""

import smtplib
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from flask import Flask

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import asker
from helpdesk.intake.models import MailState, RawMail
from helpdesk.kernel.db import session, transaction
from helpdesk.maildoor import door as mail_door
from helpdesk.maildoor.door import Door
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import MOST_AUTOMATIC_AN_HOUR
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import ticket_for
from helpdesk.tickets.rules import Channel, TicketState
from tests.conftest import SetClock
from tests.mail_sink import MailSink, mail_sink, words
from tests.people import Town

__all__ = ["mail_sink"]

PARENT = "elena@parents.test"
LONG_ID = f"<{'x' * 120}@mail.parents.test>"


@pytest.fixture
def door(app: Flask, town: Town) -> Iterator[Door]:
    opened = mail_door.start(app)
    yield opened
    opened.stop()


def post(door: Door, letter: EmailMessage, envelope_from: str = PARENT) -> None:
    """Hand a letter to our door."""
    with smtplib.SMTP(door.hostname, door.port, timeout=10) as server:
        server.send_message(letter, envelope_from, [letter["To"]])


def written(text: str, subject: str, to: str = "905@1450.test", **headers: str) -> EmailMessage:
    letter = EmailMessage(policy=SMTP.clone(max_line_length=500))
    letter["From"] = f"Елена Смирнова <{PARENT}>"
    letter["To"] = to
    letter["Subject"] = subject
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter


def answer_to(letter: EmailMessage, text: str, **headers: str) -> EmailMessage:
    """What the parent's program makes of "reply": to Reply-To, with the thread's headers and our letter quoted."""
    quoted = "".join(f"> {line}\n" for line in words(letter).splitlines())
    body = f"{text}\n\nпн, 23 нояб. 2026 г. в 10:05, Горячая линия <1450@1450.test>:\n\n{quoted}"
    references = " ".join(filter(None, (letter["References"], letter["Message-ID"])))
    thread = {"In_Reply_To": letter["Message-ID"], "References": references}
    return written(body, f"Re: {letter['Subject']}", letter["Reply-To"], **thread, **headers)


def test_a_letter_its_answer_and_the_answer_to_that_are_one_ticket(
    town: Town, door: Door, mail_sink: MailSink, run_jobs: Callable[[], None], set_clock: SetClock
) -> None:
    post(door, written("Сын не может войти в дневник, пароль не приходит", "Вход в дневник", Message_ID=LONG_ID))
    run_jobs()
    ticket = session().query(Ticket).one()
    assert (ticket.channel, ticket.desk_id, ticket.contact_id) == (Channel.EMAIL, town.school905.id, town.elena.id)
    [acknowledgement] = mail_sink.letters
    assert acknowledgement["In-Reply-To"] == acknowledgement["References"] == LONG_ID
    assert f"In-Reply-To: {LONG_ID}\r\n".encode() in mail_sink.raw[0], "as it is, not in encoded words"
    assert ticket.number in words(acknowledgement)

    svetlana = asker(town.svetlana.id)
    assert svetlana is not None
    set_clock.forward(minutes=5)
    with transaction():
        mine = ticket_for(svetlana, ticket.id, lock=True)
        tickets.reply(mine, "В каком классе учится сын?", staff(svetlana.id))
    with transaction():
        tickets.wait(ticket_for(svetlana, ticket.id, lock=True), staff(svetlana.id))
    run_jobs()
    question = next(letter for letter in mail_sink.letters if "В каком классе" in words(letter))
    assert question["Auto-Submitted"] is None

    set_clock.forward(hours=1)
    before = len(mail_sink.letters)
    post(door, answer_to(question, "5 «Б», школа № 905"))
    run_jobs()
    session().expire_all()
    assert session().query(Ticket).count() == 1
    said = [message.body for message in session().query(Message).order_by(Message.id)]
    assert said == [
        "Сын не может войти в дневник, пароль не приходит",
        "В каком классе учится сын?",
        "5 «Б», школа № 905",
    ]
    assert session().get_one(Ticket, ticket.id).state is TicketState.OPEN
    assert len(mail_sink.letters) == before, "an answer that joined is not acknowledged again"
    states = [raw.state for raw in session().query(RawMail).order_by(RawMail.id)]
    assert states == [MailState.FILED, MailState.JOINED]


def test_a_holiday_notice_that_answers_us_is_neither_filed_nor_answered(
    town: Town, door: Door, mail_sink: MailSink, run_jobs: Callable[[], None], set_clock: SetClock
) -> None:
    post(door, written("Не открывается журнал", "Журнал"))
    run_jobs()
    [acknowledgement] = mail_sink.letters
    post(door, answer_to(acknowledgement, "Я в отпуске до 30.11", Auto_Submitted="auto-replied"))
    bounce = answer_to(acknowledgement, "User unknown")
    post(door, bounce, envelope_from="")
    run_jobs()
    assert session().query(Message).count() == 1
    assert len(mail_sink.letters) == 1
    reasons = [raw.reason for raw in session().query(RawMail).order_by(RawMail.id)]
    assert reasons == ["", "automatic", "bounce"]


def test_a_machine_that_hides_what_it_is_cannot_make_us_write_for_ever(
    town: Town, door: Door, mail_sink: MailSink, run_jobs: Callable[[], None], set_clock: SetClock
) -> None:
    for number in range(MOST_AUTOMATIC_AN_HOUR + 3):
        # it answers each of our letters with a new one that has no thread
        post(
            door,
            written(f"Ваше письмо {number} получено", f"Спасибо {number}", Date=f"Mon, 23 Nov 2026 10:{number}:00"),
        )
        run_jobs()
    assert session().query(Letter).count() == len(mail_sink.letters) == MOST_AUTOMATIC_AN_HOUR
