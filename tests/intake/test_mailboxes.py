"""Letters out of mailboxes elsewhere, on a real IMAP server: each once, whatever breaks between us."""

import socket
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from helpdesk.identity.queries import Asker, asker
from helpdesk.intake import imap, mailboxes
from helpdesk.intake.mailbox_queries import counts, due_mailboxes, mailbox_for
from helpdesk.intake.mailbox_rules import Encryption, next_visit
from helpdesk.intake.mailboxes import Wanted, handed_over_by
from helpdesk.intake.models import Mailbox, MailState, RawMail
from helpdesk.jobs import mailboxes as job
from helpdesk.jobs.mail import file_mail
from helpdesk.kernel import clock, failpoints, sealed, settings
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.intake.corpus.written import plain
from tests.intake.dovecot import PASSWORD, Dovecot, slow
from tests.people import Town

__all__ = ["slow"]


@pytest.fixture
def admin(town: Town, set_clock: SetClock) -> Asker:
    set_clock.at = datetime.now(UTC)  # the server's letters arrive now
    found = asker(town.admin.id)
    assert found is not None
    return found


@pytest.fixture
def silent() -> Iterator[int]:
    """A server that takes every call and never says a word; its port."""
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        ear.listen(50)
        yield ear.getsockname()[1]


def wanted(name: str, of_desk: int, on_port: int, **changes: object) -> Wanted:
    values: dict[str, object] = {
        "address": f"{name}@school.test",
        "desk_id": of_desk,
        "host": "127.0.0.1",
        "port": on_port,
        "encryption": Encryption.NONE,
        "login": name,
        "password": PASSWORD,
        "folder": "INBOX",
    }
    return Wanted(**(values | changes))  # type: ignore[arg-type]


Box = Callable[..., Mailbox]


@pytest.fixture
def box(admin: Asker, town: Town, dovecot: Dovecot, request: pytest.FixtureRequest) -> Box:
    """A mailbox on the server, written down here too; its login carries the test's name."""

    def do(short: str = "a", **changes: object) -> Mailbox:
        name = f"{short}-{abs(hash(request.node.name)) % 10**8}"
        dovecot.people(name)
        with transaction():
            return mailboxes.add(admin, wanted(name, town.school905.id, dovecot.port, **changes))

    return do


def letter(ident: str, text: str = "Не могу войти в дневник сына") -> bytes:
    return plain(ident, text)


def visit(set_clock: SetClock | None = None) -> None:
    """One round of the clock, and its job."""
    job.fetch(list(due_mailboxes()))
    session().rollback()
    session().expire_all()


def kept() -> list[bytes]:
    session().rollback()
    return [bytes(raw.content) for raw in session().scalars(select(RawMail).order_by(RawMail.id))]


def test_a_new_letter_becomes_a_ticket_of_the_desk(box: Box, dovecot: Dovecot, town: Town) -> None:
    mine = box()
    visit()
    dovecot.deliver(mine.login, letter("1"))
    mine = _due_again(mine)
    visit()
    [raw] = session().scalars(select(RawMail)).all()
    assert (bytes(raw.content), raw.envelope_to, raw.envelope_from) == (
        letter("1"),
        [mine.address],
        "asel@parents.test",
    )
    file_mail([raw.id])
    session().expire_all()
    assert session().scalars(select(Ticket)).one().desk_id == town.school905.id
    visit()
    assert len(kept()) == 1


def test_letters_that_somebody_has_read_already_are_fetched_too(box: Box, dovecot: Dovecot) -> None:
    mine = box()
    dovecot.deliver(mine.login, letter("1"), seen=True)
    visit()
    assert kept() == [letter("1")]


def test_of_an_old_mailbox_only_what_came_since_it_was_written_down_is_taken(box: Box, dovecot: Dovecot) -> None:
    mine = box()
    for number in range(30):
        dovecot.deliver(mine.login, letter(f"old{number}"), at=time.time() - 9 * 86400, seen=True)
    dovecot.deliver(mine.login, letter("new"))
    visit()
    assert kept() == [letter("new")]


