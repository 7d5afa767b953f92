"""Every kind of letter that people, programs and enemies send, byte for byte: none is lost, none breaks the house."""

import hashlib
from datetime import UTC, datetime

import pytest

from helpdesk.identity.queries import asker
from helpdesk.intake import mailroom
from helpdesk.intake.email import Incoming, PostOffice, read
from helpdesk.intake.models import MailState, RawMail
from helpdesk.intake.queries import ledger
from helpdesk.jobs.mail import file_mail
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import session, transaction
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.thread_token import message_id
from tests.intake.corpus import enclosed, encodings, frames, machines, quoted
from tests.intake.corpus.written import NUMBER, TOKEN, Case
from tests.people import Town

KINDS = encodings.KINDS | frames.KINDS | enclosed.KINDS | machines.KINDS | quoted.KINDS
CASES = [case for cases in KINDS.values() for case in cases]
KEY = "another key for tests, long enough"
RECEIVED = datetime(2026, 11, 20, 9, 5, tzinfo=UTC)


class Shelf(dict[str, bytes]):
    """Files that were taken over, by their digest."""

    def keep(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        self[digest] = content
        return digest


def filled(case: Case, ticket_id: int = 41, number: str = "26-000001-9") -> bytes:
    """The letter, naming that ticket where it names one."""
    return case.raw.replace(TOKEN, message_id(KEY, ticket_id, 7, "1450.test").encode()).replace(NUMBER, number.encode())


def opened(case: Case, shelf: Shelf) -> object:
    office = PostOffice({"905@1450.test": 905}, {"905@1450.test", "1450@1450.test"}, KEY, shelf.keep)
    return read(filled(case), case.envelope_from, ["905@1450.test"], RECEIVED, office)


def test_there_are_enough_letters_of_every_kind() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 150
    assert {kind: len(cases) for kind, cases in KINDS.items() if len(cases) < 3} == {}
    assert len(frames.huge()) >= 3


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.becomes in ("filed", "joined")], ids=lambda case: case.name
)
def test_a_letter_is_read_as_it_was_meant(case: Case) -> None:
    found = opened(case, Shelf())
    assert isinstance(found, Incoming), found
    text, _, note = found.text.partition("\n\n[")
    subject = case.subject.replace("NUMBER", "26-000001-9").replace("TOKEN", message_id(KEY, 41, 7, "1450.test"))
    assert text == case.text
    assert found.quoted.startswith(case.cut)
    assert bool(found.quoted) == bool(case.cut), found.quoted
    assert (found.subject, found.language, found.emails) == (subject, case.language, (case.sender,))
    assert tuple(file.name for file in found.files) == case.files
    assert bool(note) == bool(case.note), note
    assert all(name in note for name in case.note), note


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.becomes not in ("filed", "joined", "duplicate")], ids=lambda case: case.name
)
def test_a_letter_that_opens_no_ticket_says_why(case: Case) -> None:
    assert opened(case, Shelf()) == case.becomes


@pytest.mark.parametrize("case", frames.huge(), ids=lambda case: case.name)
def test_a_letter_of_thirty_megabytes_is_read(case: Case) -> None:
    shelf = Shelf()
    found = opened(case, shelf)
    assert len(case.raw) > 25_000_000
    assert isinstance(found, Incoming)
    assert found.text.startswith(case.text)
    assert tuple(file.name for file in found.files) == case.files
    assert ("[" in found.text) == bool(case.note)


@pytest.mark.timeout(30)
def test_frames_beyond_any_parser_keep_their_words() -> None:
    case = Case("three_thousand_levels", frames.head("deep") + frames.deep(3000))
    found = opened(case, Shelf())
    assert isinstance(found, Incoming)
    assert frames.WORDS in found.text


def test_photos_lose_what_tells_where_they_were_taken() -> None:
    for name in ("photo_from_a_phone", "picture_that_names_a_place"):
        shelf = Shelf()
        opened(next(case for case in CASES if case.name == name), shelf)
        [content] = shelf.values()
        assert b"76.8897" not in content


def test_the_whole_corpus_through_the_house_balances_and_loses_nothing(town: Town, set_clock: object) -> None:
    """Filed, joined and rejected as expected, each once; nothing waits and nothing is unreadable."""
    first = _received("Первое", "asel@parents.test", b"From: asel@parents.test\r\nSubject: first\r\n\r\nFirst of all")
    ticket = session().get_one(Ticket, session().get_one(RawMail, first).ticket_id)
    expected, ids = {}, {}
    with transaction():
        for case in CASES:
            raw = filled(case, ticket.id, ticket.number)
            ids[case.name] = mailroom.store(raw, case.envelope_from, ["905@1450.test"])
            expected[case.name] = case.becomes
    left = sorted(ids.values())
    while left:
        file_mail(left)
        session().expire_all()
        left = list(session().scalars(_waiting()))
    became = {}
    for name, raw_id in ids.items():
        raw = session().get_one(RawMail, raw_id)
        became[name] = raw.reason if raw.state in (MailState.REJECTED, MailState.UNREADABLE) else raw.state.value
    assert {name: (became[name], why) for name, why in expected.items() if became[name] != why} == {}
    asel = asker(town.asel.id)
    assert asel is not None
    counts = ledger(asel, clock.now())
    assert sum(counts.values()) == len(ids) + 1 == session().query(RawMail).count()
    assert counts[MailState.WAITING] == counts[MailState.UNREADABLE] == 0
    said = session().query(Message).filter(Message.raw_mail_id.is_not(None)).count()
    assert said == counts[MailState.FILED] + counts[MailState.JOINED]
    for file in session().query(Attachment):
        assert store.path(settings.current().var_dir, file.digest).exists()


def _waiting() -> object:
    return session().query(RawMail.id).filter(RawMail.state == MailState.WAITING).statement


def _received(_why: str, sender: str, raw: bytes) -> int:
    with transaction():
        raw_id = mailroom.store(raw, sender, ["905@1450.test"])
    file_mail([raw_id])
    session().expire_all()
    return raw_id
