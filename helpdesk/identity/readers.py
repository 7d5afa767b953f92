"""Who may read a ticket of some desk: the same law as the filter behind the pages, asked about people."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select, union_all

from helpdesk.identity.models import Staff, StaffPermission, StaffRole
from helpdesk.identity.rules import MAY_READ_RESTRICTED, RESTRICTED, Role
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization

_TRUSTED = frozenset(one.value for one in MAY_READ_RESTRICTED)
_ROLES = frozenset(one.value for one in Role)


@dataclass
class Reader:
    """An active member of staff, with the names of roles and permissions and the paths where each holds."""

    id: int
    name: str
    held: list[tuple[str, str]] = field(default_factory=list)

    def may_read(self, path: str, category: str | None) -> bool:
        """Whether a ticket about `category` at the desk of the organization at `path` is shown to this person."""
        here = {name for name, root in self.held if path.startswith(root)}
        return bool(here & (_TRUSTED if category in RESTRICTED else _ROLES))


def readers(ids: Collection[int]) -> Mapping[int, Reader]:
    """These members of staff by id, without those who no longer work here. One statement."""
    return _read(Staff.id.in_(ids)) if ids else {}


def readers_at(path: str, category: str | None) -> Sequence[Reader]:
    """Everybody who may read a ticket about `category` at that desk. One statement."""
    above = [path[: end + 1] for end, sign in enumerate(path) if sign == "/" and end]
    there = select(StaffRole.staff_id).join(Organization, Organization.id == StaffRole.organization_id)
    found = _read(Staff.id.in_(there.where(Organization.path.in_(above))))
    return [one for one in found.values() if one.may_read(path, category)]


def _read(which: ColumnElement[bool]) -> dict[int, Reader]:
    held = union_all(
        select(StaffRole.staff_id, StaffRole.role.label("name"), StaffRole.organization_id),
        select(StaffPermission.staff_id, StaffPermission.permission, StaffPermission.organization_id),
    ).subquery()
    query = (
        select(Staff.id, Staff.name, held.c.name, Organization.path)
        .join(held, held.c.staff_id == Staff.id)
        .join(Organization, Organization.id == held.c.organization_id)
        .where(Staff.active, which)
        .order_by(Staff.sort_key, Staff.id)
    )
    found: dict[int, Reader] = {}
    held_by: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for id_, name, what, path in session().execute(query):
        found.setdefault(id_, Reader(id_, name, held_by[id_]))
        held_by[id_].append((str(what), path))
    return found
