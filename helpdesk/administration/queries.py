"""What an administrator may see and change: every question takes the asker, and what lies elsewhere is not there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, exists, false, func, literal_column, or_, select, union_all
from sqlalchemy.orm import lazyload

from helpdesk.administration.rules import at_or_below, wholly_below
from helpdesk.identity.access_models import SecondFactor, StaffLink
from helpdesk.identity.models import Staff, StaffPermission, StaffRole
from helpdesk.identity.passkey_models import Passkey
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Organization
from helpdesk.organizations.search import words

MOST_WORDS = 6


def roots(asker: Asker) -> tuple[str, ...]:
    """The parts of the tree that the asker administers."""
    return asker.roots(Role.ADMINISTRATOR)


def governs_all(asker: Asker) -> bool:
    """Whether the asker administers a whole tree from its top: only then are things theirs that belong to no part."""
    return any(root.count("/") == 2 for root in roots(asker))


def organizations_below(paths: Collection[str]) -> ColumnElement[bool]:
    """The condition that an organization is one of those at `paths` or lies below."""
    return or_(false(), *(Organization.path.startswith(path, autoescape=True) for path in paths))


def fits(text: str, column: str) -> ColumnElement[bool]:
    """The condition that every typed word begins some word of `column`, "table.column" with a word index on it."""
    wanted = " & ".join(f"{word}:*" for word in words(text)[:MOST_WORDS])
    return literal_column(f"to_tsvector('simple', {column})").op("@@")(func.to_tsquery("simple", wanted))


@dataclass(frozen=True)
class Held:
    """A role or permission that somebody holds; `mine` says whether the asker administers the place."""

    name: str
    organization: Organization
    mine: bool


@dataclass(frozen=True)
class StaffLine:
    """One line of the list of staff."""

    person: Staff
    held: Sequence[Held]


@dataclass(frozen=True)
class StaffPage:
    """One page in the order of the Kazakh alphabet, and the cursor of the next (None at the end)."""

    lines: Sequence[StaffLine]
    next: str | None


def staff_list(
    asker: Asker, typed: str = "", role: Role | None = None, active: bool = True, after: str = "", limit: int = 30
) -> StaffPage:
    """Those who hold something in the asker's part of the tree. Two statements."""
    query = select(Staff).where(_works_under(roots(asker), role), Staff.active == active)
    if typed.strip():
        query = query.where(fits(typed, "staff.search"))
    key, _, id_ = after.rpartition("~")
    if id_.isdigit() and len(id_) < 19:
        query = query.where(or_(Staff.sort_key > key, (Staff.sort_key == key) & (Staff.id > int(id_))))
    people = session().scalars(query.order_by(Staff.sort_key, Staff.id).limit(limit + 1).options(lazyload("*"))).all()
    held = _held(asker, [person.id for person in people[:limit]])
    lines = [StaffLine(person, held.get(person.id, [])) for person in people[:limit]]
    last = people[limit - 1] if len(people) > limit else None
    return StaffPage(lines, f"{last.sort_key}~{last.id}" if last else None)


@dataclass(frozen=True)
class StaffCard:
    """A member of staff as an administrator sees them. Who also works outside the asker's part is not `managed`."""

    person: Staff
    held: Sequence[Held]
    managed: bool
    is_asker: bool
    second_factor: bool
    link: StaffLink | None


def staff_for(asker: Asker, staff_id: int, lock: bool = False) -> StaffCard:
    """One member of staff in the asker's part of the tree. Raises NotFound."""
    query = select(Staff).where(Staff.id == staff_id, _works_under(roots(asker)))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    person = session().scalars(query.options(lazyload("*"))).first()
    if person is None:
        raise NotFound
    held = _held(asker, [person.id]).get(person.id, [])
    factor = select(Staff.id).where(
        Staff.id == person.id,
        or_(
            exists().where(SecondFactor.staff_id == Staff.id, SecondFactor.confirmed_at.is_not(None)),
            exists().where(Passkey.staff_id == Staff.id),
        ),
    )
    link = select(StaffLink).where(StaffLink.staff_id == person.id).order_by(StaffLink.id.desc()).limit(1)
    return StaffCard(
        person=person,
        held=held,
        managed=wholly_below([one.organization.path for one in held], roots(asker)),
        is_asker=person.id == asker.id,
        second_factor=session().scalar(factor) is not None,
        link=session().scalars(link).first(),
    )


def _works_under(paths: Collection[str], role: Role | None = None) -> ColumnElement[bool]:
    held_role = select(StaffRole.staff_id).join(Organization, Organization.id == StaffRole.organization_id)
    held_role = held_role.where(StaffRole.staff_id == Staff.id, organizations_below(paths))
    if role is not None:
        return held_role.where(StaffRole.role == role).exists()
    named = select(StaffPermission.staff_id).join(Organization, Organization.id == StaffPermission.organization_id)
    named = named.where(StaffPermission.staff_id == Staff.id, organizations_below(paths))
    return or_(held_role.exists(), named.exists())


def _held(asker: Asker, ids: Collection[int]) -> dict[int, list[Held]]:
    if not ids:
        return {}
    rows = union_all(
        select(StaffRole.staff_id, StaffRole.role.label("name"), StaffRole.organization_id).where(
            StaffRole.staff_id.in_(ids)
        ),
        select(StaffPermission.staff_id, StaffPermission.permission, StaffPermission.organization_id).where(
            StaffPermission.staff_id.in_(ids)
        ),
    ).subquery()
    query = select(rows.c.staff_id, cast(rows.c.name, String), Organization)
    query = query.join(Organization, Organization.id == rows.c.organization_id).order_by(Organization.path)
    found: dict[int, list[Held]] = {}
    mine = roots(asker)
    for staff_id, name, organization in session().execute(query):
        found.setdefault(staff_id, []).append(Held(str(name), organization, at_or_below(organization.path, mine)))
    return found


def organization_for(asker: Asker, organization_id: int, lock: bool = False) -> Organization:
    """An organization in the asker's part of the tree. Raises NotFound."""
    query = select(Organization).where(Organization.id == organization_id, organizations_below(roots(asker)))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session().scalars(query).first()
    if found is None:
        raise NotFound
    return found
