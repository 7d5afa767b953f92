"""What the journal says of a ticket, in words: one sentence for each kind of entry."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks.labels import RESULTS
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext, language, moment_text
from helpdesk.notifications.labels import KINDS, MEDIA
from helpdesk.organizations.queries import desks
from helpdesk.routing.queries import category
from helpdesk.telephony.conversation_rules import SupervisionMode, WrapupCode
from helpdesk.tickets.labels import CHANNELS, QUEUES, RESOLUTIONS, STATES
from helpdesk.tickets.recordings import REASONS as REASONS_TO_LISTEN

OUTCOMES: dict[str, str] = {
    "handled": N_("answered by an operator"),
    "abandoned": N_("the caller hung up while waiting"),
    "short_abandon": N_("the caller hung up at once"),
    "callback_requested": N_("the caller asked to be called back"),
    "voicemail": N_("the caller left a voice message"),
    "closed": N_("called outside working hours"),
    "rejected": N_("refused"),
    "failed": N_("the connection failed"),
    "system_error": N_("an error on our side"),
    "self_served": N_("the caller was helped by the menu"),
}

PROMISES: dict[str, str] = {
    "first_response": N_("The time for the first response has run out"),
    "resolution": N_("The time for the resolution has run out"),
}

# What is said of each kind; %(…)s is filled by the teller below of that name. Kinds that are missing here are not
# shown: they are the machine's own (a presence, a letter kept for sending).
SENTENCES: dict[str, str] = {
    "ticket.opened": N_("Ticket opened, channel: %(channel)s"),
    "ticket.imported": N_("Taken over from another system"),
    "ticket.assigned": N_("Assigned to: %(staff)s"),
    "ticket.waiting": N_("State: %(state)s"),
    "ticket.reminded": N_("The requester was reminded of our question"),
    "ticket.snoozed": N_("Put off until: %(until)s"),
    "ticket.woken": N_("Back in the lists"),
    "ticket.resumed": N_("Work goes on"),
    "ticket.resolved": N_("Resolved: %(resolution)s"),
    "ticket.rated": N_("The requester's grade, 5 is best: %(grade)s"),
    "ticket.reopened": N_("Opened again"),
    "ticket.resolution_taken_back": N_("The resolution was taken back"),
    "ticket.recategorised": N_("Category: %(category)s"),
    "ticket.rerouted": N_("Queue: %(queue)s"),
    "ticket.breached": "%(promise)s",
    "ticket.erased": N_("Personal data of this ticket were erased"),
    "ticket.merged": N_("Merged into this ticket: %(number)s"),
    "ticket.merged_away": N_("Merged into: %(number)s"),
    "ticket.unmerged": N_("Taken apart again: %(number)s"),
    "ticket.unmerged_away": N_("Taken apart again: %(number)s"),
    "ticket.linked": "%(tie)s",
    "ticket.answered_with": N_("A canned answer was used"),
    "ticket.unlinked": N_("No longer linked: %(number)s"),
    "ticket.split": N_("Messages were moved to: %(number)s"),
    "ticket.split_off": N_("Split off from: %(number)s"),
    "ticket.thanked": N_("The requester said thank you: the ticket stays settled"),
    "ticket.children_resolving": N_("The children are answered and settled with this ticket"),
    "call.started": N_("Call came in"),
    "call.queued": N_("The caller waits in the queue: %(queue)s"),
    "call.offered": N_("The call was offered to: %(staff)s"),
    "call.answered": N_("The call was answered by: %(staff)s"),
    "call.requeued": N_("The caller waits in the queue again"),
    "call.closing": N_("The call was ended by: %(staff)s"),
    "call.held": N_("The caller was put on hold"),
    "call.unheld": N_("The caller was taken off hold"),
    "call.transferred": N_("Passed on to: %(target)s"),
    "transfer.asked": N_("A colleague was asked: %(target)s"),
    "transfer.done": N_("Handed over to: %(target)s"),
    "transfer.failed": N_("The colleague did not take the call: %(target)s"),
    "call.wrapped_up": N_("Written up: %(wrapup)s"),
    "ticket.handed_over": N_("Desk: %(desk)s"),
    "ticket.tagged": N_("A tag was added"),
    "ticket.untagged": N_("A tag was taken off"),
    "ticket.mentioned": N_("Mentioned: %(staff)s"),
    "ticket.escalated": N_("Handed up a level, term: %(until)s"),
    "ticket.handed_down": N_("Handed down a level, term: %(until)s"),
    "ticket.redirected": N_("Redirected by competence"),
    "ticket.acknowledged": N_("The receiving desk has it"),
    "ticket.unacknowledged": N_("Nobody has acknowledged it in time"),
    "ticket.sent_back": N_("Sent back for rework"),
    "ticket.taken_back": N_("Taken back before anybody had acknowledged it"),
    "call.ended": N_("Call ended: %(outcome)s"),
    "call.overflowed": N_("Operators of a further desk may answer: %(desk)s"),
    "voicemail.left": N_("A voice message was left"),
    "recording.completed": N_("The conversation was recorded"),
    "recording.paused": N_("Recording paused by: %(staff)s"),
    "recording.resumed": N_("Recording goes on"),
    "recording.opened": N_("Why somebody listens: %(listens)s"),
    "recording.played": N_("Listened to by: %(staff)s"),
    "recording.erased": N_("The sound was erased"),
    "call.moved": N_("A supervisor moved the waiting caller to: %(target)s"),
    "call.cut": N_("A supervisor ended the call"),
    "call.danger": N_("Alarm: a child is in danger"),
    "call.service_asked": N_("Being called in: %(number)s"),
    "call.service_talking": N_("On the line: %(number)s"),
    "call.service_failed": N_("Could not be reached: %(number)s"),
    "call.service_ended": N_("Hung up: %(number)s"),
    "call.supervised": N_("A supervisor joined the conversation: %(supervisor)s"),
    "call.supervision_changed": "%(part)s",
    "call.supervision_ended": N_("The supervisor left the conversation: %(supervisor)s"),
    "offer.accepted": N_("The call was taken by: %(staff)s"),
    "offer.declined": N_("The call was declined by: %(staff)s"),
    "offer.expired": N_("The call was not taken by: %(staff)s"),
    "offer.cancelled": N_("The offer of the call was withdrawn"),
    "callback.requested": N_("Callback promised, not later than: %(promised)s"),
    "callback.moved": N_("Callback promised anew, not later than: %(promised)s"),
    "callback.hurried": N_("The callback is to be made at once"),
    "callback.offered": N_("The callback was offered to: %(staff)s"),
    "callback.taken": N_("The callback is made by: %(staff)s"),
    "callback.dialed": N_("We are calling back, attempt: %(attempt)s"),
    "callback.missed": N_("Attempt to call back failed: %(result)s"),
    "letter.failed": N_("Could not be delivered: %(letter)s"),
    "callback.connected": N_("The callback reached the requester"),
    "callback.done": N_("The callback is kept"),
    "callback.exhausted": N_("All attempts to call back failed"),
    "callback.kept_from": N_("The number does not want to be called: the callback is a person's to settle another way"),
    "callback.cancelled": N_("The callback was cancelled"),
    "callback.superseded": N_("The callback was replaced: the requester called again"),
}

# What a supervisor in a conversation does from then on.
PARTS: dict[str, str] = {
    SupervisionMode.LISTEN: N_("The supervisor only listens now"),
    SupervisionMode.WHISPER: N_("The supervisor speaks to the operator only"),
    SupervisionMode.BARGE: N_("The supervisor speaks to both"),
}

WRAPUPS: dict[str, str] = {
    WrapupCode.RESOLVED: N_("solved"),
    WrapupCode.INFORMED: N_("information given"),
    WrapupCode.PASSED_ON: N_("passed on"),
    WrapupCode.CALLBACK: N_("callback agreed"),
    WrapupCode.NO_CONTACT: N_("no contact"),
    WrapupCode.WRONG_NUMBER: N_("wrong number"),
    WrapupCode.JOKE: N_("a joke"),
    WrapupCode.OTHER: N_("other matter"),
}

# What a link says of the other ticket, by its sort (tickets/ties.py).
TIES: dict[str, str] = {
    "related": N_("Belongs together with: %(number)s"),
    "parent": N_("Part of: %(number)s"),
    "children": N_("Has a part: %(number)s"),
    "family": N_("Of the same family: %(number)s"),
    "follows": N_("Goes on with: %(number)s"),
    "followed_by": N_("Goes on in: %(number)s"),
    "split_from": N_("Split off from: %(number)s"),
    "split_off": N_("Messages were moved to: %(number)s"),
}

Names = Mapping[int, str]
_Teller = Callable[[JournalEntry, Names], str]


def _word(words: Mapping[Any, str], given: Any) -> str:
    found = words.get(given)
    return gettext(found) if found else str(given or "")


def _staff(entry: JournalEntry, names: Names) -> str:
    given = entry.details.get("staff_id", entry.actor_id if entry.actor_kind == "staff" else None)
    return names.get(given, "") if given else gettext("nobody")


def _category(entry: JournalEntry, _names: Names) -> str:
    code = str(entry.details.get("category", ""))
    try:
        return f"{code} {category(code).name(language())}"
    except NotFound:
        return code


def _moment(given: str | None) -> str:
    return moment_text(datetime.fromisoformat(given)) if given else ""


def _promised(entry: JournalEntry, _names: Names) -> str:
    given = entry.details.get("promised_at")
    return moment_text(datetime.fromisoformat(given)) if given else ""


def _desk(entry: JournalEntry, _names: Names) -> str:
    found = desks().get(entry.details.get("to_desk_id", 0))
    return found.organization.short(language()) if found else ""


def _letter(entry: JournalEntry, _names: Names) -> str:
    """The medium, what was written, and the carrier's number of the reason."""
    told = entry.details
    named = (_word(MEDIA, told.get("medium")), _word(KINDS, told.get("template")), str(told.get("code") or ""))
    return ", ".join(part for part in named if part)


