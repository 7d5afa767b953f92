"""Questions about calls, the line, offers and who is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Result, and_, bindparam, func, or_, select, tuple_

from helpdesk.identity.queries import Asker, within
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.remembered import Remembered
from helpdesk.routing.rules import Queue
from helpdesk.telephony import estimate, overflow, roster
from helpdesk.telephony.estimate import Crew, Experience
from helpdesk.telephony.models import Call, Leg, Offer, PresenceSpan, QueueEntry
from helpdesk.telephony.rules import (
    JOINS_WITHIN,
    LIVE_LEG,
    SILENT_LEG,
    CallState,
    EntryKind,
    EntryState,
    LegRole,
    OfferState,
    Outcome,
    PresenceState,
)

_experience: Remembered[tuple[int, Queue], Experience] = Remembered()
_IN_LINE = (EntryState.WAITING, EntryState.OFFERED)
_AT_WORK = (PresenceState.READY, PresenceState.RESERVED, PresenceState.TALKING, PresenceState.WRAPUP)

# Built once: every webhook asks one of them.
_LOCKED_BY_SID = select(Call).where(Call.sid == bindparam("sid")).with_for_update()
_LOCKED = (
    select(Call).where(Call.id == bindparam("call_id")).with_for_update().execution_options(populate_existing=True)
)
_LOCKED_BY_LEG = (
    select(Call)
    .join(Leg, Leg.call_id == Call.id)
    .where(Leg.sid == bindparam("sid"))
    .with_for_update(of=Call)
    .execution_options(populate_existing=True)
)
_LEG_BY_SID = select(Leg).where(Leg.sid == bindparam("sid"))


def forget() -> None:
    """Count the last calls anew."""
    _experience.forget()


# ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def locked_by_sid(sid: str) -> Call | None:
    """The call whose first leg this is, locked: two webhooks of one call never work at the same time."""
    return session().scalars(_LOCKED_BY_SID, {"sid": sid}).first()


def locked(call_id: int) -> Call:
    """This call, locked and read anew."""
    return session().scalars(_LOCKED, {"call_id": call_id}).one()


def call_of_leg(sid: str) -> Call | None:
    """The call that a leg belongs to, the first one or an operator's; locked."""
    return session().scalars(_LOCKED_BY_LEG, {"sid": sid}).first()


def caller_is_there(call: Call) -> bool:
    """Whether the caller's own telephone is still connected."""
    query = select(Leg.id).where(Leg.sid == call.sid, Leg.state.in_(LIVE_LEG))
    return session().scalars(query).first() is not None


def leg_by_sid(sid: str) -> Leg | None:
    """A leg by the carrier's id."""
    return session().scalars(_LEG_BY_SID, {"sid": sid}).first()


def call_of_operator(staff_id: int, call_id: int) -> Call | None:
    """A call that this operator was offered or has: that is right enough to see it, whatever its desk."""
    offered = select(Offer.id).where(
        Offer.call_id == Call.id,
        Offer.staff_id == staff_id,
        Offer.state.in_((OfferState.OPEN, OfferState.ACCEPTED)),
    )
    mine = or_(Call.operator_id == staff_id, offered.exists())
    return session().scalars(select(Call).where(Call.id == call_id, mine)).first()


def calls_of_ticket(ticket_id: int) -> Sequence[Call]:
    """Every call about a ticket, oldest first. The caller has checked the asker's right to the ticket."""
    return session().scalars(select(Call).where(Call.ticket_id == ticket_id).order_by(Call.id)).all()


@dataclass(frozen=True)
class Past:
    """An earlier call of a number."""

    call_id: int
    language: str | None
    started_at: datetime
    ended_at: datetime | None
    desk_id: int | None
    queue: Queue | None
    ticket_id: int | None
    outcome: Outcome | None


def lately(number: str, limit: int = 12) -> Sequence[Past]:
    """The last calls of a number that came in, newest first."""
    query = (
        select(
            Call.id,
            Call.language,
            Call.started_at,
            Call.ended_at,
            Call.desk_id,
            Call.queue,
            Call.ticket_id,
            Call.outcome,
        )
        .where(Call.from_number == number, Call.direction == "inbound")
        .order_by(Call.started_at.desc())
        .limit(limit)
    )
    return [Past(*row) for row in session().execute(query)]


