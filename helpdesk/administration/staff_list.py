"""A list of staff. A line is known again by its e-mail address; an empty cell changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.orm import lazyload

from helpdesk.administration import staffing
from helpdesk.administration.list_places import Places
from helpdesk.administration.list_rules import ADDED, CHANGED, UNCHANGED, Outcome, Values, Wanted
from helpdesk.administration.queries import roots
from helpdesk.administration.rules import at_or_below
from helpdesk.administration.sheets import Columns, Line, several
from helpdesk.administration.staffing import Profile
from helpdesk.identity.models import Staff, StaffPermission, StaffRole
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Permission, Role, Skill
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import LANGUAGES, N_
from helpdesk.organizations.models import Organization

NAMES = ("email", "name", "role", "organization", "language", "languages", "skills", "mobile")
# Headings of the lists of users of Zammad and of agents of osTicket.
ALIASES = {
    "e-mail": "email",
    "email address": "email",
    "roles": "role",
    "primary department": "organization",
    "phone": "mobile",
    "firstname": "first_name",
    "lastname": "last_name",
}
COLUMNS = Columns((*NAMES, "first_name", "last_name"), ("email",), ALIASES)
EXAMPLE = "aliya@example.org;Әлия Нұрланова;operator;S-0931;kk;kk, ru;technical, methodological;+77010000001"
# What others call the same.
ROLES = {"agent": Role.OPERATOR.value, "admin": Role.ADMINISTRATOR.value}


@dataclass(frozen=True)
class _Read:
    profile: Profile
    values: Values
    role: Role | Permission
    at: Organization


class People:
    """The staff of the asker's part of the tree, and those whom this list adds."""

    takes_back = True

    def __init__(self, who: Asker, lines: Sequence[Line], wanted: Wanted) -> None:
        self._who, self._letters = who, wanted.letters
        self._places = Places(who, [line.get("organization", "") for _, line in lines], wanted.at_id)
        addresses = {line.get("email", "").lower() for _, line in lines} - {""}
        query = select(Staff).where(func.lower(Staff.email).in_(addresses)).options(lazyload("*"))
        self._known = {row.email.lower(): row for row in session().scalars(query)} if addresses else {}
        self._held = _held([row.id for row in self._known.values()])
        self._seen: set[tuple[str, str, int]] = set()
        self._planned: dict[str, Staff] = {}

    def plan(self, line: Mapping[str, str]) -> Outcome:
        """What would become of a line."""
        read, known = self._read(line)
        if known is None:
            address = read.profile.email.lower()
            again = address in self._planned
            self._planned[address] = self._planned.get(address) or Staff(**read.values)
            return CHANGED if again else ADDED
        return CHANGED if self._differs(read, known) else UNCHANGED

    def apply(self, line: Mapping[str, str]) -> Outcome:
        """The same, written."""
        read, known = self._read(line)
        if known is None:
            made = staffing.invite(self._who, read.profile, read.role.value, read.at.id, self._letters)
            self._known[made.email.lower()] = made
            self._held[made.id] = {(read.role.value, read.at.id): read.at.path}
            return Outcome("added", made.id)
        changed = False
        if _tells(read, known):
            self._found(lambda: staffing.change(self._who, known.id, read.profile))
            changed = True
        if (read.role.value, read.at.id) not in self._held.get(known.id, {}):
            self._found(lambda: staffing.give(self._who, known.id, read.role.value, read.at.id))
            changed = True
        if not known.active:
            self._found(lambda: staffing.activate(self._who, known.id))
            changed = True
        return CHANGED if changed else UNCHANGED

    def take_back(self, object_id: int) -> bool:
        """Who never signed in is sent away again: nobody is ever deleted, the journal names them."""
        person = session().get(Staff, object_id, options=[lazyload("*")], populate_existing=True)
        if person is None or person.signed_in_at is not None:
            return False
        try:
            staffing.deactivate(self._who, object_id)
        except (NotFound, Refused):
            return False
        return True

    def _read(self, line: Mapping[str, str]) -> tuple[_Read, Staff | None]:
        address = line.get("email", "")
        known = self._known.get(address.lower()) if address else None
        if known is not None:
            self._mine(known)
        profile = _profile(line, known or self._planned.get(address.lower()))
        values = staffing.checked(profile)
        profile = replace(profile, email=str(values["email"]))
        role = staffing.role_of(ROLES.get(line.get("role", "").lower(), line.get("role", "").lower()))
        at = self._places.find(line.get("organization", ""), "organization")
        key = (profile.email.lower(), role.value, at.id)
        if key in self._seen:
            raise Refused(N_("This person stands twice in the list with the same role"), "email")
        self._seen.add(key)
        return _Read(profile, values, role, at), known

    def _mine(self, known: Staff) -> None:
        mine = roots(self._who)
        if not any(at_or_below(path, mine) for path in self._held.get(known.id, {}).values()):
            raise Refused(staffing.TAKEN, "email")
        if not known.active and known.signed_in_at is not None:
            raise Refused(N_("This person is deactivated"), "email")

    def _differs(self, read: _Read, known: Staff) -> bool:
        told = _tells(read, known)
        lacks = (read.role.value, read.at.id) not in self._held.get(known.id, {})
        if (told or lacks) and known.id == self._who.id:
            raise Refused(N_("Nobody does this to themselves: ask another administrator"), "email")
        return told or lacks or not known.active

    def _found(self, verb: object) -> None:
        try:
            verb()  # type: ignore[operator]
        except NotFound:
            raise Refused(N_("This person is not in your part of the tree"), "email") from None