def test_an_old_mailbox_gives_everything_when_that_is_wanted(box: Box, dovecot: Dovecot) -> None:
    mine = box(takes_old=True)
    for number in range(60):
        dovecot.deliver(mine.login, letter(f"old{number}"), at=time.time() - 9 * 86400, seen=True)
    visit()
    assert len(kept()) == 60


def test_after_five_days_away_nothing_is_missing(box: Box, dovecot: Dovecot, set_clock: SetClock) -> None:
    mine = box()
    visit()
    for day in range(5):
        for number in range(3):
            dovecot.deliver(mine.login, letter(f"{day}.{number}"), seen=number == 1)
    set_clock.forward(days=5)
    visit()
    assert kept() == [letter(f"{day}.{number}") for day in range(5) for number in range(3)]


def test_a_long_absence_is_made_up_for_in_several_visits(
    box: Box, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "LETTERS_A_VISIT", 4)
    mine = box()
    for number in range(10):
        dovecot.deliver(mine.login, letter(str(number)))
    for come in (4, 8, 10):
        visit()
        assert len(kept()) == come
    session().expire_all()
    assert session().get_one(Mailbox, mine.id).next_attempt_at > clock.now()


def test_another_numbering_of_the_same_letters_doubles_none_and_loses_none(box: Box, dovecot: Dovecot) -> None:
    mine = box()
    for number in range(3):
        dovecot.deliver(mine.login, letter(str(number)))
    visit()
    before = session().get_one(Mailbox, mine.id).uid_validity
    time.sleep(1.1)  # the server numbers by seconds
    dovecot.number_anew(mine.login)
    dovecot.deliver(mine.login, letter("3"))
    _due_again(mine)
    visit()
    assert session().get_one(Mailbox, mine.id).uid_validity != before
    assert sorted(kept()) == [letter(str(number)) for number in range(4)]


def test_whoever_dies_with_a_letter_in_hand_is_followed_by_another(
    box: Box, dovecot: Dovecot, set_clock: SetClock
) -> None:
    mine = box()
    dovecot.deliver(mine.login, letter("1"))

    def die() -> None:
        raise KeyboardInterrupt

    with failpoints.armed("mailbox.fetched", die), pytest.raises(KeyboardInterrupt):
        visit()
    assert kept() == []
    assert due_mailboxes() == [], "nobody else visits it meanwhile"
    set_clock.forward(minutes=2)
    visit()
    assert kept() == [letter("1")]


def test_a_dead_and_a_silent_mailbox_stop_no_other(
    box: Box, dovecot: Dovecot, silent: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("helpdesk.intake.imap.PATIENCE_SECONDS", 3.0)
    dead, mute, wrong = box("dead", port=9), box("mute", port=silent), box("wrong", password="another")
    sound = [box(f"s{number}") for number in range(17)]
    for one in sound:
        dovecot.deliver(one.login, letter(one.login))
    visit()
    assert len(kept()) == 17
    said = {one.id: session().get_one(Mailbox, one.id) for one in (dead, mute, wrong)}
    assert all(one.failures == 1 and one.last_error and one.next_attempt_at > clock.now() for one in said.values())
    assert "refused" in said[dead.id].last_error
    assert "timed out" in said[mute.id].last_error
    assert "AUTHENTICATIONFAILED" in said[wrong.id].last_error
    assert all(session().get_one(Mailbox, one.id).last_error == "" for one in sound)


def test_a_server_whose_words_trickle_is_cut_off(box: Box, slow: int) -> None:
    mine = box("slow", port=slow)
    began = time.monotonic()
    with pytest.raises(imap.MailboxAway), imap.opened(mailboxes.errand(mine).access, visit_seconds=1.5):
        raise AssertionError("it was opened")
    assert time.monotonic() - began < 30


def test_a_folder_may_have_a_name_of_our_letters(box: Box, dovecot: Dovecot, admin: Asker) -> None:
    mine = box("folder", folder="Мектеп & күнделік")
    visit()
    assert "Mailbox doesn't exist: Мектеп & күнделік" in session().get_one(Mailbox, mine.id).last_error


def test_the_longer_a_mailbox_fails_the_later_it_is_tried_and_never_given_up() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    waits = [(next_visit(now, failures) - now).total_seconds() / 60 for failures in (1, 2, 3, 4, 5, 500)]
    assert waits == [1, 2, 5, 10, 15, 15]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"Return-Path: <>\r\nFrom: a@b.test\r\n", ""),
        (b"Return-Path: <Asel@Parents.Test>\r\nFrom: a@b.test\r\n", "asel@parents.test"),
        (b"From: A <a@b.test>\r\n", "a@b.test"),
        (b"Subject: x\r\n", "?"),
        (b"Return-Path: nonsense\r\n", "nonsense"),
    ],
)
def test_the_envelope_is_what_the_delivering_server_wrote_down(head: bytes, expected: str) -> None:
    assert handed_over_by(head + b"\r\nx") == expected


