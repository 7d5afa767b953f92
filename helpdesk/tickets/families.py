"""Requests that one form made for several pupils: the same person's, each with a page of its own."""

from collections.abc import Sequence

from sqlalchemy import or_, select

from helpdesk.kernel.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.tie_models import TicketLink
from helpdesk.tickets.tie_rules import LinkKind


def siblings(ticket: Ticket) -> Sequence[Ticket]:
    """The other requests of the same form or call, in their order; never another person's. One statement."""
    named = select(TicketLink.from_id).where(TicketLink.to_id == ticket.id, TicketLink.kind == LinkKind.FAMILY)
    naming = select(TicketLink.to_id).where(TicketLink.from_id == ticket.id, TicketLink.kind == LinkKind.FAMILY)
    same = Ticket.contact_id == ticket.contact_id if ticket.contact_id else Ticket.contact_id.is_(None)
    query = select(Ticket).where(or_(Ticket.id.in_(named), Ticket.id.in_(naming)), same)
    return session().scalars(query.order_by(Ticket.id).limit(10)).all()
