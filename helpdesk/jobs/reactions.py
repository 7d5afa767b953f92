"""What follows from what happened: one table. Every reaction takes entries of the journal and may run twice."""

from collections.abc import Callable, Sequence

from helpdesk.audit.models import JournalEntry
from helpdesk.jobs import (
    callbacks,
    calls,
    conversations,
    danger,
    operator_phones,
    recordings,
    search,
    staff,
    supervision,
    tickets,
    ties,
)
from helpdesk.knowledge.actions import note_uses
from helpdesk.notifications import hooks, news, notices, staff_letters
from helpdesk.privacy import breaches
from helpdesk.tickets import opinion_actions

Reaction = Callable[[Sequence[JournalEntry]], None]

REACTIONS: dict[str, tuple[Reaction, ...]] = {
    "offer.accepted": (calls.bring_caller, operator_phones.let_go),
    "offer.declined": (operator_phones.let_go,),
    "offer.expired": (operator_phones.let_go,),
    "offer.cancelled": (operator_phones.let_go,),
    "transfer.answered": (operator_phones.let_go,),
    "call.requeued": (calls.send_back, supervision.send_away, recordings.follow),
    "call.danger": (danger.record,),
    "call.left_to_service": (calls.hang_up_operator,),
    "call.service_over": (calls.hang_up_operator,),
    "call.service_unwanted": (calls.hang_up_operator,),
    "call.moved": (tickets.sent_on, recordings.follow),
    "call.cut": (supervision.hang_up_caller,),
    "call.supervision_changed": (supervision.tune,),
    "call.supervision_ended": (supervision.hang_up,),
    "call.closing": (calls.hang_up_caller,),
    "call.held": (conversations.hold,),
    "call.unheld": (conversations.hold,),
    "call.transferred": (calls.send_back, tickets.sent_on, supervision.send_away, recordings.follow),
    "transfer.done": (calls.hang_up_operator, tickets.taken_over, supervision.tune_anew),
    "transfer.cancelled": (calls.hang_up_operator,),
    "transfer.failed": (calls.hang_up_operator,),
    "mail.returned": (news.came_back,),
    "staff.link_made": (staff_letters.link_made,),
    "staff.deactivated": (staff.give_back_tickets,),
    "ticket.opened": (news.opened, search.follow, hooks.tell, breaches.suspect),
    "ticket.imported": (search.follow,),
    "ticket.recategorised": (breaches.suspect,),
    "ticket.heard": (search.follow, hooks.tell, notices.tell),
    "ticket.handed_over": (search.follow,),
    "ticket.assigned": (notices.tell,),
    "ticket.acknowledged": (notices.tell,),
    "ticket.sent_back": (notices.tell,),
    "ticket.unacknowledged": (notices.tell,),
    "ticket.escalated": (notices.tell,),
    "ticket.handed_down": (notices.tell,),
    "ticket.redirected": (notices.tell,),
    "ticket.noted": (search.follow, notices.mention, notices.tell),
    "ticket.replied": (news.replied, search.follow, hooks.tell, note_uses, notices.tell),
    "ticket.waiting": (news.waiting, tickets.asked, hooks.tell),
    "ticket.reminded": (news.reminded,),
    "ticket.resolved": (opinion_actions.ask, news.resolved, search.follow, hooks.tell, note_uses, notices.tell),
    "ticket.reopened": (hooks.tell, notices.tell),
    "ticket.breached": (hooks.tell, notices.tell),
    "ticket.children_resolving": (ties.settle_children,),
    "call.queued": (callbacks.call_queued,),
    "call.answered": (callbacks.call_answered, tickets.spoken, recordings.want),
    "call.ended": (calls.hang_up_operator, danger.hang_up_services, supervision.send_away, callbacks.call_ended),
    "recording.wanted": (recordings.start,),
    "recording.paused": (recordings.turn,),
    "recording.resumed": (recordings.turn,),
    "recording.unwanted": (recordings.stop,),
    "voicemail.left": (recordings.file_messages, news.voicemail_left),
    "callback.requested": (callbacks.tell_promised, hooks.tell),
    "callback.done": (hooks.tell,),
    "callback.missed": (callbacks.tell_missed,),
    "callback.exhausted": (callbacks.tell_exhausted, hooks.tell),
}
