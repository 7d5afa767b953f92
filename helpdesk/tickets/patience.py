"""How long a ticket waits for its requester: one reminder, then it is settled with a way back. Each happens once."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Priority
from helpdesk.sla.calendar import NoWorkingTime
from helpdesk.sla.queries import calendar_of, profile
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket, TicketPause
from helpdesk.tickets.rules import Resolution, TicketState


def begin(ticket: Ticket) -> None:
    """Say when the requester is reminded and when we stop waiting, by the days of the desk. Again changes nothing.

    A child in danger and a term of the law are never settled by silence.
    """
    pause = _open_pause(ticket.id)
    if pause is None or pause.state is not TicketState.WAITING_REQUESTER or pause.patience_begun:
        return
    pause.patience_begun = True
    at = desk(ticket.desk_id)
    pause.remind_at = _after(ticket, pause.started_at, at.reminds_after_days)
    if ticket.priority is not Priority.P0 and profile(ticket.profile).pausable:
        pause.settle_at = _after(ticket, pause.started_at, at.settles_after_days)
    if pause.settle_at is not None and pause.remind_at is not None and pause.remind_at >= pause.settle_at:
        pause.remind_at = None
    session().flush()


def remind(limit: int = 200) -> int:
    """Note that requesters whose time has come are reminded; the letters follow from that. How many; call until 0."""
    due = TicketPause.remind_at <= clock.now()
    found = session().execute(
        select(TicketPause, Ticket)
        .join(Ticket, Ticket.id == TicketPause.ticket_id)
        .where(due, TicketPause.ended_at.is_(None))
        .order_by(TicketPause.remind_at)
        .limit(limit)
        .options(lazyload("*"))
        .with_for_update(skip_locked=True)
    )
    done = 0
    for pause, ticket in found:
        pause.remind_at, done = None, done + 1
        if ticket.state is TicketState.WAITING_REQUESTER:
            journal.note("ticket.reminded", by=SYSTEM, ticket_id=ticket.id, desk_id=ticket.desk_id, pause_id=pause.id)
    session().flush()
    return done


def settle(limit: int = 50) -> int:
    """Settle tickets whose requesters kept silent for too long. How many; call until 0."""
    found = session().execute(
        select(TicketPause, Ticket)
        .join(Ticket, Ticket.id == TicketPause.ticket_id)
        .where(TicketPause.settle_at <= clock.now(), TicketPause.ended_at.is_(None))
        .order_by(TicketPause.settle_at)
        .limit(limit)
        .options(lazyload("*"))
        .with_for_update(skip_locked=True)
    )
    done = 0
    for pause, ticket in found:
        pause.settle_at, done = None, done + 1
        if ticket.state is TicketState.WAITING_REQUESTER and ticket.merged_into_id is None:
            actions.resolve(ticket, Resolution.NOT_REACHED, SYSTEM)
    session().flush()
    return done


def _open_pause(ticket_id: int) -> TicketPause | None:
    query = select(TicketPause).where(TicketPause.ticket_id == ticket_id, TicketPause.ended_at.is_(None))
    return session().scalars(query.order_by(TicketPause.id.desc()).limit(1).with_for_update()).first()


def _after(ticket: Ticket, start: datetime, days: int) -> datetime | None:
    if not days:
        return None
    try:
        return calendar_of(desk(ticket.desk_id)).desk_days_after(start, days)
    except NoWorkingTime:
        return None
