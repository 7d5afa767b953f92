"""Up a level, down a level, to another body: a ticket goes to another desk with a reason and a term, and may come back.

The clocks of the ticket go on as they were, whoever has it: what was promised to the requester is not promised anew.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desk
from helpdesk.sla.queries import calendar_of
from helpdesk.sla.rules import APPEAL_DAYS, REDIRECT_DAYS
from helpdesk.tickets import actions
from helpdesk.tickets.handover_models import Handover
from helpdesk.tickets.handover_rules import (
    ACKNOWLEDGE_SECONDS,
    LONGEST_TERM,
    WORKING_DAY_SECONDS,
    Way,
    leads,
    level_of,
)
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import PAUSED, UNFINISHED, Resolution

KINDS = {Way.UP: "ticket.escalated", Way.DOWN: "ticket.handed_down", Way.REDIRECT: "ticket.redirected"}


@dataclass(frozen=True)
class Errand:
    """What is handed on: to a desk of ours, or (a redirect only) to an `addressee` in words.

    `told` is what the requester is told; of a redirect the law wants that they are. `until` is None for the usual term.
    """

    way: Way
    reason: str
    to: Desk | None = None
    addressee: str = ""
    until: datetime | None = None
    told: str = ""


def hand_on(ticket: Ticket, errand: Errand, by: Actor) -> Handover:
    """Hand a ticket on; at its new desk nobody has it yet. Raises Refused, with the field to blame."""
    now = clock.now()
    if ticket.state not in UNFINISHED:
        raise Refused(N_("Open the ticket again first"))
    here = desk(ticket.desk_id)
    _check(here, errand, now)
    late = errand.way is Way.REDIRECT and now > redirect_due(ticket)
    sent = Handover(
        ticket_id=ticket.id,
        way=errand.way,
        from_desk_id=here.id,
        to_desk_id=errand.to.id if errand.to else None,
        addressee=errand.addressee.strip() if errand.to is None else "",
        reason=errand.reason.strip(),
        sent_at=now,
        sent_by=by.id,
        due_at=(errand.until or usual_term(ticket, errand.way, errand.to)) if errand.to else None,
        late=late,
    )
    session().add(sent)
    session().flush()
    actions.note(ticket, errand.reason, by)
    actions.wake(ticket, by)
    if errand.to is None:
        actions.resolve(ticket, Resolution.REDIRECTED, by, errand.told)
        ticket.acknowledge_by = None
    else:
        if ticket.state in PAUSED:
            actions.resume(ticket, by)
        if errand.told.strip():
            actions.reply(ticket, errand.told, by)
        ticket.level = level_of(errand.to.organization.kind)
        _arrive(ticket, errand.to, by)
    ticket.handover_id = sent.id
    session().flush()
    _note(KINDS[errand.way], ticket, sent, here.id, by, until=sent.due_at.isoformat() if sent.due_at else None)
    return sent


def send_back(ticket: Ticket, reason: str, by: Actor) -> None:
    """Back for rework to the desk that handed it on, with a visible reason. Raises Refused."""
    sent = _held(ticket)
    if not reason.strip():
        raise Refused(N_("Say what is to be reworked"), field="return_reason")
    if by.id == sent.sent_by:
        raise Refused(N_("Whoever handed it on takes it back instead"))
    here = ticket.desk_id
    actions.note(ticket, reason, by)
    if ticket.state in PAUSED:
        actions.resume(ticket, by)
    actions.wake(ticket, by)
    sent.returned_at, sent.returned_by, sent.return_reason = clock.now(), by.id, reason.strip()
    _arrive(ticket, desk(sent.from_desk_id), by)
    _note("ticket.sent_back", ticket, sent, here, by, sender_staff_id=sent.sent_by)


def take_back(ticket: Ticket, by: Actor) -> None:
    """It was handed on by mistake: back where it was, as long as nobody there has acknowledged it. Raises Refused."""
    sent = _held(ticket)
    if ticket.acknowledge_by is None:
        raise Refused(N_("The other desk works on it already: ask for it back"))
    here = ticket.desk_id
    sent.taken_back_at = clock.now()
    _arrive(ticket, desk(sent.from_desk_id), by)
    ticket.acknowledge_by = None
    session().flush()
    _note("ticket.taken_back", ticket, sent, here, by)


def remind(limit: int = 200) -> int:
    """Tell whoever handed a ticket on, once, that nobody has acknowledged it in time. How many; call until 0."""
    now = clock.now()
    late = (
        select(Ticket, Handover)
        .join(Handover, Handover.id == Ticket.handover_id)
        .where(
            Ticket.acknowledge_by <= now,
            Ticket.state.in_(UNFINISHED),
            Handover.reminded_at.is_(None),
            Handover.returned_at.is_(None),
        )
        .order_by(Ticket.acknowledge_by)
        .limit(limit)
        .with_for_update(of=Handover, skip_locked=True)
    )
    found = session().execute(late).all()
    for ticket, sent in found:
        sent.reminded_at = now
        _note("ticket.unacknowledged", ticket, sent, sent.from_desk_id, SYSTEM, sender_staff_id=sent.sent_by)
    session().flush()
    return len(found)


def redirect_due(ticket: Ticket) -> datetime:
    """Until when the law wants it passed on that is another body's matter, counted from its receipt."""
    return calendar_of(desk(ticket.desk_id)).working_days_after(ticket.created_at, REDIRECT_DAYS)