def has_live_call(number: str) -> bool:
    """Whether this person is on the line now: a callback would ring a busy telephone."""
    query = select(Call.id).where(Call.from_number == number, Call.state != CallState.ENDED).limit(1)
    return session().scalars(query).first() is not None


def not_joined() -> Sequence[int]:
    """Calls whose operator took them a while ago and whose caller has not come into the conference."""
    query = (
        select(Call.id)
        .join(Offer, and_(Offer.call_id == Call.id, Offer.state == OfferState.ACCEPTED))
        .where(Call.state == CallState.CONNECTED, Call.connected_at.is_(None), Call.sid.is_not(None))
        .group_by(Call.id)
        .having(func.max(Offer.settled_at) < clock.now() - JOINS_WITHIN)
    )
    return session().scalars(query).all()


def silent_legs(limit: int = 200) -> Sequence[int]:
    """Ids of live legs of which nothing was heard for two minutes."""
    query = select(Leg.id).where(Leg.state.in_(LIVE_LEG), Leg.heard_at < clock.now() - SILENT_LEG)
    return session().scalars(query.order_by(Leg.heard_at).limit(limit)).all()


# ── the line ──────────────────────────────────────────────────────────────────────────────────────────────────────


_DUE = or_(QueueEntry.not_before.is_(None), QueueEntry.not_before <= bindparam("now"))
_ALIKE = (QueueEntry.desk_id, QueueEntry.reach_id, QueueEntry.queue, QueueEntry.language)
# Built once: every announcement in the waiting room asks it.
_BEFORE = (
    select(*_ALIKE, func.count())
    .where(
        QueueEntry.state.in_(_IN_LINE),
        or_(QueueEntry.kind == EntryKind.LIVE, _DUE),
        tuple_(QueueEntry.priority, QueueEntry.virtual_at, QueueEntry.id)
        < tuple_(bindparam("priority"), bindparam("virtual_at"), bindparam("id")),
    )
    .group_by(*_ALIKE)
)


@dataclass(frozen=True)
class Standing:
    """Where somebody stands: place from 1, expected wait in seconds (None: nobody works), and who could serve.

    `promise_seconds` is the wait that nine out of ten will not exceed: that is what is announced.
    """

    position: int
    wait_seconds: int | None
    promise_seconds: int | None
    crew: Crew


def standing(entry: QueueEntry) -> Standing:
    """The place and the expected wait of somebody in the line. Three statements at most.

    The place counts the own queue; the wait counts everybody before who may need the same operators.
    """
    at_work = roster.at_work()
    mine = overflow.served_by(entry.desk_id, entry.reach_id), entry.queue.value, entry.language
    place, load = 1, 0.0
    for desk_id, reach_id, queue, language, count in _before(entry):
        place += count if (desk_id, queue) == (entry.desk_id, entry.queue) else 0
        theirs = overflow.served_by(desk_id, reach_id), queue.value, language
        load += count * estimate.share(at_work, mine, theirs)
    crew, past = roster.crew_of(at_work, *mine), experience(entry.desk_id, entry.queue)
    expected, promised = estimate.expected_wait(load, crew, past), estimate.promised_wait(load, crew, past)
    return Standing(place, expected, promised, crew)


def _before(entry: QueueEntry) -> Result[int, int | None, Queue, str, int]:
    """Who stands before, of whatever desk and queue, live callers and due callbacks: how many alike."""
    mine = {"priority": entry.priority, "virtual_at": entry.virtual_at, "id": entry.id}
    return session().execute(_BEFORE, mine | {"now": clock.now()})


def experience(desk_id: int, queue: Queue) -> Experience:
    """What the last calls of a line were like, remembered for 30 s."""
    return _experience.get((desk_id, queue), lambda: _last_calls(desk_id, queue))


