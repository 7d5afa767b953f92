"""Write to somebody: a row first, the sending (sending.py) after its commit."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM
from helpdesk.identity.models import Staff
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import spoken
from helpdesk.notifications import letters, queries, sms
from helpdesk.notifications.models import Letter
from helpdesk.notifications.queries import Recipient
from helpdesk.notifications.rules import (
    AUTOMATIC,
    MOST_AUTOMATIC_AN_HOUR,
    Kind,
    LetterState,
    Medium,
    is_mobile,
    medium,
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
    carries: int | None = None,
    at: datetime | None = None,
    number: str | None = None,
    asks: bool = False,
) -> int | None:
    """Queue a letter or an SMS about a ticket, by the way that its requester wants; returns the letter's id.

    None when there is no way to reach them, or the same was written before (`dedupe_key`: a reaction may run twice).
    `text` are the operator's words, `carries` the message whose files a letter takes along, `at` the moment of a
    callback; `number` makes it an SMS to that number. `asks`: a letter asks whether they are satisfied; an SMS leads to
    the page that does.
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
        has_files=carries is not None,
        at=at,
        asks=asks,
    )
    zone = ZoneInfo(at_desk.organization.zone)
    values: dict[str, object]
    if by is Medium.EMAIL:
        subject, body = letters.write(kind, about, ticket.language, zone)
        values = {"address": to.email, "subject": subject, "body": body, "in_reply_to": to.in_reply_to or None}
        values["carries_id"] = carries
    else:
        body = _short(kind, about, ticket.language, zone)
        parts = sms.segments(letters.filled(body, ticket.id))
        leaves_at = queries.leaves_at(at_desk.id, clock.now())
        values = {"address": to.mobile, "body": body, "segments": parts, "next_attempt_at": leaves_at}
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
        "subject": "",
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
