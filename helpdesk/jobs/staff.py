"""What follows when somebody works here no more."""

from collections.abc import Sequence

from sqlalchemy import select

from helpdesk.audit.actor import SYSTEM
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session
from helpdesk.telephony import offers, presence
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import UNFINISHED


def give_back_tickets(entries: Sequence[JournalEntry]) -> None:
    """Unfinished tickets of whoever was deactivated go back to the queue of their desk; they are offered no call.

    Somebody who was called back meanwhile keeps theirs.
    """
    ids = {entry.details["staff_id"] for entry in entries}
    gone = session().scalars(select(Staff.id).where(Staff.id.in_(ids), Staff.active.is_(False))).all()
    query = select(Ticket).where(Ticket.assignee_id.in_(gone), Ticket.state.in_(UNFINISHED)).order_by(Ticket.id)
    for ticket in session().scalars(query.with_for_update()):
        actions.assign(ticket, None, SYSTEM)
    for staff_id in gone:
        offers.release(staff_id)
        presence.sign_out(staff_id)