def usual_term(ticket: Ticket, way: Way, to: Desk | None) -> datetime:
    """The term of the receiving desk. A new body starts the law's own term; else the ticket's promise stands, and one
    that has passed leaves a working day."""
    now, calendar = clock.now(), calendar_of(to or desk(ticket.desk_id))
    if way is Way.REDIRECT and ticket.statutory_due_at is not None:
        return calendar.working_days_after(now, APPEAL_DAYS)
    if ticket.resolution_due_at is not None and ticket.resolution_due_at > now and ticket.paused_at is None:
        return ticket.resolution_due_at
    return calendar.due(now, WORKING_DAY_SECONDS)


def is_here(ticket: Ticket, sent: Handover | None) -> bool:
    """Whether it is still at the desk that `sent` handed it on to: from there it can be sent back."""
    if sent is None or ticket.handover_id != sent.id or sent.returned_at or sent.taken_back_at:
        return False
    return sent.to_desk_id == ticket.desk_id and ticket.state in UNFINISHED


def _check(here: Desk, errand: Errand, now: datetime) -> None:
    if errand.to is None and (errand.way is not Way.REDIRECT or not errand.addressee.strip()):
        raise Refused(N_("Say to whom"), field="to")
    if errand.to is not None and not leads(errand.way, here.organization.path, errand.to.organization.path):
        raise Refused(N_("This desk is not on that way"), field="to")
    if not errand.reason.strip():
        raise Refused(N_("Say why it is handed on"), field="reason")
    if errand.until is not None and not now < errand.until <= now + LONGEST_TERM:
        raise Refused(N_("Choose a moment in the next 180 days"), field="until")
    if errand.way is Way.REDIRECT and not errand.told.strip():
        raise Refused(N_("The law wants the requester told where the matter goes"), field="told")


def _held(ticket: Ticket) -> Handover:
    sent = session().get(Handover, ticket.handover_id) if ticket.handover_id else None
    if sent is None or not is_here(ticket, sent):
        raise Refused(N_("This ticket was handed on further or is back already"))
    return sent


def _arrive(ticket: Ticket, at: Desk, by: Actor) -> None:
    actions.hand_over(ticket, at, by)
    ticket.acknowledge_by = calendar_of(at).due(clock.now(), ACKNOWLEDGE_SECONDS)
    session().flush()


def _note(kind: str, ticket: Ticket, sent: Handover, desk_id: int, by: Actor, **told: Any) -> None:
    """Noted at the desk that lets go of it; `hand_over` notes it where it arrives."""
    journal.note(
        kind,
        by=by,
        ticket_id=ticket.id,
        desk_id=desk_id,
        handover_id=sent.id,
        from_desk_id=sent.from_desk_id,
        to_desk_id=sent.to_desk_id,
        **told,
    )
