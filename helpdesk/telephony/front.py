"""The front of every line: those whose turn may come now.

On a bad day one line is longer than there are operators anywhere. It is not read to its end every second, and it does
not hide the lines of other desks: of each line as many are looked at as could be served.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select

from helpdesk.kernel.db import session
from helpdesk.telephony import overflow
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import CallState, EntryState
from helpdesk.telephony.turns import Line, Place

# Who cannot be had at this moment (a number in use, an hour that does not suit) is passed over for the next.
SPARE = 20
# The front of all lines together; what stays over comes a second later, the first of each line never.
_ENOUGH = 5000

# Who waits for one operator only stands in a row of their own, so that they hide nobody.
_ALIKE = (QueueEntry.desk_id, QueueEntry.reach_id, QueueEntry.queue, QueueEntry.language, QueueEntry.staff_id)
_ORDER = (QueueEntry.priority, QueueEntry.virtual_at, QueueEntry.id.label("entry_id"))


@dataclass(frozen=True)
class Waiting:
    """Somebody who wants an operator. `staff_id`: the only one who may be asked now, whatever languages and queues that
    operator has. `row`: what else was asked for."""

    place: Place
    line: Line
    staff_id: int | None
    row: Row[Any]


def front_of(query: Select[Any]) -> Select[Any]:
    """A query about places in the line (QueueEntry), narrowed to the front of each. To be built once, for `read`."""
    nth = func.row_number().over(partition_by=_ALIKE, order_by=_ORDER).label("nth")
    ranked = query.add_columns(*_ORDER, *_ALIKE, QueueEntry.staff_until, nth).subquery()
    first = select(ranked).where(ranked.c.nth <= bindparam("most"))
    return first.order_by(ranked.c.nth, ranked.c.priority, ranked.c.virtual_at).limit(_ENOUGH)


def read(query: Select[Any], operators: int, now: datetime) -> list[Waiting]:
    """The front of each line, as deep as so many operators could serve it now."""
    line = _lines()
    return [
        Waiting(
            (row.priority, row.virtual_at, row.entry_id),
            line(row),
            row.staff_id if row.staff_until is not None and row.staff_until > now else None,
            row,
        )
        for row in session().execute(query, {"most": operators + SPARE, "now": now})
    ]


def _lines() -> Callable[[Row[Any]], Line]:
    """A function from places to lines, which looks into the tree once for each kind of place."""
    served_by = cache(overflow.served_by)
    return lambda row: Line(row.desk_id, row.queue.value, row.language, served_by(row.desk_id, row.reach_id))


# Asked every second and after each commit, so it is built once.
_CALLERS = front_of(
    select(Call.id.label("call_id"))
    .join(QueueEntry, QueueEntry.call_id == Call.id)
    .where(QueueEntry.state == EntryState.WAITING, Call.state == CallState.QUEUED)
)


def callers(operators: int, now: datetime) -> list[Waiting]:
    """Who can be offered now; `row.call_id` is the call.

    A promised callback is among them from the moment its person is on the line.
    """
    return read(_CALLERS, operators, now)
