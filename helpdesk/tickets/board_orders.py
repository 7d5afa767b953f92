"""How each order of the board is sorted by, and continued where a page ended."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import ColumnElement, DateTime, func, literal, literal_column, tuple_

from helpdesk.kernel.errors import NotFound
from helpdesk.routing.rules import Priority
from helpdesk.tickets.board_rules import Order
from helpdesk.tickets.models import FAR, FAR_SQL, Ticket

# Written as in the index ix_tickets_board, so that the planner knows it again.
DUE = func.coalesce(Ticket.due_at, literal_column(FAR_SQL, DateTime(timezone=True)))


class Sorted(Protocol):
    """What a line must tell for the next page to begin after it."""

    @property
    def id(self) -> int: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def priority(self) -> Priority: ...


@dataclass(frozen=True)
class Keys:
    """What an order sorts by: columns of which the last is unique, how a row's values are written into a cursor, and
    how each is read again."""

    columns: tuple[ColumnElement[Any], ...]
    written: Callable[[Sorted], tuple[str, ...]]
    readers: tuple[Callable[[str], Any], ...]
    falling: bool = False

    def sorted(self) -> list[ColumnElement[Any]]:
        """What stands in ORDER BY."""
        return [column.desc() if self.falling else column for column in self.columns]


def _due_of(row: Sorted) -> str:
    return (row.due_at or FAR).isoformat()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace(" ", "+"))


_ID: ColumnElement[int] = Ticket.id.expression
KEYS = {
    Order.DUE: Keys((DUE, _ID), lambda row: (_due_of(row), str(row.id)), (_moment, int)),
    Order.NEWEST: Keys((_ID,), lambda row: (str(row.id),), (int,), falling=True),
    Order.OLDEST: Keys((_ID,), lambda row: (str(row.id),), (int,)),
    Order.PRIORITY: Keys(
        (Ticket.priority.expression, DUE, _ID),
        lambda row: (row.priority.value, _due_of(row), str(row.id)),
        (Priority, _moment, int),
    ),
}


def beyond(keys: Keys, cursor: str) -> ColumnElement[bool]:
    """What comes after the cursor. Raises NotFound for one that was made up."""
    parts = cursor.split("_")
    try:
        values = [read(part) for read, part in zip(keys.readers, parts, strict=True)]
    except ValueError:
        raise NotFound from None
    here = tuple_(*keys.columns)
    last = tuple_(*(literal(value, column.type) for value, column in zip(values, keys.columns, strict=True)))
    return here < last if keys.falling else here > last
