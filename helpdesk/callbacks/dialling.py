"""Dial once. The order is the protocol: claim and commit, ask the carrier once, then make the leg ours.

A crash at any step leaves a row that says how far we came: reconcile.py finds out the rest.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit.actor import SYSTEM, Actor
from helpdesk.callbacks import actions, due, queries
from helpdesk.callbacks.models import Attempt, Callback, DialBucket
from helpdesk.callbacks.queries import Held
from helpdesk.callbacks.rules import (
    DIALS_A_DAY,
    DIALS_WITHIN,
    WHILE_ON_THE_LINE,
    AttemptResult,
    AttemptState,
    CallbackState,
)
from helpdesk.kernel import clock, failpoints, settings
from helpdesk.kernel.db import session
from helpdesk.organizations.queries import desk
from helpdesk.telephony import actions as calls
from helpdesk.telephony import legs, number_rules
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.gateway import CarrierCall, carrier
from helpdesk.telephony.rules import LegRole, LegState

log = structlog.get_logger()

# Twilio's codes: the number cannot be dialled at all; the account may not dial it.
_BAD_NUMBER = frozenset({13224, 21211, 21214, 21217})
_FORBIDDEN = frozenset({13225, 13227, 21215, 21216, 32205})


@dataclass(frozen=True)
class Intent:
    """An attempt as it was committed, for the one that asks the carrier."""

    attempt_id: int
    call_id: int
    token: str
    number: str
    created_at: datetime


def claim(callback_id: int) -> Intent | None:
    """Make this callback ours to dial: DUE → DIALING and the intent of an attempt, in one transaction.

    None when it is not its time: somebody else has it, the hour is quiet, the telephone rang often enough today, the
    person is on the line with us, or the account's calls of this second are used up.
    """
    found = session().get(Callback, callback_id)
    if found is None:
        return None
    actions.lock_number(found.number)
    callback = session().get_one(Callback, callback_id, with_for_update=True, populate_existing=True)
    moment = clock.now()
    if not is_its_time(callback, moment):
        return None
    if not _take_token(moment, settings.current().dials_per_second):
        return None
    if not actions.move(callback, CallbackState.DIALING):
        return None
    return intend(callback, moment, asked_at=moment)


def is_its_time(callback: Callback, moment: datetime) -> bool:
    """Whether a due callback may be made at this moment; one that may not is put off, given to a person, or overtaken.

    The number and the callback are locked.
    """
    if callback.state is not CallbackState.DUE or callback.next_attempt_at > moment:
        return False
    if number_rules.must_not_be_called(callback.number):
        actions.give_to_a_person(callback, "callback.kept_from")
        return False
    later = may_ring_at(callback, moment)
    if later > moment:
        actions.put_off(callback, later)
        return False
    return not (due.served_since(callback) and actions.overtaken(callback))


def may_ring_at(callback: Callback, moment: datetime) -> datetime:
    """When this telephone may ring: now, or when to look again."""
    hours = queries.dialling_hours(desk(callback.desk_id))
    if not hours.allow(moment):
        return hours.next(moment)
    if due.dials_since(callback.number, hours.day_began(moment)) >= DIALS_A_DAY:
        return hours.next_day(moment)
    if due.on_the_line(callback.number) or due.is_being_dialled(callback.number):
        return moment + WHILE_ON_THE_LINE
    return moment


def _take_token(moment: datetime, rate: float) -> bool:
    """One of the account's calls of this second, out of a bucket that fills with `rate` tokens a second."""
    burst = max(1.0, rate)
    full = {"id": 1, "level": burst, "filled_at": moment}
    session().execute(insert(DialBucket).values(full).on_conflict_do_nothing())
    passed = func.extract("epoch", moment - DialBucket.filled_at)
    level = func.least(burst, DialBucket.level + passed * rate)
    # a token that is due this very moment may be a rounding error short of one
    taken = (
        update(DialBucket)
        .where(DialBucket.id == 1, level >= 0.99)
        .values(level=func.greatest(level - 1, 0), filled_at=moment)
        .returning(DialBucket.id)
        .execution_options(synchronize_session=False)
    )
    return session().execute(taken).first() is not None


