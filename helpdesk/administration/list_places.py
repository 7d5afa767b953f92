"""Organizations that the lines of a list name: by code, by # and the id, or by the whole name in any language."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import or_, select

from helpdesk.administration.queries import organizations_below, roots
from helpdesk.administration.rules import at_or_below
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Desk, Organization
from helpdesk.organizations.queries import desk_for

_NAMES = (
    Organization.name_kk,
    Organization.name_ru,
    Organization.name_en,
    Organization.short_kk,
    Organization.short_ru,
    Organization.short_en,
)


class Places:
    """The organizations of the asker that these cells name, read with one statement; an empty one means `at_id`."""

    def __init__(self, who: Asker, cells: Iterable[str], at_id: int | None) -> None:
        self._mine = roots(who)
        wanted = {cell for cell in cells if cell}
        ids = {int(cell[1:]) for cell in wanted if cell.startswith("#") and cell[1:].isdigit() and len(cell) < 11}
        ids |= {at_id} if at_id else set()
        named = or_(Organization.code.in_(wanted), Organization.id.in_(ids), *(column.in_(wanted) for column in _NAMES))
        query = select(Organization).where(organizations_below(self._mine), named).order_by(Organization.id)
        self._found: dict[str, list[Organization]] = defaultdict(list)
        self.usual: Organization | None = None
        for row in session().scalars(query) if ids or wanted else ():
            if row.id == at_id:
                self.usual = row
            names = {getattr(row, column.key) for column in _NAMES}
            for name in {row.code or "", f"#{row.id}"} | names:
                self._found[name].append(row)

    def find(self, cell: str, field: str, lenient: bool = False) -> Organization:
        """The one that a cell names; `lenient` takes the usual one for what is unknown. Raises Refused."""
        found = self._found.get(cell, []) if cell else []
        if len(found) > 1:
            raise Refused(N_("Several organizations have this name: write the code"), field)
        place = found[0] if found else self.usual if not cell or lenient else None
        if place is None and cell:
            raise Refused(N_("No organization of yours has this code or name"), field)
        if place is None:
            raise Refused(N_("Name an organization, or choose one for the whole list"), field)
        if place.closed_on is not None:
            raise Refused(N_("This organization is closed"), field)
        return place

    def desk(self, cell: str, field: str) -> Desk:
        """The desk of an organization or the nearest above it, in the asker's part of the tree. Raises Refused."""
        found = desk_for(self.find(cell, field, lenient=True).id)
        if found is None or not at_or_below(found.organization.path, self._mine):
            raise Refused(N_("There is no desk of yours for this organization"), field)
        return found
