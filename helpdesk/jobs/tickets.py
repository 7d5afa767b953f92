"""What follows for tickets from what happened elsewhere."""

from collections.abc import Sequence

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import session
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket


def spoken(entries: Sequence[JournalEntry]) -> None:
    """A conversation began: its ticket is answered, and belongs to the operator who talks."""
    for entry in entries:
        staff_id = entry.details.get("staff_id")
        ticket = session().get(Ticket, entry.ticket_id, with_for_update=True) if entry.ticket_id else None
        if ticket is not None and staff_id is not None:
            actions.speak(ticket, staff_id, entry.at)