def intend(
    callback: Callback, moment: datetime, asked_at: datetime | None = None, by: Actor = SYSTEM, **called: Any
) -> Intent:
    """The intent of an attempt and its call. `asked_at`: when the carrier is asked, None: by another job, later.

    `called`: what is known of the call already (whose it is, and the conference).
    """
    last = session().scalar(select(func.max(Attempt.n)).where(Attempt.callback_id == callback.id)) or 0
    call = calls.begin_outgoing(callback.number, callback.desk_id, callback.id, callback.ticket_id, callback.language)
    calls.set_values(call, queue=callback.queue, **called)
    attempt = Attempt(
        callback_id=callback.id,
        call_id=call.id,
        n=last + 1,
        token=str(uuid.uuid4()),
        number=callback.number,
        state=AttemptState.INTENT,
        created_at=moment,
        asked_at=asked_at,
    )
    session().add(attempt)
    session().flush()
    actions.note("callback.dialed", callback, by, call.id, attempt=attempt.n, staff_id=call.operator_id)
    return Intent(attempt.id, attempt.call_id, attempt.token, attempt.number, moment)


def ask(attempt_id: int) -> Intent | None:
    """Let the carrier be asked for the attempt of an operator who waits in the conference: once, by whoever is first.

    None when somebody else asks, when it is too late or no longer wanted, or when the account's calls of this second
    are used up: then the next round comes back to it.
    """
    held = queries.held_by_id(attempt_id)
    moment = clock.now()
    if held is None or held.attempt.asked_at is not None or held.attempt.state is not AttemptState.INTENT:
        return None
    attempt = held.attempt
    fresh = moment - attempt.created_at <= DIALS_WITHIN
    if not fresh or held.callback.state is not CallbackState.DIALING or held.call.keys.get("closing"):
        return None
    if not _take_token(moment, settings.current().dials_per_second):
        return None
    attempt.asked_at = moment
    session().flush()
    return Intent(attempt.id, attempt.call_id, attempt.token, attempt.number, attempt.created_at)


@dataclass(frozen=True)
class Placed:
    """What the carrier said: the leg, or why certainly nothing rings. Neither: nobody knows, the sweeper finds out."""

    sid: str | None = None
    failure: AttemptResult | None = None


def place(intent: Intent) -> Placed:
    """Ask the carrier to dial, once. Outside any transaction, after the claim's commit.

    Nothing is asked when the intent is not fresh: this worker slept, and others may have drawn their conclusions.
    """
    if clock.now() - intent.created_at > DIALS_WITHIN:
        log.warning("slept over a dial", attempt=intent.attempt_id)
        return Placed()
    address = f"/twilio/callback/{intent.token}"
    try:
        return Placed(sid=carrier().place_call(intent.number, f"{address}/answer", f"{address}/status").sid)
    except CarrierRefused as refusal:
        log.warning("the carrier refused a dial", attempt=intent.attempt_id, code=refusal.code)
        return Placed(failure=_reason(refusal) if refusal.outcome_known else None)
    except CarrierAway as away:
        log.warning("the carrier is away", attempt=intent.attempt_id, reason=str(away))
        return Placed(failure=AttemptResult.TECHNICAL if away.outcome_known else None)


def _reason(refusal: CarrierRefused) -> AttemptResult:
    if refusal.code in _BAD_NUMBER or refusal.code in _FORBIDDEN:
        return AttemptResult.BAD_NUMBER
    return AttemptResult.TECHNICAL


def adopt(token: str, sid: str) -> Held | None:
    """Make the leg `sid` this attempt's; None when it is a ghost: another leg came first, or we gave the attempt up.

    Called with the carrier's answer and by every webhook of the token: whoever knows the id first, wins.
    """
    held = queries.held(token)
    if held is None:
        return None
    attempt, moment = held.attempt, clock.now()
    if attempt.state is AttemptState.INTENT and attempt.sid is None:
        attempt.sid, attempt.state, attempt.heard_at = sid, AttemptState.LIVE, moment
        session().flush()
        failpoints.hit("attempt.adopted")
        calls.set_values(held.call, sid=sid)
        legs.begin(sid, held.call.id, LegRole.CALLEE, LegState.INITIATED)
        return held
    if attempt.sid != sid:
        return None
    if attempt.state is AttemptState.LIVE:
        attempt.heard_at = moment
        session().flush()
    return held


def matching(found: list[CarrierCall], intended_at: datetime, skew: timedelta) -> CarrierCall | None:
    """The leg that an intent made, out of the carrier's list of legs to that number.

    There is never more than one open attempt to a number, so the earliest leg that is not older than the intent is it.
    """
    since = (intended_at - skew).replace(microsecond=0)
    mine = [leg for leg in found if leg.created_at is not None and leg.created_at >= since]
    return min(mine, key=lambda leg: leg.created_at or intended_at, default=None)


def hang_up(sid: str) -> None:
    """End a leg that must not ring or talk. Losing this is no harm: its answer is a hang-up too."""
    try:
        carrier().hangup(sid)
    except (CarrierRefused, CarrierAway) as problem:
        log.warning("a leg could not be hung up", sid=sid, reason=str(problem))
