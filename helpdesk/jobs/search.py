"""What follows for search from what was said."""

from collections.abc import Sequence

from helpdesk.audit.models import JournalEntry
from helpdesk.search.actions import index_tickets


def follow(entries: Sequence[JournalEntry]) -> None:
    """Something was said on these tickets: they are found by it from now on."""
    index_tickets([entry.ticket_id for entry in entries if entry.ticket_id is not None])
