"""The telephone as a channel: whose call it is, and the ticket that a chosen topic opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import structlog
from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import requester
from helpdesk.contacts import queries as contacts
from helpdesk.intake.accept import accept
from helpdesk.intake.incoming import Incoming
from helpdesk.kernel import clock, phones, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext, spoken
from helpdesk.organizations.queries import city_desk, desk, desk_of_number, desks
from helpdesk.routing.rules import Queue
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony import actions, line, menu, number_rules, queries, voices
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.heard import Heard
from helpdesk.telephony.menu import Topic
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import Outcome
from helpdesk.tickets.lineage import lineage, survivor
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import last_unfinished_desk, ticket_by_secret, ticket_of_phone
from helpdesk.tickets.rules import UNFINISHED, Channel, MessageKind, TicketType, read_ticket_number

log = structlog.get_logger()

SUBJECTS: dict[Topic, str] = {
    Topic.TECHNICAL: N_("Phone call: technical help"),
    Topic.LOGIN: N_("Phone call: login or password"),
    Topic.INTERNET: N_("Phone call: internet and connection"),
    Topic.DEVICE: N_("Phone call: device does not work"),
    Topic.BROADCAST: N_("Phone call: TV or radio lesson"),
    Topic.LESSONS: N_("Phone call: lessons and teaching"),
    Topic.DEVICES: N_("Phone call: devices and social support"),
    Topic.COMPLAINT: N_("Phone call: complaint or suggestion"),
    Topic.OPERATOR: N_("Phone call"),
}

# Who is cut off and calls again within this time goes on with the same ticket, in the same place.
SAME_MATTER = timedelta(minutes=10)


@dataclass(frozen=True)
class TicketStatus:
    """What the telephone tells of a ticket: number, state, and the day by which it is to be resolved."""

    number: str
    state: str
    due_on: date | None


def call_of(heard: Heard) -> Call:
    """The call of a webhook, locked; one that we never heard of begins here, whatever webhook comes first.

    The desk: that of the called number; for 1450 the one of the caller's last unfinished ticket, else the city's.
    Raises NotFound for a leg that is no caller's: one that we dialled and forgot, or a softphone.
    """
    known = queries.locked_by_sid(heard.sid)
    if known is not None:
        voices.answer_for(known.desk_id)
        return known
    if heard.outbound or heard.from_softphone:
        raise NotFound
    contact = contacts.known([heard.number], [], "") if heard.number else None
    at = desk_of_number(heard.called) if heard.called else None
    if at is None and contact is not None:
        at = desks().get(last_unfinished_desk(contact.id) or 0)
    at = at or city_desk()
    voices.answer_for(at.id)
    past = queries.lately(heard.number) if heard.number else ()
    language = next((one.language for one in past if one.language is not None), None)
    return actions.begin(
        heard.sid,
        heard.number,
        heard.called or settings.current().hotline_number,
        at.id,
        contact.id if contact else None,
        language or (contact.language if contact else None),
        again=_cut_off(past),
        reject=_why_rejected(heard.number, at.id, past) if heard.number else None,
    )


def _why_rejected(number: str, desk_id: int, past: Sequence[queries.Past]) -> str | None:
    if number_rules.is_blocked(number, desk_id):
        return "blocked"
    if not number_rules.calls_too_often(one.started_at for one in past):
        return None
    log.warning("a number calls too often", number=phones.masked(number), desk_id=desk_id)
    return "too_many"


def _cut_off(past: Sequence[queries.Past]) -> dict[str, Any] | None:
    """The call that this person is probably going on with, as it is kept with the new one.

    `place`: the call whose place in the line is free to be taken again, because nobody had answered.
    """
    since = clock.now() - SAME_MATTER
    last = next((one for one in past if one.ticket_id and one.ended_at and one.ended_at > since), None)
    if last is None or last.queue is None:
        return None
    gave_up = last.outcome in (Outcome.ABANDONED, Outcome.SHORT_ABANDON)
    kept = {"ticket": last.ticket_id, "queue": last.queue.value, "desk": last.desk_id}
    return kept | ({"place": last.call_id} if gave_up else {})


def take(call: Call, topic: Topic) -> None:
    """The caller said what it is about: the ticket exists from now on. A second time changes nothing."""
    if call.ticket_id is None:
        queue = menu.QUEUES[topic]
        actions.set_values(call, queue=queue, **_opened(call, topic, _went_on(call, queue)))


def _went_on(call: Call, queue: Queue) -> dict[str, Any]:
    """What is kept of an earlier call about the same matter: of the same number, to the same queue and desk."""
    earlier: dict[str, Any] = call.keys.get("again") or {}
    same = (earlier.get("queue"), earlier.get("desk")) == (queue.value, call.desk_id)
    return earlier if same else {}


def _unfinished(ticket_id: int) -> int | None:
    query = select(Ticket.id).where(Ticket.state.in_(UNFINISHED))
    # what was merged is settled, so the long way is for settled tickets only
    found = session().scalars(query.where(Ticket.id == ticket_id)).first()
    return found or session().scalars(query.where(Ticket.id.in_(lineage(ticket_id)[-1:]))).first()


def _opened(call: Call, topic: Topic, earlier: dict[str, Any]) -> dict[str, Any]:
    """What the call learns of its ticket, nothing when it has one."""
    if call.ticket_id is not None:
        return {}
    language = actions.voices(call)[0]
    with spoken(language):
        subject = gettext(SUBJECTS[topic])
    accepted = accept(
        Incoming(
            key=f"call:{call.id}",
            channel=Channel.PHONE,
            received_at=clock.now(),
            language=language,
            text=subject,
            subject=subject,
            kind=MessageKind.CALL,
            type=TicketType.COMPLAINT if topic is Topic.COMPLAINT else TicketType.REQUEST,
            phones=(call.from_number,) if call.from_number else (),
            contact_id=call.contact_id,
            desk_id=call.desk_id,
            queue=menu.QUEUES[topic],
            choice=menu.CHOICES.get(topic),
            joins=_unfinished(earlier["ticket"]) if earlier else None,
            call_id=call.id,
        ),
        requester(call.contact_id),
    )
    ticket = accepted.ticket
    journal.note(
        "call.started",
        by=requester(ticket.contact_id),
        at=call.started_at,
        call_id=call.id,
        ticket_id=ticket.id,
        desk_id=call.desk_id,
    )
    return {"ticket_id": ticket.id, "contact_id": ticket.contact_id}


def queue_up(call: Call, topic: Topic) -> QueueEntry:
    """Ticket first, then the line: whoever hangs up now is in the books already."""
    queue = call.queue or menu.QUEUES[topic]
    earlier = _went_on(call, queue)
    learned = _opened(call, topic, earlier)
    before = line.entry_of(earlier["place"]) if "place" in earlier else None
    since = before.virtual_at if before else None
    return line.join(call, queue, actions.voices(call)[0], requester(call.contact_id), since, **learned)


def file_message(recording_id: int) -> None:
    """A voice message is recorded: it stands on the ticket as something that its requester said. Twice is once."""
    row = session().get_one(Recording, recording_id)
    call = session().get_one(Call, row.call_id)
    language = actions.voices(call)[0]
    with spoken(language):
        text = gettext("Voice message, seconds: %(seconds)s", seconds=row.seconds or 0)
    accept(
        Incoming(
            key=f"voicemail:{recording_id}",
            channel=Channel.PHONE,
            received_at=row.completed_at or clock.now(),
            language=language,
            text=text,
            kind=MessageKind.CALL,
            contact_id=call.contact_id,
            desk_id=call.desk_id,
            queue=call.queue,
            joins=call.ticket_id,
            call_id=call.id,
        ),
        requester(call.contact_id),
    )


def is_ticket_number(keys: str) -> bool:
    """Whether the check digit agrees."""
    return read_ticket_number(keys) is not None


def ticket_of_caller(call: Call, keys: str) -> TicketStatus | None:
    """The state of a ticket whose requester has this telephone."""
    if call.from_number is None:
        return None
    try:
        return _status(ticket_of_phone(keys, call.from_number))
    except NotFound:
        return None


def ticket_with_secret(number: str, secret: str) -> TicketStatus | None:
    """The state of a ticket to somebody who knows its secret."""
    try:
        return _status(ticket_by_secret(number, secret))
    except NotFound:
        return None


def _status(ticket: Ticket) -> TicketStatus:
    now = survivor(ticket)
    due = now.resolution_due_at if now.state in UNFINISHED else None
    zone = calendar_of(desk(ticket.desk_id)).zone
    return TicketStatus(ticket.number, now.state.value, due.astimezone(zone).date() if due else None)


def ticket_number(ticket_id: int) -> str:
    """The number of a ticket that was promised something to this caller."""
    return session().scalars(select(Ticket.number).where(Ticket.id == ticket_id)).one()
