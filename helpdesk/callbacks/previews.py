"""Callbacks that an operator makes: held out with all that is known, and dialled when the operator says so.

Locks: offer, number, callback, entry, presence. Whoever holds a callback never waits for its offer, and routing waits
for nothing.
"""

import uuid
from collections.abc import Sequence
from functools import partial

from sqlalchemy import func, select

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.callbacks import actions, dialling, due
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import CallbackState
from helpdesk.kernel import clock, failpoints, settings
from helpdesk.kernel.db import session
from helpdesk.telephony import legs, offers, presence, queries
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import (
    EntryState,
    LegRole,
    LegState,
    OfferKind,
    OfferState,
    PresenceState,
    offer_lasts,
)
from helpdesk.telephony.turns import HeldOut, Turn


def turns(operators: int) -> Sequence[Turn]:
    """The callbacks that stand in the one order with the callers on the line, as many as so many operators could take:
    those to be held out to them, and those whose telephone rings at this moment or is the next to ring."""
    moment = clock.now()
    to_make = [
        Turn(one.place, one.line, partial(hold_out, one.row.callback_id), one.staff_id)
        for one in due.to_preview(operators, moment)
    ]
    ringing = [*due.being_called(operators, moment), *due.to_dial(moment, settings.current().dials_per_second)]
    return to_make + [Turn(one.place, one.line, None) for one in ringing]


def hold_out(callback_id: int, staff_id: int) -> HeldOut:
    """Hold a due callback out to one operator, if both are still free and the telephone may ring now."""
    callback = (
        session()
        .scalars(
            select(Callback)
            .where(Callback.id == callback_id, Callback.state == CallbackState.DUE)
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        .first()
    )
    if callback is None or not _number_is_free(callback.number) or not dialling.is_its_time(callback, clock.now()):
        return HeldOut.NOT_NOW
    operator = presence.free(staff_id)
    if operator is None or not move(operator, PresenceState.RESERVED, since=clock.now(), call_id=None):
        return HeldOut.BUSY
    actions.move(callback, CallbackState.OFFERED)
    entry = _place(callback)
    if entry is not None:
        move(entry, EntryState.OFFERED)
    lasts = offer_lasts(operator.device)
    offer = offers.make(OfferKind.PREVIEW, staff_id, lasts, entry_id=callback.entry_id, callback_id=callback.id)
    actions.note("callback.offered", callback, SYSTEM, staff_id=staff_id, offer_id=offer.id)
    return HeldOut.MADE


def _number_is_free(number: str) -> bool:
    """Whether nobody is doing something about this number just now; if so, nobody does until we are done."""
    key = func.hashtextextended(number, actions.NUMBERS)
    return bool(session().scalar(select(func.pg_try_advisory_xact_lock(key))))


def accept(token: str, staff_id: int, leg_sid: str) -> Call | None:
    """The operator says yes: their softphone is in the conference, and the telephone will ring after the commit.

    The call, or None when it was too late. The same leg a second time gives the same answer.
    """
    known = queries.offer_by_token(token)
    if known is None or known.callback_id is None or known.staff_id != staff_id:
        return None
    offer = session().get_one(Offer, known.id, with_for_update=True, populate_existing=True)
    if offer.state is OfferState.ACCEPTED:
        leg = queries.leg_by_sid(leg_sid)
        call = session().get_one(Call, leg.call_id, populate_existing=True) if leg is not None else None
        return call if call is not None and call.callback_id == offer.callback_id else None
    if offer.state is not OfferState.OPEN:
        return None
    callback = _locked(known.callback_id)
    operator, moment = presence.presence_of(staff_id), clock.now()
    if callback.state is not CallbackState.OFFERED or operator.state is not PresenceState.RESERVED:
        offers.cancel(offer)
        return None
    later = dialling.may_ring_at(callback, moment)
    if later > moment:
        offers.cancel(offer)
        session().refresh(callback)
        actions.put_off(callback, later)
        return None
    return _begin(offer, callback, leg_sid)


def _begin(offer: Offer, callback: Callback, leg_sid: str) -> Call:
    moment, by = clock.now(), staff(offer.staff_id)
    actions.move(callback, CallbackState.DIALING)
    move(offer, OfferState.ACCEPTED, settled_at=moment)
    entry = _place(callback)
    if entry is not None:
        move(entry, EntryState.CONNECTED, left_at=moment)
    intent = dialling.intend(callback, moment, by=by, operator_id=offer.staff_id, conference=f"c-{uuid.uuid4()}")
    call = queries.locked(intent.call_id)
    operator = presence.presence_of(offer.staff_id)
    move(operator, PresenceState.TALKING, since=moment, call_id=call.id, missed=0)
    legs.begin(leg_sid, call.id, LegRole.OPERATOR, LegState.IN_PROGRESS, offer.staff_id)
    failpoints.hit("preview.taken")
    journal.note(
        "callback.taken",
        by=by,
        call_id=call.id,
        ticket_id=callback.ticket_id,
        callback_id=callback.id,
        desk_id=callback.desk_id,
        staff_id=offer.staff_id,
    )
    return call


def not_taken(offer: Offer) -> None:
    """Declined, run out or taken back: due again, in the same place."""
    if offer.callback_id is None:
        return
    callback = session().get_one(Callback, offer.callback_id, with_for_update=True, populate_existing=True)
    entry = _place(callback)
    if entry is not None and entry.state is EntryState.OFFERED:
        move(entry, EntryState.WAITING)
    actions.move(callback, CallbackState.DUE)


def _locked(callback_id: int) -> Callback:
    found = session().get_one(Callback, callback_id)
    actions.lock_number(found.number)
    return session().get_one(Callback, callback_id, with_for_update=True, populate_existing=True)


def _place(callback: Callback) -> QueueEntry | None:
    if callback.entry_id is None:
        return None
    return session().get(QueueEntry, callback.entry_id, with_for_update=True, populate_existing=True)
