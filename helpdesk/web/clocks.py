"""The clocks of a ticket as people read them: what is promised, what became of it, and how that was counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, gettext, language, moment_text
from helpdesk.organizations.queries import desk
from helpdesk.sla.rules import Unit
from helpdesk.tickets.labels import STATES
from helpdesk.tickets.models import Ticket, TicketPause
from helpdesk.tickets.rules import UNFINISHED

_AMOUNTS = {
    Unit.WORKING_MINUTES: N_("working minutes: %(number)s"),
    Unit.WORKING_DAYS: N_("working days: %(number)s"),
    Unit.CALENDAR_MONTHS: N_("calendar months: %(number)s"),
}


@dataclass(frozen=True)
class TicketClock:
    """One promise: until when, since when it counts, when it was kept, and whether it was broken."""

    words: str
    due: datetime | None
    since: datetime
    kept_at: datetime | None
    broken: bool
    paused: bool


def clocks(ticket: Ticket) -> list[TicketClock]:
    """The promises of a ticket in the order in which they fall due."""
    standing = ticket.paused_at is not None
    first = TicketClock(
        gettext("First response"),
        ticket.first_response_due_at,
        ticket.created_at,
        ticket.first_responded_at,
        _broken(ticket.first_response_due_at, ticket.first_responded_at, ticket.response_breached_at),
        standing,
    )
    resolution = TicketClock(
        gettext("Resolution"),
        ticket.resolution_due_at,
        ticket.created_at,
        ticket.resolved_at,
        _broken(ticket.resolution_due_at, ticket.resolved_at, ticket.resolution_breached_at),
        standing,
    )
    found = [one for one in (first, resolution) if one.due is not None or one.kept_at is not None]
    # a term of the law that is not the resolution's own, and a control date: nothing pauses them
    beside = (
        (gettext("Term of the law"), ticket.statutory_due_at),
        (gettext("Control date"), ticket.control_due_at),
    )
    for words, due in beside:
        if due is not None and due != ticket.resolution_due_at:
            broken = _broken(due, ticket.resolved_at, None)
            found.append(TicketClock(words, due, ticket.created_at, ticket.resolved_at, broken, False))
    return found


def _broken(due: datetime | None, kept_at: datetime | None, breached_at: datetime | None) -> bool:
    return breached_at is not None or (due is not None and kept_at is not None and kept_at > due)


def why(ticket: Ticket, pauses: Sequence[TicketPause], names: Mapping[int, str]) -> list[str]:
    """How the due times were counted, line by line, out of what the ticket keeps of that."""
    told: dict[str, Any] = ticket.derivation
    if not told:
        return []
    amounts = told["amounts"]
    lines = [
        gettext("Profile: %(code)s, version: %(version)s", code=told["profile"], version=told["version"]),
        gettext("Counted from: %(moment)s", moment=moment_text(datetime.fromisoformat(told["start"]))),
        gettext("Working hours of the desk: %(desk)s", desk=_desk_name(ticket, told)),
    ]
    for words, key in ((N_("First response"), "first_response"), (N_("Resolution"), "resolution")):
        if amounts[key] is not None:
            amount = gettext(_AMOUNTS[Unit(amounts[key]["unit"])], number=amounts[key]["number"])
            lines.append(f"{gettext(words)}: {amount}")
    if amounts["statutory"] is not None:
        days = gettext("working days: %(number)s", number=amounts["statutory"])
        lines.append(f"{gettext('Term of the law')}: {days}")
    return lines + [_pause(one, names) for one in pauses]


def waits_for(ticket: Ticket) -> str:
    """One sentence: what the clock waits for now."""
    if ticket.state not in UNFINISHED:
        return gettext("The clocks have stopped: the ticket is settled")
    if ticket.snoozed_until is not None:
        return gettext("Put off until: %(until)s", until=moment_text(ticket.snoozed_until))
    if (until := _until_when(ticket)) is not None:
        return until
    if ticket.paused_at is not None:
        return gettext("The clock stands still since: %(moment)s", moment=moment_text(ticket.paused_at))
    if ticket.due_at is None:
        return gettext("Nothing is promised on this ticket")
    if ticket.first_responded_at is None:
        return gettext("The first response is due: %(moment)s", moment=moment_text(ticket.due_at))
    return gettext("The resolution is due: %(moment)s", moment=moment_text(ticket.due_at))


def _until_when(ticket: Ticket) -> str | None:
    """What happens next by itself when the requester keeps silent; the page has loaded the pauses."""
    pause = next((one for one in reversed(ticket.pauses) if one.ended_at is None), None)
    if pause is None:
        return None
    reminded = moment_text(pause.remind_at) if pause.remind_at else ""
    settled = moment_text(pause.settle_at) if pause.settle_at else ""
    if reminded and settled:
        words = N_("We wait for the requester; reminded: %(reminded)s, settled: %(settled)s")
        return gettext(words, reminded=reminded, settled=settled)
    if settled:
        return gettext("We wait for the requester; settled without an answer: %(settled)s", settled=settled)
    return gettext("We wait for the requester; reminded: %(reminded)s", reminded=reminded) if reminded else None


def _pause(pause: TicketPause, names: Mapping[int, str]) -> str:
    begin = moment_text(pause.started_at)
    end = moment_text(pause.ended_at) if pause.ended_at else "…"
    said = [gettext(STATES[pause.state]), pause.reason, names.get(pause.started_by or 0, "")]
    about = ", ".join(part for part in said if part)
    return gettext("Stood still: %(begin)s – %(end)s (%(about)s)", begin=begin, end=end, about=about)


def _desk_name(ticket: Ticket, told: Mapping[str, Any]) -> str:
    try:
        return desk(ticket.desk_id).organization.short(language())
    except NotFound:
        return str(told["calendar"])
