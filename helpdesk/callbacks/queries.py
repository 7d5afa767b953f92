"""Questions about callbacks: one promise, one attempt, and the list of what my desks promised."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select, tuple_
from sqlalchemy.orm import joinedload, lazyload

from helpdesk.callbacks.hours import DiallingHours
from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.callbacks.rules import ACTIVE, UNDIALLED, AttemptState
from helpdesk.identity.queries import Asker, within
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.models import Desk
from helpdesk.routing.rules import Queue
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony.gateway import CarrierCall
from helpdesk.telephony.models import Call, Offer
from helpdesk.telephony.rules import OfferKind, OfferState
from helpdesk.tickets.models import Ticket


def dialling_hours(at: Desk) -> DiallingHours:
    """When this desk lets telephones ring."""
    return DiallingHours(calendar_of(at), at.dials_from, at.dials_to, at.around_the_clock)


# ── one callback ──────────────────────────────────────────────────────────────────────────────────────────────────


def callback_for(asker: Asker, callback_id: int, lock: bool = False) -> Callback:
    """A callback of the asker's part of the tree, locked for a verb when `lock`. Raises NotFound."""
    query = select(Callback).where(Callback.id == callback_id, within(Callback.desk_id, asker.roots()))
    found = session().scalars(query.with_for_update(of=Callback) if lock else query).first()
    if found is None:
        raise NotFound
    return found


def active(number: str, queue: Queue) -> Callback | None:
    """The open promise to this number about this queue, locked."""
    query = select(Callback).where(Callback.number == number, Callback.queue == queue, Callback.state.in_(ACTIVE))
    return session().scalars(query.with_for_update().execution_options(populate_existing=True)).first()


def promise_on(ticket_id: int) -> Callback | None:
    """The open promise about this ticket, or one merged into it, that is to be kept next. The caller has checked the
    right to the ticket."""
    merged = select(Ticket.id).where(or_(Ticket.id == ticket_id, Ticket.merged_into_id == ticket_id))
    query = select(Callback).where(Callback.ticket_id.in_(merged), Callback.state.in_(ACTIVE))
    return session().scalars(query.order_by(Callback.promised_at, Callback.id).limit(1)).first()


def waiting_for(number: str, queue: Queue) -> Callback | None:
    """The open promise to this number and queue, if nothing rings for it now; locked."""
    query = select(Callback).where(Callback.number == number, Callback.queue == queue, Callback.state.in_(UNDIALLED))
    return session().scalars(query.with_for_update().execution_options(populate_existing=True)).first()


@dataclass(frozen=True)
class Held:
    """An attempt with its callback and its call, all three locked and read anew."""

    attempt: Attempt
    callback: Callback
    call: Call


def held(token: str) -> Held | None:
    """The attempt with this token, locked in the order of the house (call, callback, attempt); None when unknown."""
    return _held(session().scalars(select(Attempt).where(Attempt.token == token)).first())


def held_by_id(attempt_id: int) -> Held | None:
    """The same by the attempt's id."""
    return _held(session().get(Attempt, attempt_id))


def held_by_call(call_id: int) -> Held | None:
    """The same by the call that the attempt made."""
    return _held(session().scalars(select(Attempt).where(Attempt.call_id == call_id)).first())


def open_preview(callback_id: int) -> Offer | None:
    """What is held out to an operator of this callback, locked; None also while somebody is just settling it.

    Who says yes locks the offer first and the callback then: so whoever holds the callback must not wait for the offer.
    """
    query = select(Offer).where(Offer.callback_id == callback_id, Offer.state == OfferState.OPEN)
    query = query.where(Offer.kind == OfferKind.PREVIEW).with_for_update(skip_locked=True)
    return session().scalars(query.execution_options(populate_existing=True)).first()


def live_sid(callback_id: int) -> str | None:
    """The leg that rings or talks for this callback now."""
    query = select(Attempt.sid).where(Attempt.callback_id == callback_id, Attempt.state == AttemptState.LIVE)
    return session().scalars(query).first()


def unknown_legs(listed: Sequence[CarrierCall]) -> list[CarrierCall]:
    """Those legs of the carrier's list that no attempt has for its own."""
    known = set(session().scalars(select(Attempt.sid).where(Attempt.sid.in_([leg.sid for leg in listed]))))
    return [leg for leg in listed if leg.sid not in known]


def _held(found: Attempt | None) -> Held | None:
    if found is None:
        return None
    call = session().get_one(Call, found.call_id, with_for_update=True, populate_existing=True)
    callback = session().get_one(Callback, found.callback_id, with_for_update=True, populate_existing=True)
    attempt = session().get_one(Attempt, found.id, with_for_update=True, populate_existing=True)
    return Held(attempt, callback, call)


def of_operator(staff_id: int, callback_id: int) -> Callback | None:
    """A callback that this operator was asked to make: that is right enough to see it, whatever its desk."""
    asked = select(Offer.id).where(
        Offer.callback_id == Callback.id,
        Offer.staff_id == staff_id,
        Offer.state.in_((OfferState.OPEN, OfferState.ACCEPTED)),
    )
    return session().scalars(select(Callback).where(Callback.id == callback_id, asked.exists())).first()


def attempts_of(callback_id: int) -> Sequence[Attempt]:
    """Every try to reach somebody, oldest first. The caller has checked the asker's right to the callback."""
    return session().scalars(select(Attempt).where(Attempt.callback_id == callback_id).order_by(Attempt.n)).all()


# ── the list ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class CallbackPage:
    """Rows by the moment promised, and the cursor of the next page (None at the end)."""

    rows: Sequence[Callback]
    next: str | None


def board(asker: Asker, ended: bool = False, after: str | None = None, limit: int = 50) -> CallbackPage:
    """The open promises of my desks, the first one to keep on top; or the ended ones, the newest on top."""
    rows = (
        joinedload(Callback.ticket).load_only(Ticket.id, Ticket.number, Ticket.subject).options(lazyload("*")),
        joinedload(Callback.desk_organization),
        joinedload(Callback.staff).options(lazyload("*")),
    )
    query = select(Callback).where(within(Callback.desk_id, asker.roots())).options(*rows)
    key = tuple_(Callback.promised_at, Callback.id)
    if ended:
        query = query.where(Callback.state.not_in(ACTIVE)).order_by(Callback.promised_at.desc(), Callback.id.desc())
    else:
        query = query.where(Callback.state.in_(ACTIVE)).order_by(Callback.promised_at, Callback.id)
    if after:
        place = _read_cursor(after)
        query = query.where(key < place if ended else key > place)
    found = session().scalars(query.limit(limit + 1)).all()
    if len(found) <= limit:
        return CallbackPage(found, None)
    last = found[limit - 1]
    return CallbackPage(found[:limit], f"{last.promised_at.isoformat()}_{last.id}")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    moment, _, last_id = cursor.partition("_")
    try:
        return datetime.fromisoformat(moment.replace(" ", "+")), int(last_id)
    except ValueError:
        raise NotFound from None


def open_promises(asker: Asker) -> Select[int]:
    """The query of the ids of my desks' open promises, for a page that counts them beside other things."""
    return select(Callback.id).where(within(Callback.desk_id, asker.roots()), Callback.state.in_(ACTIVE))
