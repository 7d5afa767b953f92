"""What is held out to operators: hold out, accept, give up, without two of anything.

Locks are always taken in this order: call, entry, offer, presence. Routing takes many of them in one transaction, so it
waits for none. An offer holds out a waiting caller, a colleague's question or a callback; what an offer that was not
taken means for the latter two is said by their own rooms through `when_not_taken`.
"""

import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.telephony import front, legs, presence, queries, roster
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import (
    CallState,
    EntryState,
    LegRole,
    LegState,
    OfferKind,
    OfferState,
    PresenceState,
    offer_lasts,
)
from helpdesk.telephony.turns import HeldOut, Turn, hand_out

log = structlog.get_logger()

NotTaken = Callable[[Offer], None]
_not_taken: dict[OfferKind, NotTaken] = {}


def when_not_taken(kind: OfferKind, consequence: NotTaken) -> None:
    """Install what follows, in the same transaction, when an offer of this kind is settled but not accepted.

    The offer has been moved to its new state, its call is locked if it has one; presence is not locked yet.
    """
    _not_taken[kind] = consequence


def route_waiting(
    promised: Callable[[int], Iterable[Turn]] = lambda _operators: (),
    door: Callable[[], AbstractContextManager[object]] = nullcontext,
) -> int:
    """Hold out everybody who waits to the longest idle operator of the right level, language and queue.

    Callers on the line and the callbacks that `promised` gives for so many operators stand in one order. Nothing is
    locked before somebody is held out, which looks again; `door` is what each is held out in. Returns how many offers
    were made.
    """
    free = roster.free_operators()
    if not free:
        return 0
    callers = [
        Turn(one.place, one.line, partial(hold_out, one.row.entry_id, one.row.call_id), one.staff_id)
        for one in front.callers(len(free), clock.now())
    ]

    def behind_the_door(turn: Turn) -> Turn:
        hold = turn.hold_out
        if hold is None:
            return turn

        def held(staff_id: int) -> HeldOut:
            with door():
                return hold(staff_id)

        return replace(turn, hold_out=held)

    return hand_out(map(behind_the_door, [*callers, *promised(len(free))]), free)


