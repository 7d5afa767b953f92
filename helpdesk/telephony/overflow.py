"""Callers whom their own desk cannot serve in time are served by the next one above; place and ticket stay theirs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.organizations.models import Desk
from helpdesk.organizations.queries import desks
from helpdesk.routing.rules import Queue
from helpdesk.sla.queries import calendar_of
from helpdesk.telephony import queues, roster
from helpdesk.telephony.levels import Levels
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.roster import Group
from helpdesk.telephony.rules import EntryState

# From when on somebody waits to be served: a promised callback not before its time.
_SINCE = func.greatest(QueueEntry.joined_at, func.coalesce(QueueEntry.not_before, QueueEntry.joined_at))


def levels(desk_id: int) -> Levels:
    """A desk and those that help it out."""
    return Levels.of(desk_id, desks())


def served_by(desk_id: int, reach_id: int | None) -> frozenset[str]:
    """Paths of the organizations whose operators may take a place at this desk that has reached `reach_id`."""
    chain = levels(desk_id)
    return chain.served_by(chain.number(reach_id))


def top_reach(desk_id: int) -> int | None:
    """As far as it goes: for somebody who has been connected once and is not to wait for a level again."""
    chain = levels(desk_id)
    return chain.reach_id(chain.top)


def taking(desk_id: int, queue: Queue | None = None) -> Sequence[int]:
    """Numbers of the levels that take new callers now: within their hours, the queue not closed by a supervisor."""
    chain, now = levels(desk_id), clock.now()
    shut = queues.closures(one.id for one in chain.desks) if queue is not None else {}
    return [
        number
        for number, one in enumerate(chain.desks)
        if calendar_of(one).is_open(now) and (queue is None or (one.id, queue) not in shut)
    ]


def opens_first(desk_id: int) -> tuple[Desk, datetime]:
    """The nearest of the levels that opens first, and when (now, when it is open): that one calls people back."""
    now = clock.now()
    openings = [(calendar_of(one).next_opening(now), one) for one in levels(desk_id).desks]
    opening, first = min(openings, key=lambda found: found[0])
    return first, opening


def first_reach(desk_id: int, queue: Queue, language: str) -> int | None:
    """How far a new place reaches at once: to the lowest level where somebody is at work; None is the desk itself.

    Where nobody is at work at all it reaches to the top: whoever comes first may take it.
    """
    chain = levels(desk_id)
    if chain.top == 0:
        return None
    open_levels = taking(desk_id, queue) or range(chain.top + 1)
    at_work = roster.at_work()
    found = (number for number in open_levels if _staffed(at_work, chain, number, queue, language))
    return chain.reach_id(next(found, open_levels[-1]))


def _staffed(at_work: Sequence[Group], chain: Levels, number: int, queue: Queue, language: str) -> bool:
    return roster.crew_of(at_work, chain.served_by(number), queue.value, language).staffed > 0


def escalate() -> int:
    """Whoever has waited long enough, or waits where nobody is at work, reaches one level further; returns how many."""
    alike = (QueueEntry.desk_id, QueueEntry.reach_id, QueueEntry.queue, QueueEntry.language)
    groups = session().execute(select(*alike, func.min(_SINCE)).where(_waits()).group_by(*alike)).all()
    at_work = roster.at_work() if groups else []
    now, moved = clock.now(), 0
    for desk_id, reach_id, queue, language, first in groups:
        chain = levels(desk_id)
        number = chain.number(reach_id)
        above = next((one for one in taking(desk_id, queue) if one > number), None) if number < chain.top else None
        if above is None:
            continue
        long_enough = now - timedelta(seconds=chain.seconds_until_above(number))
        before = long_enough if _staffed(at_work, chain, number, queue, language) else now
        if first <= before:
            moved += _reach(desk_id, reach_id, queue, language, before, chain.desks[above].id)
    return moved


def _waits() -> ColumnElement[bool]:
    due = or_(QueueEntry.not_before.is_(None), QueueEntry.not_before <= clock.now())
    return and_(QueueEntry.state == EntryState.WAITING, due)


def _reach(desk_id: int, reach_id: int | None, queue: Queue, language: str, before: datetime, to_id: int) -> int:
    """Places that somebody is just changing are left to the next round."""
    found = (
        session()
        .execute(
            select(QueueEntry.id, QueueEntry.call_id, QueueEntry.callback_id, Call.ticket_id)
            .outerjoin(Call, Call.id == QueueEntry.call_id)
            .where(
                QueueEntry.desk_id == desk_id,
                QueueEntry.reach_id.is_not_distinct_from(reach_id),
                QueueEntry.queue == queue,
                QueueEntry.language == language,
                before >= _SINCE,
                _waits(),
            )
            .with_for_update(of=QueueEntry, skip_locked=True)
        )
        .all()
    )
    ids = [row.id for row in found]
    session().execute(
        update(QueueEntry)
        .where(QueueEntry.id.in_(ids))
        .values(reach_id=to_id)
        .execution_options(synchronize_session=False)
    )
    for row in found:
        tell(row.call_id, row.ticket_id, row.callback_id, desk_id, to_id)
    return len(ids)


def tell(call_id: int | None, ticket_id: int | None, callback_id: int | None, desk_id: int, to_desk_id: int) -> None:
    """Note that the operators of a further desk may serve somebody: once a level, since a place reaches it once."""
    journal.note(
        "call.overflowed",
        by=SYSTEM,
        call_id=call_id,
        ticket_id=ticket_id,
        callback_id=callback_id,
        desk_id=desk_id,
        to_desk_id=to_desk_id,
    )
