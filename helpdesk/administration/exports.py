"""Lists as files: what lies in the asker's part of the tree, in the columns in which a list is read again."""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import lazyload, selectinload

from helpdesk.administration import contact_list, organization_list, staff_list
from helpdesk.administration.models import ImportMark, ImportRun
from helpdesk.administration.queries import organizations_below, roots
from helpdesk.administration.rules import ListKind, at_or_below
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.contacts.models import Contact
from helpdesk.identity.models import Staff, StaffPermission, StaffRole
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.tickets.models import Ticket

Row = Sequence[str]
BATCH = 500


def note_export(who: Asker, kind: ListKind) -> None:
    """Write down who took a list away."""
    journal.note("export.made", by=staff(who.id), of=kind.value)


def rows(who: Asker, kind: ListKind) -> Iterator[Row]:
    """The heading, then the lines. One statement for five hundred of them, or a few."""
    yield _HEADINGS[kind]
    last = 0
    while True:
        found, last = _READ[kind](who, last)
        yield from found
        if not last:
            return


def _organizations(who: Asker, after: int) -> tuple[list[list[str]], int]:
    query = select(Organization).where(organizations_below(roots(who)), Organization.id > after)
    found = session().scalars(query.order_by(Organization.id).limit(BATCH)).all()
    parents = {one.parent_id for one in found} - {None}
    asked = select(Organization.id, Organization.code).where(Organization.id.in_(parents))
    codes = {id_: code for id_, code in session().execute(asked)}
    lines = []
    for one in found:
        told = {name: getattr(one, name, None) for name in organization_list.NAMES}
        told["parent_code"] = codes.get(one.parent_id or 0) or (f"#{one.parent_id}" if one.parent_id else "")
        told |= {"kind": one.kind.value, "ownership": one.ownership.value if one.ownership else ""}
        lines.append([str(told[name] if told[name] is not None else "") for name in organization_list.NAMES])
    return lines, _last(found)


def _staff(who: Asker, after: int) -> tuple[list[list[str]], int]:
    """A line for every role: whoever holds two stands twice."""
    mine = roots(who)
    held: dict[int, list[tuple[str, Organization]]] = {}
    below = select(Organization.id).where(organizations_below(mine))
    works = or_(
        *(
            exists().where(table.staff_id == Staff.id, table.organization_id.in_(below))
            for table in (StaffRole, StaffPermission)
        )
    )
    query = select(Staff).where(works, Staff.active, Staff.id > after).order_by(Staff.id).limit(BATCH)
    found = session().scalars(query.options(lazyload("*"))).all()
    ids = [one.id for one in found]
    for table, name in ((StaffRole, StaffRole.role), (StaffPermission, StaffPermission.permission)):
        asked = select(table.staff_id, name, Organization).join(Organization, Organization.id == table.organization_id)
        for staff_id, role, at in session().execute(asked.where(table.staff_id.in_(ids)).order_by(Organization.path)):
            held.setdefault(staff_id, []).append((role.value, at))
    lines = [
        [
            one.email,
            one.name,
            role,
            at.code or f"#{at.id}",
            one.language,
            ", ".join(one.languages),
            ", ".join(one.skills),
            one.mobile or "",
        ]
        for one in found
        for role, at in held.get(one.id, [])
        if at_or_below(at.path, mine)
    ]
    return lines, _last(found)


def _contacts(who: Asker, after: int) -> tuple[list[list[str]], int]:
    """Those who asked at the asker's desks, not only about what few may read, and those whom the asker brought in."""
    asked = exists().where(
        Ticket.contact_id == Contact.id,
        within(Ticket.desk_id, roots(who)),
        or_(Ticket.category_code.is_(None), Ticket.category_code.not_in(RESTRICTED)),
    )
    brought = exists().where(
        ImportMark.kind == ListKind.CONTACTS,
        ImportMark.object_id == Contact.id,
        ImportMark.run_id == ImportRun.id,
        ImportRun.by_id == who.id,
    )
    query = select(Contact).where(or_(asked, brought), Contact.id > after).order_by(Contact.id).limit(BATCH)
    found = session().scalars(query.options(selectinload(Contact.phones), selectinload(Contact.emails))).all()
    lines = [
        [
            one.name,
            ", ".join(phone.number for phone in one.phones),
            ", ".join(email.address for email in one.emails),
            one.role.value,
            one.language,
            one.settlement,
            "",
        ]
        for one in found
    ]
    return lines, _last(found)


def _last(found: Sequence[Organization] | Sequence[Staff] | Sequence[Contact]) -> int:
    return found[-1].id if len(found) == BATCH else 0


_HEADINGS: dict[ListKind, Row] = {
    ListKind.ORGANIZATIONS: organization_list.NAMES,
    ListKind.STAFF: staff_list.NAMES,
    ListKind.CONTACTS: contact_list.NAMES,
}
_READ: dict[ListKind, Callable[[Asker, int], tuple[list[list[str]], int]]] = {
    ListKind.ORGANIZATIONS: _organizations,
    ListKind.STAFF: _staff,
    ListKind.CONTACTS: _contacts,
}
KINDS = tuple(_READ)
