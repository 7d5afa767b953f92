"""Come back to me on Monday: a ticket leaves its lists until then.

Its clocks go on; a broken promise, a word of the requester or any new state brings it back at once.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.routing.rules import Priority
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import UNFINISHED

LONGEST = timedelta(days=180)


def snooze(ticket: Ticket, until: datetime, by: Actor) -> None:
    """Leave it out of the lists until then. Raises Refused."""
    now = clock.now()
    if ticket.state not in UNFINISHED:
        raise Refused(N_("Open the ticket again first"))
    if ticket.priority is Priority.P0:
        raise Refused(N_("A child in danger is not put off"))
    if not now < until <= now + LONGEST:
        raise Refused(N_("Choose a moment in the next 180 days"), field="until")
    ticket.snoozed_until, ticket.updated_at = until, now
    ticket.version += 1
    session().flush()
    journal.note("ticket.snoozed", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, until=until.isoformat())


def wake(ticket: Ticket, by: Actor) -> None:
    """Bring it back now. Nothing when it is there already."""
    if ticket.snoozed_until is None:
        return
    actions.wake(ticket, by)
    ticket.updated_at = clock.now()
    ticket.version += 1
    session().flush()


def wake_due(limit: int = 200) -> int:
    """Bring back what was put off until now, each once. How many; call until 0."""
    due = (
        select(Ticket)
        .where(Ticket.snoozed_until <= clock.now())
        .order_by(Ticket.snoozed_until)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = session().scalars(due).all()
    for ticket in found:
        if ticket.state in UNFINISHED:
            wake(ticket, SYSTEM)
        ticket.snoozed_until = None
    session().flush()
    return len(found)
