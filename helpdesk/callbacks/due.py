"""What is due, and whether a telephone may ring now."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from helpdesk.callbacks.models import Attempt, Callback, DialBucket
from helpdesk.callbacks.pacing import Candidate, Line, choose
from helpdesk.callbacks.rules import (
    ASKED_AFTER,
    EXPIRES_AFTER,
    OPEN_ATTEMPT,
    SILENT_AFTER,
    AttemptResult,
    AttemptState,
    CallbackState,
)
from helpdesk.kernel.db import session
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Queue
from helpdesk.telephony import roster
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import CallState, EntryKind, EntryState, Outcome

# Rows looked at in one turn; what stays over comes a second later.
_ENOUGH = 2000


def ripe(now: datetime) -> Sequence[int]:
    """Callbacks whose time has come and that still count as waiting for it."""
    query = select(Callback.id).where(
        Callback.state.in_((CallbackState.REQUESTED, CallbackState.RETRY_WAIT)), Callback.next_attempt_at <= now
    )
    return session().scalars(query.order_by(Callback.next_attempt_at).limit(_ENOUGH)).all()


def overdue(now: datetime) -> Sequence[int]:
    """Due callbacks that could not even be tried for days."""
    query = select(Callback.id).where(
        Callback.state == CallbackState.DUE,
        Callback.next_attempt_at <= now,
        Callback.promised_at < now - EXPIRES_AFTER,
    )
    return session().scalars(query.order_by(Callback.id).limit(100)).all()


def to_dial(now: datetime) -> list[int]:
    """Callbacks to dial now, in the order of their places, as many as pacing.choose lets through.

    A retry was announced for its moment, so it is due then; a first call is due at the moment promised.
    """
    due_at = case((Callback.attempts > 0, Callback.next_attempt_at), else_=Callback.promised_at)
    found = session().execute(
        select(Callback.id, Callback.desk_id, Callback.queue, Callback.language, due_at)
        .where(
            Callback.state == CallbackState.DUE,
            Callback.next_attempt_at <= now,
            Callback.promised_at >= now - EXPIRES_AFTER,  # older ones go to a person
        )
        .order_by(Callback.virtual_at, Callback.id)
        .limit(_ENOUGH)
    )
    candidates = [Candidate(id_, _line(desk_id, queue, language), due) for id_, desk_id, queue, language, due in found]
    if not candidates:
        return []
    in_line = select(QueueEntry.desk_id, QueueEntry.queue, QueueEntry.language).where(
        QueueEntry.state == EntryState.WAITING, QueueEntry.kind == EntryKind.LIVE
    )
    dialing = select(Callback.desk_id, Callback.queue, Callback.language).where(
        Callback.state.in_((CallbackState.DIALING, CallbackState.ANSWERED))
    )

    @cache
    def staffed(line: Line) -> bool:
        return roster.crew(line.desk_path, Queue(line.queue), line.language).staffed > 0

    return choose(
        candidates,
        _lines(session().execute(in_line.limit(_ENOUGH))),
        _lines(session().execute(dialing.limit(_ENOUGH))),
        roster.free_operators(),
        staffed,
        now,
    )


def _lines(rows: Iterable[Any]) -> list[Line]:
    return [_line(desk_id, queue, language) for desk_id, queue, language in rows]


def _line(desk_id: int, queue: Queue, language: str) -> Line:
    return Line(desk(desk_id).organization.path, queue.value, language)


def tokens(now: datetime, rate: float) -> int:
    """How many dials the bucket holds now."""
    row = session().execute(select(DialBucket.level, DialBucket.filled_at)).first()
    burst = max(1.0, rate)
    if row is None:
        return int(burst)
    return int(min(burst, row.level + (now - row.filled_at).total_seconds() * rate) + 0.01)


# ── may this number be dialled now? ───────────────────────────────────────────────────────────────────────────────


def dials_since(number: str, since: datetime) -> int:
    """How often this telephone rang because of us, over all callbacks; what was never placed does not count."""
    never_placed = or_(
        Attempt.state == AttemptState.ABANDONED,
        and_(Attempt.result.is_not(None), Attempt.result == AttemptResult.TECHNICAL),
    )
    query = select(func.count()).where(Attempt.number == number, Attempt.created_at >= since, ~never_placed)
    return session().scalar(query) or 0


def is_being_dialled(number: str) -> bool:
    """Whether an attempt to this number is open, of whatever callback."""
    query = select(Attempt.id).where(Attempt.number == number, Attempt.state.in_(OPEN_ATTEMPT)).limit(1)
    return session().scalars(query).first() is not None


def on_the_line(number: str) -> bool:
    """Whether this person is calling us at this moment."""
    query = select(Call.id).where(
        Call.from_number == number, Call.direction == "inbound", Call.state != CallState.ENDED
    )
    return session().scalars(query.limit(1)).first() is not None


def served_since(callback: Callback) -> bool:
    """Whether the person rang us after the promise and an operator of the same queue answered."""
    answered = or_(
        Call.outcome == Outcome.HANDLED, and_(Call.state == CallState.CONNECTED, Call.connected_at.is_not(None))
    )
    query = select(Call.id).where(
        Call.from_number == callback.number,
        Call.direction == "inbound",
        Call.queue == callback.queue,
        Call.started_at > callback.created_at,
        answered,
    )
    return session().scalars(query.limit(1)).first() is not None


# ── what must be asked of the carrier ─────────────────────────────────────────────────────────────────────────────


def unsettled(now: datetime, limit: int = 200) -> Sequence[int]:
    """Attempts whose outcome somebody has to find out: intents without an id, live ones without a word."""
    silent = func.coalesce(Attempt.heard_at, Attempt.created_at)
    query = select(Attempt.id).where(
        or_(
            and_(Attempt.state == AttemptState.INTENT, Attempt.created_at <= now - ASKED_AFTER),
            and_(Attempt.state == AttemptState.LIVE, silent <= now - SILENT_AFTER),
        )
    )
    return session().scalars(query.order_by(Attempt.created_at).limit(limit)).all()
