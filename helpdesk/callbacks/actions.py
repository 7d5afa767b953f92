"""Promises to call somebody back: made, moved, called off, overtaken by the person's own call."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor
from helpdesk.callbacks import due, queries
from helpdesk.callbacks.hours import Promise, promise
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import WAITING, WAITS_FOR_ONE, CallbackState, sources
from helpdesk.kernel import clock, phones, settings
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Queue
from helpdesk.telephony import line, number_rules, offers
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move as move_entry
from helpdesk.telephony.rules import FRONT, EntryState
from helpdesk.tickets.models import Ticket

HOW_FAR_AHEAD = timedelta(days=60)
# The family of locks on telephone numbers.
NUMBERS = 1450


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A callback that somebody asks for.

    `entry_id` is the place that the caller `call_id` held in the line, kept for the callback; without one a place is
    made at `virtual_at`. `not_before` makes an appointment. `staff_id` is who is to make the call; anybody may, when
    that operator could not for WAITS_FOR_ONE. `origin` is the door it came by: queue, closed, abandoned, web, operator.
    """

    number: str
    language: str
    queue: Queue
    desk_id: int
    ticket_id: int
    origin: str
    virtual_at: datetime
    call_id: int | None = None
    entry_id: int | None = None
    not_before: datetime | None = None
    # the end of the stretch of the day that was chosen: what is promised instead of the appointment's own moment
    not_after: datetime | None = None
    staff_id: int | None = None


def wish_about(
    ticket: Ticket, number: str, origin: str, not_before: datetime | None = None, staff_id: int | None = None
) -> Wish:
    """Somebody who stands in no line wants to be called about this ticket; their place in it is from now."""
    return Wish(
        number=number,
        language=ticket.language,
        queue=ticket.queue,
        desk_id=ticket.desk_id,
        ticket_id=ticket.id,
        origin=origin,
        virtual_at=clock.now(),
        not_before=not_before,
        staff_id=staff_id,
    )


def request(wish: Wish, by: Actor = SYSTEM) -> Callback:
    """Promise to call back; while a promise to this number and queue is open, that one is the answer, and an
    appointment moves it.

    Raises Refused for a number outside Kazakhstan or one that is not to be called, and for an appointment in the past.
    """
    if not phones.is_in_kazakhstan(wish.number):
        raise Refused(N_("We can only call numbers in Kazakhstan"), field="number")
    if number_rules.must_not_be_called(wish.number):
        raise Refused(N_("This number does not want to be called"), field="number")
    moment = clock.now()
    if wish.not_before is not None and not moment <= wish.not_before <= moment + HOW_FAR_AHEAD:
        raise Refused(N_("Choose a time within the next 60 days"), field="not_before")
    made = promise_of(desk(wish.desk_id), wish.not_before)
    if wish.not_after is not None:
        made = Promise(made.earliest, max(made.latest, wish.not_after))
    lock_number(wish.number)
    known = queries.active(wish.number, wish.queue)
    if known is not None:
        _renew(known, made, wish, by)
        return known
    starts = made.earliest if made.earliest > moment else None
    callback = Callback(
        state=CallbackState.REQUESTED,
        number=wish.number,
        language=wish.language,
        queue=wish.queue,
        desk_id=wish.desk_id,
        ticket_id=wish.ticket_id,
        call_id=wish.call_id,
        entry_id=wish.entry_id,
        staff_id=wish.staff_id,
        origin=wish.origin,
        virtual_at=wish.virtual_at,
        not_before=starts,
        promised_at=made.latest,
        next_attempt_at=made.earliest,
        attempts=0,
        technical_failures=0,
        created_at=moment,
        version=1,
    )
    session().add(callback)
    session().flush()
    if wish.entry_id is not None:
        line.keep_place(wish.entry_id, callback.id, starts)
    else:
        callback.entry_id = line.promise_place(
            wish.desk_id, wish.queue, wish.language, callback.id, wish.virtual_at, starts
        ).id
        session().flush()
    _let_wait_for_one(callback, made.earliest)
    note("callback.requested", callback, by, promised_at=made.latest.isoformat(), origin=wish.origin)
    return callback