def _target(entry: JournalEntry, names: Names) -> str:
    told = entry.details
    if told.get("to_staff_id") is not None:
        return names.get(told["to_staff_id"], "")
    return _desk(entry, names) if told.get("to_desk_id") is not None else _word(QUEUES, told.get("to_queue"))


def _tie(entry: JournalEntry, _names: Names) -> str:
    words = TIES.get(str(entry.details.get("sort")), TIES["related"])
    return gettext(words, number=str(entry.details.get("number", "")))


_TELLERS: dict[str, _Teller] = {
    "target": _target,
    "wrapup": lambda entry, _: _word(WRAPUPS, entry.details.get("code")),
    "channel": lambda entry, _: _word(CHANNELS, entry.details.get("channel")),
    "staff": _staff,
    "state": lambda entry, _: _word(STATES, entry.details.get("state")),
    "resolution": lambda entry, _: _word(RESOLUTIONS, entry.details.get("resolution")),
    "category": _category,
    "queue": lambda entry, _: _word(QUEUES, entry.details.get("queue")),
    "promise": lambda entry, _: _word(PROMISES, entry.details.get("promise")),
    "outcome": lambda entry, _: _word(OUTCOMES, entry.details.get("outcome")),
    "promised": _promised,
    "until": lambda entry, _: _moment(entry.details.get("until")),
    "supervisor": lambda entry, names: names.get(entry.details.get("supervisor_staff_id", 0), ""),
    "part": lambda entry, _: _word(PARTS, entry.details.get("mode")),
    "grade": lambda entry, _: str(entry.details.get("grade", "")),
    "number": lambda entry, _: str(entry.details.get("number", "")),
    "attempt": lambda entry, _: str(entry.details.get("attempt", "")),
    "desk": _desk,
    "tie": _tie,
    "letter": _letter,
    "listens": lambda entry, _: _word(REASONS_TO_LISTEN, entry.details.get("reason")),
    "result": lambda entry, _: _word(RESULTS, entry.details.get("result")),
}


def sentence(entry: JournalEntry, names: Names) -> str | None:
    """The entry in words of the language spoken now; None for a kind that people need not read."""
    words = SENTENCES.get(entry.kind)
    if words is None:
        return None
    wanted = [name for name in _TELLERS if f"%({name})s" in words]
    values = {name: _TELLERS[name](entry, names) for name in wanted}
    return (gettext(words, **values) if values else gettext(words)).strip().removesuffix(":")


def staff_in(entries: Collection[JournalEntry]) -> set[int]:
    """Ids of the members of staff whom these entries name."""
    found = {entry.actor_id for entry in entries if entry.actor_kind == "staff"}
    found |= {
        entry.details.get(name) for entry in entries for name in ("staff_id", "to_staff_id", "supervisor_staff_id")
    }
    return {one for one in found if one is not None}
