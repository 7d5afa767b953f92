"""A call handed on: at once to an operator, a queue or a desk, or after asking a colleague while the caller waits.

The call is locked by whoever calls these; what the carrier must do follows after the commit, as reactions. The caller's
leg is the one that ends the conference, whoever talks.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, Actor, staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.routing.rules import Queue
from helpdesk.telephony import holding, legs, line, offers, presence, queries
from helpdesk.telephony.conversation_models import Transfer
from helpdesk.telephony.conversation_rules import OPEN_TRANSFER, TransferKind, TransferState
from helpdesk.telephony.models import Call, Offer
from helpdesk.telephony.moves import move, write
from helpdesk.telephony.rules import (
    CallState,
    LegRole,
    LegState,
    OfferKind,
    OfferState,
    PresenceState,
    offer_lasts,
)

# Somebody who was sent to one operator waits for that one so long; then anybody may serve.
WAITS_FOR_ONE = timedelta(minutes=2)


def open_transfer(call_id: int) -> Transfer | None:
    """The question to a colleague that is not settled yet."""
    query = select(Transfer).where(Transfer.call_id == call_id, Transfer.state.in_(OPEN_TRANSFER))
    return session().scalars(query.execution_options(populate_existing=True)).first()


# ── at once ───────────────────────────────────────────────────────────────────────────────────────────────────────


def hand_on(
    call: Call,
    staff_id: int,
    *,
    to_staff_id: int | None = None,
    to_desk_id: int | None = None,
    to_queue: Queue | None = None,
) -> Transfer:
    """The operator lets go of the caller, who waits in front: for that operator, or in that desk's or queue's line.

    Whether the asker may name this operator or desk was checked where they were found. Raises Refused when there is no
    conversation of this operator's, or a colleague is being asked.
    """
    _mine(call, staff_id)
    moment = clock.now()
    transfer = Transfer(
        call_id=call.id,
        kind=TransferKind.BLIND,
        state=TransferState.DONE,
        from_staff_id=staff_id,
        to_staff_id=to_staff_id,
        to_desk_id=to_desk_id,
        to_queue=to_queue,
        created_at=moment,
        settled_at=moment,
    )
    session().add(transfer)
    session().flush()
    before = call.desk_id
    talked = round((moment - call.connected_at).total_seconds()) if call.connected_at else None
    legs.end_operators(call.id)
    desk_id, queue = to_desk_id or call.desk_id or 0, to_queue or call.queue or Queue.TECHNICAL
    line.to_front(call, desk_id, queue, to_staff_id, moment + WAITS_FOR_ONE if to_staff_id else None)
    values: dict[str, Any] = {"conference": None, "conference_sid": None, "connected_at": None}
    values |= holding.ended(call) | {"keys": call.keys | {"talked": True, "returns": "P38"}}
    move(call, CallState.QUEUED, desk_id=desk_id, queue=queue, **values)
    presence.talked(staff_id)
    _note("call.transferred", call, transfer, staff(staff_id), talked=talked, from_desk_id=before)
    return transfer


# ── after asking ──────────────────────────────────────────────────────────────────────────────────────────────────


def consult(call: Call, staff_id: int, to_staff_id: int) -> Transfer:
    """Ask a colleague who is ready: the caller is put on hold, the colleague gets an offer.

    Raises Refused when there is no conversation of this operator's, or the colleague is not free.
    """
    _mine(call, staff_id)
    moment = clock.now()
    colleague = presence.presence_of(to_staff_id)
    if colleague.state is not PresenceState.READY or not move(
        colleague, PresenceState.RESERVED, since=moment, call_id=call.id
    ):
        raise Refused(N_("This colleague is not free now"), field="to")
    holding.hold(call, staff(staff_id))
    offer = offers.make(OfferKind.CONSULT, to_staff_id, offer_lasts(colleague.device), call_id=call.id)
    transfer = Transfer(
        call_id=call.id,
        kind=TransferKind.WARM,
        state=TransferState.ASKED,
        from_staff_id=staff_id,
        to_staff_id=to_staff_id,
        offer_id=offer.id,
        created_at=moment,
    )
    session().add(transfer)
    session().flush()
    _note("transfer.asked", call, transfer, staff(staff_id))
    return transfer


def accept(token: str, staff_id: int, leg_sid: str) -> Call | None:
    """The colleague has answered and joins the conference; None when it was too late. The same leg twice is once."""
    known = queries.offer_by_token(token)
    if known is None or known.call_id is None or known.staff_id != staff_id:
        return None
    call = queries.locked(known.call_id)
    offer = session().get_one(Offer, known.id, with_for_update=True, populate_existing=True)
    transfer = open_transfer(call.id)
    if call.state is not CallState.CONNECTED:
        return None
    if offer.state is OfferState.ACCEPTED:
        leg = queries.leg_by_sid(leg_sid)
        return call if leg is not None and leg.call_id == call.id else None
    colleague = presence.presence_of(staff_id)
    asked = transfer is not None and transfer.offer_id == offer.id and offer.state is OfferState.OPEN
    if transfer is None or not asked or colleague.state is not PresenceState.RESERVED:
        return None
    moment = clock.now()
    move(offer, OfferState.ACCEPTED, settled_at=moment)
    move(transfer, TransferState.TALKING)
    move(colleague, PresenceState.TALKING, since=moment, call_id=call.id, missed=0)
    legs.begin(leg_sid, call.id, LegRole.OPERATOR, LegState.IN_PROGRESS, staff_id)
    _note("transfer.answered", call, transfer, staff(staff_id), offer_id=offer.id)
    return call


def not_taken(offer: Offer) -> None:
    """The colleague did not answer, or need not any more: caller and operator are together again."""
    transfer = open_transfer(offer.call_id) if offer.call_id is not None else None
    if transfer is None or transfer.offer_id != offer.id:
        return
    cancelled = offer.state is OfferState.CANCELLED
    _settle(transfer, TransferState.CANCELLED if cancelled else TransferState.FAILED, offer.state.value)


def complete(call: Call, staff_id: int) -> bool:
    """The colleague talks with the caller from now on, and the operator is out; False when there is no such talk."""
    transfer = open_transfer(call.id)
    if transfer is None or transfer.state is not TransferState.TALKING or transfer.from_staff_id != staff_id:
        return False
    _take_over(call, transfer, staff(staff_id))
    return True


def cancel(call: Call, staff_id: int) -> bool:
    """The operator keeps the caller; the colleague is not asked any more, or leaves (either of the two may say so)."""
    transfer = open_transfer(call.id)
    if transfer is None or staff_id not in (transfer.from_staff_id, transfer.to_staff_id):
        return False
    _break_off(call, transfer, TransferState.CANCELLED, "cancelled")
    return True


def operator_left(call: Call, staff_id: int) -> bool:
    """The leg of one of two operators has ended: the other one has the caller. False when it was the only one."""
    transfer = open_transfer(call.id)
    if transfer is None or transfer.state is not TransferState.TALKING or call.state is not CallState.CONNECTED:
        return False
    if staff_id == transfer.to_staff_id:
        presence.consulted(staff_id)
        _settle(transfer, TransferState.FAILED, "left")
        return True
    if staff_id == transfer.from_staff_id and "closing" not in call.keys:
        _take_over(call, transfer, CARRIER)
        return True
    return False


def abandon(call: Call) -> None:
    """The conversation is over or lost, and with it the question to a colleague."""
    transfer = open_transfer(call.id) if call.state is CallState.CONNECTED else None
    if transfer is not None:
        _break_off(call, transfer, TransferState.FAILED, "call_ended")


def _take_over(call: Call, transfer: Transfer, by: Actor) -> None:
    before = queries.live_operator_leg(call.id)
    move(transfer, TransferState.DONE, settled_at=clock.now())
    write(call, operator_id=transfer.to_staff_id)
    holding.unhold(call, by)
    presence.talked(transfer.from_staff_id)
    _note("transfer.done", call, transfer, by, operator_leg=before.sid if before else None)


def _break_off(call: Call, transfer: Transfer, to: TransferState, reason: str) -> None:
    if transfer.state is TransferState.TALKING and transfer.to_staff_id is not None:
        leg = queries.live_leg_of(call.id, transfer.to_staff_id)
        presence.consulted(transfer.to_staff_id)
        _settle(transfer, to, reason, operator_leg=leg.sid if leg else None)
        return
    offer = session().get(Offer, transfer.offer_id) if transfer.offer_id is not None else None
    if offer is None or not offers.cancel(offer):
        _settle(transfer, to, reason)


def _settle(transfer: Transfer, to: TransferState, reason: str, **details: Any) -> None:
    """The question is over without a transfer; the caller, if still there, is back in the conversation."""
    if not move(transfer, to, settled_at=clock.now()):
        return
    call = queries.locked(transfer.call_id)
    if call.state is CallState.CONNECTED:
        holding.unhold(call, CARRIER)
    _note(f"transfer.{to.value}", call, transfer, CARRIER, reason=reason, **details)


def _mine(call: Call, staff_id: int) -> None:
    talking = call.state is CallState.CONNECTED and call.connected_at is not None and "closing" not in call.keys
    if not talking or call.operator_id != staff_id:
        raise Refused(N_("You have no conversation now"))
    if open_transfer(call.id) is not None:
        raise Refused(N_("A colleague is being asked already"))


def _note(kind: str, call: Call, transfer: Transfer, by: Actor, **details: Any) -> None:
    journal.note(
        kind,
        by=by,
        call_id=call.id,
        ticket_id=call.ticket_id,
        callback_id=call.callback_id,
        desk_id=call.desk_id,
        transfer_id=transfer.id,
        staff_id=transfer.from_staff_id,
        to_staff_id=transfer.to_staff_id,
        to_desk_id=transfer.to_desk_id,
        to_queue=transfer.to_queue.value if transfer.to_queue else None,
        **details,
    )
