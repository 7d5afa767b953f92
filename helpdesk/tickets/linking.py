"""Tickets that name each other, parts of a matter that get a ticket of their own, parents that settle their parts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desk
from helpdesk.routing.queries import category
from helpdesk.routing.rules import Circumstances, route
from helpdesk.tickets import actions, deadlines
from helpdesk.tickets.lineage import locked_survivor
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.rules import UNFINISHED, MessageKind, Resolution, TicketState
from helpdesk.tickets.tie_models import TicketLink
from helpdesk.tickets.tie_rules import INWARD, OUTWARD, LinkKind

# So many children are settled in one transaction: what is done is seen, and nobody waits for a lock for long.
AT_ONCE = 25


def link(ticket: Ticket, other: Ticket, kind: LinkKind, by: Actor) -> None:
    """`ticket` names `other`: as its parent, its origin, its predecessor, or a neighbour. Raises Refused.

    Parents have no parents: whose child is whose can be seen at a glance, and nothing goes round in circles.
    """
    if ticket.id == other.id:
        raise Refused(N_("A ticket cannot be linked with itself"), field="other")
    if _between(ticket.id, other.id) is not None:
        raise Refused(N_("These two are linked already"), field="other")
    if kind is LinkKind.CHILD:
        if _is_child(other.id) or _has_children(ticket.id):
            raise Refused(N_("A part of a ticket has no parts of its own"), field="other")
        if _is_child(ticket.id):
            raise Refused(N_("This ticket is part of another one already"), field="other")
    row = TicketLink(kind=kind, from_id=ticket.id, to_id=other.id, created_at=clock.now(), created_by=by.id)
    session().add(row)
    session().flush()
    _note(ticket, other, OUTWARD[kind], by)
    _note(other, ticket, INWARD[kind], by)


def unlink(ticket: Ticket, other: Ticket, by: Actor) -> None:
    """They name each other no more. Raises NotFound when they never did."""
    row = _between(ticket.id, other.id)
    if row is None:
        raise NotFound
    session().execute(delete(TicketLink).where(TicketLink.id == row))
    for one, named in ((ticket, other), (other, ticket)):
        journal.note("ticket.unlinked", by=by, ticket_id=one.id, desk_id=one.desk_id, number=named.number)


def follow_up(old: Ticket, by: Actor, at: datetime) -> Ticket:
    """A new ticket of the same person about the same matter, when the old one was settled too long ago.

    One that is worked on already is given instead of a second one.
    """
    known = followed_by(old.id)
    if known is not None:
        going = locked_survivor(known)
        if going.state in UNFINISHED:
            return going
    routed = route(category(old.category_code) if old.category_code else None, Circumstances(), old.choice, old.queue)
    new = actions.open_ticket(
        desk=desk(old.desk_id),
        routed=routed,
        channel=old.channel,
        subject=old.subject,
        language=old.language,
        since=at,
        by=by,
        type=old.type,
        contact_id=old.contact_id,
        organization_id=old.organization_id,
        pupil_id=old.pupil_id,
        pupil_note=old.pupil_note,
        category_code=old.category_code,
        choice=old.choice,
        answer_by=old.answer_by,
        fields={"follows": old.id},
    )
    link(new, old, LinkKind.FOLLOWS, by)
    return new


def followed_by(ticket_id: int) -> int | None:
    """The newest ticket that was opened because this one was settled too long ago."""
    query = select(TicketLink.from_id).where(TicketLink.to_id == ticket_id, TicketLink.kind == LinkKind.FOLLOWS)
    return session().scalar(query.order_by(TicketLink.id.desc()).limit(1))


@dataclass(frozen=True)
class Part:
    """What is split off: which messages, and what the new ticket is called."""

    message_ids: Collection[int]
    subject: str
    category_code: str | None = None
    pupil_note: str = ""


def split(ticket: Ticket, part: Part, by: Actor) -> Ticket:
    """Chosen messages become a ticket of their own, whose clocks run from the first of them. Raises Refused."""
    said = session().scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)).all()
    moved = [one for one in said if one.id in part.message_ids]
    if not moved:
        raise Refused(N_("Choose the messages that belong to the other matter"), field="messages")
    if len(moved) == len(said):
        raise Refused(N_("One message at least stays here"), field="messages")
    if not part.subject.strip():
        raise Refused(N_("Say what the new ticket is about"), field="subject")
    if ticket.merged_into_id is not None:
        raise Refused(N_("This ticket was merged into another one: work there"))
    new = actions.open_ticket(
        desk=desk(ticket.desk_id),
        routed=route(
            category(part.category_code) if part.category_code else None,
            Circumstances(),
            None if part.category_code else ticket.choice,
            ticket.queue,
        ),
        channel=ticket.channel,
        subject=part.subject.strip(),
        language=ticket.language,
        since=min(one.created_at for one in moved),
        by=by,
        type=ticket.type,
        contact_id=ticket.contact_id,
        organization_id=ticket.organization_id,
        pupil_note=part.pupil_note.strip()[:120] or ticket.pupil_note,
        category_code=part.category_code,
        answer_by=ticket.answer_by,
    )
    session().execute(update(Message).where(Message.id.in_([one.id for one in moved])).values(ticket_id=new.id))
    answers = [one.created_at for one in moved if not one.from_requester and one.kind is MessageKind.PUBLIC]
    if answers:
        deadlines.answer(new, min(answers))
        deadlines.refresh(new)
    session().add(
        TicketLink(kind=LinkKind.SPLIT, from_id=new.id, to_id=ticket.id, created_at=clock.now(), created_by=by.id)
    )
    ticket.updated_at = clock.now()
    ticket.version += 1
    session().flush()
    journal.note("ticket.split", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, number=new.number)
    journal.note("ticket.split_off", by=by, ticket_id=new.id, desk_id=new.desk_id, number=ticket.number)
    return new


def settle_children(ticket: Ticket, resolution: Resolution, message: Message | None, by: Actor) -> None:
    """What settled the parent is told to the requesters of its children too, and settles them: soon, not now."""
    journal.note(
        "ticket.children_resolving",
        by=by,
        ticket_id=ticket.id,
        desk_id=ticket.desk_id,
        resolution=resolution.value,
        message_id=message.id if message else None,
    )


def settle_some_children(asker: Asker, parent_id: int, resolution: Resolution, body: str, by: Actor) -> bool:
    """Settle up to AT_ONCE unfinished children that the asker may see; whether there may be more.

    The parent must be settled still: who opened it again meanwhile has stopped this.
    """
    parent = session().get(Ticket, parent_id)
    if parent is None or parent.state not in (TicketState.RESOLVED, TicketState.CLOSED):
        return False
    below = select(TicketLink.from_id).where(TicketLink.to_id == parent_id, TicketLink.kind == LinkKind.CHILD)
    query = select(Ticket).where(Ticket.id.in_(below), Ticket.state.in_(UNFINISHED), visible(asker))
    found = session().scalars(query.order_by(Ticket.id).limit(AT_ONCE).with_for_update(of=Ticket)).all()
    for child in found:
        actions.resolve(child, resolution, by, body)
    return len(found) == AT_ONCE


def messages_of(ticket: Ticket) -> Sequence[Message]:
    """What was said on a ticket that the asker was given, to choose from."""
    return session().scalars(select(Message).where(Message.ticket_id == ticket.id).order_by(Message.id)).all()


def _between(one: int, other: int) -> int | None:
    there = and_(TicketLink.from_id == one, TicketLink.to_id == other)
    back = and_(TicketLink.from_id == other, TicketLink.to_id == one)
    return session().scalar(select(TicketLink.id).where(or_(there, back)).limit(1))


def _is_child(ticket_id: int) -> bool:
    query = select(TicketLink.id).where(TicketLink.from_id == ticket_id, TicketLink.kind == LinkKind.CHILD)
    return session().scalar(query.limit(1)) is not None


def _has_children(ticket_id: int) -> bool:
    query = select(TicketLink.id).where(TicketLink.to_id == ticket_id, TicketLink.kind == LinkKind.CHILD)
    return session().scalar(query.limit(1)) is not None


def _note(ticket: Ticket, other: Ticket, sort: str, by: Actor) -> None:
    journal.note("ticket.linked", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, sort=sort, number=other.number)
