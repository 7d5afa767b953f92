"""What follows from what happened: one table. Every reaction takes entries of the journal and may run twice."""

from collections.abc import Callable, Sequence

from helpdesk.audit.models import JournalEntry
from helpdesk.jobs import callbacks, calls, tickets
from helpdesk.notifications import news

Reaction = Callable[[Sequence[JournalEntry]], None]

REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "offer.accepted": (calls.bring_caller,),
    "call.requeued": (calls.apologise,),
    "call.closing": (calls.hang_up_caller,),
    "ticket.opened": (news.opened,),
    "ticket.replied": (news.replied,),
    "ticket.waiting": (news.waiting,),
    "ticket.resolved": (news.resolved,),
    "call.queued": (callbacks.call_queued,),
    "call.answered": (callbacks.call_answered, tickets.spoken),
    "call.ended": (calls.hang_up_operator, callbacks.call_ended),
    "callback.requested": (callbacks.tell_promised,),
    "callback.missed": (callbacks.tell_missed,),
    "callback.exhausted": (callbacks.tell_exhausted,),
}
