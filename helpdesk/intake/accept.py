"""Where all channels meet: seen already? known contact? whose desk? open or add."""

from dataclasses import replace
from typing import cast

from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import lazyload

from helpdesk.audit.actor import Actor
from helpdesk.contacts import actions as contacts
from helpdesk.contacts import queries as known_contacts
from helpdesk.contacts.models import Contact
from helpdesk.intake.incoming import Accepted, Incoming
from helpdesk.intake.models import Receipt
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.masking import has_numbers, masked
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import city_desk, desk, desk_for
from helpdesk.routing.queries import category
from helpdesk.routing.rules import route
from helpdesk.tickets import actions as tickets
from helpdesk.tickets import linking
from helpdesk.tickets.lineage import locked_survivor
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.rules import UNFINISHED, Channel
from helpdesk.tickets.thanks import is_thanks
from helpdesk.tickets.tie_rules import LinkKind

SUBJECT_LENGTH = 80

# Built once, and without the ORM: everything that comes in goes through both.
_RECEIPTS = cast(Table, Receipt.__table__)
_CLAIM = insert(_RECEIPTS).on_conflict_do_nothing().returning(_RECEIPTS.c.key)
_SETTLE = update(_RECEIPTS).where(_RECEIPTS.c.key == bindparam("claimed"))


def accept(incoming: Incoming, by: Actor) -> Accepted:
    """File what came in: as a new ticket, or as a further message of the one it `joins`.

    The same key twice gives the first answer again and changes nothing. Runs in the door's transaction: when the door
    says "received", the ticket is in the database.
    """
    seen = _receive(incoming.key)
    if seen is not None:
        return seen
    incoming = _covered(incoming)
    joined = _joined(incoming)
    ticket = joined[0] if joined is not None else _open(incoming, by)
    if joined is None and incoming.joins is not None:
        linking.link(ticket, session().get_one(Ticket, incoming.joins), LinkKind.FOLLOWS, by)
    message = _say(ticket, incoming, by)
    if joined is not None:
        tickets.hear(joined[1], by, message)
    session().execute(_SETTLE, {"claimed": incoming.key, "ticket_id": ticket.id, "message_id": message.id})
    return Accepted(ticket, message, joined is None)


def _covered(incoming: Incoming) -> Incoming:
    """Subject and pupil stand in lists, letters and exports: IIN and card numbers move from there into the text, which
    the desk alone reads uncovered."""
    lines = [line for line in (incoming.subject, incoming.pupil_note) if has_numbers(line)]
    if not lines:
        return incoming
    return replace(
        incoming,
        subject=masked(incoming.subject),
        pupil_note=masked(incoming.pupil_note),
        text="\n\n".join(part for part in (*lines, incoming.text) if part),
    )


def was_accepted(key: str) -> bool:
    """Whether the same thing came before."""
    return session().get(Receipt, key) is not None


def _receive(key: str) -> Accepted | None:
    """Claim the key; None when it is new. Two at once meet here: the second waits for the first one's commit."""
    if session().execute(_CLAIM, {"key": key, "received_at": clock.now()}).first():
        return None
    ticket = (
        session().scalars(select(Ticket).join(Receipt, Receipt.ticket_id == Ticket.id).where(Receipt.key == key)).one()
    )
    return Accepted(ticket, None, False)


def _joined(incoming: Incoming) -> tuple[Ticket, Ticket] | None:
    """The ticket that the person answers, which keeps their words, and the one that goes on with its matter.

    None when that was settled too long ago: then a new ticket follows it, once, and further answers join that one.
    """
    answered = incoming.joins
    while answered is not None:
        heard = locked_survivor(answered)
        thanks = not incoming.files and is_thanks(incoming.text, [incoming.name])
        if heard.state in UNFINISHED or tickets.can_reopen(heard, clock.now()) or thanks:
            return session().get_one(Ticket, answered), heard
        answered = linking.followed_by(answered)
    return None


def _open(incoming: Incoming, by: Actor) -> Ticket:
    at = whose_desk(incoming)
    contact = _contact(incoming, at)
    routed = route(
        category(incoming.category_code) if incoming.category_code else None,
        incoming.circumstances,
        incoming.choice,
        incoming.queue,
    )
    return tickets.open_ticket(
        desk=at,
        routed=routed,
        channel=incoming.channel,
        subject=incoming.subject or first_words(masked(incoming.text)),
        language=incoming.language,
        since=incoming.received_at,
        by=by,
        type=incoming.type,
        source=incoming.source,
        contact=contact,
        organization_id=incoming.organization_id,
        category_code=incoming.category_code,
        choice=incoming.choice,
        pupil_note=incoming.pupil_note,
        answer_by=incoming.answer_by,
        consent_version=incoming.consent_version,
        # the answer to a ticket that was settled too long ago: a new one that names it
        fields={"follows": incoming.joins} if incoming.joins else {},
    )


def whose_desk(incoming: Incoming) -> Desk:
    """Its own number or mailbox; else the chosen school's desk or the nearest above it; else the desk of the caller's
    last unfinished ticket; else the city's."""
    if incoming.desk_id is not None:
        return desk(incoming.desk_id)
    found = desk_for(incoming.organization_id) if incoming.organization_id is not None else None
    return found or city_desk()


def _contact(incoming: Incoming, at: Desk) -> Contact | None:
    if incoming.contact_id is not None:
        return session().get(Contact, incoming.contact_id, options=[lazyload("*")])
    found = known_contacts.known(incoming.phones, incoming.emails, incoming.name)
    if found is not None:
        contacts.learn(found, incoming.name, incoming.language, incoming.phones, incoming.emails)
        return found
    if not (incoming.phones or incoming.emails or incoming.name):
        return None
    return contacts.meet(
        incoming.name,
        incoming.role,
        incoming.language,
        incoming.phones,
        incoming.emails,
        incoming.settlement,
        at.organization.region_id,
    )


def _say(ticket: Ticket, incoming: Incoming, by: Actor) -> Message:
    files = [
        Attachment(digest=file.digest, name=file.name, content_type=file.content_type, size=file.size)
        for file in incoming.files
    ]
    by_hand = incoming.channel in (Channel.PHONE, Channel.OUTGOING_CALL)
    return tickets.add_message(
        ticket,
        incoming.kind,
        incoming.text,
        from_requester=not by_hand,
        staff_id=by.id if by_hand and by.kind == "staff" else None,
        at=incoming.received_at,
        files=files,
        quoted=incoming.quoted,
        html=incoming.html,
        call_id=incoming.call_id,
        raw_mail_id=incoming.raw_mail_id,
    )


def first_words(text: str) -> str:
    """A subject out of the text: its first line, cut at a word."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(line) <= SUBJECT_LENGTH:
        return line
    return line[:SUBJECT_LENGTH].rsplit(" ", 1)[0] + "…"
