"""What the page of a ticket shows: clocks, timeline, person, list. At most ten statements, whatever the ticket."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template

from helpdesk.identity.insiders import answers_at
from helpdesk.identity.queries import operators_at
from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel import clock
from helpdesk.kernel.i18n import N_, gettext, language, moment_text
from helpdesk.routing.rules import REASONS, Queue
from helpdesk.tickets import actions
from helpdesk.tickets import board as lists
from helpdesk.tickets.answer_queries import offered
from helpdesk.tickets.board import BoardFilter
from helpdesk.tickets.labels import CHANNELS, MESSAGES, QUEUES, RESOLUTIONS, ROLES
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import Entry, timeline
from helpdesk.tickets.requesters import History, history
from helpdesk.tickets.rules import PAUSED, UNFINISHED, MessageKind, TicketState
from helpdesk.tickets.ties import Tie, Ties, ties
from helpdesk.web import enclosed
from helpdesk.web import history as words
from helpdesk.web.access import current
from helpdesk.web.board import category_name, listed
from helpdesk.web.clocks import clocks, waits_for, why

# What stands beside a ticket: enough to see what is next.
BESIDE = 15

# Which circumstances a category is chosen with; the words are those of the priority's reasons.
CIRCUMSTANCES = {
    "lesson_now": REASONS["runs_now"],
    "within_24h": REASONS["within_24h"],
    "whole_class": REASONS["class_or_five_pupils"],
    "whole_school": REASONS["school_or_settlement"],
    "vulnerable_household": REASONS["household"],
}

TIE_WORDS = {
    "merged": N_("Merged in"),
    "merged_through": N_("Merged in with another one"),
    "into": N_("Merged into"),
    "parent": N_("Part of"),
    "children": N_("Its part"),
    "related": N_("Together with"),
    "family": N_("Same family"),
    "split_from": N_("Split off from"),
    "split_off": N_("Split off"),
    "follows": N_("Goes on with"),
    "followed_by": N_("Goes on in"),
}

# What the choice of a colleague sends when the ticket goes back into the queue.
NOBODY = "nobody"

# Facts that come with a sound.
RECORDED = frozenset({"voicemail.left", "recording.completed"})

_LOOKS = {MessageKind.NOTE: "note", MessageKind.CALL: "note"}


@dataclass(frozen=True)
class Line:
    """One line of the timeline as it is drawn. `look` is a kind of the entry macro; an event has only `told`.

    `recording_id`: what can be listened to; `of`: the number of the merged ticket that it stands on.
    """

    at: datetime
    look: str
    who: str
    told: str
    message: Message | None = None
    recording_id: int | None = None
    of: str = ""


def render(
    ticket: Ticket,
    wanted: BoardFilter,
    tried: str = "",
    errors: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    """The page; after a refusal with what was `tried`, why it failed, and what was typed."""
    belonging = ties(current(), ticket)
    entries = timeline(ticket, merged=belonging.merged_ids)
    stood_still = ticket.pauses
    events = [entry.event for entry in entries if entry.event is not None]
    named = words.staff_in(events) | {one.started_by for one in stood_still if one.started_by}
    operators, names = operators_at(ticket.desk_organization.path, named)
    lines = [line for entry in entries if (line := _line(ticket, entry, names, belonging))]
    return render_template(
        "tickets/ticket.html",
        ticket=ticket,
        title=category_name(ticket.category_code) if ticket.category_code else gettext("Ticket"),
        lines=lines,
        clocks=clocks(ticket),
        waits_for=waits_for(ticket),
        why=why(ticket, stood_still, names),
        priority_why=[(gettext(REASONS[key]), points) for key, points in ticket.priority_reasons.get("reasons", ())],
        history=history(current(), ticket.contact_id, without=ticket.id) if ticket.contact_id else History(),
        operators=_colleagues(ticket, operators),
        other_queue=gettext(QUEUES[other_queue(ticket)]),
        restricted=ticket.category_code in RESTRICTED,
        covered=not answers_at(current(), ticket.desk_organization.path),
        unfinished=ticket.state in UNFINISHED,
        waiting=ticket.state in PAUSED,
        can_reopen=ticket.state not in UNFINISHED and actions.can_reopen(ticket, clock.now()),
        snooze_words=_snooze_words(ticket),
        can_wait=ticket.state in (TicketState.NEW, TicketState.OPEN),
        queue_words=QUEUES,
        channel_words=CHANNELS,
        role_words=ROLES,
        resolutions=[(one.value, gettext(told)) for one, told in RESOLUTIONS.items()],
        circumstances=CIRCUMSTANCES,
        ties=belonging,
        tie_words=TIE_WORDS,
        others=_people(ticket, belonging),
        answers=_answers(ticket),
        kept_files=enclosed.kept(),
        tried=tried,
        errors=errors or {},
        typed=typed or {},
        spoken=language(),
        **listed(wanted, lists.board(current(), wanted, limit=BESIDE), BESIDE),
    )


def _colleagues(ticket: Ticket, operators: Mapping[int, str]) -> list[tuple[str, str]]:
    """Who can get the ticket; nobody is chosen beforehand."""
    others = [(str(id_), name) for id_, name in operators.items() if id_ != ticket.assignee_id]
    back = [(NOBODY, gettext("nobody: back into the queue"))] if ticket.assignee_id else []
    return [("", gettext("choose")), *others, *back]


def snooze_moments(zone: ZoneInfo) -> dict[str, datetime]:
    """Until when a ticket is put off with one press, by the wall clock of its desk."""
    today = clock.now().astimezone(zone)
    morning = today.replace(hour=9, minute=0, second=0, microsecond=0)
    return {
        "hour": (today + timedelta(hours=1)).replace(second=0, microsecond=0),
        "tomorrow": morning + timedelta(days=1),
        "monday": morning + timedelta(days=7 - today.weekday()),
    }


def _snooze_words(ticket: Ticket) -> list[tuple[str, str]]:
    moments = snooze_moments(ZoneInfo(ticket.desk_organization.zone))
    # on Sundays tomorrow is Monday: one button
    return [(name, moment_text(at)) for at, name in {at: name for name, at in reversed(moments.items())}.items()][::-1]


def _answers(ticket: Ticket) -> list[tuple[str, str]]:
    """What can be answered with, each also in the words of the other languages: it is found by typing any of them."""
    found = []
    for one in offered(ticket):
        others = [title for code, title in one.titles.items() if code != language()]
        found.append((str(one.id), " · ".join(dict.fromkeys((one.titles[language()], *others)))))
    return [("", gettext("choose, or type to find")), *found] if found else []


def _people(ticket: Ticket, belonging: Ties) -> list[tuple[str, str]]:
    """Who can be answered, where tickets of several people became one: nobody gets what is meant for another."""
    merged = belonging.of("merged", "merged_through")
    others = {one.contact_id or -one.id: one for one in merged if one.contact_id != ticket.contact_id}
    if not others:
        return []
    first = ("", f"{ticket.contact.name if ticket.contact else ''} · {ticket.number}")
    return [first, *((one.number, f"{one.name} · {one.number}") for one in others.values())]


def _line(ticket: Ticket, entry: Entry, names: words.Names, belonging: Ties) -> Line | None:
    message, event = entry.message, entry.event
    on = message.ticket_id if message is not None else event.ticket_id if event is not None else None
    merged = next((one for one in belonging.of("merged", "merged_through") if one.id == on), None)
    of = merged.number if merged is not None else ""
    if message is not None:
        look = _LOOKS.get(message.kind) or ("in" if message.from_requester else "out")
        return Line(entry.at, look, _who(ticket, message, merged), gettext(MESSAGES[message.kind]), message, of=of)
    told = words.sentence(event, names) if event is not None else None
    if event is None or told is None:
        return None
    who = names.get(event.actor_id or 0, "") if event.actor_kind == "staff" else ""
    heard = event.details.get("recording_id") if event.kind in RECORDED else None
    return Line(entry.at, "event", "" if who and who in told else who, told, recording_id=heard, of=of)


def other_queue(ticket: Ticket) -> Queue:
    """The queue that the ticket is not in."""
    return Queue.METHODOLOGICAL if ticket.queue is Queue.TECHNICAL else Queue.TECHNICAL


def _who(ticket: Ticket, message: Message, merged: Tie | None) -> str:
    if message.from_requester and merged is not None:
        return merged.name or gettext("Requester")
    if message.from_requester:
        return (ticket.contact.name if ticket.contact else "") or gettext("Requester")
    return message.staff.name if message.staff else "1450"
