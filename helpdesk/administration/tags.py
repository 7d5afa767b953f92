"""Tags put in order: renamed, and two spellings of one thing made one. What was saved with an old name goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload

from helpdesk.administration.queries import organizations_below, roots
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization
from helpdesk.tickets import tag_rules
from helpdesk.tickets.tag_models import Tag, TicketTag

COUNTED = 1000
CHOOSE = N_("Choose another tag")


@dataclass(frozen=True)
class Used:
    """A tag, and on how many tickets it stands, counted to COUNTED and one more."""

    tag: Tag
    count: int


def tags(asker: Asker, typed: str = "", after: str = "", limit: int = 100) -> Sequence[Used]:
    """Up to `limit` + 1 tags of the asker's part of the tree, by name; with `typed`, those that begin so."""
    some = select(TicketTag.ticket_id).where(TicketTag.tag_id == Tag.id).limit(COUNTED + 1).correlate(Tag)
    counted = select(func.count().label("n")).select_from(some.subquery()).lateral("counted")
    query = (
        select(Tag, counted.c.n)
        .join(Organization, Organization.id == Tag.organization_id)
        .join(counted, true())
        .where(organizations_below(roots(asker)), Tag.merged_into_id.is_(None))
        .options(joinedload(Tag.organization))
    )
    if typed:
        query = query.where(Tag.key.startswith(tag_rules.key(typed), autoescape=True))
    key, _, last = after.rpartition("_")
    if key and last.isdigit() and len(last) < 19:
        query = query.where((Tag.key > key) | ((Tag.key == key) & (Tag.id > int(last))))
    return [Used(*row) for row in session().execute(query.order_by(Tag.key, Tag.id).limit(limit + 1))]


def tag_for(asker: Asker, tag_id: int, lock: bool = False) -> Tag:
    """One of these. Raises NotFound."""
    query = (
        select(Tag)
        .join(Organization, Organization.id == Tag.organization_id)
        .where(Tag.id == tag_id, organizations_below(roots(asker)), Tag.merged_into_id.is_(None))
        .options(joinedload(Tag.organization))
    )
    found = session().scalars(query.with_for_update(of=Tag) if lock else query).first()
    if found is None:
        raise NotFound
    return found


def rename(asker: Asker, tag_id: int, typed: str) -> Tag:
    """Another name; the old one still finds it. Raises Refused."""
    tag = tag_for(asker, tag_id, lock=True)
    name = tag_rules.written(typed)
    if not name:
        raise Refused(N_("Write a tag first"), field="name")
    before, key = tag.key, tag_rules.key(name)
    if key != before:
        same = select(Tag).where(Tag.organization_id == tag.organization_id, Tag.key == key, Tag.id != tag.id)
        other = session().scalars(same).first()
        if other is not None and other.merged_into_id != tag.id:
            raise Refused(N_("There is a tag with this name already: merge them"), field="name")
        if other is not None:
            session().delete(other)
            session().flush()
    tag.name, tag.key = name, key
    session().flush()
    if key != before:
        _also_called(tag, before)
    journal.note("tag.renamed", by=staff(asker.id), tag_id=tag.id)
    return tag


def merge(asker: Asker, tag_id: int, into_id: int) -> Tag:
    """All tickets of one tag get the other, which is found by both names from then on. Raises Refused and NotFound.

    The other one holds at the same place or above it: a ticket never gets a word of another part of the tree.
    """
    tag, into = (tag_for(asker, one, lock=True) for one in (tag_id, into_id))
    if tag.id == into.id:
        raise Refused(CHOOSE, field="into_text")
    if not tag.organization.path.startswith(into.organization.path):
        raise Refused(N_("The other tag must hold at the same place or above it"), field="into_text")
    both = select(TicketTag.ticket_id, literal(into.id)).where(TicketTag.tag_id == tag.id)
    session().execute(insert(TicketTag).from_select(["ticket_id", "tag_id"], both).on_conflict_do_nothing())
    session().execute(delete(TicketTag).where(TicketTag.tag_id == tag.id))
    # no chains: what was another name of this one is another name of that one
    session().execute(update(Tag).where(Tag.merged_into_id == tag.id).values(merged_into_id=into.id))
    tag.merged_into_id = into.id
    session().flush()
    journal.note("tag.merged", by=staff(asker.id), tag_id=tag.id, into_id=into.id)
    return into


def _also_called(tag: Tag, key: str) -> None:
    row = {
        "organization_id": tag.organization_id,
        "name": key[: tag_rules.LONGEST],
        "key": key,
        "merged_into_id": tag.id,
        "created_at": clock.now(),
    }
    session().execute(insert(Tag).values(row).on_conflict_do_nothing())
