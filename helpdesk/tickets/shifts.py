"""Taking the next ticket, passing one on, and what is left of somebody's at the end of a shift."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, true

from helpdesk.audit.actor import Actor, staff
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, operator_at, operators_below, within
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Queue
from helpdesk.tickets import actions
from helpdesk.tickets.board import BoardRow, rows_of
from helpdesk.tickets.board_orders import DUE
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import PUBLIC_KINDS, visible
from helpdesk.tickets.rules import TicketState

# So many tickets of one person are shown, and given back, at once.
MOST = 100

_IN_HAND = (TicketState.NEW, TicketState.OPEN)


def take_next(who: Asker) -> Ticket | None:
    """Give `who` the most urgent ticket that nobody has, of the queues and languages they know, at desks where they are
    operators; None when there is none. One that somebody else is taking at this moment is passed over.
    """
    query = (
        select(Ticket)
        .where(
            Ticket.assignee_id.is_(None),
            Ticket.state.in_(_IN_HAND),
            Ticket.snoozed_until.is_(None),
            Ticket.queue.in_([Queue(skill) for skill in who.skills if skill in set(Queue)]),
            Ticket.language.in_(who.languages),
            within(Ticket.desk_id, who.roots(Role.OPERATOR)),
            visible(who),
        )
        .order_by(DUE, Ticket.id)
        .limit(1)
    )
    found = session().scalars(query.with_for_update(of=Ticket, skip_locked=True)).first()
    if found is not None:
        actions.assign(found, who.id, staff(who.id))
    return found


def pass_on(ticket: Ticket, staff_id: int, by: Actor, told: str = "") -> None:
    """Give a ticket to an operator of its desk, with what they should know. Raises NotFound for anybody else."""
    to = operator_at(desk(ticket.desk_id).organization.path, staff_id)
    if told.strip():
        actions.note(ticket, told, by)
    actions.assign(ticket, to, by)


@dataclass(frozen=True)
class InHand:
    """A ticket of somebody's; `unanswered`: the requester had the last word, or was never answered."""

    row: BoardRow
    unanswered: bool


def in_hand(who: Asker, staff_id: int) -> Sequence[InHand]:
    """What that person works on, as far as `who` may see it, due first, at most MOST; what waits is not among it.

    Two statements.
    """
    last = (
        select(Message.from_requester)
        .where(Message.ticket_id == Ticket.id, Message.kind.in_(PUBLIC_KINDS))
        .order_by(Message.id.desc())
        .limit(1)
        .correlate(Ticket)
        .lateral("last")
    )
    query = (
        select(Ticket.id, func.coalesce(last.c.from_requester, true()))
        .outerjoin(last, true())
        .where(Ticket.assignee_id == staff_id, Ticket.state.in_(_IN_HAND), visible(who))
        .order_by(DUE, Ticket.id)
        .limit(MOST)
    )
    unanswered = {id_: bool(last_word) for id_, last_word in session().execute(query)}
    rows = rows_of(who, list(unanswered)) if unanswered else {}
    return [
        InHand(rows[id_], one or rows[id_].first_responded_at is None) for id_, one in unanswered.items() if id_ in rows
    ]


@dataclass(frozen=True)
class Holder:
    """An operator and how many tickets they have in hand, at most MOST."""

    id: int
    name: str
    count: int


def holders(who: Asker, limit: int = 200) -> Sequence[Holder]:
    """The operators whom `who` supervises and who have something in hand, by name. One statement."""
    people = (
        operators_below(who.roots(Role.SUPERVISOR)).order_by(None).with_only_columns(Staff.id, Staff.name).subquery()
    )
    theirs = (
        select(Ticket.id)
        .where(Ticket.assignee_id == people.c.id, Ticket.state.in_(_IN_HAND), visible(who))
        .limit(MOST)
        .correlate(people)
        .lateral("theirs")
    )
    query = select(people.c.id, people.c.name, func.count(theirs.c.id)).select_from(people.join(theirs, true()))
    found = session().execute(query.group_by(people.c.id, people.c.name).order_by(people.c.name).limit(limit))
    return [Holder(*row) for row in found]
