"""What is due, and whether a telephone may ring now."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from statistics import fmean

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from helpdesk.callbacks.models import Attempt, Callback, DialBucket
from helpdesk.callbacks.pacing import Standing, choose, expected
from helpdesk.callbacks.rules import (
    ASKED_AFTER,
    DIALS_WITHIN,
    EXPIRES_AFTER,
    HOLDS_ITS_PLACE,
    OPEN_ATTEMPT,
    SILENT_AFTER,
    AttemptResult,
    AttemptState,
    CallbackState,
)
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Desk
from helpdesk.organizations.rules import CallbackMode
from helpdesk.routing.rules import Queue
from helpdesk.telephony import queries, roster
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import CallState, EntryState, Outcome
from helpdesk.telephony.turns import Line

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
    """Callbacks whose telephone is to ring before an operator is asked, as many as pacing.choose lets through.

    A retry was announced for its moment, so it is due then; a first call is due at the moment promised.
    """
    due_at = case((Callback.attempts > 0, Callback.next_attempt_at), else_=Callback.promised_at)
    line = queries.lines()
    due = _due(now).add_columns(due_at).where(~_first_asks_an_operator(now))
    standing = [
        Standing(queries.place_of(entry), line(entry), callback_id, at)
        for callback_id, entry, at in session().execute(due)
    ]
    if not standing:
        return []
    others = [entry for _, entry in to_preview(now)] + [*being_called(now)] + [*_on_the_line()]
    standing += [Standing(queries.place_of(entry), line(entry)) for entry in others]
    at_work = roster.at_work()
    kinds = {(one.line.desk_id, Queue(one.line.queue)) for one in standing}
    talk_seconds = fmean(queries.experience(*kind).talk_seconds for kind in kinds)

    @cache
    def staffed(where: Line) -> bool:
        return roster.crew_of(at_work, where.served_by, where.queue, where.language).staffed > 0

    return list(choose(standing, expected(at_work, talk_seconds), staffed, now))


def to_preview(now: datetime) -> list[tuple[int, QueueEntry]]:
    """Callbacks that an operator is asked to make, with their places, in the order of these."""
    found = session().execute(_due(now).where(_first_asks_an_operator(now)))
    return [(callback_id, entry) for callback_id, entry in found]


def _due(now: datetime) -> Select[int, QueueEntry]:
    return (
        select(Callback.id, QueueEntry)
        .join(QueueEntry, QueueEntry.id == Callback.entry_id)
        .join(Desk, Desk.id == Callback.desk_id)
        .where(
            Callback.state == CallbackState.DUE,
            Callback.next_attempt_at <= now,
            Callback.promised_at >= now - EXPIRES_AFTER,  # older ones go to a person
            QueueEntry.state == EntryState.WAITING,
            QueueEntry.call_id.is_(None),
        )
        .order_by(QueueEntry.priority, QueueEntry.virtual_at, QueueEntry.id)
        .limit(_ENOUGH)
        .execution_options(populate_existing=True)
    )


def _first_asks_an_operator(now: datetime) -> ColumnElement[bool]:
    """By the way of the desk; and whoever was promised one operator is called by that one."""
    one = and_(QueueEntry.staff_id.is_not(None), QueueEntry.staff_until > now)
    return or_(Desk.callback_mode == CallbackMode.OPERATOR_FIRST, func.coalesce(one, False))


def being_called(now: datetime) -> Sequence[QueueEntry]:
    """Places of those whose telephone rings, or who are just being asked what they want; no operator is theirs yet."""
    query = (
        select(QueueEntry)
        .join(Callback, Callback.entry_id == QueueEntry.id)
        .join(Attempt, and_(Attempt.callback_id == Callback.id, Attempt.state.in_(OPEN_ATTEMPT)))
        .where(
            Callback.state.in_((CallbackState.DIALING, CallbackState.ANSWERED)),
            QueueEntry.state == EntryState.WAITING,
            QueueEntry.call_id.is_(None),
            Attempt.created_at > now - HOLDS_ITS_PLACE,
        )
        .limit(_ENOUGH)
        .execution_options(populate_existing=True)
    )
    return session().scalars(query).all()


def _on_the_line() -> Sequence[QueueEntry]:
    query = select(QueueEntry).where(QueueEntry.state == EntryState.WAITING, QueueEntry.call_id.is_not(None))
    query = query.order_by(QueueEntry.priority, QueueEntry.virtual_at, QueueEntry.id).limit(_ENOUGH)
    return session().scalars(query.execution_options(populate_existing=True)).all()


def to_place(now: datetime) -> Sequence[int]:
    """Attempts of operators who wait in their conferences: the carrier was not asked to dial yet."""
    query = select(Attempt.id).where(
        Attempt.state == AttemptState.INTENT, Attempt.asked_at.is_(None), Attempt.created_at >= now - DIALS_WITHIN
    )
    return session().scalars(query.order_by(Attempt.created_at).limit(_ENOUGH)).all()


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
            and_(
                Attempt.state == AttemptState.INTENT,
                Attempt.asked_at.is_(None),
                Attempt.created_at < now - DIALS_WITHIN,
            ),
            and_(Attempt.state == AttemptState.LIVE, silent <= now - SILENT_AFTER),
        )
    )
    return session().scalars(query.order_by(Attempt.created_at).limit(limit)).all()
