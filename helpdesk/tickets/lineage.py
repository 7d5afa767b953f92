"""What was merged into what: up to the ticket that goes on with a matter, and down to all that became part of it."""

from collections.abc import Collection, Sequence

from sqlalchemy import CTE, and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.tickets.models import Ticket


def merged_into(ticket: Ticket) -> CTE:
    """The query of the ids of everything that became part of a ticket, also through others, as staff may read it.

    What only named roles may read is no part of a ticket that others read: its subject may have changed since.
    """
    readable = or_(Ticket.category_code.is_(None), Ticket.category_code.not_in(RESTRICTED))
    if ticket.category_code in RESTRICTED:
        readable = Ticket.id.is_not(None)
    found = select(Ticket.id).where(Ticket.merged_into_id == ticket.id, readable).cte("merged", recursive=True)
    return found.union_all(select(Ticket.id).join(found, Ticket.merged_into_id == found.c.id).where(readable))


def merged_ids(ticket: Ticket) -> list[int]:
    """Ids of the tickets whose messages are read with this one's."""
    return list(session().scalars(select(merged_into(ticket).c.id)))


def own_ids(ticket: Ticket) -> list[int]:
    """Ids of the tickets of the same matter whose messages the person behind this one may read: this one, and those
    of the same known person that were merged with it. One statement where nothing was merged."""
    root = lineage(ticket.id)[-1] if ticket.merged_into_id is not None else ticket.id
    down = select(Ticket.id).where(Ticket.id == root).cte("down", recursive=True)
    down = down.union_all(select(Ticket.id).join(down, Ticket.merged_into_id == down.c.id))
    mine = and_(Ticket.contact_id.is_not(None), Ticket.contact_id == ticket.contact_id)
    query = select(Ticket.id).join(down, down.c.id == Ticket.id).where(or_(Ticket.id == ticket.id, mine))
    return list(session().scalars(query))


def lineage(ticket_id: int) -> list[int]:
    """The ticket and what it was merged into, one after the other: the last one goes on with the matter."""
    one = aliased(Ticket)
    up = select(Ticket.id, Ticket.merged_into_id).where(Ticket.id == ticket_id).cte("up", recursive=True)
    up = up.union_all(select(one.id, one.merged_into_id).join(up, one.id == up.c.merged_into_id))
    found: dict[int, int | None] = {id_: into for id_, into in session().execute(select(up.c.id, up.c.merged_into_id))}
    line, last = [], ticket_id if ticket_id in found else None
    while last is not None:
        line.append(last)
        last = found[last]
    return line


def survivor(ticket: Ticket) -> Ticket:
    """The ticket that goes on with this one's matter: itself, unless it was merged. For doors that only read."""
    if ticket.merged_into_id is None:
        return ticket
    return session().get_one(Ticket, lineage(ticket.id)[-1])


def locked_survivor(ticket_id: int) -> Ticket:
    """The same, locked together with everything between them in the order of their ids. Raises NotFound.

    A merge that was faster is followed too. One statement for a ticket that was not merged; one that is merged while
    it is waited for no longer fits, and is not held when the others are locked in their order.
    """
    alone = select(Ticket).where(Ticket.id == ticket_id, Ticket.merged_into_id.is_(None)).with_for_update(of=Ticket)
    found = session().scalars(alone.execution_options(populate_existing=True)).unique().first()
    if found is not None:
        return found
    while True:
        line = lineage(ticket_id)
        if not line:
            raise NotFound
        locking = select(Ticket).where(Ticket.id.in_(line)).order_by(Ticket.id).with_for_update(of=Ticket)
        held = {one.id: one for one in session().scalars(locking.execution_options(populate_existing=True)).unique()}
        if lineage(ticket_id) == line:
            return held[line[-1]]


def others_within(ids: Collection[int]) -> Sequence[tuple[Ticket, int]]:
    """Tickets of other people, or of nobody known, that became part of these, each with the one it is part of."""
    down = select(Ticket.id, Ticket.merged_into_id.label("root")).where(Ticket.merged_into_id.in_(ids))
    down_ = down.cte("down", recursive=True)
    down_ = down_.union_all(select(Ticket.id, down_.c.root).join(down_, Ticket.merged_into_id == down_.c.id))
    root = aliased(Ticket)
    query = select(Ticket, down_.c.root).join(down_, down_.c.id == Ticket.id).join(root, root.id == down_.c.root)
    other = or_(Ticket.contact_id.is_(None), Ticket.contact_id.is_distinct_from(root.contact_id))
    return [(ticket, root_id) for ticket, root_id in session().execute(query.where(other))]


def merged_ticket(ticket: Ticket, number: str) -> Ticket:
    """A ticket by its number that became part of the one that the asker was given. Raises NotFound."""
    query = select(Ticket).where(Ticket.number == number, Ticket.id.in_(merged_ids(ticket)))
    found = session().scalars(query.options(joinedload(Ticket.contact), joinedload(Ticket.organization))).first()
    if found is None:
        raise NotFound
    return found
