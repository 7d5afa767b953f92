"""Webhooks leave: claimed, handed over, and settled by what the receiver says."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, update

from helpdesk.kernel import clock, sealed, settings
from helpdesk.kernel.db import session
from helpdesk.notifications.hook_models import Hook, HookDelivery
from helpdesk.notifications.hook_rules import (
    KEPT_FOR,
    LEASE,
    SEALED_FOR,
    UNSENT,
    DeliveryState,
    Event,
    next_attempt,
)

# The receiver has said that nobody listens there any more.
GONE = 410


@dataclass(frozen=True)
class Parcel:
    """All that is needed for one attempt, taken out of the database."""

    delivery_id: int
    hook_id: int
    message_id: str
    address: str
    secret: str
    body: bytes


@dataclass(frozen=True)
class Outcome:
    """What the receiver said: its status, or None and why there is none."""

    status: int | None
    error: str = ""

    @property
    def delivered(self) -> bool:
        """Whether it was taken."""
        return self.status is not None and 200 <= self.status < 300


def claim(delivery_id: int) -> Parcel | None:
    """Take a due delivery to be sent now; None when it is not due, is too old, or somebody else has taken it.

    The claim lapses after LEASE: a sender that died in between is followed by another, with the same id.
    """
    now = clock.now()
    due = update(HookDelivery).where(HookDelivery.id == delivery_id, HookDelivery.state.in_(UNSENT))
    due = due.where(HookDelivery.next_attempt_at <= now).values(
        state=DeliveryState.SENDING, attempts=HookDelivery.attempts + 1, next_attempt_at=now + LEASE
    )
    taken = session().scalars(due.returning(HookDelivery).execution_options(populate_existing=True)).first()
    if taken is None:
        return None
    hook = session().get_one(Hook, taken.hook_id)
    if not hook.active and taken.event is not Event.TEST:
        taken.state, taken.error = DeliveryState.FAILED, "switched off"
        session().flush()
        return None
    try:
        secret = sealed.unseal(settings.current().ticket_key, SEALED_FOR, hook.secret)
    except sealed.BrokenSeal:
        taken.state = DeliveryState.FAILED
        taken.error = hook.last_error = "TICKET_KEY"
        session().flush()
        return None
    body = json.dumps(taken.payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    return Parcel(taken.id, hook.id, taken.message_id, hook.address, secret, body)


def settle(delivery_id: int, outcome: Outcome) -> bool:
    """Write down what came of an attempt; True when the receiver can be given the next one at once."""
    now = clock.now()
    row = session().get_one(HookDelivery, delivery_id, with_for_update=True, populate_existing=True)
    hook = session().get_one(Hook, row.hook_id, with_for_update=True, populate_existing=True)
    if row.state is not DeliveryState.SENDING:
        return True
    row.status, row.error = outcome.status, outcome.error[:200]
    if outcome.delivered:
        row.state, row.delivered_at = DeliveryState.DELIVERED, now
        hook.last_success_at, hook.last_error = now, ""
    else:
        hook.last_error = row.error or f"HTTP {row.status}"
        at = next_attempt(row.created_at, now, row.attempts) if outcome.status != GONE else None
        row.state = DeliveryState.PENDING if at else DeliveryState.FAILED
        row.next_attempt_at = at or row.next_attempt_at
        hook.active = hook.active and outcome.status != GONE
        if outcome.status is None and at is not None:
            _put_off(hook.id, now, at)
    session().flush()
    return outcome.status is not None


def _put_off(hook_id: int, now: datetime, until: datetime) -> None:
    """A receiver that cannot be reached is not tried with everything else that waits for it."""
    others = update(HookDelivery).where(
        HookDelivery.hook_id == hook_id,
        HookDelivery.state == DeliveryState.PENDING,
        HookDelivery.next_attempt_at <= now,
    )
    session().execute(others.values(next_attempt_at=until).execution_options(synchronize_session=False))


def forgotten() -> int:
    """Forget what was sent or given up long ago; returns how many."""
    old = delete(HookDelivery).where(
        HookDelivery.created_at <= clock.now() - KEPT_FOR, HookDelivery.state.not_in(UNSENT)
    )
    return len(session().execute(old.returning(HookDelivery.id).execution_options(synchronize_session=False)).all())
