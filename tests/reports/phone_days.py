"""Calls with given moments, for telephone figures that were counted by hand."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Queue
from helpdesk.telephony import estimate
from helpdesk.telephony.models import Call, Offer, Presence, PresenceSpan, QueueEntry
from helpdesk.telephony.rules import (
    CallState,
    EntryKind,
    EntryState,
    OfferState,
    Outcome,
    PresenceState,
)

_serial = itertools.count(1)
IVR = timedelta(seconds=40)


def call(
    at: Organization,
    joined: datetime,
    outcome: str | None = "handled",
    waited: float = 0,
    talked: float = 0,
    queue: str = "technical",
    language: str | None = "kk",
    told: int | None = None,
    by: Staff | None = None,
    **values: Any,
) -> Call:
    """An offered call that joined the queue at `joined`, 40 s after it began, and waited so many seconds.

    A handled one then talked so many, holds included; `told` is the estimate that the caller heard, in seconds.
    """
    answered = joined + timedelta(seconds=waited) if outcome == "handled" else None
    ended = None if outcome is None else joined + timedelta(seconds=waited + talked)
    made = Call(
        sid=f"CA{next(_serial):032d}",
        from_number=f"+7701{next(_serial):07d}",
        to_number="1450",
        desk_id=at.id,
        queue=Queue(queue),
        language=language,
        state=CallState.ENDED if outcome else CallState.QUEUED,
        outcome=Outcome(outcome) if outcome else None,
        operator_id=by.id if by else None,
        started_at=joined - IVR,
        queued_at=joined,
        connected_at=answered,
        ended_at=ended,
        **values,
    )
    session().add(made)
    session().flush()
    # who chose a callback has given the place to the promise
    if outcome != "callback_requested":
        _place(made, joined, answered, told)
    return made


def _place(of: Call, joined: datetime, answered: datetime | None, told: int | None) -> None:
    entry = QueueEntry(
        kind=EntryKind.LIVE,
        state=EntryState.LEFT if of.outcome else EntryState.WAITING,
        desk_id=of.desk_id,
        queue=of.queue,
        language=of.language or "kk",
        call_id=of.id,
        virtual_at=joined,
        joined_at=joined,
        left_at=answered or of.ended_at,
        estimated_seconds=told,
        announced_bucket=estimate.bucket(told),
    )
    session().add(entry)
    session().flush()


def menu_call(at: Organization, began: datetime, outcome: str, **values: Any) -> Call:
    """A call that never joined a queue and ended after half a minute."""
    made = Call(
        sid=f"CA{next(_serial):032d}",
        from_number=f"+7701{next(_serial):07d}",
        to_number="1450",
        desk_id=at.id,
        state=CallState.ENDED,
        outcome=Outcome(outcome),
        started_at=began,
        ended_at=began + timedelta(seconds=30),
        **values,
    )
    session().add(made)
    session().flush()
    return made


def offer(of: Call, to: Staff, state: str, made: datetime | None = None) -> Offer:
    """The call was held out to an operator, and what became of that."""
    began = made or of.queued_at
    assert began is not None
    row = Offer(
        token=f"offer-{next(_serial)}",
        call_id=of.id,
        staff_id=to.id,
        state=OfferState(state),
        created_at=began,
        expires_at=began + timedelta(seconds=15),
        settled_at=began + timedelta(seconds=2),
    )
    session().add(row)
    session().flush()
    return row


def span(of: Staff, state: str, since: datetime, until: datetime | None) -> None:
    """Where an operator was from one moment to another."""
    session().add(PresenceSpan(staff_id=of.id, state=PresenceState(state), from_at=since, until_at=until))
    session().flush()


def present(of: Staff, state: str, since: datetime) -> None:
    """Where an operator is now."""
    session().add(Presence(staff_id=of.id, state=PresenceState(state), since=since))
    session().flush()
