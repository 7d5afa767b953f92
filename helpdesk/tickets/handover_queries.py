"""Questions of a desk about what it handed on: it keeps reading what became of it, though it works on it no longer.

Beside `visible`, not in it: the filter behind every list stays one array of desks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import joinedload

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import MAY_READ_RESTRICTED, RESTRICTED
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desks
from helpdesk.tickets.handover_models import Handover
from helpdesk.tickets.handover_rules import Way, leads
from helpdesk.tickets.handovers import is_here
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import read_ticket_number


@dataclass(frozen=True)
class Sent:
    """A handover with its ticket and the name of who sent it."""

    handover: Handover
    ticket: Ticket
    sender: str


def sent_by_us(asker: Asker) -> ColumnElement[bool]:
    """What desks of the asker's part of the tree handed on; what is restricted by now only for named roles."""
    mine = within(Handover.from_desk_id, asker.roots())
    trusting = asker.roots(*MAY_READ_RESTRICTED)
    ordinary = or_(Ticket.category_code.is_(None), Ticket.category_code.not_in(RESTRICTED))
    return and_(mine, or_(ordinary, within(Handover.from_desk_id, trusting)) if trusting else ordinary)


def sent(asker: Asker, before: int | None = None, limit: int = 50) -> Sequence[Sent]:
    """Up to `limit` + 1 of them, the newest first; `before` is the id of the last one seen. One statement."""
    query = _query().where(sent_by_us(asker))
    if before is not None:
        query = query.where(Handover.id < before)
    return [Sent(*row) for row in session().execute(query.order_by(Handover.id.desc()).limit(limit + 1))]


def sent_one(asker: Asker, handover_id: int) -> Sent:
    """One of them. Raises NotFound."""
    row = session().execute(_query().where(Handover.id == handover_id, sent_by_us(asker))).first()
    if row is None:
        raise NotFound
    return Sent(*row)


def last_sent(asker: Asker, raw_number: str) -> int | None:
    """The newest handover by our desks of the ticket with this number."""
    query = select(Handover.id).join(Ticket, Ticket.id == Handover.ticket_id)
    query = query.where(Ticket.number == (read_ticket_number(raw_number) or ""), sent_by_us(asker))
    return session().scalar(query.order_by(Handover.id.desc()).limit(1))


def term_here(ticket: Ticket) -> datetime | None:
    """The term of the desk that has a ticket which was handed on to it. One statement, and only for such a ticket."""
    found = session().get(Handover, ticket.handover_id) if ticket.handover_id else None
    return found.due_at if is_here(ticket, found) and found is not None else None


def locked(one: Sent) -> Ticket:
    """The ticket of a handover that the asker was given, locked for a verb."""
    query = select(Ticket).where(Ticket.id == one.ticket.id).with_for_update(of=Ticket)
    return session().scalars(query.execution_options(populate_existing=True)).one()


def ways_from(desk_id: int) -> dict[Way, list[Desk]]:
    """The desks to which a ticket of this desk may go, the nearest first; for a redirect every other one."""
    here = desks()[desk_id].organization.path
    depth, found = here.count("/"), {}
    for way in Way:
        known = [one for one in desks().values() if leads(way, here, one.organization.path)]
        found[way] = sorted(
            known, key=lambda one: (abs(one.organization.path.count("/") - depth), one.organization.sort_key)
        )
    return found


def _query() -> Select[Handover, Ticket, str]:
    return (
        select(Handover, Ticket, Staff.name)
        .join(Ticket, Ticket.id == Handover.ticket_id)
        .join(Staff, Staff.id == Handover.sent_by)
        .options(joinedload(Ticket.desk_organization))
    )
