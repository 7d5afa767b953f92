"""What is written leaves: claimed, handed over, and accounted for by what the other side says."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, SYSTEM, Actor
from helpdesk.contacts import actions as contacts
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.notifications import letters, queries, staff_letters
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import (
    LEASE,
    LEFT,
    SAME_TEXT_WITHIN,
    UNSENT,
    Kind,
    LetterState,
    Medium,
    next_attempt,
)
from helpdesk.organizations.queries import desk

# The family of locks on numbers that get an SMS.
ADDRESSES = 1451

# What the carrier says of an SMS that it has taken and not yet delivered.
TAKEN = frozenset({"accepted", "scheduled", "queued", "sending", "sent"})
LOST = frozenset({"undelivered", "failed"})
# Of a carrier (30003) or of a mail server (5.1.1).
_CODE = re.compile(r"\d[\d.]{0,12}")


@dataclass(frozen=True)
class Enclosure:
    """A file that travels with a letter; its content lies in the store under `digest`."""

    name: str
    content_type: str
    digest: str


@dataclass(frozen=True)
class Parcel:
    """All that is needed to send one letter, taken out of the database."""

    letter_id: int
    medium: Medium
    kind: str
    language: str
    address: str
    subject: str
    body: str
    message_id: str
    in_reply_to: str
    sender_name: str
    reply_to: str
    enclosed: tuple[Enclosure, ...] = ()


def claim(letter_id: int) -> Parcel | None:
    """Take a due letter to be sent now; None when it is not due, is not to leave, or somebody else has taken it.

    The claim lapses after LEASE: a sender that died in between is followed by another, with the same Message-ID. An SMS
    does not leave in the quiet hours of its desk, nor when the same text has just left to the same number.
    """
    letter = session().get(Letter, letter_id, with_for_update=True, populate_existing=True)
    now = clock.now()
    if letter is None or letter.state not in UNSENT or letter.next_attempt_at > now:
        return None
    desk_id = queries.desk_of(letter.ticket_id)
    if letter.medium is Medium.SMS and letter.template != Kind.ALARM:
        leaves_at = queries.leaves_at(desk_id, now) if desk_id else now
        if leaves_at > now:
            letter.state, letter.next_attempt_at = LetterState.PENDING, leaves_at
            session().flush()
            return None
        if _left_lately(letter, now):
            letter.state = LetterState.DOUBLED
            session().flush()
            return None
    letter.state, letter.attempts, letter.next_attempt_at = LetterState.SENDING, letter.attempts + 1, now + LEASE
    session().flush()
    return Parcel(
        letter_id=letter.id,
        medium=letter.medium,
        kind=letter.template,
        language=letter.language,
        address=letter.address,
        subject=letter.subject,
        body=staff_letters.filled(letters.filled(letter.body, letter.ticket_id)),
        message_id=letter.message_id or "",
        in_reply_to=letter.in_reply_to or "",
        sender_name=f"1450 · {desk(desk_id).organization.short(letter.language)}" if desk_id else "1450",
        reply_to=queries.mailbox_of(desk_id),
        enclosed=_enclosed(letter),
    )


def _enclosed(letter: Letter) -> tuple[Enclosure, ...]:
    if letter.carries_id is None:
        return ()
    files = queries.messages([letter.carries_id])[letter.carries_id].attachments
    return tuple(Enclosure(one.name, one.content_type, one.digest) for one in files)


def _left_lately(letter: Letter, now: datetime) -> bool:
    """Whether the same text has left to the same number, or is just leaving. One sender at a time asks about one."""
    session().execute(select(func.pg_advisory_xact_lock(func.hashtextextended(letter.address, ADDRESSES))))
    return queries.left_since(letter, now - SAME_TEXT_WITHIN)


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt. PENDING: try again later; the error says why."""

    state: LetterState
    error: str = ""
    provider_sid: str | None = None


def settle(letter_id: int, outcome: Outcome) -> None:
    """Record what came of a claimed letter; a known success is never sent again."""
    now = clock.now()
    letter = session().get(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter is None or letter.state is not LetterState.SENDING:
        return
    letter.state, letter.error = outcome.state, outcome.error[:300]
    letter.provider_sid = outcome.provider_sid or letter.provider_sid
    if outcome.state is LetterState.PENDING:
        at = next_attempt(letter.created_at, now, letter.attempts)
        letter.state = LetterState.PENDING if at else LetterState.FAILED
        letter.next_attempt_at = at or letter.next_attempt_at
    elif outcome.state in (LetterState.SENT, LetterState.KEPT):
        letter.sent_at = now
    if letter.state is LetterState.FAILED:
        _note_failed(letter)
    session().flush()


def hear_of(letter_id: int, status: str, error: str = "", sid: str = "") -> None:
    """What the carrier says about an SMS ("sent", "delivered", "undelivered", "failed"); may come twice or late.

    Whatever it says of a message, it has taken it: one whose answer was lost on the way to us is not sent again.
    """
    letter = session().get(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter is None or letter.medium is not Medium.SMS:
        return
    if status in LOST:
        _not_delivered(letter, error, sid)
    elif letter.state in UNSENT | {LetterState.SENT} and status in TAKEN | {"delivered"}:
        letter.state = LetterState.DELIVERED if status == "delivered" else LetterState.SENT
        letter.error, letter.provider_sid = "", letter.provider_sid or sid or None
        letter.sent_at = letter.sent_at or clock.now()
    session().flush()


def came_back(letter_id: int, status: str) -> None:
    """A letter that the next server had taken came back for good. A second time changes nothing."""
    letter = session().get(Letter, letter_id, with_for_update=True, populate_existing=True)
    if letter is None or letter.medium is not Medium.EMAIL or letter.state not in LEFT:
        return
    letter.state, letter.error = LetterState.FAILED, status
    contacts.letters_come_back_from(letter.address)
    _note_failed(letter)
    session().flush()


def _not_delivered(letter: Letter, error: str, sid: str) -> None:
    """A word about an earlier try of the same text says nothing of the one that followed it."""
    another = letter.provider_sid is not None and sid not in ("", letter.provider_sid)
    if letter.state in (LetterState.SENDING, LetterState.SENT) and not another:
        letter.state, letter.error = LetterState.FAILED, error[:300]
        _note_failed(letter, CARRIER)


def _note_failed(letter: Letter, by: Actor = SYSTEM) -> None:
    """The journal gets the other side's number of the reason alone: its words may name the telephone."""
    code = letter.error.split(" ")[0]
    journal.note(
        "letter.failed",
        by=by,
        ticket_id=letter.ticket_id,
        desk_id=queries.desk_of(letter.ticket_id),
        letter_id=letter.id,
        medium=letter.medium.value,
        template=letter.template,
        code=code if _CODE.fullmatch(code) else None,
    )
