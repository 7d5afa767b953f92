"""The lines of telephones as they are now: what a wallboard shows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, select

from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import ACTIVE, WAITING
from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.queries import Asker, staff_under
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import local
from helpdesk.organizations.models import Desk, Organization
from helpdesk.organizations.queries import desks
from helpdesk.reports.kpis import Calls
from helpdesk.reports.rules import Period
from helpdesk.reports.scope import READERS, at_desks, desks_of, in_period
from helpdesk.reports.telephony_counts import CALLS, OFFERED
from helpdesk.routing.rules import Queue
from helpdesk.telephony.models import Call, Presence, QueueEntry
from helpdesk.telephony.rules import EntryState, PresenceState

_TODAY = ("handled", "abandoned", "handled_in_time", "abandoned_in_time")


@dataclass(frozen=True)
class LineNow:
    """One queue of one desk, with somebody in it today or a promise to keep.

    `calls` are today's, by the desk's clock: `calls.service_level()` is the share answered within 20 seconds, None
    without data. `waiting` people are on the phone now, the first of them since `waiting_since`. `operators` counts by
    state who is signed in and could serve this line; one person may serve many lines, so lines do not add up.
    Callbacks: promises still open, those of them whose turn it is, and those past the promised time.
    """

    desk_id: int
    queue: Queue
    calls: Calls = field(default_factory=Calls)
    waiting: int = 0
    waiting_since: datetime | None = None
    operators: Mapping[PresenceState, int] = field(default_factory=dict)
    callbacks: int = 0
    callbacks_due: int = 0
    callbacks_late: int = 0

    def longest_wait(self, now: datetime) -> float | None:
        """Seconds that the first caller has waited; None when nobody waits."""
        return (now - self.waiting_since).total_seconds() if self.waiting_since else None


def lines_now(asker: Asker, place: int | None = None) -> Sequence[LineNow]:
    """The lines at the desks that the asker supervises or administers, or those at and below `place`.

    Whoever waits longest stands first. Four statements. Raises NotFound when `place` is not the asker's.
    """
    now, chosen = clock.now(), desks_of(asker, place)
    found: dict[tuple[int, Queue], dict[str, Any]] = {}
    for row in session().execute(_today(chosen, now)).mappings():
        counted = Calls(**{name: row[name] for name in _TODAY})
        found.setdefault((row["desk_id"], row["queue"]), {})["calls"] = counted
    for query in (_on_the_phone(chosen), _promises(chosen, now)):
        for row in session().execute(query).mappings():
            found.setdefault((row["desk_id"], row["queue"]), {}).update(row)
    crews = _crews(asker, chosen, place)
    lines = [
        LineNow(**(values | {"desk_id": desk_id, "queue": queue, "operators": _serving(crews, desk_id, queue)}))
        for (desk_id, queue), values in found.items()
    ]
    return sorted(lines, key=lambda line: (line.waiting_since or now, -line.callbacks_due, line.desk_id, line.queue))


def team_now(asker: Asker, place: int | None = None) -> Mapping[PresenceState, int]:
    """Operators who are signed in by state, each once: who works in the asker's part of the tree or at `place`.

    One statement. Raises NotFound when `place` is not the asker's.
    """
    found: Counter[PresenceState] = Counter()
    for crew, count in _crews(asker, desks_of(asker, place), place).items():
        found[crew.state] += count
    return found


@dataclass(frozen=True)
class _Crew:
    """What operators have in common who serve the same lines and are in the same state."""

    state: PresenceState
    skills: frozenset[str]
    paths: tuple[str, ...]


def _today(chosen: Sequence[Desk], now: datetime) -> Select[*tuple[Any, ...]]:
    day = local(now).date()
    counts = [func.count().filter(CALLS[name].condition).label(name) for name in _TODAY]
    return (
        select(Call.desk_id, Call.queue, *counts)
        .where(in_period(Call.desk_id, Call.queued_at, chosen, Period(day, day)), OFFERED)
        .group_by(Call.desk_id, Call.queue)
    )


def _on_the_phone(chosen: Sequence[Desk]) -> Select[*tuple[Any, ...]]:
    waiting, since = func.count().label("waiting"), func.min(Call.queued_at).label("waiting_since")
    return (
        select(QueueEntry.desk_id, QueueEntry.queue, waiting, since)
        .join(Call, Call.id == QueueEntry.call_id)
        .where(QueueEntry.state.in_((EntryState.WAITING, EntryState.OFFERED)), at_desks(QueueEntry.desk_id, chosen))
        .group_by(QueueEntry.desk_id, QueueEntry.queue)
    )


def _promises(chosen: Sequence[Desk], now: datetime) -> Select[*tuple[Any, ...]]:
    moment = literal(now)
    due = and_(Callback.state.in_(WAITING), Callback.next_attempt_at <= moment)
    return (
        select(
            Callback.desk_id,
            Callback.queue,
            func.count().label("callbacks"),
            func.count().filter(due).label("callbacks_due"),
            func.count().filter(Callback.promised_at < moment).label("callbacks_late"),
        )
        .where(Callback.state.in_(ACTIVE), at_desks(Callback.desk_id, chosen))
        .group_by(Callback.desk_id, Callback.queue)
    )


def _crews(asker: Asker, chosen: Sequence[Desk], place: int | None) -> Mapping[_Crew, int]:
    top = [desk.organization.path for desk in chosen if desk.id == place]
    people = staff_under(top or asker.roots(*READERS)).order_by(None).with_only_columns(Staff.id)
    query = (
        select(Presence.state, Staff.skills, func.array_agg(Organization.path))
        .join(Staff, Staff.id == Presence.staff_id)
        .join(StaffRole, and_(StaffRole.staff_id == Staff.id, StaffRole.role == Role.OPERATOR))
        .join(Organization, Organization.id == StaffRole.organization_id)
        .where(Presence.state != PresenceState.OFFLINE, Staff.id.in_(people))
        .group_by(Presence.staff_id, Presence.state, Staff.skills)
    )
    return Counter(
        _Crew(state, frozenset(skills), tuple(sorted(paths))) for state, skills, paths in session().execute(query)
    )


def _serving(crews: Mapping[_Crew, int], desk_id: int, queue: Queue) -> Mapping[PresenceState, int]:
    path = desks()[desk_id].organization.path
    found: Counter[PresenceState] = Counter()
    for crew, count in crews.items():
        if queue.value in crew.skills and path.startswith(crew.paths):
            found[crew.state] += count
    return found
