"""Callers and operators brought together: hold out, accept, give up, without two of anything.

Locks are always taken in this order: call, entry, offer, presence. Routing takes many of them in one transaction, so it
waits for none.
"""

import uuid

import structlog
from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.telephony import legs, presence, queries, roster
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import (
    OFFER_LASTS,
    CallState,
    EntryState,
    LegRole,
    LegState,
    OfferState,
    PresenceState,
)

log = structlog.get_logger()


def route_waiting() -> int:
    """Hold out every waiting caller to the longest idle operator of the right desk, language and queue.

    First come first served over live callers and called-back ones alike; returns how many offers were made.
    """
    free = roster.free_operators()
    made = 0
    for waiting in queries.waiting_callers() if free else ():
        for operator in free:
            if not operator.serves(waiting.desk_path, waiting.queue.value, waiting.language):
                continue
            if hold_out(waiting.entry_id, waiting.call_id, operator.staff_id):
                made += 1
            free.remove(operator)
            break
    return made


def hold_out(entry_id: int, call_id: int, staff_id: int) -> bool:
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
        return False
    moment = clock.now()
    operator = presence.free(staff_id)
    if operator is None or not move(operator, PresenceState.RESERVED, since=moment, call_id=call.id):
        return False
    move(entry, EntryState.OFFERED)
    move(call, CallState.OFFERED)
    offer = Offer(
        token=str(uuid.uuid4()),
        entry_id=entry.id,
        call_id=call.id,
        staff_id=staff_id,
        state=OfferState.OPEN,
        created_at=moment,
        expires_at=moment + OFFER_LASTS,
    )
    session().add(offer)
    session().flush()
    _note("call.offered", call, offer)
    return True


def accept_offer(token: str, staff_id: int, leg_sid: str) -> Call | None:
    """The operator's softphone has connected: the caller is theirs. The call, or None when it was too late.

    The same leg a second time gives the same answer. The caller follows after the commit (reaction "offer.accepted").
    """
    known = queries.offer_by_token(token)
    if known is None or known.call_id is None or known.staff_id != staff_id:
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
    move(call, CallState.CONNECTED, conference=f"c-{uuid.uuid4()}", connected_at=None)
    move(operator, PresenceState.TALKING, since=moment, call_id=call.id, missed=0)
    legs.begin(leg_sid, call.id, LegRole.OPERATOR, LegState.IN_PROGRESS, staff_id)
    journal.note("offer.accepted", by=staff(staff_id), call_id=call.id, desk_id=call.desk_id, staff_id=staff_id)
    return call


def decline(offer: Offer) -> None:
    """The operator says no: the caller is offered on, the operator takes a break."""
    if _settle(offer.id, OfferState.DECLINED):
        row = presence.presence_of(offer.staff_id)
        move(row, PresenceState.BREAK, since=clock.now(), reason="declined", call_id=None)


def expire(offer_id: int) -> bool:
    """Nobody answered: the caller waits on in the same place, the operator has missed a call."""
    offer = session().get_one(Offer, offer_id, populate_existing=True)
    if offer.expires_at > clock.now() or not _settle(offer_id, OfferState.EXPIRED):
        return False
    presence.missed(offer.staff_id)
    return True


def withdraw(call: Call) -> None:
    """The caller is gone or wants something else: no operator is asked any more. The call is locked already."""
    offer = queries.open_offer_of(call.id)
    if offer is not None and _settle(offer.id, OfferState.CANCELLED):
        presence.released(offer.staff_id)


def release(staff_id: int) -> None:
    """The operator's browser is gone: what it was offered goes to the next one."""
    offer = queries.open_offer(staff_id)
    if offer is not None:
        _settle(offer.id, OfferState.EXPIRED)
    row = presence.presence_of(staff_id)
    if row.state is PresenceState.RESERVED:
        move(row, PresenceState.OFFLINE, since=clock.now(), reason="lost", call_id=None)


def _settle(offer_id: int, to: OfferState) -> bool:
    """Close an open offer; caller and place are free for the next one. False when somebody else closed it."""
    offer = session().get_one(Offer, offer_id)
    if offer.call_id is None:
        return move(offer, to, settled_at=clock.now())
    call = queries.locked(offer.call_id)
    entry = session().get_one(QueueEntry, offer.entry_id, with_for_update=True, populate_existing=True)
    if not move(offer, to, settled_at=clock.now()):
        return False
    if entry.state is EntryState.OFFERED:
        move(entry, EntryState.WAITING)
    if call.state is CallState.OFFERED:
        move(call, CallState.QUEUED)
    _note(f"offer.{to.value}", call, offer)
    return True


def _note(kind: str, call: Call, offer: Offer) -> None:
    journal.note(
        kind,
        by=SYSTEM,
        call_id=call.id,
        ticket_id=call.ticket_id,
        callback_id=call.callback_id,
        desk_id=call.desk_id,
        staff_id=offer.staff_id,
        offer_id=offer.id,
    )
