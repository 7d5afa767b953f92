"""Each look at a ticket that only named roles may read is noted, on whatever page it is had."""

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel.db import transaction
from helpdesk.tickets.models import Ticket
from helpdesk.web.access import current


def note_look(ticket: Ticket, attachment_id: int | None = None) -> None:
    """Nothing for a ticket that is not restricted."""
    if ticket.category_code not in RESTRICTED:
        return
    with transaction():
        by = staff(current().id)
        journal.note("ticket.viewed", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, attachment_id=attachment_id)
