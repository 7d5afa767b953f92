"""What follows from calls, and what time does to them: callers follow operators, offers run out, legs fall silent."""

from collections.abc import Sequence

import structlog

from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks import previews
from helpdesk.kernel.db import db, session, transaction
from helpdesk.telephony import actions, offers, overflow, presence, queries, wrapup
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.models import Call, Leg
from helpdesk.telephony.rules import CallState, LegState
from helpdesk.telephony.twiml import path

log = structlog.get_logger()

# ── reactions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def bring_caller(entries: Sequence[JournalEntry]) -> None:
    """An operator has answered: the caller's leg is sent to the same conference. What fails is left to `rejoin`."""
    for call in _calls(entries, CallState.CONNECTED):
        if call.connected_at is None:
            try:
                _redirect(call, "join")
            except CarrierAway:
                log.warning("carrier away, the caller will be brought later", call=call.id)


def send_back(entries: Sequence[JournalEntry]) -> None:
    """The operator was lost, or has sent the caller on: the caller's leg goes back to the waiting room."""
    for call in _calls(entries, CallState.QUEUED, CallState.OFFERED):
        _redirect(call, "again")


def hang_up_caller(entries: Sequence[JournalEntry]) -> None:
    """The operator ended the conversation: the caller's leg is hung up; its end is reported by the carrier."""
    for call in _calls(entries, CallState.CONNECTED, CallState.NEW):
        if call.sid and not hang_up_leg(call.sid):
            actions.leg_reported(call.sid, LegState.COMPLETED)


def hang_up_operator(entries: Sequence[JournalEntry]) -> None:
    """The caller was gone before joining: the operator need not wait in an empty conference."""
    for entry in entries:
        if (sid := entry.details.get("operator_leg")) is not None:
            hang_up_leg(sid)


def hang_up_leg(sid: str) -> bool:
    """End a leg; False when it was over. A refusal for good is only logged: asking again would not help."""
    try:
        return carrier().hangup(sid)
    except CarrierRefused as error:
        log.error("carrier refuses to hang up", leg=sid, code=error.code, retryable=error.retryable)
        if error.retryable:
            raise
        return True


def _calls(entries: Sequence[JournalEntry], *states: CallState) -> list[Call]:
    found = [session().get(Call, entry.call_id, populate_existing=True) for entry in entries if entry.call_id]
    return [call for call in found if call is not None and call.state in states]


def _redirect(call: Call, step: str) -> None:
    """Send a caller's leg elsewhere; one that is over by now ends the call. A refusal for good is only logged."""
    if call.sid is None:
        return
    try:
        alive = carrier().redirect(call.sid, path(step))
    except CarrierRefused as error:
        log.error("carrier refuses to redirect", call=call.id, code=error.code, retryable=error.retryable)
        if error.retryable:
            raise CarrierAway(error.outcome_known) from error
        return
    if not alive:
        actions.leg_reported(call.sid, LegState.COMPLETED)


# ── rounds ────────────────────────────────────────────────────────────────────────────────────────────────────────


def route() -> None:
    """Hold out who waits to who is free: callers on the line and promised callbacks in one order.

    Each in its own transaction: no caller's webhook waits for the others.
    """
    offers.route_waiting(previews.turns, transaction)


def overflow_callers() -> None:
    """Whoever has waited too long for the own desk may be served by the next one."""
    with transaction():
        overflow.escalate()


def expire_offers() -> None:
    """Offers whose time is over go to the next operator, each in its own transaction."""
    for offer_id in queries.expired_offers():
        with transaction():
            offers.expire(offer_id)


def watch_presence() -> None:
    """Browsers that fell silent are offline; writing time ends."""
    for staff_id in wrapup.overdue():
        with transaction():
            wrapup.run_out(staff_id)
    for staff_id in presence.lost():
        with transaction():
            offers.release(staff_id)
            presence.gone(staff_id)


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def rejoin(ids: list[int]) -> None:
    """Callers who did not follow their operator are sent once more."""
    for call_id in ids:
        with transaction():
            call = session().get_one(Call, call_id, populate_existing=True)
            if call.state is CallState.CONNECTED and call.connected_at is None:
                _redirect(call, "join")


def ask_about_legs(ids: list[int]) -> None:
    """Ask the carrier what became of silent legs; what it does not know any more is over."""
    for leg_id in ids:
        leg = session().get(Leg, leg_id)
        sid = leg.sid if leg is not None else None
        db.session.rollback()
        if sid is None:
            continue
        try:
            known = carrier().fetch_call(sid)
        except (CarrierAway, CarrierRefused) as problem:
            log.warning("the carrier cannot be asked about a leg", leg=sid, reason=str(problem))
            continue
        with transaction():
            actions.leg_reported(sid, known.state if known is not None else LegState.COMPLETED)
