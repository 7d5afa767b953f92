"""Finding an organization in the asker's part of the tree, by what is typed."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from helpdesk.administration.queries import fits, organization_for, organizations_below, roots
from helpdesk.administration.rules import at_or_below
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Organization
from helpdesk.organizations.search import is_open, words


def places(asker: Asker, typed: str, limit: int = 12, closed: bool = False) -> Sequence[Organization]:
    """Organizations that the asker administers in which every typed word begins some word of the name."""
    if not words(typed):
        return []
    query = select(Organization).where(fits(typed, "organizations.search"), organizations_below(roots(asker)))
    if not closed:
        query = query.where(is_open())
    return session().scalars(query.order_by(Organization.sort_key, Organization.id).limit(limit)).all()


def chosen_place(asker: Asker, chosen: str, typed: str, field: str = "organization_text") -> Organization:
    """What a combobox sent: the id that was chosen, else the only organization that the words fit. Raises Refused."""
    if chosen.isdigit() and len(chosen) < 10:
        try:
            return organization_for(asker, int(chosen))
        except NotFound:
            raise Refused(N_("This organization is not in your part of the tree"), field) from None
    found = places(asker, typed, limit=2)
    if len(found) == 1:
        return found[0]
    raise Refused(N_("Choose an organization of the list") if found else N_("No organization fits"), field)


def tops(asker: Asker) -> Sequence[Organization]:
    """The organizations at the top of what the asker administers."""
    query = select(Organization).where(Organization.path.in_(roots(asker)))
    return session().scalars(query.order_by(Organization.path)).all()


@dataclass(frozen=True)
class Children:
    """One page of what lies directly below an organization, in the order of the alphabet."""

    rows: Sequence[Organization]
    next: str | None


def below(organization: Organization, after: str = "", limit: int = 50) -> Children:
    """What lies directly below; the caller has checked the asker's right to the organization."""
    query = select(Organization).where(Organization.parent_id == organization.id)
    key, _, id_ = after.rpartition("~")
    if id_.isdigit() and len(id_) < 10:
        past = or_(Organization.sort_key > key, and_(Organization.sort_key == key, Organization.id > int(id_)))
        query = query.where(past)
    rows = session().scalars(query.order_by(Organization.sort_key, Organization.id).limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    return Children(rows[:limit], f"{last.sort_key}~{last.id}" if last else None)


def branch(asker: Asker, organization: Organization) -> Sequence[Organization]:
    """The way from the top of the asker's part down to an organization."""
    mine = roots(asker)
    ids = [int(part) for part in organization.path.strip("/").split("/") if part]
    query = select(Organization).where(Organization.id.in_(ids)).order_by(Organization.path)
    return [one for one in session().scalars(query) if at_or_below(one.path, mine)]