def test_a_password_lies_sealed_and_opens_under_our_key_alone(box: Box) -> None:
    mine = box()
    assert PASSWORD not in mine.password
    assert sealed.unseal(settings.current().ticket_key, mailboxes.PURPOSE, mine.password) == PASSWORD
    for key, purpose in (("another key", mailboxes.PURPOSE), (settings.current().ticket_key, "other")):
        with pytest.raises(sealed.BrokenSeal):
            sealed.unseal(key, purpose, mine.password)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "no address"}, "address"),
        ({"desk_id": None}, "desk_text"),
        ({"desk_id": 999_999}, "desk_text"),
        ({"address": "alatau@1450.test"}, "address"),
        ({"host": "https://x/"}, "host"),
        ({"port": 0}, "port"),
        ({"port": None}, "port"),
        ({"login": "a\r\nb LOGOUT"}, "login"),
        ({"folder": ""}, "folder"),
        ({"password": ""}, "password"),
    ],
)
def test_what_is_written_wrong_is_named(admin: Asker, town: Town, change: dict[str, object], field: str) -> None:
    with pytest.raises(Refused) as refused, transaction():
        mailboxes.add(admin, wanted("x", town.school905.id, 993, **change))
    assert refused.value.field == field


def test_in_production_no_password_travels_open(admin: Asker, town: Town) -> None:
    house = settings.current()
    settings.install(house.model_copy(update={"environment": "production"}))
    try:
        with pytest.raises(Refused) as refused, transaction():
            mailboxes.add(admin, wanted("x", town.school905.id, 143))
    finally:
        settings.install(house)
    assert refused.value.field == "encryption"


def test_one_folder_is_fetched_by_one_row(admin: Asker, town: Town) -> None:
    with transaction():
        mailboxes.add(admin, wanted("x", town.school905.id, 143))
    with pytest.raises(Refused) as refused, transaction():
        mailboxes.add(admin, wanted("x", town.school905.id, 993))
    assert refused.value.field == "login"


def test_somebody_elses_mailbox_does_not_exist(admin: Asker, town: Town) -> None:
    with transaction():
        mine = mailboxes.add(admin, wanted("x", town.school905.id, 143))
    for person in (town.erlan, town.bekzat, town.asel):
        stranger = asker(person.id)
        assert stranger is not None
        with pytest.raises(NotFound):
            mailbox_for(stranger, mine.id)


def test_the_letters_of_each_mailbox_add_up(box: Box, dovecot: Dovecot) -> None:
    mine = box()
    dovecot.deliver(mine.login, letter("1"))
    dovecot.deliver(mine.login, plain("2", "Отпуск", more="Auto-Submitted: auto-replied"))
    dovecot.deliver(mine.login, letter("3", "Другое"))
    visit()
    file_mail([session().scalars(select(RawMail.id).order_by(RawMail.id)).all()[0]])
    file_mail([session().scalars(select(RawMail.id).order_by(RawMail.id)).all()[1]])
    found = counts([mine.address], clock.now().replace(year=2000))[mine.address]
    assert found == {
        MailState.WAITING: 1,
        MailState.FILED: 1,
        MailState.JOINED: 0,
        MailState.REJECTED: 1,
        MailState.UNREADABLE: 0,
    }


def _due_again(mine: Mailbox) -> Mailbox:
    with transaction():
        found = session().get_one(Mailbox, mine.id, populate_existing=True)
        found.next_attempt_at = clock.now()
    return found
