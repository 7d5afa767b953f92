"""Watching a ticket: its watcher hears of what happens on it, as long as they may read it."""

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.watch_models import Watcher


def watch(ticket: Ticket, by: Actor) -> None:
    """Hear of it from now on. Twice is once."""
    row = {"ticket_id": ticket.id, "staff_id": by.id, "since": clock.now()}
    session().execute(insert(Watcher).values(row).on_conflict_do_nothing())


def unwatch(ticket: Ticket, by: Actor) -> None:
    """Hear of it no longer."""
    session().execute(delete(Watcher).where(Watcher.ticket_id == ticket.id, Watcher.staff_id == by.id))
