"""How tickets belong together, and which promises are left when two of them become one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from helpdesk.tickets.rules import PAUSED, UNFINISHED, Resolution, TicketState

Moment = TypeVar("Moment", datetime, int)


class LinkKind(StrEnum):
    """Why one ticket names another: the newer or lower one (`from`) names the older or upper one (`to`)."""

    RELATED = "related"
    CHILD = "child"
    SPLIT = "split"
    FAMILY = "family"
    FOLLOWS = "follows"


# What the other ticket is, seen from the one that names it and from the one that is named.
OUTWARD: dict[LinkKind, str] = {
    LinkKind.CHILD: "parent",
    LinkKind.RELATED: "related",
    LinkKind.SPLIT: "split_from",
    LinkKind.FAMILY: "family",
    LinkKind.FOLLOWS: "follows",
}
INWARD: dict[LinkKind, str] = OUTWARD | {
    LinkKind.CHILD: "children",
    LinkKind.SPLIT: "split_off",
    LinkKind.FOLLOWS: "followed_by",
}


@dataclass(frozen=True)
class Clocks:
    """State and clocks of a ticket as they stand, apart from the row: what a merge changes and its undoing needs."""

    asked_at: datetime
    state: TicketState
    resolution: Resolution | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    first_response_due_at: datetime | None = None
    first_responded_at: datetime | None = None
    resolution_due_at: datetime | None = None
    statutory_due_at: datetime | None = None
    control_due_at: datetime | None = None
    paused_at: datetime | None = None
    response_left: int | None = None
    resolution_left: int | None = None
    response_breached_at: datetime | None = None
    resolution_breached_at: datetime | None = None


def combined(ours: Clocks, theirs: Clocks, same_person: bool, go_on: Callable[[Clocks], Clocks]) -> Clocks:
    """The clocks of the ticket that survives: of two promises the earlier one stays.

    `theirs` is the ticket that is merged away; `go_on` lets paused clocks run again. What was settled owes nothing
    any more. One of the two that runs makes both run. An answer counts for both only when it was given to the same
    person after both had asked; otherwise the open question is owed by its own moment.
    """
    if theirs.state not in UNFINISHED:
        return ours
    if ours.paused_at is not None and theirs.paused_at is None:
        ours = go_on(ours)
    elif theirs.paused_at is not None and ours.paused_at is None:
        theirs = go_on(theirs)
    if ours.state in PAUSED and theirs.state not in PAUSED:
        ours = replace(ours, state=TicketState.OPEN)
    answer = _answer(ours, theirs, same_person)
    unanswered = [] if answer is not None else [ours]
    if theirs.first_responded_at is None and not (same_person and answer is not None and answer >= theirs.asked_at):
        unanswered.append(theirs)
    first_due = _earliest(*(one.first_response_due_at for one in unanswered))
    first_left = _earliest(*(one.response_left for one in unanswered))
    merged = replace(
        ours,
        first_responded_at=answer,
        resolution_due_at=_earliest(ours.resolution_due_at, theirs.resolution_due_at),
        resolution_left=_earliest(ours.resolution_left, theirs.resolution_left),
        statutory_due_at=_earliest(ours.statutory_due_at, theirs.statutory_due_at),
        control_due_at=_earliest(ours.control_due_at, theirs.control_due_at),
    )
    if answer is None:
        return replace(merged, first_response_due_at=first_due, response_left=first_left)
    # somebody was answered, and somebody else or a later question was not: that is owed before anything else
    return replace(
        merged,
        resolution_due_at=_earliest(merged.resolution_due_at, first_due),
        resolution_left=_earliest(merged.resolution_left, first_left),
    )


def _answer(ours: Clocks, theirs: Clocks, same_person: bool) -> datetime | None:
    if ours.first_responded_at is not None or not same_person:
        return ours.first_responded_at
    given = theirs.first_responded_at
    return given if given is not None and given >= ours.asked_at else None


def _earliest(*moments: Moment | None) -> Moment | None:
    return min((one for one in moments if one is not None), default=None)
