"""A list of organizations. A line is known again by its code."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from helpdesk.administration import tree
from helpdesk.administration.list_rules import ADDED, CHANGED, UNCHANGED, Outcome, Wanted
from helpdesk.administration.queries import organizations_below, roots
from helpdesk.administration.rules import at_or_below
from helpdesk.administration.sheets import Columns, Line
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations import actions
from helpdesk.organizations.models import Organization

NAMES: tuple[str, ...] = (
    "code",
    "parent_code",
    "kind",
    "name_kk",
    "name_ru",
    "name_en",
    "short_kk",
    "short_ru",
    "short_en",
)
NAMES += ("number", "kato", "contingent", "zone", "ownership")
COLUMNS = Columns(NAMES, ("code", "parent_code", "kind", "name_kk", "name_ru"), {})
EXAMPLE = "S-0931;#1;school;№ 931 мектеп;Школа № 931;School 931;;;;931;751210000;640;Asia/Almaty;state"


class Organizations:
    """The organizations that the asker may change, by code and by id, and those that this list adds."""

    takes_back = False

    def __init__(self, who: Asker, _lines: Sequence[Line], _wanted: Wanted) -> None:
        self._who, self._mine = who, roots(who)
        rows = session().scalars(select(Organization).where(organizations_below(self._mine))).all()
        self._by_code = {row.code: row for row in rows if row.code}
        self._by_id = {f"#{row.id}": row for row in rows}
        self._planned: dict[str, Organization] = {}
        self._seen: set[str] = set()

    def plan(self, line: Mapping[str, str]) -> Outcome:
        """What would become of a line, "added", "changed" or "unchanged", nothing being written. Raises Refused."""
        code, parent, values = self._read(line)
        known = self._by_code.get(code)
        if known is None:
            kind = tree.kind_below(line.get("kind", ""), parent)
            self._planned[code] = Organization(kind=kind, zone=values["zone"], code=code)
            return ADDED
        moves = self._moves(known, parent)
        return CHANGED if moves or self._differs(known, values) else UNCHANGED

    def apply(self, line: Mapping[str, str]) -> Outcome:
        """The same, written. Raises Refused."""
        code, parent, values = self._read(line)
        known = self._by_code.get(code)
        if known is None:
            kind = tree.kind_below(line.get("kind", ""), parent)
            if session().scalar(select(Organization.id).where(Organization.code == code)) is not None:
                raise Refused(N_("Another organization has this code"), "code")
            made = actions.found(parent, kind, tree.today(values["zone"]), **values)
            self._by_code[code] = made
            return Outcome("added", made.id)
        changed = bool(actions.rename(known, **values)) if self._differs(known, values) else False
        if self._moves(known, parent):
            day = tree.today(known.zone)
            actions.move(known, parent, day, day)
            session().refresh(known)
            changed = True
        return CHANGED if changed else UNCHANGED

    def _read(self, line: Mapping[str, str]) -> tuple[str, Organization, dict[str, Any]]:
        code = line.get("code", "")
        if not code:
            raise Refused(N_("A line needs a code"), "code")
        if code in self._seen:
            raise Refused(N_("This code stands twice in the list"), "code")
        self._seen.add(code)
        named = line.get("parent_code", "")
        parent = self._by_code.get(named) or self._by_id.get(named) or self._planned.get(named)
        if parent is None:
            raise Refused(N_("No organization of yours has this code, and no line above"), "parent_code")
        if parent.closed_on is not None:
            raise Refused(N_("This organization is closed"), "parent_code")
        return code, parent, tree.checked(line, parent.zone)

    def _moves(self, known: Organization, parent: Organization) -> bool:
        if parent.id is None or parent.id == known.parent_id:
            return parent.id is None
        if known.path in self._mine:
            raise Refused(N_("The top of your part of the tree is moved by an administrator above you"), "parent_code")
        if parent.path and at_or_below(parent.path, [known.path]):
            raise Refused(N_("An organization cannot stand below itself"), "parent_code")
        tree.kind_below(known.kind.value, parent)
        return True

    @staticmethod
    def _differs(known: Organization, values: Mapping[str, Any]) -> bool:
        return any(getattr(known, name) != value for name, value in values.items())

    def take_back(self, object_id: int) -> bool:
        """An organization is closed with a date on its own page, not taken out."""
        return False
