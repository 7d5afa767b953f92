"""Where operators were in a period: the spans of their presence, cut at its borders and at those of its intervals."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, any_, false, func, literal, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.reports.kpis import Work
from helpdesk.reports.telephony_slices import STEPS, PhoneBy, Selection, interval_start, written
from helpdesk.telephony.models import PresenceSpan
from helpdesk.telephony.rules import PresenceState

_FIELDS = {
    PresenceState.TALKING: "busy_seconds",
    PresenceState.WRAPUP: "wrapup_seconds",
    PresenceState.READY: "idle_seconds",
    PresenceState.RESERVED: "idle_seconds",
    PresenceState.BREAK: "break_seconds",
}


def work_by(
    by: PhoneBy, chosen: Selection, roots: Sequence[str], zone: ZoneInfo, now: datetime
) -> Mapping[str | None, Work]:
    """Seconds of the operators who work at or below `roots`, by the value of a row, the total under None.

    Divided by intervals and by operators; for other rows there is only the total: one person answers many lines. A
    chosen queue or language leaves the operators who serve it. One statement.
    """
    found: dict[str | None, dict[str, float]] = {None: {}}
    divided = by in STEPS or by is PhoneBy.OPERATOR
    for value, state, seconds in session().execute(_query(by, chosen, roots, zone, now)):
        for key in {None, written(value)} if divided else {None}:
            sums = found.setdefault(key, {})
            sums[_FIELDS[state]] = sums.get(_FIELDS[state], 0.0) + float(seconds)
    return {value: Work(**sums) for value, sums in found.items()}


def _query(
    by: PhoneBy, chosen: Selection, roots: Sequence[str], zone: ZoneInfo, now: datetime
) -> Select[*tuple[Any, ...]]:
    spans = _spans(chosen, roots, zone, now)
    began, ended, state = spans.c.began, spans.c.ended, spans.c.state
    if by in STEPS:
        starts = func.generate_series(interval_start(by, began), ended, STEPS[by])
        pieces = starts.table_valued("start").render_derived().lateral("pieces")
        start = pieces.c.start
        inside = func.least(ended, start + STEPS[by]) - func.greatest(began, start)
        return (
            select(start, state, func.sum(func.extract("epoch", inside)))
            .select_from(spans)
            .join(pieces, start < ended)
            .group_by(start, state)
        )
    value = spans.c.staff_id if by is PhoneBy.OPERATOR else literal_column("0")
    seconds = func.sum(func.extract("epoch", ended - began))
    return select(value, state, seconds).group_by(spans.c.staff_id, state)


def _spans(chosen: Selection, roots: Sequence[str], zone: ZoneInfo, now: datetime) -> Any:
    """Spans of the period on the wall clock of `zone`, what reaches beyond it cut off; an open one lasts until now."""
    since, before = chosen.period.bounds(zone)

    def local(moment: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.timezone(zone.key, moment)

    until = func.coalesce(PresenceSpan.until_at, literal(now))
    return (
        select(
            PresenceSpan.staff_id,
            PresenceSpan.state,
            local(func.greatest(PresenceSpan.from_at, literal(since))).label("began"),
            local(func.least(until, literal(before))).label("ended"),
        )
        .where(
            PresenceSpan.state.in_(_FIELDS),
            PresenceSpan.from_at < min(before, now),
            or_(PresenceSpan.until_at.is_(None), PresenceSpan.until_at > since),
            PresenceSpan.staff_id.in_(_operators(chosen, roots)),
        )
        .subquery("spans")
    )


def _operators(chosen: Selection, roots: Sequence[str]) -> Select[Any]:
    """Operators of these parts of the tree. Those above who answer here too are not this place's staff."""
    below = or_(false(), *(Organization.path.like(f"{root}%") for root in roots))
    query = (
        select(StaffRole.staff_id)
        .join(Organization, Organization.id == StaffRole.organization_id)
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(StaffRole.role == Role.OPERATOR, below)
    )
    if chosen.queue is not None:
        query = query.where(_has(Staff.skills, chosen.queue.value))
    if chosen.language is not None:
        query = query.where(_has(Staff.languages, chosen.language))
    return query


def _has(values: InstrumentedAttribute[list[str]], value: str) -> ColumnElement[bool]:
    return literal(value) == any_(values)