def promise_of(at: Desk, not_before: datetime | None = None) -> Promise:
    """What this desk can promise now."""
    minutes = at.promise_minutes or settings.current().callback_promise_minutes
    return promise(queries.dialling_hours(at), clock.now(), timedelta(minutes=minutes), not_before)


def _renew(known: Callback, made: Promise, wish: Wish, by: Actor) -> None:
    """The same person asks again: an open promise stands, one that has passed or is moved gets its new moment."""
    moved = wish.not_before is not None
    if wish.entry_id is not None and wish.entry_id != known.entry_id:
        entry = session().get_one(QueueEntry, wish.entry_id, with_for_update=True, populate_existing=True)
        known.virtual_at = min(known.virtual_at, entry.virtual_at)
        line.leave(entry)
    if moved or known.promised_at <= clock.now():
        take_back(known)
        known.promised_at = made.latest
        known.staff_id = wish.staff_id if moved else known.staff_id
        if known.state in WAITING:
            known.next_attempt_at, known.not_before = made.earliest, made.earliest
            hold_place(known, made.earliest)
        note("callback.moved", known, by, promised_at=made.latest.isoformat())
    known.version += 1
    session().flush()


def hold_place(callback: Callback, not_before: datetime) -> None:
    """See to it that the promise has its old place in the line, from `not_before` on. The callback is locked."""
    place = _place(callback)
    free = place is not None and place.call_id is None
    if place is not None and free and place.state is not EntryState.WAITING:
        free = move_entry(place, EntryState.WAITING, left_at=None)
    if place is not None and free:
        place.not_before = not_before
    else:
        callback.entry_id = line.promise_place(
            callback.desk_id, callback.queue, callback.language, callback.id, callback.virtual_at, not_before
        ).id
    session().flush()
    _let_wait_for_one(callback, not_before)


def _let_wait_for_one(callback: Callback, since: datetime) -> None:
    """Who was promised one operator waits for that one, and for anybody some time after the moment."""
    place = _place(callback) if callback.staff_id is not None else None
    if place is not None:
        place.staff_id, place.staff_until = callback.staff_id, since + WAITS_FOR_ONE
        session().flush()


def give_up_place(callback: Callback) -> None:
    """The promise has ended: nobody stands in its place any more. A place with a call in it belongs to the call."""
    place = _place(callback)
    if place is not None and place.call_id is None:
        line.leave(place)


def _place(callback: Callback) -> QueueEntry | None:
    if callback.entry_id is None:
        return None
    return session().get(QueueEntry, callback.entry_id, with_for_update=True, populate_existing=True)


def move(callback: Callback, to: CallbackState, **values: Any) -> bool:
    """Bring a callback into the state `to`, if its state in the database allows it; False after a lost race."""
    session().flush()
    done = session().execute(
        update(Callback)
        .where(Callback.id == callback.id, Callback.state.in_(sources(to)))
        .values(state=to, version=Callback.version + 1, **values)
        .returning(Callback.id)
        .execution_options(synchronize_session=False)
    )
    moved = done.first() is not None
    session().refresh(callback)
    return moved


def take_back(callback: Callback) -> None:
    """Ask no operator any more to make this callback. The callback is locked.

    An operator who is just saying yes holds the offer: they find out by the state of the callback.
    """
    preview = queries.open_preview(callback.id)
    if preview is not None:
        offers.cancel(preview)
        session().refresh(callback)


def put_off(callback: Callback, until: datetime) -> None:
    """Not now: due again at that moment, in the same place. The callback is locked, and due."""
    callback.next_attempt_at = until
    callback.version += 1
    hold_place(callback, until)


