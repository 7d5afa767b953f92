"""Every figure of the service report: what it is called, how it is counted in words, and how in SQL.

Three kinds: a count of rows, a share of one count in another, a percentile of minutes over the rows of a count. So
behind each figure stands a count, and behind each count a list of rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, true
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import ACTIVE, CallbackState
from helpdesk.kernel.i18n import N_
from helpdesk.tickets.models import Ticket

Condition = Callable[[datetime], ColumnElement[bool]]
Moment = InstrumentedAttribute[Any]


class Subject(StrEnum):
    """Of what the rows behind a figure are."""

    TICKET = "ticket"
    CALLBACK = "callback"


@dataclass(frozen=True)
class Count:
    """How many rows meet a condition as of a moment. Without one row in `among` there is no figure, rather than 0."""

    code: str
    subject: Subject
    name: str
    formula: str
    condition: Condition
    among: str | None = None


@dataclass(frozen=True)
class Share:
    """The count `part` divided by the count `whole`."""

    code: str
    name: str
    formula: str
    part: str
    whole: str


@dataclass(frozen=True)
class Percentile:
    """The minutes within which a share `at` of the rows of the count `of` were done; between two rows, interpolated."""

    code: str
    name: str
    formula: str
    of: str
    at: float


Figure = Count | Share | Percentile


def _overdue(due: Moment, now: datetime) -> ColumnElement[bool]:
    # while the clock stands still, it shows the moment at which it was stopped
    return due <= func.coalesce(Ticket.paused_at, literal(now))


def _measured(due: Moment, done: Moment) -> Condition:
    return lambda now: and_(due.is_not(None), or_(done.is_not(None), _overdue(due, now)))


def _kept(due: Moment, done: Moment) -> Condition:
    return lambda _now: done <= due


def _broken(due: Moment, done: Moment) -> Condition:
    return lambda now: or_(done > due, and_(done.is_(None), _overdue(due, now)))


_RESPONSE = (Ticket.first_response_due_at, Ticket.first_responded_at)
_RESOLUTION = (Ticket.resolution_due_at, Ticket.resolved_at)
_REACHED = Callback.reached_at.is_not(None)
_NOT_REACHED = (CallbackState.EXHAUSTED, CallbackState.EXPIRED, CallbackState.DONE)
_WITHDRAWN = (CallbackState.CANCELLED, CallbackState.SUPERSEDED)

COUNTS: dict[str, Count] = {
    count.code: count
    for count in (
        Count(
            "tickets",
            Subject.TICKET,
            N_("Tickets"),
            N_("Tickets created in the period, by the clock of their desk; the first and the last day included."),
            lambda _now: true(),
        ),
        Count(
            "response_measured",
            Subject.TICKET,
            N_("First responses measured"),
            N_(
                "Tickets with a first-response term whose first response was given, or is overdue. "
                "Tickets that still have time are not counted."
            ),
            _measured(*_RESPONSE),
        ),
        Count(
            "response_kept",
            Subject.TICKET,
            N_("First responses in time"),
            N_("Tickets whose first response was given not later than its term."),
            _kept(*_RESPONSE),
            among="response_measured",
        ),
        Count(
            "response_breached",
            Subject.TICKET,
            N_("First response: breaches"),
            N_("Tickets whose first response came after its term, or is overdue now. In time + breaches = measured."),
            _broken(*_RESPONSE),
            among="response_measured",
        ),
        Count(
            "responded",
            Subject.TICKET,
            N_("First responses given"),
            N_("Tickets whose first response was given."),
            lambda _now: Ticket.first_responded_at.is_not(None),
        ),
        Count(
            "resolution_measured",
            Subject.TICKET,
            N_("Resolutions measured"),
            N_(
                "Tickets with a resolution term that are resolved, or overdue. "
                "Tickets that still have time are not counted."
            ),
            _measured(*_RESOLUTION),
        ),
        Count(
            "resolution_kept",
            Subject.TICKET,
            N_("Resolutions in time"),
            N_("Tickets that were resolved not later than their term."),
            _kept(*_RESOLUTION),
            among="resolution_measured",
        ),
        Count(
            "resolution_breached",
            Subject.TICKET,
            N_("Resolution: breaches"),
            N_("Tickets that were resolved after their term, or are overdue now. In time + breaches = measured."),
            _broken(*_RESOLUTION),
            among="resolution_measured",
        ),
        Count(
            "resolved",
            Subject.TICKET,
            N_("Tickets resolved"),
            N_("Tickets of the period that are resolved now."),
            lambda _now: Ticket.resolved_at.is_not(None),
        ),
        Count(
            "callbacks",
            Subject.CALLBACK,
            N_("Callbacks promised"),
            N_("Callbacks that were promised in the period, by the clock of the desk."),
            lambda _now: true(),
        ),
        Count(
            "callbacks_kept",
            Subject.CALLBACK,
            N_("Callbacks kept in time"),
            N_("Promised callbacks in which the person was reached not later than the promised time."),
            lambda _now: Callback.reached_at <= Callback.promised_at,
            among="callbacks",
        ),
        Count(
            "callbacks_late",
            Subject.CALLBACK,
            N_("Callbacks kept late"),
            N_("Promised callbacks in which the person was reached after the promised time."),
            lambda _now: Callback.reached_at > Callback.promised_at,
            among="callbacks",
        ),
        Count(
            "callbacks_not_reached",
            Subject.CALLBACK,
            N_("Callbacks: not reached"),
            N_("Promised callbacks that ended without reaching the person: every attempt failed, or the time ran out."),
            lambda _now: and_(~_REACHED, Callback.state.in_(_NOT_REACHED)),
            among="callbacks",
        ),
        Count(
            "callbacks_open",
            Subject.CALLBACK,
            N_("Callbacks still open"),
            N_("Promised callbacks that are still to be made."),
            lambda _now: and_(~_REACHED, Callback.state.in_(ACTIVE)),
            among="callbacks",
        ),
        Count(
            "callbacks_withdrawn",
            Subject.CALLBACK,
            N_("Callbacks withdrawn"),
            N_("Callbacks that the person no longer needed, or that a newer promise replaced."),
            lambda _now: and_(~_REACHED, Callback.state.in_(_WITHDRAWN)),
            among="callbacks",
        ),
    )
}

# The minutes behind the percentiles of a count; elapsed time, because that is what the person waited.
MINUTES: dict[str, ColumnElement[Any]] = {
    "responded": func.extract("epoch", Ticket.first_responded_at - Ticket.created_at) / 60,
    "resolved": func.extract("epoch", Ticket.resolved_at - Ticket.created_at) / 60,
}

_ELAPSED = N_("Elapsed minutes from creation, nights and waiting included; tickets not yet done are not counted.")
_SHARES = (
    Share(
        "response_share",
        N_("First response: in time"),
        N_("First responses in time ÷ first responses measured (given, or overdue)."),
        "response_kept",
        "response_measured",
    ),
    Share(
        "resolution_share",
        N_("Resolution: in time"),
        N_("Resolutions in time ÷ resolutions measured (resolved, or overdue)."),
        "resolution_kept",
        "resolution_measured",
    ),
)
_PERCENTILES = (
    Percentile("response_median", N_("First response: median, min"), _ELAPSED, "responded", 0.5),
    Percentile("response_p90", N_("First response: 90th percentile, min"), _ELAPSED, "responded", 0.9),
    Percentile("resolution_median", N_("Resolution: median, min"), _ELAPSED, "resolved", 0.5),
    Percentile("resolution_p90", N_("Resolution: 90th percentile, min"), _ELAPSED, "resolved", 0.9),
)
FIGURES: dict[str, Figure] = {**COUNTS, **{one.code: one for one in (*_SHARES, *_PERCENTILES)}}


def count_behind(code: str) -> Count:
    """The count whose rows are the list behind a figure: a share opens its whole. Raises KeyError."""
    figure = FIGURES[code]
    if isinstance(figure, Share):
        return COUNTS[figure.whole]
    return COUNTS[figure.of] if isinstance(figure, Percentile) else figure
