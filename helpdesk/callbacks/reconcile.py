"""Attempts of which nobody told us what became: what the carrier says when it is asked."""

from datetime import datetime

import structlog

from helpdesk.audit.actor import SYSTEM
from helpdesk.callbacks import actions, dialling, queries
from helpdesk.callbacks.queries import Held
from helpdesk.callbacks.rules import (
    CLOCK_SKEW,
    DIALS_WITHIN,
    NEVER_PLACED_AFTER,
    OPEN_ATTEMPT,
    AttemptState,
    CallbackState,
)
from helpdesk.callbacks.settle import leg_reported
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.telephony import actions as calls
from helpdesk.telephony.gateway import CarrierCall
from helpdesk.telephony.rules import LegState, Outcome

log = structlog.get_logger()


def void_unasked(attempt_id: int) -> bool:
    """Whether the carrier was certainly never asked for this attempt, and is not any more: the promise is due again."""
    held = queries.held_by_id(attempt_id)
    if held is None or held.attempt.state is not AttemptState.INTENT or held.attempt.asked_at is not None:
        return False
    if clock.now() - held.attempt.created_at > DIALS_WITHIN:
        _never_placed(held)
    return True


def needs_asking(attempt_id: int) -> tuple[str, str | None] | None:
    """The number and the leg's id (None: unknown) of an attempt that must be asked for; None when it has settled."""
    held = queries.held_by_id(attempt_id)
    if held is None or held.attempt.state not in OPEN_ATTEMPT:
        return None
    return held.attempt.number, held.attempt.sid


def found_in_list(attempt_id: int, listed: list[CarrierCall], asked_at: datetime) -> None:
    """The carrier's list of legs to the number of an intent, as it was at `asked_at`."""
    held = queries.held_by_id(attempt_id)
    if held is None or held.attempt.state is not AttemptState.INTENT:
        return
    strangers = queries.unknown_legs(listed)
    leg = dialling.matching(strangers, held.attempt.created_at, CLOCK_SKEW)
    if leg is not None:
        adopted = dialling.adopt(held.attempt.token, leg.sid)
        if adopted is not None:
            leg_reported(adopted, leg.state)
    elif asked_at - (held.attempt.asked_at or held.attempt.created_at) >= NEVER_PLACED_AFTER:
        _never_placed(held)


def _never_placed(held: Held) -> None:
    """The carrier knows of no such leg, and had time enough: the attempt is void, the promise is due again."""
    log.warning("an attempt was never placed", attempt=held.attempt.id, callback=held.callback.id)
    held.attempt.state, held.attempt.ended_at = AttemptState.ABANDONED, clock.now()
    session().flush()
    calls.end(held.call, Outcome.FAILED, SYSTEM)
    if held.callback.state is CallbackState.DIALING and actions.move(
        held.callback, CallbackState.DUE, next_attempt_at=clock.now()
    ):
        actions.hold_place(held.callback, clock.now())


def found_by_sid(attempt_id: int, leg: CarrierCall | None) -> None:
    """The carrier's word about a live leg of which we heard nothing for a while; None: it does not know it."""
    held = queries.held_by_id(attempt_id)
    if held is None or held.attempt.state is not AttemptState.LIVE:
        return
    held.attempt.heard_at = clock.now()
    session().flush()
    leg_reported(held, leg.state if leg is not None else LegState.FAILED)
