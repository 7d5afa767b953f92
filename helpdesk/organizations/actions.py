"""Make, name, move and close organizations."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, literal, or_, select, update

from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_, sort_key
from helpdesk.organizations.models import Organization, OrganizationParent, OrganizationStatus
from helpdesk.organizations.rules import BELOW, Kind, Status, is_within, path_of
from helpdesk.organizations.search import search_text

# The lock on changes of the tree.
TREE_LOCK = 1450_4


def found(parent: Organization | None, kind: Kind, since: date, **values: Any) -> Organization:
    """Add an organization under `parent` since a day, with its path, search text and Kazakh sort key."""
    made = Organization(parent_id=parent.id if parent else None, kind=kind, **values)
    session().add(made)
    session().flush()
    made.path = path_of(parent.path if parent else None, made.id)
    made.region_id = made.id if kind is Kind.REGION_DEPARTMENT else (parent.region_id if parent else None)
    made.sort_key = sort_key(made.name_kk)
    made.search = search_text(made)
    session().add(
        OrganizationParent(organization_id=made.id, parent_id=parent.id if parent else None, valid_from=since)
    )
    return made


def rename(organization: Organization, **values: Any) -> list[str]:
    """Give an organization other names or marks; search text and sort key follow. Returns what is different now."""
    changed = sorted(name for name, value in values.items() if getattr(organization, name) != value)
    for name in changed:
        setattr(organization, name, values[name])
    organization.sort_key = sort_key(organization.name_kk)
    organization.search = search_text(organization)
    session().flush()
    return changed


def lock_tree() -> None:
    """One change of the tree at a time, until the end of the transaction: two moves could make a circle."""
    session().execute(select(func.pg_advisory_xact_lock(TREE_LOCK)))


def move(organization: Organization, parent: Organization, day: date, today: date) -> None:
    """Put an organization with all that lies below it under another one from a day on.

    Where it stood until then is kept. A day to come is only written down: `ripen` does it then. Raises Refused for a
    circle, for a parent that has no such place below it, and for a day before the last move.
    """
    if is_within(parent.path, organization.path):
        raise Refused(N_("An organization cannot stand below itself"), "parent_text")
    if organization.kind not in BELOW.get(parent.kind, frozenset()):
        raise Refused(N_("This kind of organization does not stand there"), "parent_text")
    lock_tree()
    history = select(OrganizationParent).where(OrganizationParent.organization_id == organization.id)
    stays = list(session().scalars(history.order_by(OrganizationParent.valid_from)))
    for stay in [stay for stay in stays if stay.valid_from > today]:
        session().delete(stay)  # what was planned is planned anew
        stays.remove(stay)
    last = stays[-1] if stays else None
    if last is not None and day <= last.valid_from:
        raise Refused(
            N_("The organization stands where it is since: %(since)s. Choose a later day"), "day", since=last.valid_from
        )
    if last is not None:
        last.valid_to = day - timedelta(days=1)
    session().add(OrganizationParent(organization_id=organization.id, parent_id=parent.id, valid_from=day))
    session().flush()
    if day <= today:
        hang(organization, parent)


def hang(organization: Organization, parent: Organization) -> None:
    """The tree of today: paths and regions of the organization and of everything below it."""
    before, after = organization.path, path_of(parent.path, organization.id)
    below = Organization.path.startswith(before, autoescape=True)
    values: dict[str, Any] = {"path": literal(after).concat(func.substr(Organization.path, len(before) + 1))}
    if organization.kind is not Kind.REGION_DEPARTMENT:
        values["region_id"] = parent.region_id
    organization.parent_id = parent.id
    session().flush()
    session().execute(update(Organization).where(below).values(values).execution_options(synchronize_session=False))
    session().expire_all()


def ripe_moves(today: date) -> Sequence[int]:
    """Organizations that were to move by now and have not yet."""
    query = (
        select(Organization.id)
        .join(OrganizationParent, OrganizationParent.organization_id == Organization.id)
        .where(
            OrganizationParent.valid_from <= today,
            or_(OrganizationParent.valid_to.is_(None), OrganizationParent.valid_to >= today),
            OrganizationParent.parent_id.is_distinct_from(Organization.parent_id),
        )
    )
    return session().scalars(query.order_by(func.length(Organization.path), Organization.id).limit(500)).all()


def ripen(organization_id: int, today: date) -> None:
    """Do a planned move whose day has come. Done already, nothing happens."""
    lock_tree()
    stay = select(OrganizationParent.parent_id).where(
        OrganizationParent.organization_id == organization_id,
        OrganizationParent.valid_from <= today,
        or_(OrganizationParent.valid_to.is_(None), OrganizationParent.valid_to >= today),
    )
    parent_id = session().scalar(stay.order_by(OrganizationParent.valid_from.desc()).limit(1))
    organization = session().get_one(Organization, organization_id, populate_existing=True)
    parent = session().get(Organization, parent_id, populate_existing=True) if parent_id else None
    if parent is not None and organization.parent_id != parent.id and not is_within(parent.path, organization.path):
        hang(organization, parent)


def close(organization: Organization, day: date, reason: str) -> None:
    """From a day on it takes no requests; its past stays. Raises Refused while something open lies below it."""
    lock_tree()
    below = select(Organization.id).where(Organization.parent_id == organization.id, Organization.closed_on.is_(None))
    if session().scalar(below.limit(1)) is not None:
        raise Refused(N_("Close or move what lies below it first"), "closed_on")
    organization.closed_on = day
    session().add(
        OrganizationStatus(organization_id=organization.id, status=Status.CLOSED, reason=reason, valid_from=day)
    )
    session().flush()


def open_again(organization: Organization, day: date) -> None:
    """It was not closed after all, or it opens anew."""
    organization.closed_on = None
    ended = update(OrganizationStatus).where(
        OrganizationStatus.organization_id == organization.id,
        OrganizationStatus.status == Status.CLOSED,
        OrganizationStatus.valid_to.is_(None),
    )
    session().execute(ended.values(valid_to=func.greatest(OrganizationStatus.valid_from, day)))
    session().flush()
