"""Letters are rows first; what is known to have left never leaves again."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from helpdesk.audit.actor import staff
from helpdesk.audit.journal import timeline
from helpdesk.contacts.models import ContactEmail
from helpdesk.contacts.rules import PreferredChannel
from helpdesk.jobs.mail import send_letters
from helpdesk.kernel import settings
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications import actions, post, sending
from helpdesk.notifications.models import Letter
from helpdesk.notifications.queries import due_letters
from helpdesk.notifications.rules import MOST_AUTOMATIC_AN_HOUR, Kind, LetterState, Medium
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import secret_of, token_of
from helpdesk.tickets.rules import Channel, Resolution, TicketState
from helpdesk.tickets.thread_token import ticket_in
from tests.conftest import SetClock
from tests.factories import filed
from tests.mail_sink import MailSink, mail_sink, words
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town

__all__ = ["mail_sink"]

pytestmark = pytest.mark.usefixtures("set_clock")

RunJobs = Callable[[], None]


def by_email(town: Town, **changes: Any) -> Ticket:
    values = {
        "channel": Channel.EMAIL,
        "emails": ("elena@parents.test",),
        "language": "ru",
        "answer_by": "email",
        "desk_id": town.school905.id,
        "choice": None,
    }
    return filed(**(values | changes)).ticket


def letters() -> list[Letter]:
    session().expire_all()
    return session().query(Letter).order_by(Letter.id).all()


def act(ticket: Ticket, verb: Callable[[Ticket], object]) -> None:
    with transaction():
        verb(session().get_one(Ticket, ticket.id))


def test_a_form_with_a_phone_number_is_acknowledged_and_gets_its_secret_by_sms(town: Town, run_jobs: RunJobs) -> None:
    ticket = filed(phones=(GULNAR_PHONE,), answer_by="phone").ticket
    run_jobs()
    first, second = letters()
    assert (first.medium, first.address, first.template) == (Medium.SMS, GULNAR_PHONE, "ticket_opened")
    assert first.body.startswith(f"1450: өтініш {ticket.number} тіркелді. Мерзімі ")
    assert second.template == "ticket_secret"
    assert first.segments == 2


def test_a_form_with_an_address_is_acknowledged_by_one_letter(town: Town, run_jobs: RunJobs) -> None:
    filed(emails=("new@parents.test",), answer_by="email")
    run_jobs()
    assert [(letter.medium, letter.address) for letter in letters()] == [(Medium.EMAIL, "new@parents.test")]


def test_whoever_left_no_address_gets_nothing(town: Town, run_jobs: RunJobs) -> None:
    filed()
    filed(phones=("+77272501450",))
    run_jobs()
    assert letters() == []


def test_a_preference_counts_more_than_the_way_somebody_came(town: Town, run_jobs: RunJobs) -> None:
    with transaction():
        town.elena.preferred_channel = PreferredChannel.EMAIL
    filed(phones=(ELENA_PHONE,), channel=Channel.PHONE)
    run_jobs()
    assert [letter.medium for letter in letters()] == [Medium.EMAIL]


def test_an_address_that_letters_came_back_from_is_not_used(town: Town, run_jobs: RunJobs, set_clock: SetClock) -> None:
    with transaction():
        session().query(ContactEmail).update({"bounced_at": set_clock()})
    by_email(town)
    run_jobs()
    assert [letter.medium for letter in letters()] == [Medium.SMS]


def test_a_reaction_that_runs_twice_writes_once(town: Town) -> None:
    ticket = by_email(town)
    for _ in range(2):
        with transaction():
            actions.write(Kind.OPENED, ticket, f"opened:{ticket.id}")
    assert len(letters()) == 1


def test_reply_question_and_resolution_are_told_and_notes_are_not(town: Town, run_jobs: RunJobs) -> None:
    ticket = by_email(town)
    by = staff(town.svetlana.id)
    act(ticket, lambda one: tickets.note(one, "только для нас", by))
    act(ticket, lambda one: tickets.reply(one, "Пароль сброшен", by))
    act(ticket, lambda one: tickets.wait(one, by))
    act(ticket, lambda one: tickets.resolve(one, Resolution.SOLVED, by, "Готово"))
    run_jobs()
    written = letters()
    assert sorted(letter.template for letter in written) == [
        "need_info",
        "ticket_opened",
        "ticket_replied",
        "ticket_resolved",
    ]
    bodies = {letter.template: letter.body for letter in written}
    assert "Пароль сброшен" in bodies["ticket_replied"]
    assert "Готово" in bodies["ticket_resolved"]
    assert not any("только для нас" in body for body in bodies.values())


def test_waiting_for_a_provider_and_spam_are_no_news(town: Town, run_jobs: RunJobs) -> None:
    ticket, spam = by_email(town), by_email(town, emails=("spam@parents.test",))
    by = staff(town.svetlana.id)
    act(ticket, lambda one: tickets.wait(one, by, state=TicketState.WAITING))
    act(spam, lambda one: tickets.resolve(one, Resolution.SPAM, by))
    run_jobs()
    assert {letter.template for letter in letters()} == {"ticket_opened"}


def test_the_database_alone_opens_no_ticket(town: Town, run_jobs: RunJobs, mail_sink: MailSink) -> None:
    ticket = by_email(town)
    filed(phones=(GULNAR_PHONE,), answer_by="phone")
    run_jobs()
    [left] = mail_sink.letters
    assert secret_of(ticket) in words(left)
    assert token_of(ticket) in words(left)
    for letter in letters():
        kept = session().get_one(Ticket, letter.ticket_id)
        assert secret_of(kept) not in letter.body
        assert token_of(kept) not in letter.body


def test_in_the_demo_everything_is_kept_to_be_looked_at(town: Town, run_jobs: RunJobs) -> None:
    by_email(town)
    run_jobs()
    assert [letter.state for letter in letters()] == [LetterState.KEPT]


def test_a_letter_leaves_by_smtp_with_headers_that_no_machine_answers(
    town: Town, run_jobs: RunJobs, mail_sink: MailSink
) -> None:
    ticket = by_email(town)
    run_jobs()
    [sent] = mail_sink.letters
    assert letters()[0].state is LetterState.SENT
    assert sent["To"] == "elena@parents.test"
    assert sent["From"] == "1450 · Школа № 905 <1450@1450.test>"
    assert sent["Reply-To"] == "905@1450.test"
    assert (sent["Auto-Submitted"], sent["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert ticket_in(settings.current().ticket_key, sent["Message-ID"]) == ticket.id
    assert ticket.number in words(sent)
    assert [part.get_content_type() for part in sent.iter_parts()] == ["text/plain", "text/html"]
    assert ticket.number in sent.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_an_operators_own_words_are_no_automatic_letter(town: Town, run_jobs: RunJobs, mail_sink: MailSink) -> None:
    ticket = by_email(town)
    act(ticket, lambda one: tickets.reply(one, "Пароль сброшен", staff(town.svetlana.id)))
    run_jobs()
    reply = next(letter for letter in mail_sink.letters if "Пароль сброшен" in words(letter))
    assert reply["Auto-Submitted"] is None
    assert reply["X-Auto-Response-Suppress"] is None


def test_a_server_that_is_busy_is_tried_again_until_it_takes_the_letter(
    town: Town, run_jobs: RunJobs, mail_sink: MailSink, set_clock: SetClock
) -> None:
    mail_sink.answers = ["451 later", "452 full"]
    by_email(town)
    run_jobs()
    assert (letters()[0].state, letters()[0].attempts) == (LetterState.PENDING, 1)
    assert "451 later" in letters()[0].error
    run_jobs()
    assert letters()[0].attempts == 1, "not before its time"
    set_clock.forward(minutes=1)
    run_jobs()
    set_clock.forward(minutes=5)
    run_jobs()
    assert (letters()[0].state, letters()[0].attempts) == (LetterState.SENT, 3)
    assert len(mail_sink.letters) == 1


def test_a_letter_that_is_refused_for_good_is_not_tried_again(
    town: Town, run_jobs: RunJobs, mail_sink: MailSink
) -> None:
    mail_sink.answers = ["550 no such user"]
    ticket = by_email(town)
    run_jobs()
    assert letters()[0].state is LetterState.FAILED
    assert due_letters() == []
    kinds = [entry.kind for entry in _journal(ticket)]
    assert "letter.failed" in kinds


def test_with_the_server_away_a_letter_waits(town: Town, run_jobs: RunJobs, mail_sink: MailSink) -> None:
    settings.install(settings.current().model_copy(update={"smtp_port": 9}))
    by_email(town)
    run_jobs()
    assert letters()[0].state is LetterState.PENDING


def test_a_letter_whose_sender_died_is_sent_again_under_the_same_message_id(
    town: Town, run_jobs: RunJobs, mail_sink: MailSink, set_clock: SetClock
) -> None:
    ticket = by_email(town)
    with transaction():
        letter_id = actions.write(Kind.OPENED, ticket, f"opened:{ticket.id}") or 0
    with transaction():
        parcel = sending.claim(letter_id)
    assert parcel is not None
    post.deliver(parcel, settings.current(), _no_sms)  # and the process is killed before it records the success
    send_letters([letter_id])
    assert len(mail_sink.letters) == 1, "the claim still holds"
    set_clock.forward(minutes=5)
    run_jobs()
    first, second = mail_sink.letters
    assert first["Message-ID"] == second["Message-ID"] == letters()[0].message_id


def test_a_line_cut_after_the_letter_was_taken_counts_as_unknown_and_is_tried_again(
    town: Town, run_jobs: RunJobs, mail_sink: MailSink, set_clock: SetClock
) -> None:
    mail_sink.deaf = True
    by_email(town)
    run_jobs()
    assert letters()[0].state is LetterState.PENDING
    mail_sink.deaf = False
    set_clock.forward(minutes=1)
    run_jobs()
    assert letters()[0].state is LetterState.SENT
    assert len({letter["Message-ID"] for letter in mail_sink.letters}) == 1


def test_two_senders_at_once_send_one_letter(town: Town, mail_sink: MailSink) -> None:
    ticket = by_email(town)
    with transaction():
        letter_id = actions.write(Kind.OPENED, ticket, "once") or 0
    with transaction():
        first, second = sending.claim(letter_id), sending.claim(letter_id)
    assert first is not None
    assert second is None


def test_after_two_days_we_give_up_and_say_so_on_the_ticket(
    town: Town, run_jobs: RunJobs, mail_sink: MailSink, set_clock: SetClock
) -> None:
    settings.install(settings.current().model_copy(update={"smtp_port": 9}))
    ticket = by_email(town)
    for _ in range(30):
        run_jobs()
        set_clock.forward(hours=6)
    assert letters()[0].state is LetterState.FAILED
    assert [entry.kind for entry in _journal(ticket)].count("letter.failed") == 1


def test_an_address_that_makes_no_letter_fails_alone(town: Town, run_jobs: RunJobs, mail_sink: MailSink) -> None:
    by_email(town, emails=("a b@@parents\n.test",))
    by_email(town)
    run_jobs()
    assert sorted(letter.state for letter in letters()) == [LetterState.FAILED, LetterState.SENT]


def test_a_machine_that_answers_everything_gets_no_more_than_ten_letters_an_hour(town: Town, run_jobs: RunJobs) -> None:
    for _ in range(MOST_AUTOMATIC_AN_HOUR + 5):
        by_email(town)
    run_jobs()
    assert len(letters()) == MOST_AUTOMATIC_AN_HOUR


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (CarrierRefused(21211, retryable=False, outcome_known=True), LetterState.FAILED),
        (CarrierRefused(20429, retryable=True, outcome_known=True), LetterState.PENDING),
        (CarrierAway(False), LetterState.PENDING),
    ],
)
def test_an_sms_is_tried_again_unless_the_carrier_never_takes_it(
    app: Flask, town: Town, mail_sink: MailSink, error: Exception, state: LetterState
) -> None:
    ticket = filed(phones=(GULNAR_PHONE,)).ticket
    with transaction():
        letter_id = actions.write(Kind.OPENED, ticket, "sms") or 0
    with transaction():
        parcel = sending.claim(letter_id)
    assert parcel is not None

    def refuse(_number: str, _text: str, _dedupe: str) -> str:
        raise error

    outcome = post.deliver(parcel, settings.current(), refuse)
    with transaction():
        sending.settle(letter_id, outcome)
    assert letters()[0].state is state


def test_a_delivery_report_may_come_twice_and_late(town: Town) -> None:
    ticket = filed(phones=(GULNAR_PHONE,)).ticket
    with transaction():
        letter_id = actions.write(Kind.OPENED, ticket, "sms") or 0
    with transaction():
        sending.claim(letter_id)
    with transaction():
        sending.settle(letter_id, sending.Outcome(LetterState.SENT, provider_sid="SM1"))
    for status in ("delivered", "delivered", "sent", "failed"):
        with transaction():
            sending.hear_of(letter_id, status)
    assert (letters()[0].state, letters()[0].provider_sid) == (LetterState.DELIVERED, "SM1")


def test_a_number_that_was_called_from_gets_the_sms_of_its_callback(town: Town, set_clock: SetClock) -> None:
    ticket = filed().ticket
    with transaction():
        actions.write(Kind.CALLBACK_SET, ticket, "callback:1", at=set_clock(), number="+77090000077")
        assert actions.write(Kind.CALLBACK_SET, ticket, "callback:2", at=set_clock(), number="+77272501450") is None
    assert letters()[0].body.startswith("1450: кері қоңырау, ең кеші 23.11 10:00.")


def _journal(ticket: Ticket) -> Any:
    return timeline(ticket.id)


def _no_sms(_number: str, _text: str, _dedupe: str) -> str:
    raise AssertionError("no SMS is meant here")
