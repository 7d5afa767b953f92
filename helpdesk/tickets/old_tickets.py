"""Tickets that another system had: brought in with their own dates. No clock starts, nobody is written to or told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.contacts.models import Contact
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Desk
from helpdesk.routing.rules import Routed
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.numbers import next_number
from helpdesk.tickets.rules import UNFINISHED, Channel, MessageKind, Resolution, TicketState

IMPORTED = "ticket.imported"


@dataclass(frozen=True)
class OldTicket:
    """What another system had of a ticket. `facts` are lines of what has no place of its own here."""

    number: str
    system: str
    subject: str
    text: str
    state: TicketState
    channel: Channel
    language: str
    created_at: datetime
    closed_at: datetime | None = None
    first_responded_at: datetime | None = None
    category_code: str | None = None
    organization_id: int | None = None
    assignee_id: int | None = None
    facts: Sequence[str] = ()


def bring_in(old: OldTicket, desk: Desk, routed: Routed, contact: Contact | None, by: Actor, run_id: int) -> Ticket:
    """File an old ticket under a number of ours, of the year in which it was opened.

    The only reaction to "ticket.imported" is that it is found by search.
    """
    settled = old.state not in UNFINISHED
    closed_at = (old.closed_at or old.created_at) if settled else None
    ticket = Ticket(
        number=next_number(old.created_at, desk.organization.zone),
        channel=old.channel,
        source=f"{old.system} № {old.number}".strip()[:120],
        subject=old.subject[:200],
        state=old.state,
        queue=routed.queue,
        priority=routed.priority,
        priority_reasons={"reasons": [list(reason) for reason in routed.reasons]},
        profile=routed.profile,
        level=routed.level,
        language=old.language,
        desk_id=desk.id,
        region_id=desk.organization.region_id,
        organization_id=old.organization_id,
        contact_id=contact.id if contact else None,
        category_code=old.category_code,
        assignee_id=None if settled else old.assignee_id,
        fields={"old_number": old.number, "old_system": old.system},
        created_at=old.created_at,
        # programs that ask for what changed since they asked last are to see it
        updated_at=clock.now(),
        first_responded_at=old.first_responded_at,
        resolved_at=closed_at,
        closed_at=closed_at if old.state is TicketState.CLOSED else None,
        resolution=Resolution.ANSWERED if settled else None,
        reopened=0,
        version=1,
    )
    session().add(ticket)
    session().flush()
    said = Message(
        ticket_id=ticket.id,
        kind=MessageKind.EMAIL if old.channel is Channel.EMAIL else MessageKind.PUBLIC,
        from_requester=True,
        body=old.text or old.subject,
        created_at=old.created_at,
    )
    kept = Message(
        ticket_id=ticket.id,
        kind=MessageKind.NOTE,
        from_requester=False,
        body="\n".join((ticket.source, *old.facts)),
        created_at=old.created_at,
    )
    session().add_all([said, kept])
    session().flush()
    journal.note(IMPORTED, by=by, ticket_id=ticket.id, desk_id=desk.id, run_id=run_id)
    return ticket


def take_out(ticket_id: int) -> bool:
    """Undo `bring_in`; False, and nothing changes, when anything happened to the ticket since."""
    if any(entry.kind != IMPORTED for entry in journal.timeline(ticket_id)):
        return False
    try:
        with session().begin_nested():
            session().execute(delete(Message).where(Message.ticket_id == ticket_id))
            session().execute(delete(Ticket).where(Ticket.id == ticket_id))
    except IntegrityError:
        return False
    return True
