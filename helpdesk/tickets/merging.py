"""Two tickets become one, and two again. Each verb takes both locked, in the order of their ids (ties.pair)."""

from dataclasses import asdict, fields, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Priority
from helpdesk.sla import rules as sla
from helpdesk.sla.queries import calendar_of
from helpdesk.tickets import deadlines
from helpdesk.tickets.models import Ticket, TicketPause
from helpdesk.tickets.rules import PAUSED, UNFINISHED, Resolution, TicketState
from helpdesk.tickets.tie_models import TicketMerge
from helpdesk.tickets.tie_rules import Clocks, combined


def merge(ticket: Ticket, into: Ticket, by: Actor, people: tuple[int | None, int | None] | None = None) -> None:
    """`ticket` becomes part of `into`, which must be unfinished and keeps the earlier of every two promises.

    Messages stay with the ticket that they were said on: they are shown with the other one, and to each person only
    their own. Tickets of two people need `people`: both contacts as they were named to whoever confirmed it. Raises
    Refused; Conflict when one of the two is another person's meanwhile.
    """
    _check(ticket, into)
    same = ticket.contact_id is not None and ticket.contact_id == into.contact_id
    if not same and people is None:
        raise Refused(N_("These are tickets of two people: confirm that you mean both"), field="people")
    if not same and people != (ticket.contact_id, into.contact_id):
        raise Conflict
    now = clock.now()
    theirs, before = clocks_of(ticket), clocks_of(into)
    after = combined(before, theirs, same, partial(_going_on, desk_id=into.desk_id, at=now))
    session().add(
        TicketMerge(
            ticket_id=ticket.id,
            into_id=into.id,
            same_person=same,
            theirs=_kept(theirs),
            before=_kept(before),
            after=_kept(after),
            merged_at=now,
            merged_by=by.id,
        )
    )
    _end_pause(ticket, by, now)
    if before.state in PAUSED and after.state not in PAUSED:
        _end_pause(into, by, now)
    settled = replace(
        theirs,
        state=TicketState.CLOSED,
        resolution=Resolution.DUPLICATE,
        resolved_at=now,
        closed_at=now,
        paused_at=None,
        response_left=None,
        resolution_left=None,
        response_breached_at=None,
        resolution_breached_at=None,
    )
    ticket.merged_into_id = into.id
    for one, clocks in ((ticket, settled), (into, after)):
        _put(one, clocks)
        _touch(one, now)
    _note("ticket.merged", ticket, into, by)


def take_apart(ticket: Ticket, into: Ticket, by: Actor) -> None:
    """Undo a merge: both are again what they were; what was done since stays done. Raises Refused.

    `into` gives back whatever it had from `ticket` and nobody has changed since; of what further tickets brought
    nothing is lost.
    """
    if ticket.merged_into_id != into.id:
        raise Refused(N_("Somebody has done this already"))
    if into.merged_into_id is not None:
        raise Refused(N_("Take the later merge apart first"))
    now = clock.now()
    active = select(TicketMerge).where(TicketMerge.into_id == into.id, TicketMerge.undone_at.is_(None))
    merges = list(session().scalars(active.order_by(TicketMerge.id)))
    own = next((one for one in merges if one.ticket_id == ticket.id), None)
    if own is None:
        raise NotFound
    given = merges[-1].after
    state = read_clocks(own.before)
    for later in merges[merges.index(own) + 1 :]:
        later.before = _kept(state)
        let_go = partial(_going_on, desk_id=into.desk_id, at=later.merged_at)
        state = combined(state, read_clocks(later.theirs), later.same_person, let_go)
        later.after = _kept(state)
    own.undone_at, own.undone_by = now, by.id
    theirs, present = read_clocks(own.theirs), _kept(clocks_of(into))
    back = {name: (value if present[name] == given[name] else present[name]) for name, value in _kept(state).items()}
    ticket.merged_into_id = None
    for one, clocks in ((ticket, theirs), (into, read_clocks(back))):
        was = one.state
        _put(one, clocks)
        if clocks.state in PAUSED and was not in PAUSED:
            _pause_again(one, own.merged_at)
        _touch(one, now)
    _note("ticket.unmerged", ticket, into, by)


