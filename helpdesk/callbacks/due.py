"""What is due, and whether a telephone may ring now."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from statistics import fmean

from sqlalchemy import BindParameter, DateTime, and_, bindparam, case, func, literal, or_, select

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
from helpdesk.telephony.front import Waiting, front_of, read
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import FRONT, CallState, EntryState, Outcome
from helpdesk.telephony.turns import Line

# Rows looked at in one turn; what stays over comes a second later.
_ENOUGH = 2000

# These are asked every second and after each commit, so they are built once. `now` is the present moment.
_NOW: BindParameter[datetime] = bindparam("now", type_=DateTime(timezone=True))
_RIPE = (
    select(Callback.id)
    .where(
        Callback.state.in_((CallbackState.REQUESTED, CallbackState.RETRY_WAIT)),
        Callback.next_attempt_at <= _NOW,
    )
    .order_by(Callback.next_attempt_at)
    .limit(_ENOUGH)
)
_DUE = (
    select(Callback.id.label("callback_id"))
    .join(QueueEntry, QueueEntry.id == Callback.entry_id)
    .join(Desk, Desk.id == Callback.desk_id)
    .where(
        Callback.state == CallbackState.DUE,
        Callback.next_attempt_at <= _NOW,
        Callback.promised_at >= _NOW - literal(EXPIRES_AFTER),  # older ones go to a person
        QueueEntry.state == EntryState.WAITING,
        QueueEntry.call_id.is_(None),
    )
)
# By the way of the desk; and whoever was promised one operator is called by that one.
_ASKS_AN_OPERATOR_FIRST = or_(
    Desk.callback_mode == CallbackMode.OPERATOR_FIRST,
    func.coalesce(and_(QueueEntry.staff_id.is_not(None), QueueEntry.staff_until > _NOW), False),
)
_TO_PREVIEW = front_of(_DUE.where(_ASKS_AN_OPERATOR_FIRST))
# A retry was announced for its moment, so it is due then, and what is hurried at once; a first call is due at the
# moment promised.
_AT_ITS_MOMENT = or_(Callback.attempts > 0, QueueEntry.priority == FRONT)
_DUE_AT = case((_AT_ITS_MOMENT, Callback.next_attempt_at), else_=Callback.promised_at).label("due_at")
_TO_DIAL = front_of(_DUE.add_columns(_DUE_AT).where(~_ASKS_AN_OPERATOR_FIRST))
_BEING_CALLED = front_of(
    select(Callback.id.label("callback_id"))
    .join(QueueEntry, QueueEntry.id == Callback.entry_id)
    .join(Attempt, and_(Attempt.callback_id == Callback.id, Attempt.state.in_(OPEN_ATTEMPT)))
    .where(
        Callback.state.in_((CallbackState.DIALING, CallbackState.ANSWERED)),
        QueueEntry.state == EntryState.WAITING,
        QueueEntry.call_id.is_(None),
        Attempt.created_at > _NOW - literal(HOLDS_ITS_PLACE),
    )
)
_ON_THE_LINE = front_of(
    select(QueueEntry.call_id).where(QueueEntry.state == EntryState.WAITING, QueueEntry.call_id.is_not(None))
)
_TO_PLACE = (
    select(Attempt.id)
    .where(
        Attempt.state == AttemptState.INTENT,
        Attempt.asked_at.is_(None),
        Attempt.created_at >= _NOW - literal(DIALS_WITHIN),
    )
    .order_by(Attempt.created_at)
    .limit(_ENOUGH)
)
_UNSETTLED = (
    select(Attempt.id)
    .where(
        or_(
            and_(Attempt.state == AttemptState.INTENT, Attempt.created_at <= _NOW - literal(ASKED_AFTER)),
            and_(
                Attempt.state == AttemptState.INTENT,
                Attempt.asked_at.is_(None),
                Attempt.created_at < _NOW - literal(DIALS_WITHIN),
            ),
            and_(
                Attempt.state == AttemptState.LIVE,
                func.coalesce(Attempt.heard_at, Attempt.created_at) <= _NOW - literal(SILENT_AFTER),
            ),
        )
    )
    .order_by(Attempt.created_at)
    .limit(200)
)


def ripe(now: datetime) -> Sequence[int]:
    """Callbacks whose time has come and that still count as waiting for it."""
    return session().scalars(_RIPE, {"now": now}).all()


def overdue(now: datetime) -> Sequence[int]:
    """Due callbacks that could not even be tried for days."""
    query = select(Callback.id).where(
        Callback.state == CallbackState.DUE,
        Callback.next_attempt_at <= now,
        Callback.promised_at < now - EXPIRES_AFTER,
    )
    return session().scalars(query.order_by(Callback.id).limit(100)).all()


def to_dial(now: datetime, rate: float) -> list[Waiting]:
    """Callbacks whose telephone is the next to ring, before an operator is asked: whom pacing.choose lets through, as
    many as `rate` calls a second of the account allow now. `row.callback_id` is the callback."""
    may_ring = tokens(now, rate)
    if may_ring == 0:
        return []
    at_work = roster.at_work()
    # as deep as everybody at work could serve, and the account could ring where nobody is
    deep = sum(crew.staffed for crew in at_work) + may_ring
    found = {one.row.callback_id: one for one in read(_TO_DIAL, deep, now)}
    if not found:
        return []
    others = [*to_preview(deep, now), *being_called(deep, now), *read(_ON_THE_LINE, deep, now)]
    standing = [Standing(one.place, one.line) for one in others]
    standing += [Standing(one.place, one.line, key, one.row.due_at) for key, one in found.items()]
    kinds = {(one.line.desk_id, Queue(one.line.queue)) for one in standing}
    talk_seconds = fmean(queries.experience(*kind).talk_seconds for kind in kinds)

    @cache
    def staffed(where: Line) -> bool:
        return roster.crew_of(at_work, where.served_by, where.queue, where.language).staffed > 0

    chosen = choose(standing, expected(at_work, talk_seconds), staffed, now)
    return [found[key] for key in islice(chosen, may_ring)]


def to_preview(operators: int, now: datetime) -> list[Waiting]:
    """Callbacks that an operator is asked to make, as many as so many could; `row.callback_id` is the callback."""
    return read(_TO_PREVIEW, operators, now)


def being_called(operators: int, now: datetime) -> list[Waiting]:
    """Those whose telephone rings, or who are just being asked what they want; no operator is theirs yet."""
    return read(_BEING_CALLED, operators, now)


def to_place(now: datetime) -> Sequence[int]:
    """Attempts of operators who wait in their conferences: the carrier was not asked to dial yet."""
    return session().scalars(_TO_PLACE, {"now": now}).all()


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


def unsettled(now: datetime) -> Sequence[int]:
    """Attempts whose outcome somebody has to find out: intents without an id, live ones without a word."""
    return session().scalars(_UNSETTLED, {"now": now}).all()
