"""The floor as it is now: calls that wait or talk, and where the operators are. What a supervisor looks at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, Integer, any_, func, literal, select

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import operators_below
from helpdesk.kernel.db import session
from helpdesk.routing.rules import Queue
from helpdesk.telephony.conversation_models import Supervision
from helpdesk.telephony.conversation_rules import SupervisionMode, SupervisionState
from helpdesk.telephony.models import Call, Presence, QueueEntry
from helpdesk.telephony.rules import FRONT, CallState, PresenceState

_ON_THE_LINE = (CallState.QUEUED, CallState.OFFERED, CallState.CONNECTED)


@dataclass(frozen=True)
class CallNow:
    """One call: `since` is when it began to wait or to talk. `supervisors`: who is in it beside those who talk."""

    id: int
    state: CallState
    desk_id: int
    queue: Queue | None
    language: str | None
    since: datetime
    operator_id: int | None
    operator: str | None
    in_front: bool
    held: bool
    danger: bool
    ticket_id: int | None
    supervisors: tuple[tuple[int, SupervisionMode], ...]

    def mode_of(self, staff_id: int) -> SupervisionMode | None:
        """How this supervisor is in the call, if at all."""
        return dict(self.supervisors).get(staff_id)

    @property
    def talks(self) -> bool:
        """Whether somebody has answered."""
        return self.state is CallState.CONNECTED


def calls_now(desk_ids: Iterable[int], limit: int = 100) -> Sequence[CallNow]:
    """Calls that wait or talk at these desks: in danger first, then who waits, longest first. One statement."""
    watching = (
        select(func.jsonb_agg(func.jsonb_build_array(Supervision.staff_id, Supervision.mode)))
        .where(Supervision.call_id == Call.id, Supervision.state == SupervisionState.JOINED)
        .scalar_subquery()
    )
    since = func.coalesce(Call.connected_at, QueueEntry.joined_at, Call.queued_at, Call.started_at)
    talks = Call.state == CallState.CONNECTED
    query = (
        select(Call, Staff.name, QueueEntry.priority, QueueEntry.language, since, watching)
        .outerjoin(Staff, Staff.id == Call.operator_id)
        .outerjoin(QueueEntry, QueueEntry.call_id == Call.id)
        .where(Call.desk_id == any_(literal(list(desk_ids), ARRAY(Integer))), Call.state.in_(_ON_THE_LINE))
        .order_by(Call.danger_at.is_(None), talks, since, Call.id)
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return [_call(*row) for row in session().execute(query)]


def _call(
    call: Call, operator: str | None, priority: int | None, language: str | None, since: datetime, watching: Any
) -> CallNow:
    talks = call.state is CallState.CONNECTED
    return CallNow(
        id=call.id,
        state=call.state,
        desk_id=call.desk_id or 0,
        queue=call.queue,
        language=call.language or language,
        since=since,
        operator_id=call.operator_id if talks else None,
        operator=operator if talks else None,
        in_front=priority == FRONT,
        held=call.held_at is not None,
        danger=call.danger_at is not None,
        ticket_id=call.ticket_id,
        supervisors=tuple((staff_id, SupervisionMode(mode)) for staff_id, mode in watching or ()),
    )


@dataclass(frozen=True)
class OperatorNow:
    """Where an operator is, since when and why."""

    id: int
    name: str
    languages: Sequence[str]
    state: PresenceState
    reason: str
    since: datetime | None
    call_id: int | None


def operators_now(roots: Iterable[str]) -> Sequence[OperatorNow]:
    """Who takes calls in this part of the tree, and where they are; those of other parts who help out are not named.

    One statement; whoever is offline comes last.
    """
    people = operators_below(roots).order_by(None).with_only_columns(Staff.id)
    state = func.coalesce(Presence.state, PresenceState.OFFLINE.value)
    query = (
        select(Staff.id, Staff.name, Staff.languages, Presence)
        .outerjoin(Presence, Presence.staff_id == Staff.id)
        .where(Staff.id.in_(people))
        .order_by(state == PresenceState.OFFLINE, Presence.since, Staff.name)
        .execution_options(populate_existing=True)
    )
    return [
        OperatorNow(
            id_,
            name,
            languages,
            row.state if row is not None else PresenceState.OFFLINE,
            row.reason if row is not None else "",
            row.since if row is not None else None,
            row.call_id if row is not None else None,
        )
        for id_, name, languages, row in session().execute(query)
    ]