def _tells(read: _Read, known: Staff) -> bool:
    """Whether a line says of somebody what we did not know. Languages and skills have no order."""

    def plain(value: object) -> object:
        return frozenset(value) if isinstance(value, list) else value

    return any(plain(getattr(known, name)) != plain(value) for name, value in read.values.items())


def _profile(line: Mapping[str, str], known: Staff | None) -> Profile:
    def told(name: str) -> str:
        return line.get(name, "")

    full = told("name") or " ".join(part for part in (told("first_name"), told("last_name")) if part)
    for name, allowed in (("languages", LANGUAGES), ("skills", [skill.value for skill in Skill])):
        wrong = [one for one in several(told(name)) if one.lower() not in allowed]
        if wrong:
            raise Refused(N_("This is none of: %(values)s"), name, values=", ".join(allowed))
    if told("language") and told("language").lower() not in LANGUAGES:
        raise Refused(N_("This is none of: %(values)s"), "language", values=", ".join(LANGUAGES))
    languages = [one.lower() for one in several(told("languages"))]
    skills = [one.lower() for one in several(told("skills"))]
    if known is None:
        spoken = told("language").lower()
        usual = [skill.value for skill in Skill]
        return Profile(full, told("email"), spoken, languages or [spoken or "kk"], skills or usual, told("mobile"))
    return Profile(
        full or known.name,
        told("email"),
        told("language").lower() or known.language,
        languages or known.languages,
        skills or known.skills,
        told("mobile") or known.mobile or "",
    )


def _held(ids: Sequence[int]) -> dict[int, dict[tuple[str, int], str]]:
    """Of each of them what is held where, and the path of the place."""
    found: dict[int, dict[tuple[str, int], str]] = {}
    if not ids:
        return found
    for table, column in ((StaffRole, StaffRole.role), (StaffPermission, StaffPermission.permission)):
        query = select(table.staff_id, column, table.organization_id, Organization.path)
        query = query.join(Organization, Organization.id == table.organization_id).where(table.staff_id.in_(ids))
        for staff_id, name, at_id, path in session().execute(query):
            found.setdefault(staff_id, {})[(name.value, at_id)] = path
    return found
