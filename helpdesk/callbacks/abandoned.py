"""Whoever waited and gave up is called back, where the desk has decided so: in the place that they had in the line."""

from datetime import timedelta

from sqlalchemy import select

from helpdesk.callbacks import actions, due, queries
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import DIALS_A_DAY
from helpdesk.kernel import clock, phones, settings
from helpdesk.kernel.db import session
from helpdesk.organizations.queries import desk
from helpdesk.telephony import line, number_rules, overflow
from helpdesk.telephony.actions import voices
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import Outcome
from helpdesk.tickets.lineage import lineage
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import UNFINISHED

ORIGIN = "abandoned"


def promise_back(call: Call) -> Callback | None:
    """Promise a callback to somebody who never asked for one; None where none is due. A second time changes nothing.

    Once a number and day, and not while anything else will bring the two together: an open promise, or a further call
    of theirs, whose own end decides.
    """
    place = line.entry_of(call.id) if _gave_up(call) else None
    number = call.from_number
    if place is None or number is None or call.desk_id is None or call.queue is None or call.ticket_id is None:
        return None
    if not _may_be_called(number, call.desk_id):
        return None
    actions.lock_number(number)
    if _rang_again(call, number) or queries.active(number, call.queue) is not None:
        return None
    opens_first, _ = overflow.opens_first(call.desk_id)
    if _called_enough(number, opens_first.id) or not _is_unsettled(call.ticket_id):
        return None
    wish = actions.Wish(
        number=number,
        language=voices(call)[0],
        queue=call.queue,
        desk_id=opens_first.id,
        ticket_id=call.ticket_id,
        origin=ORIGIN,
        virtual_at=place.virtual_at,
        call_id=call.id,
    )
    return actions.request(wish)


def _gave_up(call: Call) -> bool:
    """Whether this caller waited long enough in the line of a desk that calls such callers back, and hung up."""
    if call.direction != "inbound" or call.outcome is not Outcome.ABANDONED or call.desk_id is None:
        return False
    if call.queued_at is None or call.ended_at is None or not desk(call.desk_id).calls_abandoned_back:
        return False
    return call.ended_at - call.queued_at >= timedelta(seconds=settings.current().abandoned_after_seconds)


def _may_be_called(number: str, desk_id: int) -> bool:
    unwanted = number_rules.must_not_be_called(number) or number_rules.is_blocked(number, desk_id)
    return phones.is_in_kazakhstan(number) and not unwanted


def _rang_again(call: Call, number: str) -> bool:
    later = select(Call.id).where(
        Call.from_number == number, Call.direction == "inbound", Call.started_at >= call.started_at, Call.id != call.id
    )
    return session().scalars(later.limit(1)).first() is not None


def _called_enough(number: str, desk_id: int) -> bool:
    """Whether this happened today already, or the telephone has rung as often as it may."""
    today = queries.dialling_hours(desk(desk_id)).day_began(clock.now())
    before = select(Callback.id).where(
        Callback.number == number, Callback.origin == ORIGIN, Callback.created_at >= today
    )
    return session().scalars(before.limit(1)).first() is not None or due.dials_since(number, today) >= DIALS_A_DAY


def _is_unsettled(ticket_id: int) -> bool:
    goes_on = lineage(ticket_id)[-1:]
    return session().scalar(select(Ticket.state).where(Ticket.id.in_(goes_on))) in UNFINISHED
