"""To whom a call may be sent: colleagues who answer for its desk, and the desks above and below one's own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Desk, Organization
from helpdesk.organizations.queries import desk, desks
from helpdesk.organizations.search import words
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.rules import PresenceState


@dataclass(frozen=True)
class Colleague:
    """An operator who is at work somewhere and answers for the desk of a call."""

    staff_id: int
    name: str
    languages: tuple[str, ...]
    skills: tuple[str, ...]
    state: PresenceState


def colleagues(call: Call, asker: Asker) -> Sequence[Colleague]:
    """Who could take this call over, those who are free first; whoever is signed out is not among them."""
    if call.desk_id is None:
        return []
    query = (
        select(Staff.id, Staff.name, Staff.languages, Staff.skills, Presence.state)
        .join(Presence, Presence.staff_id == Staff.id)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .join(Organization, Organization.id == StaffRole.organization_id)
        .where(
            Staff.active,
            Staff.id != asker.id,
            StaffRole.role == Role.OPERATOR,
            Presence.state != PresenceState.OFFLINE,
            Organization.path.in_(_at_or_above(desk(call.desk_id).organization.path)),
        )
        .distinct()
    )
    found = [
        Colleague(id_, name, tuple(languages), tuple(skills), state)
        for id_, name, languages, skills, state in session().execute(query)
    ]
    return sorted(found, key=lambda one: (one.state is not PresenceState.READY, one.name))


def colleague(call: Call, asker: Asker, staff_id: int) -> Colleague:
    """One of them. Raises NotFound."""
    found = next((one for one in colleagues(call, asker) if one.staff_id == staff_id), None)
    if found is None:
        raise NotFound
    return found


def desks_in_reach(asker: Asker, without: int | None = None) -> Sequence[Desk]:
    """Desks of the organizations where the asker is an operator, of all below them and all above them."""
    roots = asker.paths.get(Role.OPERATOR.value, ())

    def near(path: str) -> bool:
        return any(path.startswith(root) or root.startswith(path) for root in roots)

    return [one for id_, one in desks().items() if id_ != without and near(one.organization.path)]


def desk_in_reach(asker: Asker, desk_id: int, without: int | None = None) -> Desk:
    """One of them that is open. Raises NotFound, and Refused where nobody would answer because it is closed."""
    found = next((one for one in desks_in_reach(asker, without) if one.id == desk_id), None)
    if found is None:
        raise NotFound
    if not is_open(found):
        raise Refused(N_("That desk is closed now"), field="to")
    return found


def is_open(at: Desk) -> bool:
    """Whether the desk takes calls now."""
    return calendar_of(at).is_open(clock.now())


def begins(typed: str, text: str) -> bool:
    """Whether each typed word begins a word of the text, however it is spelt."""
    known = words(text)
    return all(any(word.startswith(wanted) for word in known) for wanted in words(typed))


def _at_or_above(path: str) -> list[str]:
    return [path[: end + 1] for end, sign in enumerate(path) if sign == "/" and end]
