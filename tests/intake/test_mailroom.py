"""What becomes of letters: each is counted once and none is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker, asker
from helpdesk.intake import mailroom
from helpdesk.intake.machine_letters import Rejection
from helpdesk.intake.models import MailState, RawMail
from helpdesk.intake.queries import ledger, mail_for, mails
from helpdesk.jobs.mail import file_mail
from helpdesk.kernel import clock, settings
from helpdesk.kernel import store as files
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Conflict, NotFound
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.rules import Channel, MessageKind, TicketState
from helpdesk.tickets.thread_token import message_id
from tests.conftest import SetClock, counted_statements
from tests.people import Town

pytestmark = pytest.mark.usefixtures("set_clock")

LETTERS = Path(__file__).parent / "letters"


def letter(
    text: str = "Не могу войти в дневник сына",
    sender: str = "Елена Смирнова <elena@parents.test>",
    subject: str = "Вход",
    ident: str = "1",
    headers: str = "",
) -> bytes:
    head = f"From: {sender}\nTo: 905@1450.test\nSubject: {subject}\nMessage-ID: <{ident}@parents.test>\n{headers}"
    return f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode()


def came(content: bytes, to: str = "905@1450.test", envelope_from: str = "elena@parents.test") -> RawMail:
    """The letter, kept and read."""
    with transaction():
        raw_id = mailroom.store(content, envelope_from, [to])
    file_mail([raw_id])
    session().expire_all()
    return session().get_one(RawMail, raw_id)


def known(person_id: int) -> Asker:
    found = asker(person_id)
    assert found is not None
    return found


def test_a_letter_opens_a_ticket_at_the_desk_of_its_mailbox(town: Town) -> None:
    raw = came(letter())
    ticket = session().get_one(Ticket, raw.ticket_id)
    assert (raw.state, ticket.desk_id, ticket.channel) == (MailState.FILED, town.school905.id, Channel.EMAIL)
    assert (ticket.contact_id, ticket.language, ticket.answer_by) == (town.elena.id, "ru", "email")
    message = session().query(Message).one()
    assert (message.kind, message.body, message.raw_mail_id) == (
        MessageKind.EMAIL,
        "Не могу войти в дневник сына",
        raw.id,
    )


def test_a_letter_to_the_hotline_goes_to_the_city(town: Town) -> None:
    raw = came(letter(), to="1450@1450.test")
    assert session().get_one(Ticket, raw.ticket_id).desk_id == town.city.id


def test_the_same_letter_to_two_of_our_mailboxes_is_one_ticket(town: Town) -> None:
    first = came(letter())
    second = came(b"Received: from mx by us\n" + letter(), to="alatau@1450.test")
    assert (second.state, second.reason, second.ticket_id) == (
        MailState.REJECTED,
        Rejection.DUPLICATE.value,
        first.ticket_id,
    )
    assert session().query(Message).count() == 1


def test_an_answer_with_our_token_joins_its_ticket_whoever_sends_it(town: Town) -> None:
    first = came(letter())
    token = message_id(settings.current().ticket_key, first.ticket_id or 0, 7, "1450.test")
    answer = letter("Класс 5 Б", "Папа <papa@elsewhere.test>", "Re: Вход", "2", f"In-Reply-To: {token}\n")
    second = came(answer)
    assert (second.state, second.ticket_id) == (MailState.JOINED, first.ticket_id)


def test_a_number_in_the_subject_joins_only_for_the_requesters_own_address(town: Town) -> None:
    first = came(letter())
    number = session().get_one(Ticket, first.ticket_id).number
    own = came(letter("Ещё одно", subject=f"Обращение {number}", ident="2"))
    stranger = came(letter("А что там?", "Чужой <other@elsewhere.test>", f"Обращение {number}", "3"))
    assert (own.state, own.ticket_id) == (MailState.JOINED, first.ticket_id)
    assert stranger.state is MailState.FILED
    assert stranger.ticket_id != first.ticket_id


def test_a_token_of_a_ticket_that_is_gone_opens_a_new_one(town: Town) -> None:
    token = message_id(settings.current().ticket_key, 999_999, 7, "1450.test")
    assert came(letter(headers=f"In-Reply-To: {token}\n")).state is MailState.FILED


def test_a_letter_that_tells_no_language_is_in_the_language_of_its_sender(town: Town) -> None:
    raw = came(letter("123", subject="456"))
    assert session().get_one(Ticket, raw.ticket_id).language == "ru"


def test_a_machines_letter_opens_nothing_and_says_why(town: Town) -> None:
    raw = came(letter(headers="Auto-Submitted: auto-replied\n"))
    assert (raw.state, raw.reason, raw.ticket_id) == (MailState.REJECTED, "automatic", None)
    assert session().query(Ticket).count() == 0


def test_a_file_is_attached_by_its_content(town: Town) -> None:
    came((LETTERS / "rfc2231_name.eml").read_bytes())
    file = session().query(Attachment).one()
    assert files.get(settings.current().var_dir, file.digest).startswith(b"\x89PNG")


def test_an_answer_lets_a_waiting_ticket_go_on(town: Town) -> None:
    first = came(letter())
    with transaction():
        ticket = session().get_one(Ticket, first.ticket_id)
        ticket.state = TicketState.WAITING_REQUESTER
    number = ticket.number
    came(letter("5 Б", subject=f"Re: {number}", ident="2"))
    assert session().get_one(Ticket, first.ticket_id).state is TicketState.OPEN


def test_a_letter_that_cannot_be_read_is_left_to_a_person_and_holds_up_no_other(town: Town) -> None:
    with transaction():
        broken = mailroom.store(letter(ident="1"), "elena@parents.test", ["905@1450.test"])
        sound = mailroom.store(letter(ident="2"), "elena@parents.test", ["905@1450.test"])
        # a real failure: a file stands where the folder of the attachments ought to be
        with_file = mailroom.store((LETTERS / "rfc2231_name.eml").read_bytes(), "a@b.test", ["905@1450.test"])
    house = settings.current()
    blocked = house.var_dir.parent / "blocked"
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("no folder")
    settings.install(house.model_copy(update={"var_dir": blocked}))
    try:
        file_mail([broken, with_file, sound])
    finally:
        settings.install(house)
        blocked.unlink()
    session().expire_all()
    states = [session().get_one(RawMail, id_).state for id_ in (broken, sound, with_file)]
    assert states == [MailState.FILED, MailState.FILED, MailState.UNREADABLE]
    assert "NotADirectoryError" in session().get_one(RawMail, with_file).reason
    with transaction():
        mailroom.read_again(with_file, staff(town.admin.id))
    file_mail([with_file])
    session().expire_all()
    assert session().get_one(RawMail, with_file).state is MailState.FILED


def test_a_letter_that_keeps_killing_its_reader_is_put_aside(town: Town) -> None:
    with transaction():
        raw_id = mailroom.store(letter(), "elena@parents.test", ["905@1450.test"])
    for _ in range(mailroom.MOST_ATTEMPTS):
        with transaction():
            assert mailroom.begin(raw_id)
    file_mail([raw_id])
    session().expire_all()
    raw = session().get_one(RawMail, raw_id)
    assert (raw.state, raw.reason) == (MailState.UNREADABLE, mailroom.BROKE_THE_READER)


def test_only_a_letter_that_was_put_aside_is_read_again(town: Town) -> None:
    raw = came(letter())
    with pytest.raises(Conflict), transaction():
        mailroom.read_again(raw.id, staff(town.admin.id))


def test_reading_a_letter_twice_changes_nothing(town: Town) -> None:
    raw = came(letter())
    file_mail([raw.id])
    assert session().query(Ticket).count() == session().query(Message).count() == 1


def test_everything_received_is_filed_joined_rejected_waiting_or_unreadable(
    town: Town, run_jobs: Callable[[], None]
) -> None:
    came(letter(ident="1"))
    came(letter("Спам", headers="Precedence: bulk\n", ident="2"))
    with transaction():
        for file in sorted(LETTERS.glob("*.eml")):
            mailroom.store(file.read_bytes(), "asel@parents.test", ["905@1450.test"])
    before = ledger(known(town.asel.id), clock.now())
    run_jobs()
    session().expire_all()
    after = ledger(known(town.asel.id), clock.now())
    assert sum(before.values()) == sum(after.values()) == session().query(RawMail).count()
    assert before[MailState.WAITING] > 40
    assert (after[MailState.WAITING], after[MailState.UNREADABLE]) == (0, 0)
    assert after[MailState.REJECTED] == 10


def test_a_desk_sees_the_letters_to_its_own_mailboxes_only(town: Town) -> None:
    rejected = came(letter(headers="Precedence: bulk\n"))
    filed = came(letter(ident="2"))
    general = came(letter(headers="Precedence: bulk\n", ident="3"), to="1450@1450.test")
    ids = {rejected.id, filed.id}
    assert {raw.id for raw in mails(known(town.erlan.id)).rows} == ids
    assert {raw.id for raw in mails(known(town.asel.id)).rows} == {*ids, general.id}
    assert mails(known(town.bekzat.id)).rows == []
    with pytest.raises(NotFound):
        mail_for(known(town.erlan.id), general.id)
    with pytest.raises(NotFound):
        mail_for(known(town.bekzat.id), rejected.id)


def test_letters_are_listed_by_pages_without_their_content(town: Town) -> None:
    for number in range(5):
        came(letter(ident=f"n{number}"))
    first = mails(known(town.asel.id), limit=3)
    second = mails(known(town.asel.id), before=first.next, limit=3)
    ids = [raw.id for raw in (*first.rows, *second.rows)]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), second.next) == (5, None)
    session().expire_all()
    with counted_statements() as sent:
        mails(known(town.asel.id))
    assert not any("raw_mails.content" in statement for statement in sent)


def test_an_answer_finds_the_letters_message_id_and_address_in_the_journal(town: Town, set_clock: SetClock) -> None:
    raw = came(letter())
    entry = session().query(JournalEntry).filter_by(kind="mail.filed").one()
    assert entry.ticket_id == raw.ticket_id
    assert entry.details["message_id"] == "<1@parents.test>"
    assert entry.details["address_id"] == town.elena.emails[0].id
