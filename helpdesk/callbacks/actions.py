"""Promises to call somebody back."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import ACTIVE, CallbackState
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Queue
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony import line


def request(
    number: str,
    language: str,
    queue: Queue,
    desk_id: int,
    ticket_id: int,
    call_id: int | None,
    entry_id: int | None,
    virtual_at: datetime,
    origin: str,
) -> Callback:
    """Promise to call `number` back; while a promise to this number and queue is open, that one is the answer.

    `entry_id` is the place that the caller held in the line, kept for the callback; without one a place is made at
    `virtual_at`. Closed desks promise for their next opening.
    """
    at = desk(desk_id)
    moment = clock.now()
    opens = calendar_of(at).next_opening(moment)
    minutes = at.promise_minutes or settings.current().callback_promise_minutes
    values = {
        "state": CallbackState.REQUESTED,
        "number": number,
        "language": language,
        "queue": queue,
        "desk_id": desk_id,
        "ticket_id": ticket_id,
        "call_id": call_id,
        "entry_id": entry_id,
        "origin": origin,
        "virtual_at": virtual_at,
        "not_before": opens if opens > moment else None,
        "promised_at": opens + timedelta(minutes=minutes),
        "next_attempt_at": opens,
        "attempts": 0,
        "technical_failures": 0,
        "created_at": moment,
        "version": 1,
    }
    made = session().scalars(insert(Callback).values(values).on_conflict_do_nothing().returning(Callback)).first()
    if made is None:
        active = select(Callback).where(Callback.number == number, Callback.queue == queue, Callback.state.in_(ACTIVE))
        return session().scalars(active).one()
    if entry_id is not None:
        line.keep_place(entry_id, made.id, made.not_before)
    else:
        made.entry_id = line.promise_place(desk_id, queue, language, made.id, virtual_at, made.not_before).id
    journal.note(
        "callback.requested",
        by=SYSTEM,
        ticket_id=ticket_id,
        call_id=call_id,
        callback_id=made.id,
        desk_id=desk_id,
        promised_at=made.promised_at.isoformat(),
    )
    return made