def _last_calls(desk_id: int, queue: Queue) -> Experience:
    """An operator's time for a call is all of it: being rung, talking, holding, and writing up."""
    last = (
        select(Call.id, Call.outcome, Call.connected_at, Call.ended_at)
        .where(Call.desk_id == desk_id, Call.queue == queue, Call.queued_at.is_not(None), Call.outcome.is_not(None))
        .order_by(Call.started_at.desc())
        .limit(estimate.LAST_CALLS)
    )
    rows = session().execute(last).all()
    handled = {
        row.id: (row.ended_at - row.connected_at).total_seconds() for row in rows if row.connected_at and row.ended_at
    }
    seconds = func.sum(func.extract("epoch", PresenceSpan.until_at - PresenceSpan.from_at))
    worked = session().execute(
        select(PresenceSpan.call_id, seconds)
        .where(PresenceSpan.call_id.in_(handled), PresenceSpan.until_at.is_not(None))
        .group_by(PresenceSpan.call_id)
    )
    for call_id, total in worked:
        handled[call_id] = max(handled[call_id], float(total))
    abandoned = sum(row.outcome is Outcome.ABANDONED for row in rows)
    return estimate.experience(list(handled.values()), len(rows), abandoned)


@dataclass(frozen=True)
class LineNow:
    """Callers who wait at the asker's desks: how many, and since when the first of them."""

    waiting: int
    oldest: datetime | None


def line_now(asker: Asker) -> LineNow:
    """What the call bar shows: live callers of my desks who wait now."""
    query = select(func.count(), func.min(QueueEntry.virtual_at)).where(
        QueueEntry.state.in_(_IN_LINE), QueueEntry.call_id.is_not(None), within(QueueEntry.desk_id, asker.roots())
    )
    waiting, oldest = session().execute(query).one()
    return LineNow(waiting, oldest)


def line_by_desk() -> dict[int, LineNow]:
    """The same for every desk where somebody waits, whoever asks: each listener is told of its own desks only."""
    query = (
        select(QueueEntry.desk_id, func.count(), func.min(QueueEntry.virtual_at))
        .where(QueueEntry.state.in_(_IN_LINE), QueueEntry.call_id.is_not(None))
        .group_by(QueueEntry.desk_id)
    )
    return {desk_id: LineNow(waiting, oldest) for desk_id, waiting, oldest in session().execute(query)}


# ── offers and presence ───────────────────────────────────────────────────────────────────────────────────────────


def open_offer(staff_id: int) -> Offer | None:
    """What is held out to this operator now."""
    return session().scalars(select(Offer).where(Offer.staff_id == staff_id, Offer.state == OfferState.OPEN)).first()


def open_offer_of(call_id: int) -> Offer | None:
    """To whom this call is held out now."""
    return session().scalars(select(Offer).where(Offer.call_id == call_id, Offer.state == OfferState.OPEN)).first()


def offer_by_token(token: str) -> Offer | None:
    """The offer with this token, whatever became of it."""
    return session().scalars(select(Offer).where(Offer.token == token)).first()


def expired_offers(limit: int = 200) -> Sequence[int]:
    """Ids of offers whose time is over."""
    query = select(Offer.id).where(Offer.state == OfferState.OPEN, Offer.expires_at <= clock.now())
    return session().scalars(query.order_by(Offer.expires_at).limit(limit)).all()


def live_leg_of(call_id: int, staff_id: int) -> Leg | None:
    """The leg of one operator in a call, when it is alive."""
    query = select(Leg).where(Leg.call_id == call_id, Leg.staff_id == staff_id, Leg.role == LegRole.OPERATOR)
    return session().scalars(query.where(Leg.state.in_(LIVE_LEG)).order_by(Leg.id.desc()).limit(1)).first()


def live_operator_leg(call_id: int) -> Leg | None:
    """The leg of the operator whose call it is, when it is alive."""
    query = select(Leg).join(Call, and_(Call.id == Leg.call_id, Call.operator_id == Leg.staff_id))
    query = query.where(Leg.call_id == call_id, Leg.role == LegRole.OPERATOR, Leg.state.in_(LIVE_LEG))
    return session().scalars(query.order_by(Leg.id.desc()).limit(1)).first()
