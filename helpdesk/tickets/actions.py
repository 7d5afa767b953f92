"""What is done with a ticket. Each verb takes a ticket that the caller's transaction holds locked, and who acts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import lazyload

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor, staff
from helpdesk.contacts.models import Contact
from helpdesk.identity.answerable import supervises
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Conflict, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.kernel.masking import masked
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desk as desk_of
from helpdesk.routing.queries import category as category_of
from helpdesk.routing.rules import Circumstances, Priority, Routed, route
from helpdesk.tickets import deadlines
from helpdesk.tickets.handover_models import Handover
from helpdesk.tickets.models import Attachment, Message, Ticket, TicketPause
from helpdesk.tickets.numbers import next_number
from helpdesk.tickets.rules import (
    MOVES,
    PAUSED,
    UNFINISHED,
    Channel,
    MessageKind,
    Resolution,
    TicketState,
)
from helpdesk.tickets.thanks import is_thanks

# After this long a resolved ticket is not opened again: a new one is linked instead.
REOPEN_WITHIN = timedelta(days=7)


def open_ticket(
    *,
    desk: Desk,
    routed: Routed,
    channel: Channel,
    subject: str,
    language: str,
    since: datetime,
    by: Actor,
    **values: Any,
) -> Ticket:
    """Open a ticket at a desk; its clocks run from `since`, when the matter reached us."""
    now = clock.now()
    ticket = Ticket(
        number=next_number(since, desk.organization.zone),
        channel=channel,
        subject=masked(subject)[:200],
        state=TicketState.NEW,
        queue=routed.queue,
        priority=routed.priority,
        priority_reasons={"reasons": [list(reason) for reason in routed.reasons]},
        profile=routed.profile,
        level=routed.level,
        language=language,
        desk_id=desk.id,
        region_id=desk.organization.region_id,
        created_at=since,
        updated_at=now,
        reopened=0,
        version=1,
        **values,
    )
    deadlines.start(ticket, routed, since)
    session().add(ticket)
    session().flush()
    journal.note(
        "ticket.opened",
        by=by,
        ticket_id=ticket.id,
        desk_id=desk.id,
        at=since,
        channel=channel.value,
        queue=routed.queue.value,
        priority=routed.priority.value,
    )
    return ticket


def add_message(
    ticket: Ticket,
    kind: MessageKind,
    body: str,
    *,
    from_requester: bool,
    staff_id: int | None = None,
    at: datetime | None = None,
    files: Sequence[Attachment] = (),
    **values: Any,
) -> Message:
    """Something said on a ticket. Moves no state by itself."""
    message = Message(
        ticket_id=ticket.id,
        kind=kind,
        from_requester=from_requester,
        staff_id=staff_id,
        body=body,
        created_at=at or clock.now(),
        attachments=list(files),
        **values,
    )
    session().add(message)
    session().flush()
    return message


def hear(ticket: Ticket, by: Actor, message: Message) -> None:
    """The requester said something more: a waiting ticket goes on, one resolved lately is opened again.

    A mere thank you opens nothing. What comes later than `can_reopen` allows is a new ticket (intake/accept.py).
    """
    now = clock.now()
    wake(ticket, by)
    if ticket.state in PAUSED:
        _move(ticket, TicketState.OPEN)
        _end_pause(ticket, by, now)
        deadlines.resume(ticket, now)
    elif ticket.state not in UNFINISHED and only_thanks(ticket, message):
        journal.note("ticket.thanked", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, message_id=message.id)
    elif ticket.state in (TicketState.RESOLVED, TicketState.CLOSED) and can_reopen(ticket, now):
        _open_again(ticket, now)
        journal.note("ticket.reopened", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id)
    _touch(ticket, now)
    journal.note("ticket.heard", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, message_id=message.id)


def only_thanks(ticket: Ticket, message: Message) -> bool:
    """Whether the requester only says thank you."""
    if message.attachments:
        return False
    contact = session().get(Contact, ticket.contact_id, options=[lazyload("*")]) if ticket.contact_id else None
    return is_thanks(message.body, [contact.name] if contact else [])


def reply(ticket: Ticket, body: str, by: Actor, files: Sequence[Attachment] = (), to: Ticket | None = None) -> Message:
    """Answer the requester. The first answer stops the first-response clock.

    `to` is a ticket of somebody else that became part of this one: only that person is answered.
    """
    if not body.strip():
        raise Refused(N_("Write the answer first"), field="body")
    now, on = clock.now(), to or ticket
    message = add_message(on, MessageKind.PUBLIC, body.strip(), from_requester=False, staff_id=by.id, files=files)
    _answered(ticket, now)
    if ticket.state is TicketState.NEW:
        _move(ticket, TicketState.OPEN)
    deadlines.refresh(ticket)
    acknowledge(ticket, by)
    _touch(ticket, now)
    journal.note("ticket.replied", by=by, ticket_id=on.id, desk_id=on.desk_id, message_id=message.id)
    return message


def speak(ticket: Ticket, staff_id: int, at: datetime) -> None:
    """An operator and the requester talk since `at`: that is an answer, and whoever talks has the ticket in hand."""
    if ticket.state not in UNFINISHED:
        return
    _answered(ticket, at)
    deadlines.refresh(ticket)
    if ticket.assignee_id is None:
        _give(ticket, staff_id, staff(staff_id))
    # No new version: the talker may be filling in the page already, and nothing of it contradicts.
    session().flush()


def note(ticket: Ticket, body: str, by: Actor) -> Message:
    """Write something that the requester never sees."""
    if not body.strip():
        raise Refused(N_("Write the note first"), field="body")
    message = add_message(ticket, MessageKind.NOTE, body.strip(), from_requester=False, staff_id=by.id)
    _touch(ticket, clock.now())
    journal.note("ticket.noted", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, message_id=message.id)
    return message


def assign(ticket: Ticket, staff_id: int | None, by: Actor) -> None:
    """Give the ticket to somebody, or to nobody. Giving it to whom it belongs already changes nothing."""
    if ticket.assignee_id == staff_id:
        return
    _give(ticket, staff_id, by)
    _touch(ticket, clock.now())


def wait(ticket: Ticket, by: Actor, reason: str = "", state: TicketState = TicketState.WAITING_REQUESTER) -> None:
    """Wait for the requester (or somebody else): the operational clock stands still until `resume` or an answer."""
    if state not in PAUSED:
        raise ValueError(f"{state} does not pause a ticket")
    now = clock.now()
    _move(ticket, state)
    deadlines.pause(ticket, now)
    session().add(TicketPause(ticket_id=ticket.id, state=state, reason=reason[:200], started_at=now, started_by=by.id))
    _touch(ticket, now)
    journal.note("ticket.waiting", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, state=state.value)


def resume(ticket: Ticket, by: Actor) -> None:
    """Go on with a ticket that waited."""
    now = clock.now()
    if ticket.state not in PAUSED:
        raise Refused(N_("This ticket is not waiting"))
    _move(ticket, TicketState.OPEN)
    _end_pause(ticket, by, now)
    deadlines.resume(ticket, now)
    _touch(ticket, now)
    journal.note("ticket.resumed", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id)


def resolve(ticket: Ticket, resolution: Resolution, by: Actor, body: str = "") -> Message | None:
    """The matter is settled; `body` is told to the requester. A resolution is an answer too."""
    now = clock.now()
    _move(ticket, TicketState.RESOLVED)
    _end_pause(ticket, by, now)
    deadlines.resume(ticket, now)
    message = None
    if body.strip():
        message = add_message(ticket, MessageKind.PUBLIC, body.strip(), from_requester=False, staff_id=by.id)
    _answered(ticket, now)
    ticket.resolved_at, ticket.resolution = now, resolution
    acknowledge(ticket, by)
    ticket.acknowledge_by = None
    _touch(ticket, now)
    journal.note(
        "ticket.resolved",
        by=by,
        ticket_id=ticket.id,
        desk_id=ticket.desk_id,
        resolution=resolution.value,
        message_id=message.id if message else None,
    )
    return message


def can_reopen(ticket: Ticket, now: datetime) -> bool:
    """Within seven days of its resolution."""
    if ticket.merged_into_id is not None:
        return False
    return ticket.resolved_at is not None and now - ticket.resolved_at <= REOPEN_WITHIN


def settled_long_ago(ticket: Ticket) -> bool:
    """Whether what comes now about this ticket is a new one that follows it."""
    return ticket.state not in UNFINISHED and ticket.merged_into_id is None and not can_reopen(ticket, clock.now())


def reopen(ticket: Ticket, by: Actor) -> None:
    """Not settled after all. The clock goes on where the resolution stopped it: it is not started anew."""
    now = clock.now()
    if ticket.state in UNFINISHED:
        return
    if not can_reopen(ticket, now):
        raise Refused(N_("More than 7 days have passed: please file a new request"))
    _open_again(ticket, now)
    _touch(ticket, now)
    journal.note("ticket.reopened", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id)


def take_resolution_back(ticket: Ticket, by: Actor) -> None:
    """It was resolved by mistake, just now: open as before, and not counted as opened again."""
    _move(ticket, TicketState.OPEN)
    ticket.resolved_at = ticket.resolution = None
    deadlines.refresh(ticket)
    _touch(ticket, clock.now())
    journal.note("ticket.resolution_taken_back", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id)


def recategorise(
    ticket: Ticket, code: str, by: Actor, now_known: Circumstances | None = None, lowered_because: str = ""
) -> None:
    """Say what the ticket is about. Queue, priority and profile follow; due times are counted from its beginning.

    Anybody may raise it to P0, a child in danger; only a supervisor may take that back, who says why. Raises Refused.
    """
    if ticket.state not in UNFINISHED:
        raise Refused(N_("Open the ticket again first"))
    before = ticket.category_code
    routed = route(category_of(code), now_known or Circumstances(), ticket.choice)
    if ticket.priority is Priority.P0 and routed.priority is not Priority.P0:
        if not supervises(by.id if by.kind == "staff" else None, desk_of(ticket.desk_id).organization.path):
            raise Refused(N_("Only a supervisor may say that no child is in danger"), field="category_text")
        if not lowered_because.strip():
            raise Refused(N_("Say why no child is in danger"), field="lowered_because")
        note(ticket, lowered_because, by)
    ticket.category_code, ticket.queue, ticket.priority = code, routed.queue, routed.priority
    ticket.priority_reasons = {"reasons": [list(reason) for reason in routed.reasons]}
    ticket.level = routed.level
    if ticket.paused_at is None:
        deadlines.start(ticket, routed, ticket.created_at)
    else:
        ticket.profile = routed.profile
    _touch(ticket, clock.now())
    journal.note(
        "ticket.recategorised", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, category=code, before=before
    )


def reroute(ticket: Ticket, queue: str, by: Actor) -> None:
    """Move to the other queue; history and clocks stay."""
    if ticket.queue == queue:
        return
    before, ticket.queue = ticket.queue, type(ticket.queue)(queue)
    _touch(ticket, clock.now())
    journal.note(
        "ticket.rerouted", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, queue=queue, before=before.value
    )


def hand_over(ticket: Ticket, desk: Desk, by: Actor) -> None:
    """Another desk answers for the matter; nobody there has it in hand yet. History and clocks stay."""
    if ticket.desk_id == desk.id:
        return
    before = ticket.desk_id
    ticket.desk_id, ticket.region_id, ticket.assignee_id = desk.id, desk.organization.region_id, None
    _touch(ticket, clock.now())
    journal.note(
        "ticket.handed_over", by=by, ticket_id=ticket.id, desk_id=desk.id, from_desk_id=before, to_desk_id=desk.id
    )


def acknowledge(ticket: Ticket, by: Actor) -> None:
    """The desk that a ticket was handed on to, or back to, says that it has it. Whoever works on it says so too.

    Not whoever handed it on: that says nothing of those who are to do it. Twice is once.
    """
    if ticket.acknowledge_by is None or by.kind != "staff":
        return
    found = session().get_one(Handover, ticket.handover_id)
    back = found.returned_at is not None
    if by.id == (found.returned_by if back else found.sent_by):
        return
    ticket.acknowledge_by = None
    if not back:
        found.acknowledged_at, found.acknowledged_by = clock.now(), by.id
    session().flush()
    journal.note(
        "ticket.acknowledged",
        by=by,
        ticket_id=ticket.id,
        desk_id=found.from_desk_id,
        handover_id=found.id,
        sender_staff_id=found.returned_by if back else found.sent_by,
    )


def mark_breaches(limit: int = 500) -> int:
    """Record every promise that was not kept, dated when it was due, once. Returns how many; call until 0."""
    now = clock.now()
    overdue = (
        select(Ticket)
        .where(Ticket.breach_at <= now)
        .order_by(Ticket.breach_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = session().scalars(overdue).all()
    for ticket in found:
        wake(ticket, SYSTEM)
        due = ticket.breach_at
        unanswered = ticket.first_responded_at is None and ticket.response_breached_at is None
        if unanswered and due == ticket.first_response_due_at:
            promise, ticket.response_breached_at = "first_response", due
        else:
            promise, ticket.resolution_breached_at = "resolution", due
        deadlines.refresh(ticket)
        journal.note("ticket.breached", by=SYSTEM, ticket_id=ticket.id, desk_id=ticket.desk_id, at=due, promise=promise)
    session().flush()
    return len(found)


def wake(ticket: Ticket, by: Actor) -> None:
    """What was put off stands in its lists again."""
    if ticket.snoozed_until is None:
        return
    ticket.snoozed_until = None
    # named as the hub knows people: whoever has it in hand hears of it on any page
    journal.note("ticket.woken", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, holder_staff_id=ticket.assignee_id)


def _give(ticket: Ticket, staff_id: int | None, by: Actor) -> None:
    before, ticket.assignee_id = ticket.assignee_id, staff_id
    if staff_id is not None:
        acknowledge(ticket, by)
    if ticket.state is TicketState.NEW and staff_id is not None:
        _move(ticket, TicketState.OPEN)
    journal.note(
        "ticket.assigned", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, staff_id=staff_id, before_id=before
    )


def _move(ticket: Ticket, target: TicketState) -> None:
    if ticket.state is target:
        raise Refused(N_("Somebody has done this already"))
    if target not in MOVES[ticket.state]:
        raise Refused(N_("This is not possible in the present state of the ticket"))
    ticket.state, ticket.snoozed_until = target, None


def _open_again(ticket: Ticket, now: datetime) -> None:
    _move(ticket, TicketState.OPEN)
    ticket.resolved_at = ticket.resolution = ticket.closed_at = None
    ticket.reopened += 1
    deadlines.refresh(ticket)


def _answered(ticket: Ticket, now: datetime) -> None:
    if ticket.first_responded_at is None:
        deadlines.answer(ticket, now)


def _end_pause(ticket: Ticket, by: Actor, now: datetime) -> None:
    session().execute(
        update(TicketPause)
        .where(TicketPause.ticket_id == ticket.id, TicketPause.ended_at.is_(None))
        .values(ended_at=now, ended_by=by.id)
    )


def _touch(ticket: Ticket, now: datetime) -> None:
    if ticket.merged_into_id is not None:
        raise Refused(N_("This ticket was merged into another one: work there"))
    ticket.updated_at = now
    ticket.version += 1
    session().flush()


def check_version(ticket: Ticket, version: int | None) -> None:
    """Raises Conflict when the page that the person acts on is older than the ticket."""
    if version is not None and version != ticket.version:
        raise Conflict
