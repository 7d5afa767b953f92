"""Who answers for what happens at a place: its supervisors and those above; where there are none, administrators."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import lazyload

from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks


def answerable_for(path: str) -> Sequence[Staff]:
    """Whom an alarm at the organization at `path` is for: never nobody, while anybody at all administers this house.

    Active supervisors there and on every level above. Without a single one the administrators of these levels; without
    those every administrator.
    """
    held = _holders()
    ids = [staff_id for staff_id, role, root in held if role is Role.SUPERVISOR and path.startswith(root)]
    administrators = [(staff_id, root) for staff_id, role, root in held if role is Role.ADMINISTRATOR]
    ids = ids or [staff_id for staff_id, root in administrators if path.startswith(root)]
    ids = ids or [staff_id for staff_id, _ in administrators]
    query = select(Staff).where(Staff.id.in_(ids)).order_by(Staff.id)
    return session().scalars(query.options(lazyload("*"))).all()


def desks_left_to(asker: Asker) -> list[int]:
    """Ids of the desks that have no supervisor on any level and whose alarms are therefore this administrator's."""
    if not asker.has(Role.ADMINISTRATOR):
        return []
    held = _holders()
    supervised = tuple(root for _, role, root in held if role is Role.SUPERVISOR)
    administered = tuple(root for _, role, root in held if role is Role.ADMINISTRATOR)
    mine = asker.roots(Role.ADMINISTRATOR)
    found = []
    for id_, one in desks().items():
        path = one.organization.path
        if not path.startswith(supervised) and (path.startswith(mine) or not path.startswith(administered)):
            found.append(id_)
    return found


def supervises(staff_id: int | None, path: str) -> bool:
    """Whether this member of staff is a supervisor of the organization at `path` or of one above it."""
    return any(
        holder == staff_id and role is Role.SUPERVISOR and path.startswith(root) for holder, role, root in _holders()
    )


def _holders() -> list[tuple[int, Role, str]]:
    """Every active supervisor and administrator with the path of the organization where that holds."""
    query = (
        select(StaffRole.staff_id, StaffRole.role, Organization.path)
        .join(Organization, Organization.id == StaffRole.organization_id)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(Staff.active, StaffRole.role.in_((Role.SUPERVISOR, Role.ADMINISTRATOR)))
    )
    return [(staff_id, role, path) for staff_id, role, path in session().execute(query)]
