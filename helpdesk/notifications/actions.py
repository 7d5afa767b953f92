"""Write to somebody, and keep account of what left: a row first, the sending after its commit."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import or_, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, SYSTEM, Actor
from helpdesk.identity.models import Staff
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import spoken
from helpdesk.notifications import letters, queries, sms
from helpdesk.notifications.models import Letter
from helpdesk.notifications.queries import Recipient
from helpdesk.notifications.rules import (
    AUTOMATIC,
    LEASE,
    MOST_AUTOMATIC_AN_HOUR,
    Kind,
    LetterState,
    Medium,
    is_mobile,
    medium,
    next_attempt,
)
from helpdesk.organizations.queries import desk
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.thread_token import message_id

log = structlog.get_logger()


def write(
    kind: Kind,
    ticket: Ticket,
    dedupe_key: str,
    *,
    text: str = "",
    has_files: bool = False,
    at: datetime | None = None,
    number: str | None = None,
) -> int | None:
    """Queue a letter or an SMS about a ticket, by the way that its requester wants; returns the letter's id.

    None when there is no way to reach them, or the same was written before (`dedupe_key`: a reaction may run twice).
    `text` are the operator's words, `at` the moment of a callback; `number` makes it an SMS to that number.
    """
    to = Recipient(mobile=number if is_mobile(number) else None) if number else queries.recipient(ticket)
    by = medium(to.wishes(ticket), ticket.channel.value, bool(to.email), bool(to.mobile))
    if by is None or (by is Medium.EMAIL and kind is Kind.SECRET):  # the first letter by e-mail names the secret
        return None
    if by is Medium.EMAIL and kind in AUTOMATIC and _is_a_loop(to.email or ""):
        log.warning("no further automatic letter to this address for now", ticket_id=ticket.id, template=kind.value)
        return None
    at_desk = desk(ticket.desk_id)
    about = letters.About(
        number=ticket.number,
        subject=ticket.subject,
        link=f"{settings.current().public_base_url}/{ticket.language}/t/{letters.TOKEN}",
        secret=letters.SECRET,
        desk=at_desk.organization.name(ticket.language),
        due_at=ticket.resolution_due_at,
        text=text,
        has_files=has_files,
        at=at,
    )
    zone = ZoneInfo(at_desk.organization.zone)
    values: dict[str, object]
    if by is Medium.EMAIL:
        subject, body = letters.write(kind, about, ticket.language, zone)
        values = {"address": to.email, "subject": subject, "body": body, "in_reply_to": to.in_reply_to or None}
    else:
        body = _short(kind, about, ticket.language, zone)
        parts = sms.segments(letters.filled(body, ticket.id))
        values = {"address": to.mobile, "subject": "", "body": body, "segments": parts}
    return _queue(kind, by, ticket, dedupe_key, values)


def alert(person: Staff, ticket: Ticket, dedupe_key: str, at: datetime) -> None:
    """Tell a supervisor that a child is in danger: by SMS where there is a mobile number, and by e-mail. At any hour.

    The same `dedupe_key` again writes nothing.
    """
    at_desk = desk(ticket.desk_id)
    about = letters.About(
        number=ticket.number,
        subject=ticket.subject,
        link=f"{settings.current().public_base_url}/alarms",
        secret="",
        desk=at_desk.organization.name(person.language),
        at=at,
    )
    zone = ZoneInfo(at_desk.organization.zone)
    mine: dict[str, object] = {"language": person.language}
    if is_mobile(person.mobile or ""):
        body = _short(Kind.ALARM, about, person.language, zone)
        values = mine | {"address": person.mobile, "body": body, "segments": sms.segments(body)}
        _queue(Kind.ALARM, Medium.SMS, ticket, f"{dedupe_key}:sms", values)
    subject, body = letters.write(Kind.ALARM, about, person.language, zone)
    values = mine | {"address": person.email, "subject": subject, "body": body}
    _queue(Kind.ALARM, Medium.EMAIL, ticket, f"{dedupe_key}:email", values)


def _short(kind: Kind, about: letters.About, language: str, zone: ZoneInfo) -> str:
    with spoken(language, zone):
        return sms.fill(
            kind,
            language,
            no=about.number,
            url=about.link,
            secret=about.secret,
            due=letters.short_moment(about.due_at),
            time=letters.short_moment(about.at),
        )


def _queue(kind: Kind, by: Medium, ticket: Ticket, dedupe_key: str, values: dict[str, object]) -> int | None:
    now = clock.now()
    row = {
        "medium": by,
        "template": kind.value,
        "language": ticket.language,
        "ticket_id": ticket.id,
        "dedupe_key": dedupe_key,
        "state": LetterState.PENDING,
        "attempts": 0,
        "error": "",
        "created_at": now,
        "next_attempt_at": now,
        **values,
    }
    made = insert(Letter).values(row).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(Letter.id)
    letter_id = session().execute(made).scalar()
    if letter_id is None:
        return None
    if by is Medium.EMAIL:
        house = settings.current()
        token = message_id(house.ticket_key, ticket.id, letter_id, house.mail_domain)
        session().execute(update(Letter).where(Letter.id == letter_id).values(message_id=token))
    journal.note(
        "letter.queued",
        by=SYSTEM,
        ticket_id=ticket.id,
        desk_id=ticket.desk_id,
        letter_id=letter_id,
        medium=by.value,
        template=kind.value,
    )
    return letter_id


def _is_a_loop(address: str) -> bool:
    since = clock.now() - timedelta(hours=1)
    return queries.automatic_letters(address, since) >= MOST_AUTOMATIC_AN_HOUR


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


def claim(letter_id: int) -> Parcel | None:
    """Take a due letter to be sent now; None when it is not due, or somebody else has taken it.

    The claim lapses after LEASE: a sender that died in between is followed by another, with the same Message-ID.
    """
    now = clock.now()
    due = update(Letter).where(
        Letter.id == letter_id,
        Letter.state.in_([LetterState.PENDING, LetterState.SENDING]),
        Letter.next_attempt_at <= now,
    )
    taken = due.values(state=LetterState.SENDING, attempts=Letter.attempts + 1, next_attempt_at=now + LEASE)
    letter = session().scalars(taken.returning(Letter)).first()
    if letter is None:
        return None
    desk_id = queries.desk_of(letter.ticket_id)
    return Parcel(
        letter_id=letter.id,
        medium=letter.medium,
        kind=letter.template,
        language=letter.language,
        address=letter.address,
        subject=letter.subject,
        body=letters.filled(letter.body, letter.ticket_id),
        message_id=letter.message_id or "",
        in_reply_to=letter.in_reply_to or "",
        sender_name=f"1450 · {desk(desk_id).organization.short(letter.language)}" if desk_id else "1450",
        reply_to=queries.mailbox_of(desk_id),
    )


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


def hear_of(letter_id: int, status: str, error: str = "") -> None:
    """What the carrier says about an SMS ("sent", "delivered", "undelivered", "failed"); may come twice or late."""
    final = {"delivered": LetterState.DELIVERED, "undelivered": LetterState.FAILED, "failed": LetterState.FAILED}
    state = final.get(status)
    if state is None:
        return
    known = or_(Letter.state == LetterState.SENT, Letter.state == LetterState.SENDING)
    heard = update(Letter).where(Letter.id == letter_id, Letter.medium == Medium.SMS, known)
    letter = session().scalars(heard.values(state=state, error=error[:300]).returning(Letter)).first()
    if letter is not None and state is LetterState.FAILED:
        _note_failed(letter, CARRIER)


def _note_failed(letter: Letter, by: Actor = SYSTEM) -> None:
    journal.note(
        "letter.failed",
        by=by,
        ticket_id=letter.ticket_id,
        desk_id=queries.desk_of(letter.ticket_id),
        letter_id=letter.id,
        medium=letter.medium.value,
        template=letter.template,
    )
