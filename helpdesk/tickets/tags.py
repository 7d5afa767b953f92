"""Tags on tickets: put on, taken off, found by typing; a word that nobody had yet is made by being used."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desk
from helpdesk.tickets import tag_rules
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.tag_models import Tag, TicketTag


def put_on(ticket: Ticket, typed: str, by: Actor) -> None:
    """Put on what was typed, several parted by commas. Twice is once. Raises Refused."""
    names = tag_rules.several(typed)
    if not names:
        raise Refused(N_("Write a tag first"), field="tag_text")
    there = session().scalar(select(func.count()).select_from(TicketTag).where(TicketTag.ticket_id == ticket.id)) or 0
    if there + len(names) > tag_rules.MOST:
        raise Refused(
            N_("There are enough tags on this ticket (at most %(most)s)"), field="tag_text", most=tag_rules.MOST
        )
    added: list[int] = []
    for name in names:
        tag_id = _tag_of(desk(ticket.desk_id).organization.path, name, ticket.desk_id)
        row = insert(TicketTag).values(ticket_id=ticket.id, tag_id=tag_id).on_conflict_do_nothing()
        added += session().scalars(row.returning(TicketTag.tag_id)).all()
    if added:
        journal.note("ticket.tagged", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, tag_ids=added)


def take_off(ticket: Ticket, tag_id: int, by: Actor) -> None:
    """Take one off. Twice is once."""
    row = session().get(TicketTag, (ticket.id, tag_id))
    if row is None:
        return
    session().delete(row)
    session().flush()
    journal.note("ticket.untagged", by=by, ticket_id=ticket.id, desk_id=ticket.desk_id, tag_id=tag_id)


def matching(path: str, typed: str, limit: int = 12) -> Sequence[Tag]:
    """Tags that hold for the organization at `path` and begin as typed, the nearest first; by any of their names."""
    wanted = tag_rules.key(typed)
    query = _holding(path).where(Tag.key.startswith(wanted, autoescape=True)).options(joinedload(Tag.organization))
    found = session().scalars(query.limit(limit * 2)).all()
    named = {one.id: one for one in found if one.merged_into_id is None}
    others = {one.merged_into_id for one in found if one.merged_into_id is not None} - set(named)
    if others:
        more = select(Tag).where(Tag.id.in_(others)).options(joinedload(Tag.organization)).order_by(Tag.id)
        named |= {one.id: one for one in session().scalars(more)}
    return list(named.values())[:limit]


def tagged(name: str) -> ColumnElement[bool]:
    """The condition that a ticket has this tag, by any of its names; no statement of its own."""
    meant = select(func.coalesce(Tag.merged_into_id, Tag.id)).where(Tag.key == tag_rules.key(name))
    return Ticket.id.in_(select(TicketTag.ticket_id).where(TicketTag.tag_id.in_(meant)))


def _tag_of(path: str, name: str, organization_id: int) -> int:
    """The nearest tag of this name that holds at `path`; a new one of the desk's own where there is none."""
    wanted = tag_rules.key(name)
    known = session().scalars(_holding(path).where(Tag.key == wanted).limit(1)).first()
    if known is None:
        row = {"organization_id": organization_id, "name": name, "key": wanted, "created_at": clock.now()}
        session().execute(insert(Tag).values(row).on_conflict_do_nothing())
        known = session().scalars(select(Tag).where(Tag.organization_id == organization_id, Tag.key == wanted)).one()
    return known.merged_into_id or known.id


def _holding(path: str) -> Select[Tag]:
    above = [path[: end + 1] for end, sign in enumerate(path) if sign == "/" and end]
    depth = case({one: len(one) for one in above}, value=Organization.path, else_=0)
    query = select(Tag).join(Organization, Organization.id == Tag.organization_id)
    return query.where(Organization.path.in_(above)).order_by(depth.desc(), Tag.key, Tag.id)
