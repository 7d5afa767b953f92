"""What follows from what happened: one table. Every reaction takes entries of the journal and may run twice."""

from collections.abc import Callable, Sequence

from helpdesk.audit.models import JournalEntry
from helpdesk.notifications import news

Reaction = Callable[[Sequence[JournalEntry]], None]

REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "ticket.opened": (news.opened,),
    "ticket.replied": (news.replied,),
    "ticket.waiting": (news.waiting,),
    "ticket.resolved": (news.resolved,),
}
