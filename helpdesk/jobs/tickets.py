"""What follows for tickets from what happened elsewhere."""

from collections.abc import Sequence

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.organizations.queries import desk
from helpdesk.tickets import actions, patience
from helpdesk.tickets.lineage import locked_survivor
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import UNFINISHED


def spoken(entries: Sequence[JournalEntry]) -> None:
    """A conversation began: its ticket is answered, and belongs to the operator who talks."""
    for entry in entries:
        staff_id = entry.details.get("staff_id")
        ticket = _of(entry)
        if ticket is not None and staff_id is not None:
            actions.speak(ticket, staff_id, entry.at)


def sent_on(entries: Sequence[JournalEntry]) -> None:
    """A caller was sent on: the ticket goes to the same desk or queue, and to whoever talks with the caller next."""
    for entry in entries:
        ticket, told = _of(entry), entry.details
        if ticket is None or ticket.state not in UNFINISHED:
            continue
        by = staff(told["staff_id"])
        if told.get("to_desk_id") is not None and ticket.desk_id == told["from_desk_id"]:
            actions.hand_over(ticket, desk(told["to_desk_id"]), by)
        if told.get("to_queue") is not None:
            actions.reroute(ticket, told["to_queue"], by)
        if ticket.assignee_id == told["staff_id"]:
            actions.assign(ticket, None, by)


def asked(entries: Sequence[JournalEntry]) -> None:
    """Something is waited for: say until when."""
    for entry in entries:
        ticket = _of(entry)
        if ticket is not None and ticket.id == entry.ticket_id:
            patience.begin(ticket)


def taken_over(entries: Sequence[JournalEntry]) -> None:
    """A colleague who was asked has the caller now, and the ticket."""
    for entry in entries:
        ticket, told = _of(entry), entry.details
        if ticket is not None and ticket.state in UNFINISHED and ticket.assignee_id in (None, told["staff_id"]):
            actions.assign(ticket, told["to_staff_id"], staff(told["staff_id"]))


def _of(entry: JournalEntry) -> Ticket | None:
    return locked_survivor(entry.ticket_id) if entry.ticket_id else None
