"""The mailroom: a letter is kept as it came first, and understood afterwards. None is lost, none is filed twice."""

import hashlib
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor, requester
from helpdesk.contacts import actions as contacts
from helpdesk.contacts import queries as known_contacts
from helpdesk.intake import bounces, email, queries
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Accepted, Incoming
from helpdesk.intake.machine_letters import Rejection
from helpdesk.intake.models import MailState, RawMail
from helpdesk.kernel import clock, settings
from helpdesk.kernel import store as files
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Conflict
from helpdesk.organizations.queries import forget, mailboxes

# A letter that took its reader down this often (out of memory, killed) is left to a person.
MOST_ATTEMPTS = 5
BROKE_THE_READER = "broke_the_reader"


def store(content: bytes, envelope_from: str, recipients: Collection[str]) -> int:
    """Keep a letter byte for byte and return its id. The same bytes twice are one letter: senders repeat themselves.

    `envelope_from` is empty for the null sender `<>`; addresses in small letters.
    """
    digest = hashlib.sha256(content).hexdigest()
    values = {
        "digest": digest,
        "received_at": clock.now(),
        "envelope_from": envelope_from[:254],
        "envelope_to": [address[:254] for address in recipients],
        "content": content,
        "state": MailState.WAITING,
        "reason": "",
        "attempts": 0,
    }
    made = insert(RawMail).values(values).on_conflict_do_nothing(index_elements=["digest"]).returning(RawMail.id)
    raw_id = session().execute(made).scalar()
    if raw_id is None:
        return session().execute(select(RawMail.id).where(RawMail.digest == digest)).scalar_one()
    journal.note("mail.received", by=SYSTEM, raw_mail_id=raw_id)
    return raw_id


def begin(raw_id: int) -> bool:
    """Count one more attempt to read a waiting letter; False when there is nothing to read, or it broke its reader
    too often and is left to a person. Committed apart from the reading, so that a killed process has been counted."""
    waiting = update(RawMail).where(RawMail.id == raw_id, RawMail.state == MailState.WAITING)
    attempts = session().execute(waiting.values(attempts=RawMail.attempts + 1).returning(RawMail.attempts)).scalar()
    if attempts is not None and attempts > MOST_ATTEMPTS:
        put_aside(raw_id, BROKE_THE_READER)
        return False
    return attempts is not None


def file_mail(raw_id: int) -> MailState | None:
    """Read a waiting letter and open or join its ticket, or reject it with the reason; None when it waits no more."""
    query = select(RawMail).where(RawMail.id == raw_id, RawMail.state == MailState.WAITING)
    raw = session().scalars(query.with_for_update(skip_locked=True)).first()
    if raw is None:
        return None
    found = email.read(
        raw.content, raw.envelope_from, raw.envelope_to, raw.received_at, _office(raw.envelope_to), raw.id
    )
    if isinstance(found, Rejection):
        _reject(raw, found)
        if found is Rejection.BOUNCE:
            _note_returned(raw)
        return raw.state
    accepted = accept(_completed(found), requester())
    raw.ticket_id = accepted.ticket.id
    if accepted.seen_before:
        _reject(raw, Rejection.DUPLICATE)
    else:
        raw.state = MailState.FILED if accepted.opened else MailState.JOINED
        contacts.letters_came_from(accepted.ticket.contact_id, found.emails)
        _note_filed(raw, found, accepted)
    session().flush()
    return raw.state


def put_aside(raw_id: int, reason: str) -> None:
    """Leave a letter that cannot be read to a person."""
    waiting = update(RawMail).where(RawMail.id == raw_id, RawMail.state == MailState.WAITING)
    if session().execute(waiting.values(state=MailState.UNREADABLE, reason=reason[:200]).returning(RawMail.id)).first():
        journal.note("mail.unreadable", by=SYSTEM, raw_mail_id=raw_id)


def read_again(raw_id: int, by: Actor) -> None:
    """Read a letter that was put aside once more. Raises Conflict when it is not put aside (any more)."""
    aside = update(RawMail).where(RawMail.id == raw_id, RawMail.state == MailState.UNREADABLE)
    waiting = aside.values(state=MailState.WAITING, reason="", attempts=0)
    if session().execute(waiting.returning(RawMail.id)).first() is None:
        raise Conflict
    journal.note("mail.received", by=by, raw_mail_id=raw_id)


def _office(recipients: Collection[str]) -> email.PostOffice:
    house = settings.current()
    if not any(to in mailboxes() or to == house.general_mailbox for to in recipients):
        forget()  # it may be newer than what this process remembers of the desks
    desks = mailboxes()
    own = {*desks, house.general_mailbox, house.mail_from.lower()}
    return email.PostOffice(desks, own, house.ticket_key, lambda content: files.put(house.var_dir, content))


def _completed(incoming: Incoming) -> Incoming:
    """With what only the database knows: the sender's language, and the ticket that the subject may mean."""
    language = incoming.language
    if not language:
        contact = known_contacts.known((), incoming.emails, incoming.name)
        language = contact.language if contact else "kk"
    joins = queries.existing_ticket(incoming.joins)
    if joins is None:
        joins = queries.ticket_of_sender(email.numbers_in(incoming.subject), incoming.emails)
    return replace(incoming, language=language, joins=joins)


def _reject(raw: RawMail, reason: Rejection) -> None:
    raw.state, raw.reason = MailState.REJECTED, reason.value
    journal.note("mail.rejected", by=SYSTEM, raw_mail_id=raw.id, reason=reason.value)
    session().flush()


def _note_returned(raw: RawMail) -> None:
    back = bounces.returned(raw.content, settings.current().ticket_key)
    if back is not None and back.for_good:
        journal.note("mail.returned", by=SYSTEM, raw_mail_id=raw.id, letter_id=back.letter_id, status=back.status)


def _note_filed(raw: RawMail, incoming: Incoming, accepted: Accepted) -> None:
    """What an answer needs: the letter's Message-ID, and which of the contact's addresses it came from."""
    ticket = accepted.ticket
    journal.note(
        "mail.filed",
        by=requester(ticket.contact_id),
        ticket_id=ticket.id,
        desk_id=ticket.desk_id,
        raw_mail_id=raw.id,
        message_id=email.message_id(raw.content),
        address_id=queries.address_id(ticket.contact_id, incoming.emails),
    )