def hold_out(entry_id: int, call_id: int, staff_id: int) -> HeldOut:
    """Offer one caller to one operator, if both are still free."""
    call = (
        session()
        .scalars(
            select(Call)
            .where(Call.id == call_id, Call.state == CallState.QUEUED)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    entry = session().get(QueueEntry, entry_id, with_for_update=True, populate_existing=True) if call else None
    if call is None or entry is None or entry.state is not EntryState.WAITING or entry.call_id != call.id:
        return HeldOut.NOT_NOW
    operator = presence.free(staff_id)
    if operator is None or not move(operator, PresenceState.RESERVED, since=clock.now(), call_id=call.id):
        return HeldOut.BUSY
    move(entry, EntryState.OFFERED)
    move(call, CallState.OFFERED)
    offer = make(OfferKind.CALL, staff_id, offer_lasts(operator.device), entry_id=entry.id, call_id=call.id)
    _note("call.offered", call, offer)
    return HeldOut.MADE


def make(kind: OfferKind, staff_id: int, lasts: timedelta, **about: int | None) -> Offer:
    """An open offer to an operator whose presence is RESERVED for it by now, in the same transaction.

    `about`: entry_id, call_id, callback_id. At most one is open per operator and per place.
    """
    moment = clock.now()
    offer = Offer(
        token=str(uuid.uuid4()),
        kind=kind,
        staff_id=staff_id,
        state=OfferState.OPEN,
        created_at=moment,
        expires_at=moment + lasts,
        **about,
    )
    session().add(offer)
    session().flush()
    return offer


def accept_offer(token: str, staff_id: int, leg_sid: str) -> Call | None:
    """The operator's softphone has connected: the caller is theirs. The call, or None when it was too late.

    The same leg a second time gives the same answer. The caller follows after the commit (reaction "offer.accepted").
    """
    known = queries.offer_by_token(token)
    if known is None or known.call_id is None or known.staff_id != staff_id or known.kind is not OfferKind.CALL:
        return None
    call = queries.locked(known.call_id)
    entry = session().get_one(QueueEntry, known.entry_id, with_for_update=True)
    offer = session().get_one(Offer, known.id, with_for_update=True, populate_existing=True)
    if offer.state is OfferState.ACCEPTED:
        leg = queries.leg_by_sid(leg_sid)
        return call if leg is not None and leg.call_id == call.id and call.state is CallState.CONNECTED else None
    operator = presence.presence_of(staff_id)
    moment = clock.now()
    if offer.state is not OfferState.OPEN or operator.state is not PresenceState.RESERVED:
        return None
    move(offer, OfferState.ACCEPTED, settled_at=moment)
    move(entry, EntryState.CONNECTED, left_at=moment)
    move(call, CallState.CONNECTED, operator_id=staff_id, connected_at=None, **_new_conference())
    move(operator, PresenceState.TALKING, since=moment, call_id=call.id, missed=0)
    legs.begin(leg_sid, call.id, LegRole.OPERATOR, LegState.IN_PROGRESS, staff_id)
    journal.note(
        "offer.accepted",
        by=staff(staff_id),
        call_id=call.id,
        desk_id=call.desk_id,
        staff_id=staff_id,
        offer_id=offer.id,
    )
    return call


def _new_conference() -> dict[str, str | None]:
    """One conference per interaction; how the carrier calls it is not known yet."""
    return {"conference": f"c-{uuid.uuid4()}", "conference_sid": None}


def decline(offer: Offer) -> None:
    """The operator says no: a caller is offered on and the operator takes a break; a colleague may be told no."""
    if not _settle(offer.id, OfferState.DECLINED):
        return
    if offer.kind is OfferKind.CONSULT:
        presence.released(offer.staff_id)
        return
    row = presence.presence_of(offer.staff_id)
    move(row, PresenceState.BREAK, since=clock.now(), reason="declined", call_id=None)


def expire(offer_id: int, early: bool = False) -> bool:
    """Nobody answered: the caller waits on in the same place, the operator has missed a call.

    `early`: it is known before its time that nobody will.
    """
    offer = session().get_one(Offer, offer_id, populate_existing=True)
    if (offer.expires_at > clock.now() and not early) or not _settle(offer_id, OfferState.EXPIRED):
        return False
    presence.missed(offer.staff_id)
    return True


def withdraw(call: Call) -> None:
    """The caller is gone or wants something else: no operator is asked any more. The call is locked already."""
    offer = queries.open_offer_of(call.id)
    if offer is not None:
        cancel(offer)


def cancel(offer: Offer) -> bool:
    """What was held out is no longer to be had; the operator is free again. False when it had been settled."""
    if not _settle(offer.id, OfferState.CANCELLED):
        return False
    presence.released(offer.staff_id)
    return True


def release(staff_id: int) -> None:
    """The operator's browser is gone: what it was offered goes to the next one."""
    offer = queries.open_offer(staff_id)
    if offer is not None:
        _settle(offer.id, OfferState.EXPIRED)
    row = presence.presence_of(staff_id)
    if row.state is PresenceState.RESERVED:
        move(row, PresenceState.OFFLINE, since=clock.now(), reason="lost", call_id=None)


def _settle(offer_id: int, to: OfferState) -> bool:
    """Close an open offer that nobody took; False when somebody else closed it."""
    offer = session().get_one(Offer, offer_id)
    call = queries.locked(offer.call_id) if offer.call_id is not None else None
    entry = None
    if offer.kind is OfferKind.CALL:
        entry = session().get(QueueEntry, offer.entry_id, with_for_update=True, populate_existing=True)
    if not move(offer, to, settled_at=clock.now()):
        return False
    if offer.kind is OfferKind.CALL:
        _waits_on(call, entry)
    elif (consequence := _not_taken.get(offer.kind)) is not None:
        consequence(offer)
    _note(f"offer.{to.value}", call, offer)
    return True


def _waits_on(call: Call | None, entry: QueueEntry | None) -> None:
    """Caller and place are free for the next operator."""
    if entry is not None and entry.state is EntryState.OFFERED:
        move(entry, EntryState.WAITING)
    if call is not None and call.state is CallState.OFFERED:
        move(call, CallState.QUEUED)


def _note(kind: str, call: Call | None, offer: Offer) -> None:
    journal.note(
        kind,
        by=SYSTEM,
        call_id=offer.call_id,
        ticket_id=call.ticket_id if call else None,
        callback_id=offer.callback_id or (call.callback_id if call else None),
        desk_id=call.desk_id if call else None,
        staff_id=offer.staff_id,
        offer_id=offer.id,
        offer_kind=offer.kind.value,
    )
