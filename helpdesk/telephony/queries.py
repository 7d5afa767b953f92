"""Questions about calls, the line, offers and who is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_

from helpdesk.identity.queries import Asker, within
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.remembered import Remembered
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Queue
from helpdesk.telephony import estimate, roster
from helpdesk.telephony.estimate import Crew, Experience
from helpdesk.telephony.models import Call, Leg, Offer, QueueEntry
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


def forget() -> None:
    """Count the last calls anew."""
    _experience.forget()


# ── calls ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def locked_by_sid(sid: str) -> Call | None:
    """The call whose first leg this is, locked: two webhooks of one call never work at the same time."""
    return session().scalars(select(Call).where(Call.sid == sid).with_for_update()).first()


def locked(call_id: int) -> Call:
    """This call, locked and read anew."""
    query = select(Call).where(Call.id == call_id).with_for_update().execution_options(populate_existing=True)
    return session().scalars(query).one()


def call_of_leg(sid: str) -> Call | None:
    """The call that a leg belongs to, the first one or an operator's; locked."""
    query = select(Call).join(Leg, Leg.call_id == Call.id).where(Leg.sid == sid)
    return session().scalars(query.with_for_update(of=Call).execution_options(populate_existing=True)).first()


def leg_by_sid(sid: str) -> Leg | None:
    """A leg by the carrier's id."""
    return session().scalars(select(Leg).where(Leg.sid == sid)).first()


def call_for(asker: Asker, call_id: int) -> Call:
    """A call at one of the asker's desks. Raises NotFound."""
    found = session().scalars(select(Call).where(Call.id == call_id, within(Call.desk_id, asker.roots()))).first()
    if found is None:
        raise NotFound
    return found


def call_of_operator(staff_id: int, call_id: int) -> Call | None:
    """A call that this operator was offered or has: that is right enough to see it, whatever its desk."""
    offered = select(Offer.id).where(
        Offer.call_id == Call.id,
        Offer.staff_id == staff_id,
        Offer.state.in_((OfferState.OPEN, OfferState.ACCEPTED)),
    )
    return session().scalars(select(Call).where(Call.id == call_id, offered.exists())).first()


def calls_of_ticket(ticket_id: int) -> Sequence[Call]:
    """Every call about a ticket, oldest first. The caller has checked the asker's right to the ticket."""
    return session().scalars(select(Call).where(Call.ticket_id == ticket_id).order_by(Call.id)).all()


def last_language(number: str) -> str | None:
    """The language in which this number spoke last time."""
    query = select(Call.language).where(Call.from_number == number, Call.language.is_not(None))
    return session().scalars(query.order_by(Call.started_at.desc()).limit(1)).first()


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


def _counts_in_line() -> ColumnElement[bool]:
    due = or_(QueueEntry.not_before.is_(None), QueueEntry.not_before <= clock.now())
    return and_(QueueEntry.state.in_(_IN_LINE), or_(QueueEntry.kind == EntryKind.LIVE, due))


def ahead_of(entry: QueueEntry) -> int:
    """How many live callers and due callbacks of the same desk and queue come before this one."""
    mine = (entry.priority, entry.virtual_at, entry.id)
    query = select(func.count()).where(
        QueueEntry.desk_id == entry.desk_id,
        QueueEntry.queue == entry.queue,
        _counts_in_line(),
        tuple_(QueueEntry.priority, QueueEntry.virtual_at, QueueEntry.id) < mine,
    )
    return session().scalar(query) or 0


@dataclass(frozen=True)
class Standing:
    """Where somebody stands: place from 1, expected wait in seconds (None: nobody works), and who could serve."""

    position: int
    wait_seconds: int | None
    crew: Crew


def standing(entry: QueueEntry, desk_path: str) -> Standing:
    """The place and the expected wait of somebody in the line. Three statements at most."""
    ahead = ahead_of(entry)
    who = roster.crew(desk_path, entry.queue, entry.language)
    return Standing(ahead + 1, estimate.expected_wait(ahead, who, experience(entry.desk_id, entry.queue)), who)


def experience(desk_id: int, queue: Queue) -> Experience:
    """What the last calls of a line were like, remembered for 30 s."""
    return _experience.get((desk_id, queue), lambda: _last_calls(desk_id, queue))


def _last_calls(desk_id: int, queue: Queue) -> Experience:
    last = (
        select(Call.outcome, Call.connected_at, Call.ended_at)
        .where(Call.desk_id == desk_id, Call.queue == queue, Call.queued_at.is_not(None), Call.outcome.is_not(None))
        .order_by(Call.started_at.desc())
        .limit(estimate.LAST_CALLS)
    )
    rows = session().execute(last).all()
    talks = [(ended - began).total_seconds() for _, began, ended in rows if began is not None and ended is not None]
    return estimate.experience(talks, len(rows), sum(row.outcome is Outcome.ABANDONED for row in rows))


@dataclass(frozen=True)
class Waiting:
    """Somebody on the line who wants an operator, and whose operator that may be."""

    entry_id: int
    call_id: int
    desk_path: str
    queue: Queue
    language: str


def waiting_callers(limit: int = 200) -> Sequence[Waiting]:
    """Who can be offered now, first come first.

    A promised callback is among them from the moment its person is on the line.
    """
    query = (
        select(QueueEntry.id, Call.id, Organization.path, QueueEntry.queue, QueueEntry.language)
        .join(Call, Call.id == QueueEntry.call_id)
        .join(Organization, Organization.id == QueueEntry.desk_id)
        .where(QueueEntry.state == EntryState.WAITING, Call.state == CallState.QUEUED)
        .order_by(QueueEntry.priority, QueueEntry.virtual_at, QueueEntry.id)
        .limit(limit)
    )
    return [Waiting(*row) for row in session().execute(query)]


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


def answered_by(call_id: int) -> int | None:
    """Who took this call last."""
    query = select(Offer.staff_id).where(Offer.call_id == call_id, Offer.state == OfferState.ACCEPTED)
    return session().scalars(query.order_by(Offer.id.desc()).limit(1)).first()


def live_operator_leg(call_id: int) -> Leg | None:
    """The leg of the operator who is in this call now."""
    query = select(Leg).where(Leg.call_id == call_id, Leg.role == LegRole.OPERATOR, Leg.state.in_(LIVE_LEG))
    return session().scalars(query.order_by(Leg.id.desc()).limit(1)).first()
