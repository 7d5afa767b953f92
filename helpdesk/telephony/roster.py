"""Operators: who is there, who is free, and whose calls each may take."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, any_, case, func, literal, or_, select
from sqlalchemy.orm import lazyload

from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.queries import Asker, staff_under
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Queue
from helpdesk.telephony.estimate import Crew
from helpdesk.telephony.models import Presence
from helpdesk.telephony.rules import HEARTBEAT_LOST_AFTER, Device, PresenceState

AT_WORK = (PresenceState.READY, PresenceState.RESERVED, PresenceState.TALKING, PresenceState.WRAPUP)


def presence_of(staff_id: int) -> Presence | None:
    """Where an operator is, only to be shown."""
    return session().get(Presence, staff_id)


def _can_serve(desk_path: str, queue: Queue, language: str) -> ColumnElement[bool]:
    """An operator answers for the organization of the role and for everything below it."""
    held = (
        select(StaffRole.id)
        .join(Organization, Organization.id == StaffRole.organization_id)
        .where(
            StaffRole.staff_id == Staff.id,
            StaffRole.role == Role.OPERATOR,
            literal(desk_path).like(Organization.path + "%"),
        )
        .exists()
    )
    return and_(
        Staff.active, held, literal(language) == any_(Staff.languages), literal(queue.value) == any_(Staff.skills)
    )


def crew(desk_path: str, queue: Queue, language: str) -> Crew:
    """How many operators could serve this line, and how many of them are free now."""
    query = (
        select(Presence.state, func.count())
        .join(Staff, Staff.id == Presence.staff_id)
        .where(Presence.state.in_(AT_WORK), _can_serve(desk_path, queue, language))
        .group_by(Presence.state)
    )
    found: dict[PresenceState, int] = {state: count for state, count in session().execute(query)}
    return Crew(sum(found.values()), found.get(PresenceState.READY, 0))


@dataclass(frozen=True)
class Group:
    """Operators at work who are alike: for which organizations they answer, what they speak and know."""

    paths: tuple[str, ...]
    languages: frozenset[str]
    skills: frozenset[str]
    staffed: int
    idle: int

    def may_take(self, served_by: Collection[str], queue: str, language: str) -> bool:
        """Whether they may take a place that operators of these organizations serve (levels.Levels.served_by)."""
        return language in self.languages and queue in self.skills and any(path in served_by for path in self.paths)


# Built once: every announcement in the waiting room asks it.
_PEOPLE = (
    select(
        Staff.languages,
        Staff.skills,
        func.array_agg(Organization.path).label("paths"),
        func.max(case((Presence.state == PresenceState.READY, 1), else_=0)).label("ready"),
    )
    .select_from(Presence)
    .join(Staff, Staff.id == Presence.staff_id)
    .join(StaffRole, and_(StaffRole.staff_id == Staff.id, StaffRole.role == Role.OPERATOR))
    .join(Organization, Organization.id == StaffRole.organization_id)
    .where(Presence.state.in_(AT_WORK), Staff.active)
    .group_by(Presence.staff_id, Staff.languages, Staff.skills)
    .subquery()
)
_ALIKE = (_PEOPLE.c.paths, _PEOPLE.c.languages, _PEOPLE.c.skills)
_AT_WORK = select(*_ALIKE, func.count(), func.sum(_PEOPLE.c.ready)).group_by(*_ALIKE)


def at_work() -> list[Group]:
    """All operators who are at work now, alike ones together. One statement."""
    return [
        Group(tuple(paths), frozenset(languages), frozenset(skills), staffed, idle)
        for paths, languages, skills, staffed, idle in session().execute(_AT_WORK)
    ]


def crew_of(groups: Iterable[Group], served_by: Collection[str], queue: str, language: str) -> Crew:
    """Those of the operators at work who may take such a place, and how many of them are free."""
    mine = [group for group in groups if group.may_take(served_by, queue, language)]
    return Crew(sum(group.staffed for group in mine), sum(group.idle for group in mine))


@dataclass(frozen=True)
class FreeOperator:
    """Somebody who can take a call now."""

    staff_id: int
    languages: frozenset[str]
    skills: frozenset[str]
    paths: tuple[str, ...]

    def serves(self, desk_path: str, queue: str, language: str) -> bool:
        """Whether this operator answers for the desk, the queue and the language, when it comes to the worst."""
        known = language in self.languages and queue in self.skills
        return known and any(desk_path.startswith(path) for path in self.paths)

    def may_take(self, served_by: Collection[str], queue: str, language: str) -> bool:
        """Whether a place that operators of these organizations serve by now may be offered to this one."""
        return language in self.languages and queue in self.skills and any(path in served_by for path in self.paths)


def free_operators() -> list[FreeOperator]:
    """Ready operators whose browser is alive or who answer on a telephone, the longest idle first."""
    query = (
        select(Presence.staff_id, Staff.languages, Staff.skills, func.array_agg(Organization.path))
        .join(Staff, Staff.id == Presence.staff_id)
        .join(StaffRole, and_(StaffRole.staff_id == Staff.id, StaffRole.role == Role.OPERATOR))
        .join(Organization, Organization.id == StaffRole.organization_id)
        .where(
            Presence.state == PresenceState.READY,
            or_(Presence.device == Device.PHONE, Presence.heartbeat_at >= clock.now() - HEARTBEAT_LOST_AFTER),
            Staff.active,
        )
        .group_by(Presence.staff_id, Presence.since, Staff.languages, Staff.skills)
        .order_by(Presence.since, Presence.staff_id)
    )
    return [
        FreeOperator(staff_id, frozenset(languages), frozenset(skills), tuple(paths))
        for staff_id, languages, skills, paths in session().execute(query)
    ]


def present(asker: Asker, states: Collection[PresenceState] = AT_WORK) -> Sequence[tuple[Presence, Staff]]:
    """Operators of the asker's part of the tree and where they are, by name."""
    people = staff_under(asker.roots()).order_by(None).with_only_columns(Staff.id)
    query = (
        select(Presence, Staff)
        .join(Staff, Staff.id == Presence.staff_id)
        .options(lazyload(Staff.roles), lazyload(Staff.permissions))
        .where(Presence.state.in_(states), Staff.id.in_(people))
        .order_by(Staff.name)
    )
    return [(presence, staff) for presence, staff in session().execute(query)]
