"""Which desk answers, and the tree around an organization."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.kernel.db import db
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.remembered import Remembered
from helpdesk.organizations.models import Desk, DeskMailbox, DeskNumber, Organization
from helpdesk.organizations.rules import Kind

# Desks change a few times a year and are asked for on every call and form: they are kept, detached, for 30 s.
_desks: Remembered[str, dict[int, Desk]] = Remembered()
_numbers: Remembered[str, dict[str, int]] = Remembered()
_mailboxes: Remembered[str, dict[str, int]] = Remembered()
_owners: Remembered[int, int | None] = Remembered()


def forget() -> None:
    """Read desks, numbers and mailboxes anew: they were edited."""
    for remembered in (_desks, _numbers, _mailboxes):
        remembered.forget()
    _owners.forget()


def _all_desks() -> dict[int, Desk]:
    with Session(db.engine, expire_on_commit=False) as apart:
        found = apart.scalars(select(Desk)).unique().all()
        return {desk.id: desk for desk in found}


def desks() -> dict[int, Desk]:
    """Every desk with its organization and hours, by id. Not attached to a session: for reading only."""
    return _desks.get("all", _all_desks)


def desk(desk_id: int) -> Desk:
    """One desk. Raises NotFound."""
    found = desks().get(desk_id)
    if found is None:
        raise NotFound
    return found


def desk_of_number(number: str) -> Desk | None:
    """The desk that this telephone number belongs to; the short number 1450 belongs to none."""
    return desks().get(numbers().get(number, 0))


def numbers() -> dict[str, int]:
    """Every telephone number that reaches a desk, and its desk."""

    def ask() -> dict[str, int]:
        with Session(db.engine) as apart:
            return {row.number: row.desk_id for row in apart.scalars(select(DeskNumber).order_by(DeskNumber.number))}

    return _numbers.get("all", ask)


def mailboxes() -> dict[str, int]:
    """Every address that we take letters for, in small letters, and its desk."""

    def ask() -> dict[str, int]:
        with Session(db.engine) as apart:
            return {row.address.lower(): row.desk_id for row in apart.scalars(select(DeskMailbox))}

    return _mailboxes.get("all", ask)


def desk_for(organization_id: int) -> Desk | None:
    """The desk of an organization, else the nearest one above it."""

    def ask() -> int | None:
        with Session(db.engine) as apart:
            path = apart.scalar(select(Organization.path).where(Organization.id == organization_id)) or ""
        above = [int(part) for part in path.strip("/").split("/") if part]
        return next((id_ for id_ in reversed(above) if id_ in desks()), None)

    return desks().get(_owners.get(organization_id, ask) or 0)


def city_desk() -> Desk:
    """The desk that takes what belongs to nobody: the highest regional one. Raises NotFound where there is no desk."""
    order = {Kind.REGION_DEPARTMENT: 0, Kind.MINISTRY: 1}
    found = sorted(desks().values(), key=lambda one: (order.get(one.organization.kind, 2), one.id))
    if not found:
        raise NotFound
    return found[0]


def organizations(ids: Sequence[int]) -> dict[int, Organization]:
    """These organizations by id, in one statement."""
    return {row.id: row for row in db.session.scalars(select(Organization).where(Organization.id.in_(ids)))}
