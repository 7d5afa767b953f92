"""The clocks of a ticket as columns: started, paused, let go on, stopped."""

from datetime import datetime

from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Routed
from helpdesk.sla import rules as sla
from helpdesk.sla.queries import calendar_of, profile
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import UNFINISHED


def start(ticket: Ticket, routed: Routed, since: datetime) -> None:
    """Set every due time of a ticket that came in at `since`; used anew when its category or desk changes."""
    made = sla.promise(profile(routed.profile), calendar_of(desk(ticket.desk_id)), since, routed.statutory_days)
    ticket.profile = routed.profile
    ticket.first_response_due_at = made.first_response_due_at
    ticket.resolution_due_at = made.resolution_due_at
    ticket.statutory_due_at = made.statutory_due_at
    ticket.control_due_at = made.control_due_at
    ticket.derivation = made.derivation
    refresh(ticket)


def refresh(ticket: Ticket) -> None:
    """Set `due_at`, the next promise to keep, and `breach_at`, the next one whose breach is still to be recorded."""
    if ticket.state not in UNFINISHED or ticket.paused_at is not None:
        ticket.due_at = ticket.breach_at = None
        return
    unanswered = ticket.first_responded_at is None
    ticket.breach_at = min(
        (
            due
            for due, open_ in (
                (ticket.first_response_due_at, unanswered and ticket.response_breached_at is None),
                (ticket.resolution_due_at, ticket.resolution_breached_at is None),
            )
            if due is not None and open_
        ),
        default=None,
    )
    if unanswered and ticket.first_response_due_at is not None:
        ticket.due_at = ticket.first_response_due_at
    else:
        ticket.due_at = ticket.resolution_due_at


def answer(ticket: Ticket, now: datetime) -> None:
    """The first response was given. In a pause its term had grown by the working time that was waited."""
    if ticket.response_left is not None:
        ticket.first_response_due_at = sla.resumed(ticket.response_left, now, calendar_of(desk(ticket.desk_id)))
        ticket.response_left = None
    ticket.first_responded_at = now


def pause(ticket: Ticket, now: datetime) -> None:
    """The operational clock stands still from `now`. A profile of the law never pauses by itself."""
    if ticket.paused_at is not None or not profile(ticket.profile).pausable:
        return
    calendar = calendar_of(desk(ticket.desk_id))
    ticket.paused_at = now
    if ticket.first_responded_at is None and ticket.first_response_due_at is not None:
        ticket.response_left = sla.left(ticket.first_response_due_at, now, calendar)
    if ticket.resolution_due_at is not None:
        ticket.resolution_left = sla.left(ticket.resolution_due_at, now, calendar)
    refresh(ticket)


def resume(ticket: Ticket, now: datetime) -> None:
    """The clock goes on with the working time that was left."""
    if ticket.paused_at is None:
        refresh(ticket)
        return
    calendar = calendar_of(desk(ticket.desk_id))
    ticket.paused_at = None
    if ticket.response_left is not None:
        ticket.first_response_due_at = sla.resumed(ticket.response_left, now, calendar)
    if ticket.resolution_left is not None:
        ticket.resolution_due_at = sla.resumed(ticket.resolution_left, now, calendar)
    ticket.response_left = ticket.resolution_left = None
    refresh(ticket)
