"""A letter comes back: its address is marked, the ticket says so, and the next answer goes another way."""

from collections.abc import Callable

import pytest

from helpdesk.audit.actor import staff
from helpdesk.contacts.models import ContactEmail
from helpdesk.identity.models import Staff
from helpdesk.intake import mailroom
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import LetterState, Medium
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Ticket
from tests.factories import filed
from tests.mail_sink import MailSink, mail_sink
from tests.people import ELENA_PHONE, SignIn, Town

__all__ = ["mail_sink"]

pytestmark = pytest.mark.usefixtures("set_clock")

RunJobs = Callable[[], None]


def reply(ticket: Ticket, by: Staff, words: str, run_jobs: RunJobs) -> Letter:
    with transaction():
        tickets.reply(session().get_one(Ticket, ticket.id), words, staff(by.id))
    run_jobs()
    return session().query(Letter).order_by(Letter.id.desc()).limit(1).populate_existing().one()


def comes_in(content: str, sender: str, run_jobs: RunJobs) -> None:
    with transaction():
        mailroom.store(content.encode(), sender, ["905@1450.test"])
    run_jobs()


def bounce_of(letter: Letter) -> str:
    return (
        "From: MAILER-DAEMON@mx.test\nTo: 905@1450.test\nSubject: Undelivered\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        f"Final-Recipient: rfc822; {letter.address}\nAction: failed\nStatus: 5.1.1\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {letter.message_id}\n\n--b--\n"
    )


def marked(address: str) -> bool:
    row = session().query(ContactEmail).filter_by(address=address).populate_existing().one()
    return row.bounced_at is not None


def test_after_a_letter_came_back_the_next_answer_goes_by_sms_until_the_person_writes_again(
    town: Town, run_jobs: RunJobs, mail_sink: MailSink, sign_in: SignIn
):
    ticket = filed(
        organization_id=town.school905.id,
        emails=("elena@parents.test",),
        phones=(ELENA_PHONE,),
        language="ru",
        answer_by="email",
    ).ticket
    first = reply(ticket, town.aigul, "Пароль сброшен.", run_jobs)
    assert (first.medium, first.state) == (Medium.EMAIL, LetterState.SENT)

    for further in ("", "A second report of the same server\n"):
        comes_in(bounce_of(first) + further, "", run_jobs)
    first = session().get_one(Letter, first.id)
    assert (first.state, first.error) == (LetterState.FAILED, "5.1.1")
    assert marked("elena@parents.test")
    page = sign_in(town.aigul).get(f"/tickets/{ticket.number}").text
    assert "хаттар қайтып келеді" in page
    assert page.count("5.1.1") == 1

    second = reply(ticket, town.aigul, "Позвоните нам.", run_jobs)
    assert (second.medium, second.address) == (Medium.SMS, ELENA_PHONE)

    comes_in(
        "From: elena@parents.test\nTo: 905@1450.test\nSubject: Вход\nMessage-ID: <9@parents.test>\n"
        "Content-Type: text/plain; charset=utf-8\n\nЯщик снова работает\n",
        "elena@parents.test",
        run_jobs,
    )
    assert not marked("elena@parents.test")
