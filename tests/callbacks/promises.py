"""Promises that tests need."""

from typing import Any

from sqlalchemy import select

from helpdesk.callbacks import actions
from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.routing.rules import Queue
from helpdesk.tickets.models import Ticket
from tests.factories import filed
from tests.people import GULNAR_PHONE, Town


def ticket_of(town: Town) -> Ticket:
    """A ticket of Gulnar's at the desk of school 905."""
    return filed(organization_id=town.school905.id, contact_id=town.gulnar.id).ticket


def promised(ticket: Ticket, number: str = GULNAR_PHONE, **changes: Any) -> Callback:
    """A promise about this ticket, committed."""
    values: dict[str, Any] = {
        "number": number,
        "language": "kk",
        "queue": Queue.TECHNICAL,
        "desk_id": ticket.desk_id,
        "ticket_id": ticket.id,
        "virtual_at": clock.now(),
        "origin": "web",
    }
    with transaction():
        return actions.request(actions.Wish(**(values | changes)))


def due_now(ticket: Ticket, number: str = GULNAR_PHONE, **changes: Any) -> Callback:
    """A promise whose moment has come."""
    callback = promised(ticket, number, **changes)
    with transaction():
        found = session().get_one(Callback, callback.id)
        found.promised_at = found.next_attempt_at = clock.now()
        session().flush()
        actions.ripen()
    return again(callback)


def again(callback: Callback) -> Callback:
    """The same row as it is in the database now."""
    return session().get_one(Callback, callback.id, populate_existing=True)


def attempts() -> list[Attempt]:
    """Every attempt as it is in the database now."""
    return list(session().scalars(select(Attempt).order_by(Attempt.id).execution_options(populate_existing=True)))
