"""What the telephone figures count of promised callbacks, in words and in SQL."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.callbacks.rules import ACTIVE, AttemptResult, CallbackState
from helpdesk.kernel.i18n import N_
from helpdesk.reports.telephony_counts import seconds
from helpdesk.telephony.models import QueueEntry

# A callback may come this much later than the wait that its caller was told in the queue.
GRACE = timedelta(minutes=5)

# What the attempts of one promise came to; technical failures never rang anywhere.
TRIES = (
    select(
        func.count().label("attempts"),
        (func.array_agg(aggregate_order_by(Attempt.result, Attempt.n))[1] == AttemptResult.CONNECTED.value).label(
            "first_connected"
        ),
    )
    .where(
        Attempt.callback_id == Callback.id,
        Attempt.result.is_not(None),
        Attempt.result != AttemptResult.TECHNICAL,
    )
    .correlate(Callback)
    .lateral("tries")
)
_TOLD = (
    select(func.min(QueueEntry.estimated_seconds))
    .where(QueueEntry.callback_id == Callback.id)
    .correlate(Callback)
    .scalar_subquery()
)
UNTIL_REACHED = seconds(Callback.created_at, Callback.reached_at)

_REACHED = Callback.reached_at.is_not(None)
_NOT_REACHED = and_(~_REACHED, Callback.state.in_((CallbackState.EXHAUSTED, CallbackState.EXPIRED, CallbackState.DONE)))
_OPEN = and_(~_REACHED, Callback.state.in_(ACTIVE))
_WITHDRAWN = and_(~_REACHED, Callback.state.in_((CallbackState.CANCELLED, CallbackState.SUPERSEDED)))
_KEPT = and_(_REACHED, Callback.reached_at <= Callback.promised_at)
_ANNOUNCED = and_(~_WITHDRAWN, _TOLD.is_not(None))


@dataclass(frozen=True)
class PromiseCount:
    """How many promises meet a condition as of a moment."""

    code: str
    name: str
    formula: str
    condition: Callable[[datetime], ColumnElement[bool]]


def _always(condition: ColumnElement[bool]) -> Callable[[datetime], ColumnElement[bool]]:
    return lambda _now: condition


def _overdue(now: datetime) -> ColumnElement[bool]:
    return and_(_OPEN, Callback.promised_at < literal(now))


PROMISES: dict[str, PromiseCount] = {
    count.code: count
    for count in (
        PromiseCount(
            "promised",
            N_("Callbacks promised"),
            N_("Callbacks that were promised in the period, by the clock of the desk."),
            _always(true()),
        ),
        PromiseCount(
            "reached",
            N_("Callbacks: reached"),
            N_("Promised callbacks in which an operator talked with the person."),
            _always(_REACHED),
        ),
        PromiseCount(
            "not_reached",
            N_("Callbacks: not reached"),
            N_("Promised callbacks that ended without reaching the person: every attempt failed, or the time ran out."),
            _always(_NOT_REACHED),
        ),
        PromiseCount(
            "open", N_("Callbacks still open"), N_("Promised callbacks that are still to be made."), _always(_OPEN)
        ),
        PromiseCount(
            "withdrawn",
            N_("Callbacks withdrawn"),
            N_("Callbacks that the person no longer needed, or that a newer promise replaced."),
            _always(_WITHDRAWN),
        ),
        PromiseCount(
            "settled", N_("Callbacks settled"), N_("Reached + not reached."), _always(or_(_REACHED, _NOT_REACHED))
        ),
        PromiseCount(
            "kept",
            N_("Callbacks kept in time"),
            N_("Promised callbacks in which the person was reached not later than the promised time."),
            _always(_KEPT),
        ),
        PromiseCount("overdue", N_("Callbacks overdue"), N_("Open callbacks past their promised time."), _overdue),
        PromiseCount(
            "measured",
            N_("Callbacks measured"),
            N_("Reached + not reached + overdue; withdrawn ones and those with time left are not measured."),
            lambda now: or_(_REACHED, _NOT_REACHED, _overdue(now)),
        ),
        PromiseCount(
            "tried",
            N_("Callbacks tried"),
            N_("Promised callbacks with an attempt; technical failures are no attempts."),
            _always(TRIES.c.attempts > 0),
        ),
        PromiseCount(
            "first_reached",
            N_("Connected by the first attempt"),
            N_("Promised callbacks whose first attempt ended in a conversation."),
            _always(func.coalesce(TRIES.c.first_connected, False)),
        ),
        PromiseCount(
            "announced",
            N_("Callbacks to callers who were told a wait"),
            N_("Callbacks, not withdrawn, whose caller had been told an expected wait in the queue."),
            _always(_ANNOUNCED),
        ),
        PromiseCount(
            "announced_kept",
            N_("Called back within the announced wait"),
            N_("Of these, reached within the wait that was told plus 5 minutes."),
            _always(and_(_ANNOUNCED, _TOLD + GRACE.total_seconds() >= UNTIL_REACHED)),
        ),
    )
}
