"""What the telephone figures count, in words and in SQL. Behind each count stands a list of exactly these rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, and_, case, cast, false, func, literal_column, or_, select

from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Desk
from helpdesk.reports.kpis import THRESHOLD_SECONDS
from helpdesk.reports.rules import Period
from helpdesk.reports.scope import at_desks
from helpdesk.telephony.conversation_models import Transfer
from helpdesk.telephony.conversation_rules import TransferState
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.telephony.rules import OfferState, Outcome

# The carrier ends every call after this time, so nobody joins the queue later than this after calling.
LONGEST_CALL = timedelta(hours=4)

# The moment that decides into which interval a call falls; who never joined the queue counts by the moment of calling.
counted_at: ColumnElement[datetime] = func.coalesce(Call.queued_at, Call.started_at)
INBOUND = Call.direction == "inbound"
OFFERED = and_(INBOUND, Call.queued_at.is_not(None))
# The language that was chosen, or kept from the last time.
spoken: ColumnElement[Any] = func.coalesce(Call.language, Call.keys.op("->>")(literal_column("'remembered'")))
# An operator was lost and the same caller waited again: the first answer is that of the first accepted offer.
_FIRST_ACCEPTED = (
    select(func.min(Offer.settled_at))
    .where(Offer.call_id == Call.id, Offer.state == OfferState.ACCEPTED)
    .correlate(Call)
    .scalar_subquery()
)
ANSWERED_AT: ColumnElement[datetime] = case(
    (Call.keys["talked"].astext == "true", _FIRST_ACCEPTED), else_=Call.connected_at
)


def seconds(since: Any, until: Any) -> ColumnElement[Any]:
    """Seconds between two moments, in SQL."""
    return func.extract("epoch", until - since)


WAITED = func.coalesce(seconds(Call.queued_at, ANSWERED_AT), 0)
HELD = Call.hold_seconds
TALKED = func.greatest(seconds(Call.connected_at, Call.ended_at) - Call.hold_seconds, 0)
WRAPPED_UP = func.coalesce(Call.wrapup_seconds, 0)
# The first estimate that the caller was told; the place is that of a live caller, not of a kept promise.
ESTIMATE = QueueEntry.estimated_seconds
ESTIMATE_ERROR = func.abs(ESTIMATE - WAITED)
ESTIMATE_ERROR_RELATIVE = ESTIMATE_ERROR / func.greatest(WAITED, 1)
_ENDLESS = ">30"
_STEP_SECONDS = case(
    (QueueEntry.announced_bucket == "<1", 60),
    (QueueEntry.announced_bucket == _ENDLESS, None),
    else_=cast(QueueEntry.announced_bucket, Integer) * 60,
)

_ABANDONED = Call.outcome.in_((Outcome.ABANDONED, Outcome.SHORT_ABANDON))
_HANDLED = Call.outcome == Outcome.HANDLED
_SHORT = Call.outcome == Outcome.SHORT_ABANDON
_SOON = WAITED <= THRESHOLD_SECONDS
_LATE = and_(_ABANDONED, seconds(Call.queued_at, Call.ended_at) > THRESHOLD_SECONDS)
_WAITED_OUT = and_(OFFERED, or_(_HANDLED, _ABANDONED))
_NAMED = (Outcome.HANDLED, Outcome.ABANDONED, Outcome.SHORT_ABANDON, Outcome.CALLBACK_REQUESTED, Outcome.VOICEMAIL)
_TOLD = and_(OFFERED, _HANDLED, ESTIMATE.is_not(None))
_TRANSFERRED = (
    select(Transfer.id)
    .where(Transfer.call_id == Call.id, Transfer.state == TransferState.DONE)
    .correlate(Call)
    .exists()
)
# What else can become of an offered call; "open" has no outcome yet.
OPEN = "open"
REASONS = (*(outcome.value for outcome in Outcome if outcome not in _NAMED), OPEN)


@dataclass(frozen=True)
class Count:
    """How many rows meet a condition."""

    code: str
    name: str
    formula: str
    condition: ColumnElement[bool]


def _reason(value: str) -> ColumnElement[bool]:
    outcome = Call.outcome.is_(None) if value == OPEN else Call.outcome == Outcome(value)
    return and_(OFFERED, outcome)


_OTHER = or_(false(), *(_reason(value) for value in REASONS))
CALLS: dict[str, Count] = {
    count.code: count
    for count in (
        Count("received", N_("Calls received"), N_("All calls to us = without a queue + offered."), INBOUND),
        Count(
            "unqueued",
            N_("Without a queue"),
            N_("Calls that never joined a queue: helped by the menu, outside hours, hung up, or put through at once."),
            and_(INBOUND, Call.queued_at.is_(None)),
        ),
        Count(
            "offered",
            N_("Calls offered"),
            N_("Calls that joined a queue = handled + abandoned + callback + voicemail + other."),
            OFFERED,
        ),
        Count(
            "handled", N_("Calls handled"), N_("Offered calls that an operator talked with."), and_(OFFERED, _HANDLED)
        ),
        Count(
            "abandoned",
            N_("Calls abandoned"),
            N_("Offered calls whose caller hung up while waiting, short abandons included. A callback is no abandon."),
            and_(OFFERED, _ABANDONED),
        ),
        Count(
            "callback",
            N_("Callback chosen"),
            N_("Offered calls whose caller chose to be called back and keeps the place."),
            and_(OFFERED, Call.outcome == Outcome.CALLBACK_REQUESTED),
        ),
        Count(
            "voicemail",
            N_("Voice message left"),
            N_("Offered calls whose caller left a voice message."),
            and_(OFFERED, Call.outcome == Outcome.VOICEMAIL),
        ),
        Count(
            "other",
            N_("Other outcomes"),
            N_("Offered calls with any other outcome, or still going on; listed by reason below."),
            _OTHER,
        ),
        Count(
            "short",
            N_("Short abandons"),
            N_("Abandoned calls whose caller hung up within 5 seconds of joining the queue."),
            and_(OFFERED, _SHORT),
        ),
        Count(
            "waited_out",
            N_("Handled or abandoned"),
            N_("Offered calls whose caller stayed until an operator came, or gave up."),
            _WAITED_OUT,
        ),
        Count(
            "judged",
            N_("Measured for the service level"),
            N_("Handled and abandoned calls, without those abandoned within 20 seconds."),
            and_(OFFERED, or_(_HANDLED, _LATE)),
        ),
        Count(
            "served_or_left",
            N_("Answered or abandoned within 20 s"),
            N_("Answered within 20 s + abandoned within 20 s."),
            and_(OFFERED, or_(and_(_HANDLED, _SOON), and_(_ABANDONED, ~_LATE))),
        ),
        Count(
            "served_or_short",
            N_("Answered within 20 s, or a short abandon"),
            N_("Answered within 20 s + short abandons."),
            and_(OFFERED, or_(and_(_HANDLED, _SOON), _SHORT)),
        ),
        Count(
            "gave_up",
            N_("Abandoned after waiting"),
            N_("Abandoned calls without short abandons."),
            and_(OFFERED, Call.outcome == Outcome.ABANDONED),
        ),
        Count(
            "stayed",
            N_("Offered without short abandons"),
            N_("Calls offered without short abandons."),
            and_(OFFERED, or_(Call.outcome.is_(None), ~_SHORT)),
        ),
        Count(
            "handled_in_time",
            N_("Answered within 20 s"),
            N_("Handled calls that were answered within 20 seconds of joining the queue."),
            and_(OFFERED, _HANDLED, _SOON),
        ),
        Count(
            "abandoned_in_time",
            N_("Abandoned within 20 s"),
            N_("Abandoned calls whose caller hung up within 20 seconds of joining the queue."),
            and_(OFFERED, _ABANDONED, ~_LATE),
        ),
        Count(
            "transferred",
            N_("Calls handed on"),
            N_("Handled calls that an operator transferred to a colleague, queue or desk."),
            and_(OFFERED, _HANDLED, _TRANSFERRED),
        ),
        Count(
            "called_back",
            N_("Callback conversations"),
            N_("Calls of ours to people who were promised a callback, in which an operator talked with them."),
            and_(~INBOUND, _HANDLED),
        ),
        Count(
            "told",
            N_("Told a wait and answered"),
            N_("Handled calls whose caller was told an expected wait before."),
            _TOLD,
        ),
        Count(
            "bounded",
            N_("Told a wait of at most 30 min"),
            N_("Handled calls whose caller was told a step from under 1 to 30 minutes."),
            and_(_TOLD, QueueEntry.announced_bucket != _ENDLESS),
        ),
        Count(
            "within",
            N_("Answered within the announced wait"),
            N_("Of these, answered not later than the announced minutes."),
            and_(_TOLD, _STEP_SECONDS >= WAITED),
        ),
        Count(
            "endless",
            N_("Told more than 30 minutes"),
            N_("Handled calls whose caller was told that the wait is over 30 minutes."),
            and_(_TOLD, QueueEntry.announced_bucket == _ENDLESS),
        ),
        *(
            Count(f"other_{value}", N_("Other outcomes"), N_("Offered calls that ended in this way."), _reason(value))
            for value in REASONS
        ),
    )
}

# Offers that an operator could have taken; who hung up meanwhile took nobody's turn.
_ANSWERABLE = (OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED)
OFFERS: dict[str, Count] = {
    count.code: count
    for count in (
        Count(
            "offers",
            N_("Offers to operators"),
            N_("How often a call was held out to an operator and was taken, declined or missed."),
            Offer.state.in_(_ANSWERABLE),
        ),
        Count("accepted", N_("Offers taken"), N_("Offers that the operator took."), Offer.state == OfferState.ACCEPTED),
        Count(
            "declined",
            N_("Offers declined"),
            N_("Offers that the operator declined."),
            Offer.state == OfferState.DECLINED,
        ),
        Count(
            "missed",
            N_("Offers missed"),
            N_("Offers that the operator did not take within 15 seconds."),
            Offer.state == OfferState.EXPIRED,
        ),
    )
}


def calls_in(period: Period, chosen: Sequence[Desk]) -> ColumnElement[bool]:
    """Calls at these desks whose moment falls into the period by the clock of their desk."""
    together: dict[tuple[datetime, datetime], list[Desk]] = {}
    for desk in chosen:
        together.setdefault(period.bounds(ZoneInfo(desk.organization.zone)), []).append(desk)
    return or_(false(), *(_between(alike, *bounds) for bounds, alike in together.items()))


def _between(alike: Sequence[Desk], since: datetime, before: datetime) -> ColumnElement[bool]:
    # the start of the call is what the index knows
    began = and_(Call.started_at >= since - LONGEST_CALL, Call.started_at < before)
    return and_(at_desks(Call.desk_id, alike), began, counted_at >= since, counted_at < before)