def clocks_of(ticket: Ticket) -> Clocks:
    """The state and clocks of a ticket as they stand."""
    values = {one.name: getattr(ticket, one.name) for one in fields(Clocks) if one.name != "asked_at"}
    return Clocks(asked_at=ticket.created_at, **values)


def _check(ticket: Ticket, into: Ticket) -> None:
    if ticket.id == into.id:
        raise Refused(N_("A ticket cannot be merged into itself"), field="into")
    for one in (ticket, into):
        if one.merged_into_id is not None:
            raise Refused(N_("This ticket was merged already: %(number)s"), field="into", number=one.number)
    if into.state not in UNFINISHED:
        raise Refused(N_("The ticket that stays must be open: %(number)s"), field="into", number=into.number)
    if ticket.category_code in RESTRICTED and into.category_code not in RESTRICTED:
        raise Refused(N_("Few may read this ticket: merge the other one into it"), field="into")
    if ticket.priority is Priority.P0 and into.priority is not Priority.P0:
        raise Refused(N_("A child may be in danger: merge the other ticket into this one"), field="into")
    # whoever reads the surviving ticket could read the other one before: nothing gets known by merging
    if not desk(ticket.desk_id).organization.path.startswith(desk(into.desk_id).organization.path):
        raise Refused(N_("The ticket that stays must lie at the same desk or at one above it"), field="into")


def _going_on(paused: Clocks, desk_id: int, at: datetime) -> Clocks:
    """What deadlines.resume does to a row: the clock goes on with the working time that was left."""
    calendar = calendar_of(desk(desk_id))
    first, last = paused.first_response_due_at, paused.resolution_due_at
    if paused.response_left is not None:
        first = sla.resumed(paused.response_left, at, calendar)
    if paused.resolution_left is not None:
        last = sla.resumed(paused.resolution_left, at, calendar)
    return replace(
        paused,
        paused_at=None,
        response_left=None,
        resolution_left=None,
        first_response_due_at=first,
        resolution_due_at=last,
    )


def _kept(clocks: Clocks) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in asdict(clocks).items()}


def read_clocks(kept: dict[str, Any]) -> Clocks:
    """Clocks out of what a merge kept of them."""
    values: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value is not None else value
        for name, value in kept.items()
    }
    values["state"] = TicketState(kept["state"])
    values["resolution"] = Resolution(kept["resolution"]) if kept["resolution"] else None
    return Clocks(**values)


def _put(ticket: Ticket, clocks: Clocks) -> None:
    for name in (one.name for one in fields(Clocks) if one.name != "asked_at"):
        setattr(ticket, name, getattr(clocks, name))
    deadlines.refresh(ticket)


def _touch(ticket: Ticket, now: datetime) -> None:
    ticket.updated_at = now
    ticket.version += 1
    session().flush()


def _end_pause(ticket: Ticket, by: Actor, now: datetime) -> None:
    going = update(TicketPause).where(TicketPause.ticket_id == ticket.id, TicketPause.ended_at.is_(None))
    session().execute(going.values(ended_at=now, ended_by=by.id))


def _pause_again(ticket: Ticket, ended_at: datetime) -> None:
    ended = update(TicketPause).where(TicketPause.ticket_id == ticket.id, TicketPause.ended_at == ended_at)
    session().execute(ended.values(ended_at=None, ended_by=None))


def _note(kind: str, ticket: Ticket, into: Ticket, by: Actor) -> None:
    journal.note(kind, by=by, ticket_id=into.id, desk_id=into.desk_id, other_id=ticket.id, number=ticket.number)
    journal.note(
        f"{kind}_away", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, other_id=into.id, number=into.number
    )
