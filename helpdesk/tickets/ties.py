"""Questions about what belongs to a ticket: what was merged into it, what it is linked with, what came lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, and_, case, func, literal, or_, select, union_all

from helpdesk.contacts.models import Contact
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.tickets.lineage import merged_into
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible
from helpdesk.tickets.repeats import matter_of, same_matter
from helpdesk.tickets.rules import UNFINISHED, TicketState, read_ticket_number
from helpdesk.tickets.tie_models import TicketLink
from helpdesk.tickets.tie_rules import INWARD, OUTWARD

# What a page names of each sort; a parent may have many more children than this.
SHOWN = 50
# How far back the picker looks for tickets of the same school about the same thing.
LATELY = timedelta(days=14)


@dataclass(frozen=True)
class Tie:
    """A ticket that belongs to another one. `at` is when it was opened; `sort` says how, see `Ties`."""

    sort: str
    id: int
    number: str
    subject: str
    state: TicketState
    at: datetime
    contact_id: int | None
    name: str
    version: int

    @property
    def unfinished(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state in UNFINISHED


@dataclass(frozen=True)
class Ties:
    """What belongs to a ticket, by sort: "merged", "merged_through" (into one that was merged), "into", "parent",
    "children", "related", "split_from", "split_off", "family", "follows", "followed_by", and "repeat": the same within
    a day. Only what the asker may see, but for what was merged: that is part of the ticket itself."""

    found: Sequence[Tie] = ()
    children: int = 0
    children_open: int = 0

    def of(self, *sorts: str) -> list[Tie]:
        """Those of these sorts."""
        return [one for one in self.found if one.sort in sorts]

    @property
    def merged_ids(self) -> list[int]:
        """Ids of the tickets whose messages stand in this one's timeline."""
        return [one.id for one in self.found if one.sort in ("merged", "merged_through")]

    @property
    def repeats(self) -> list[Tie]:
        """What seems to be the same again, and belongs to this ticket in no other way yet."""
        known = {one.id for one in self.found if one.sort != "repeat"}
        return [one for one in self.of("repeat") if one.id not in known]

    @property
    def known(self) -> list[Tie]:
        """What belongs to this ticket because somebody said so."""
        return [one for one in self.found if one.sort != "repeat"]


def ties(asker: Asker, ticket: Ticket) -> Ties:
    """Everything that belongs to a ticket which the asker was given. One statement."""
    merged = merged_into(ticket)
    outward = case(*((TicketLink.kind == kind, sort) for kind, sort in OUTWARD.items()))
    inward = case(*((TicketLink.kind == kind, sort) for kind, sort in INWARD.items()))
    pairs = union_all(
        select(literal("merged").label("sort"), merged.c.id.label("id")),
        select(literal("into"), literal(ticket.merged_into_id or 0, Integer)),
        select(outward, TicketLink.to_id).where(TicketLink.from_id == ticket.id),
        select(inward, TicketLink.from_id).where(TicketLink.to_id == ticket.id),
        *(select(literal("repeat"), one.subquery().c.id) for one in same_matter(matter_of(ticket))),
    ).subquery()
    place = func.row_number().over(partition_by=pairs.c.sort, order_by=Ticket.id).label("place")
    open_ = func.count().filter(Ticket.state.in_(UNFINISHED)).over(partition_by=pairs.c.sort).label("open")
    through = and_(pairs.c.sort == "merged", Ticket.merged_into_id != ticket.id)
    rows = (
        select(
            case((through, "merged_through"), else_=pairs.c.sort).label("sort"),
            *_columns(),
            place,
            func.count().over(partition_by=pairs.c.sort).label("all"),
            open_,
        )
        .join(Ticket, Ticket.id == pairs.c.id)
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(or_(pairs.c.sort == "merged", visible(asker)))
        .subquery()
    )
    shown = or_(rows.c.place <= SHOWN, rows.c.sort.like("merged%"))
    found = session().execute(select(rows).where(shown).order_by(rows.c.sort, rows.c.place)).all()
    below = next(((row.all, row.open) for row in found if row.sort == "children"), (0, 0))
    return Ties([Tie(*row[:9]) for row in found], *below)


def pair(asker: Asker, number: str, other: str) -> tuple[Ticket, Ticket]:
    """Two tickets by their numbers, locked in the order of their ids. Raises NotFound."""
    wanted = [read_ticket_number(raw) or "" for raw in (number, other)]
    query = select(Ticket).where(Ticket.number.in_(wanted), visible(asker)).order_by(Ticket.id)
    query = query.with_for_update(of=Ticket).execution_options(populate_existing=True)
    held = {one.number: one for one in session().scalars(query).unique()}
    if not all(number in held for number in wanted):
        raise NotFound
    return held[wanted[0]], held[wanted[1]]


def candidates(asker: Asker, ticket: Ticket, typed: str = "", limit: int = 10) -> list[Tie]:
    """What a ticket could be the same as: the one whose number was typed; else of the same person, newest first, then
    of the same school about the same thing in the last days. At most two statements, whatever there is."""
    alone = [Ticket.id != ticket.id, Ticket.merged_into_id.is_(None), visible(asker)]
    if typed.strip():
        return _listed("number", and_(*alone, Ticket.number == (read_ticket_number(typed) or "")), limit)
    found: list[Tie] = []
    if ticket.contact_id is not None:
        found = _listed("contact", and_(*alone, Ticket.contact_id == ticket.contact_id), limit)
    if ticket.organization_id is not None:
        near = [
            Ticket.organization_id == ticket.organization_id,
            Ticket.created_at >= clock.now() - LATELY,
            Ticket.state.in_(UNFINISHED),
            Ticket.id.not_in([one.id for one in found]),
        ]
        about = Ticket.category_code == ticket.category_code if ticket.category_code else Ticket.queue == ticket.queue
        found += _listed("school", and_(*alone, *near, about), limit)
    return found


def _listed(sort: str, wanted: Any, limit: int) -> list[Tie]:
    # the newest are found first, names only for them
    page = select(Ticket.id).where(wanted).order_by(Ticket.created_at.desc() if sort == "school" else Ticket.id.desc())
    query = (
        select(literal(sort), *_columns())
        .outerjoin(Contact, Contact.id == Ticket.contact_id)
        .where(Ticket.id.in_(page.limit(limit)))
        .order_by(Ticket.id.desc())
    )
    return [Tie(*row) for row in session().execute(query)]


def _columns() -> tuple[Any, ...]:
    return (
        Ticket.id,
        Ticket.number,
        Ticket.subject,
        Ticket.state,
        Ticket.created_at,
        Ticket.contact_id,
        func.coalesce(Contact.name, "").label("name"),
        Ticket.version,
    )