def give_to_a_person(callback: Callback, kind: str = "callback.exhausted") -> None:
    """Nothing will ring by itself any more: the ticket stays with a person, who reads why in its history (`kind`).

    The callback is locked.
    """
    if move(callback, CallbackState.EXPIRED, ended_at=clock.now()):
        give_up_place(callback)
        note(kind, callback, SYSTEM, result="expired")


def cancel(callback: Callback, by: Actor) -> None:
    """Nobody is called back. A telephone that rings at this moment is hung up by the door after the commit, and who
    picks it up before hears no question. Raises Refused once somebody has answered, and when it has ended."""
    take_back(callback)
    if callback.state is CallbackState.ANSWERED or not move(callback, CallbackState.CANCELLED, ended_at=clock.now()):
        raise Refused(N_("This callback has ended or is being talked on"))
    give_up_place(callback)
    note("callback.cancelled", callback, by)


def call_now(callback: Callback, by: Actor) -> None:
    """Dial as soon as possible, before everybody in the line; what was promised stays as it was said.

    Raises Refused outside the desk's dialling hours and while somebody is dialled.
    """
    moment = clock.now()
    if callback.state not in WAITING:
        raise Refused(N_("This callback has ended or is being made"))
    if not queries.dialling_hours(desk(callback.desk_id)).allow(moment):
        raise Refused(N_("Nobody may be called at this hour"))
    callback.next_attempt_at = moment
    callback.version += 1
    hold_place(callback, moment)
    place = _place(callback)
    if place is not None:
        place.priority = FRONT
    note("callback.hurried", callback, by)


def ripen() -> int:
    """Every callback whose time has come is due; returns how many."""
    ids = due.ripe(clock.now())
    if not ids:
        return 0
    session().execute(
        update(Callback)
        .where(Callback.id.in_(ids), Callback.state.in_(WAITING & sources(CallbackState.DUE)))
        .values(state=CallbackState.DUE, version=Callback.version + 1)
        .execution_options(synchronize_session=False)
    )
    return len(ids)


def expire() -> None:
    """A promise that could not even be tried for days goes to a person."""
    moment = clock.now()
    for callback_id in due.overdue(moment):
        give_to_a_person(session().get_one(Callback, callback_id, with_for_update=True, populate_existing=True))


def inherit_place(call: Call) -> bool:
    """Somebody whom we promised to call back has joined the line by themselves: they stand in the promised place.

    The promise itself stays open until an operator answers: who hangs up before is called back after all.
    """
    waiting = queries.waiting_for(call.from_number, call.queue) if call.from_number and call.queue else None
    if waiting is not None:
        take_back(waiting)
    entry = line.entry_of(call.id)
    if waiting is None or entry is None or entry.virtual_at <= waiting.virtual_at:
        return False
    entry.virtual_at = waiting.virtual_at
    session().flush()
    return True


def supersede(call: Call) -> bool:
    """An operator talks with somebody whom we promised to call back: that promise is kept by their own call."""
    found = queries.waiting_for(call.from_number, call.queue) if call.from_number and call.queue else None
    return found is not None and overtaken(found, call.id)


def overtaken(callback: Callback, call_id: int | None = None) -> bool:
    """The person has been served by their own call. The callback is locked."""
    take_back(callback)
    if not move(callback, CallbackState.SUPERSEDED, ended_at=clock.now()):
        return False
    give_up_place(callback)
    note("callback.superseded", callback, SYSTEM, by_call_id=call_id)
    return True


def note(kind: str, callback: Callback, by: Actor, call_id: int | None = None, **details: Any) -> None:
    """Write into the journal what happened to a promise."""
    journal.note(
        kind,
        by=by,
        ticket_id=callback.ticket_id,
        call_id=call_id or callback.call_id,
        callback_id=callback.id,
        desk_id=callback.desk_id,
        **details,
    )


def lock_number(number: str) -> None:
    """One verb at a time about one telephone, over all its callbacks, until the transaction ends."""
    session().execute(select(func.pg_advisory_xact_lock(func.hashtextextended(number, NUMBERS))))
