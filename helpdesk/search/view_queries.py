"""Whose views there are, and what they hold."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import aliased

from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import sort_key
from helpdesk.kernel.remembered import Remembered
from helpdesk.organizations.models import Organization
from helpdesk.search.queries import narrowed
from helpdesk.search.rules import read
from helpdesk.search.view_models import SavedView, ViewPlace
from helpdesk.search.view_rules import MOST_IN_COLUMN, Scope
from helpdesk.tickets.board_rules import Order
from helpdesk.tickets.models import Ticket

# Who makes views for others: over the organization that they are for.
SHARERS = (Role.SUPERVISOR, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class View:
    """A view as it stands in somebody's column."""

    id: int
    name: str
    filter: str
    order: Order
    scope: Scope
    organization_id: int | None
    path: str
    position: int | None
    hidden: bool


_columns: Remembered[tuple[int, tuple[str, ...]], list[View]] = Remembered()


def forget() -> None:
    """Read the columns anew: a view was edited."""
    _columns.forget()


def remembered_column(asker: Asker) -> list[View]:
    """The views of somebody's column, usually without a statement: every list of tickets stands beside them."""
    return _columns.get((asker.id, asker.roots()), lambda: column(asker))


def column(asker: Asker) -> list[View]:
    """The views of somebody's column in their order, also the hidden ones: first those that were put in an order, then
    one's own, the desk's and shared ones by name. One statement.
    """
    place = aliased(ViewPlace)
    query = (
        select(SavedView, Organization.path, place.position, place.hidden)
        .outerjoin(Organization, Organization.id == SavedView.organization_id)
        .outerjoin(place, and_(place.view_id == SavedView.id, place.staff_id == asker.id))
        .where(SavedView.deleted_at.is_(None), seen_by(asker))
        .order_by(place.position.nulls_last(), SavedView.scope.desc(), SavedView.id)
        .limit(MOST_IN_COLUMN)
    )
    found = [
        View(
            row.id,
            row.name,
            row.filter,
            row.order,
            row.scope,
            row.organization_id,
            path or "",
            position,
            bool(hidden),
        )
        for row, path, position, hidden in session().execute(query)
    ]
    scopes = list(Scope)
    return sorted(
        found,
        key=lambda one: (one.position is None, one.position or 0, scopes.index(one.scope), sort_key(one.name), one.id),
    )


def seen_by(asker: Asker) -> ColumnElement[bool]:
    """The rights filter of views: one's own, those of desks where one has a role, those shared at or above these."""
    paths = asker.roots()
    above = {path[: end + 1] for path in paths for end, sign in enumerate(path) if sign == "/" and end}
    return or_(
        and_(SavedView.scope == Scope.OWN, SavedView.owner_id == asker.id),
        and_(SavedView.scope == Scope.DESK, Organization.path.in_(paths)),
        and_(SavedView.scope == Scope.BELOW, Organization.path.in_(above)),
    )


def changed_by(asker: Asker) -> ColumnElement[bool]:
    """Which views the asker may change: one's own, and those of the part of the tree that one answers for."""
    theirs = (Organization.path.startswith(root, autoescape=True) for root in asker.roots(*SHARERS))
    return or_(and_(SavedView.scope == Scope.OWN, SavedView.owner_id == asker.id), *theirs)


def may_change(asker: Asker, view: View) -> bool:
    """The same of a view in somebody's own column."""
    return view.scope is Scope.OWN or any(asker.holds(role, view.path) for role in SHARERS)


def view_for(asker: Asker, view_id: int, lock: bool = False, deleted: bool = False) -> SavedView:
    """A view that the asker may change. Raises NotFound."""
    query = (
        select(SavedView)
        .outerjoin(Organization, Organization.id == SavedView.organization_id)
        .where(SavedView.id == view_id, changed_by(asker), SavedView.deleted_at.is_not(None) == deleted)
    )
    found = session().scalars(query.with_for_update(of=SavedView) if lock else query).first()
    if found is None:
        raise NotFound
    return found


def shareable(asker: Asker, organization_id: int) -> Organization:
    """An organization for which the asker may make views. Raises NotFound."""
    theirs = (Organization.path.startswith(root, autoescape=True) for root in asker.roots(*SHARERS))
    query = select(Organization).where(Organization.id == organization_id, or_(false(), *theirs))
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return found


def deleted(asker: Asker, limit: int = 10) -> Sequence[SavedView]:
    """What the asker may bring back, the last first."""
    query = (
        select(SavedView)
        .outerjoin(Organization, Organization.id == SavedView.organization_id)
        .where(SavedView.deleted_at.is_not(None), changed_by(asker))
    )
    return session().scalars(query.order_by(SavedView.deleted_at.desc()).limit(limit)).all()


def count_beside(view: SavedView) -> int:
    """How many views stand where this one stands."""
    where = (
        SavedView.owner_id == view.owner_id
        if view.scope is Scope.OWN
        else SavedView.organization_id == view.organization_id
    )
    same = and_(where, (SavedView.scope == Scope.OWN) == (view.scope is Scope.OWN), SavedView.deleted_at.is_(None))
    return session().scalar(select(func.count()).select_from(SavedView).where(same)) or 0


def conditions(
    asker: Asker, typed: str, today: date, categories: Collection[str], zone: ZoneInfo
) -> tuple[ColumnElement[bool], ...]:
    """What a view's filters ask of a ticket; no statement.

    With a filter that can no longer be used, a category that is gone, it holds nothing: it must not grow by itself.
    """
    asked = read(typed, today, categories)
    if asked.problems:
        return (false(),)
    found = narrowed(asker, replace(asked, school=""), zone)
    if asked.school:
        # looked up within the statement: a column of views with thirty schools asks no more than one without
        ids = select(Organization.id).where(Organization.number == asked.school)
        found.append(or_(Ticket.organization_id.in_(ids), Ticket.desk_id.in_(ids)))
    return tuple(found)
