"""Who is asking, and over which part of the tree."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Integer, Select, and_, any_, false, func, literal, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, lazyload

from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import MAY_READ_RESTRICTED, Permission, Role
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks


@dataclass(frozen=True)
class Asker:
    """A signed-in member of staff with the paths of the organizations where each role or permission holds."""

    id: int
    name: str
    language: str
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    session_version: int
    paths: dict[str, tuple[str, ...]]
    second_factor: bool = False
    # what this person was told and has not read, counted to a hundred
    unread: int = 0

    def has(self, role: Role | Permission) -> bool:
        """Whether the role or permission holds anywhere."""
        return bool(self.paths.get(role.value))

    def holds(self, role: Role | Permission, path: str) -> bool:
        """Whether the role or permission holds over the organization at `path`."""
        return any(path.startswith(root) for root in self.paths.get(role.value, ()))

    def roots(self, *roles: Role | Permission) -> tuple[str, ...]:
        """Paths of all organizations where one of `roles` holds; every role when none is named."""
        wanted: Iterable[str] = [role.value for role in roles] or [role.value for role in Role]
        return tuple(sorted({path for name in wanted for path in self.paths.get(name, ())}))

    @property
    def reads_restricted(self) -> bool:
        """Whether some part of the tree shows restricted tickets to this person."""
        return any(self.paths.get(role.value) for role in MAY_READ_RESTRICTED)


# One statement: this runs before every page.
_ASKER = text(
    """
    SELECT s.id, s.name, s.language, s.languages, s.skills, s.session_version,
           EXISTS (SELECT 1 FROM second_factors f
                   WHERE f.staff_id = s.id AND f.confirmed_at IS NOT NULL)
           OR EXISTS (SELECT 1 FROM passkeys p WHERE p.staff_id = s.id) AS second_factor,
           (SELECT count(*) FROM (SELECT FROM notices n WHERE n.staff_id = s.id AND n.read_at IS NULL
                                  LIMIT 100) AS u) AS unread,
           coalesce((SELECT jsonb_agg(jsonb_build_array(held.name, o.path))
                     FROM (SELECT role AS name, organization_id FROM staff_roles WHERE staff_id = s.id
                           UNION ALL
                           SELECT permission, organization_id FROM staff_permissions WHERE staff_id = s.id) AS held
                     JOIN organizations o ON o.id = held.organization_id), '[]'::jsonb) AS held
    FROM staff s WHERE s.id = :id AND s.active
    """
)


def asker(staff_id: int) -> Asker | None:
    """The member of staff with this id, or None when there is none or the person no longer works here."""
    row = session().execute(_ASKER, {"id": staff_id}).mappings().first()
    if row is None:
        return None
    paths: dict[str, tuple[str, ...]] = {}
    for name, path in row["held"]:
        paths[name] = (*paths.get(name, ()), path)
    return Asker(
        row["id"],
        row["name"],
        row["language"],
        tuple(row["languages"]),
        tuple(row["skills"]),
        row["session_version"],
        paths,
        row["second_factor"],
        row["unread"],
    )


def staff_by_email(address: str) -> Staff | None:
    """The active member of staff who signs in with this address."""
    query = select(Staff).where(func.lower(Staff.email) == address.strip().lower(), Staff.active)
    return session().scalars(query).first()


def within(column: InstrumentedAttribute[Any], roots: Iterable[str]) -> ColumnElement[bool]:
    """The condition that the desk named by `column` lies under one of `roots`: every rights filter is this.

    No root sees nothing. Ids instead of a look into the tree: it is planned and run several times faster, and desks
    are remembered anyway (a new desk is seen by its supervisors within 30 seconds).
    """
    ids = desks_under(tuple(roots))
    return column == any_(literal(ids, ARRAY(Integer))) if ids else false()


def desks_under(roots: tuple[str, ...]) -> list[int]:
    """Ids of the desks of these organizations and of everything below them."""
    return [id_ for id_, one in desks().items() if one.organization.path.startswith(roots)]


def staff_under(roots: Iterable[str], role: Role = Role.OPERATOR) -> Select[Staff]:
    """The query of active staff that hold `role` somewhere under `roots`, or above it: who can be given work there."""
    paths = list(roots)
    held = text(
        "staff.id IN (SELECT sr.staff_id FROM staff_roles sr JOIN organizations o ON o.id = sr.organization_id "
        "WHERE sr.role = :role AND EXISTS (SELECT 1 FROM unnest(CAST(:paths AS text[])) p "
        "WHERE o.path LIKE p || '%' OR p LIKE o.path || '%'))"
    ).bindparams(role=role.value, paths=paths)
    return select(Staff).where(Staff.active, held).order_by(Staff.name)


def operators_below(roots: Iterable[str]) -> Select[Staff]:
    """The query of active operators of these organizations and of what lies below them: whose work is answered for."""
    under = or_(false(), *(Organization.path.startswith(root, autoescape=True) for root in roots))
    held = select(StaffRole.staff_id).join(Organization, Organization.id == StaffRole.organization_id)
    return select(Staff).where(Staff.active, Staff.id.in_(held.where(StaffRole.role == Role.OPERATOR, under)))


def subordinate(asker: Asker, staff_id: int) -> Staff:
    """An operator in the part of the tree that the asker supervises. Raises NotFound."""
    query = operators_below(asker.roots(Role.SUPERVISOR)).where(Staff.id == staff_id)
    found = session().scalars(query.options(lazyload("*"))).first()
    if found is None:
        raise NotFound
    return found


def colleague(asker: Asker, staff_id: int) -> Staff:
    """A member of staff whom `asker` may give work to. Raises NotFound."""
    found = session().scalars(staff_under(asker.roots()).where(Staff.id == staff_id)).first()
    if found is None:
        raise NotFound
    return found


def names(ids: Collection[int]) -> dict[int, str]:
    """Names of members of staff by id, only to be shown. No statement for nobody."""
    if not ids:
        return {}
    found = session().execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return {id_: name for id_, name in found}


def name_of(staff_id: int) -> str:
    """The name of a member of staff, only to be shown; "" for nobody."""
    return session().scalar(select(Staff.name).where(Staff.id == staff_id)) or ""


def mobile_of(staff_id: int) -> str | None:
    """The mobile telephone on which a member of staff can be rung."""
    return session().scalar(select(Staff.mobile).where(Staff.id == staff_id))


def operators_at(path: str, ids: Collection[int] = ()) -> tuple[dict[int, str], dict[int, str]]:
    """Names by id of the operators who may be given work of the organization at `path`, and the names of `ids`.

    One statement: a page needs both.
    """
    works_there = _works_at(path)
    query = (
        select(Staff.id, Staff.name, works_there).where(or_(works_there, Staff.id.in_(ids))).order_by(Staff.sort_key)
    )
    found = session().execute(query).all()
    return {id_: name for id_, name, works in found if works}, {id_: name for id_, name, _ in found if id_ in ids}


def operator_at(path: str, staff_id: int) -> int:
    """The id again of an operator who may be given work of the organization at `path`. Raises NotFound."""
    found = session().scalar(select(Staff.id).where(Staff.id == staff_id, _works_at(path)))
    if found is None:
        raise NotFound
    return found


def _works_at(path: str) -> ColumnElement[bool]:
    held = select(StaffRole.staff_id).join(Organization, Organization.id == StaffRole.organization_id)
    return and_(Staff.active, Staff.id.in_(held.where(StaffRole.role == Role.OPERATOR, _at_or_above(path))))


def _at_or_above(path: str) -> ColumnElement[bool]:
    return Organization.path.in_([path[: end + 1] for end, sign in enumerate(path) if sign == "/" and end])
