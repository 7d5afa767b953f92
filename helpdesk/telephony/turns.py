"""Whose turn it is: everybody who wants an operator, in the one order of the line. Pure."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol

# Priority, the moment of first joining, and the place's id, which decides between equals.
Place = tuple[int, datetime, int]


@dataclass(frozen=True)
class Line:
    """Where somebody waits, and operators of which organizations serve there by now (levels.Levels.served_by)."""

    desk_id: int
    queue: str
    language: str
    served_by: frozenset[str] = field(default=frozenset(), compare=False)


class MayTake(Protocol):
    """Operators who know some languages and queues, and answer for some organizations."""

    def may_take(self, served_by: Collection[str], queue: str, language: str) -> bool: ...


class Operator(MayTake, Protocol):
    """Somebody who can take a call now."""

    @property
    def staff_id(self) -> int: ...


class HeldOut(Enum):
    """What came of holding somebody out to an operator."""

    MADE = "made"
    NOT_NOW = "not now"  # this person cannot be had at the moment; the operator is still free
    BUSY = "busy"  # this operator is not free any more


@dataclass(frozen=True)
class Turn:
    """Somebody in the line. `hold_out` offers them to an operator by id; None: their telephone rings or is the next to
    ring, so that an operator is only kept for them. `staff_id`: the only one who may be asked, whatever that operator
    knows."""

    place: Place
    line: Line
    hold_out: Callable[[int], HeldOut] | None
    staff_id: int | None = None

    def fits(self, operator: Operator) -> bool:
        """Whether they may be offered to this operator."""
        if self.staff_id is not None:
            return operator.staff_id == self.staff_id
        return operator.may_take(self.line.served_by, self.line.queue, self.line.language)


def hand_out(turns: Iterable[Turn], free: Iterable[Operator]) -> int:
    """Hold out each in turn to the first operator in the row who may serve them; returns how many offers were made.

    While more people wait than operators are free, nobody passes an earlier place of the same line that is being called
    at this moment. When there is somebody for everyone, one operator is kept for it and the others go on.
    """
    row, everybody = list(free), sorted(turns, key=lambda turn: turn.place)
    crowded = len(everybody) > len(row)
    behind_a_ring: set[Line] = set()
    made = 0
    for turn in everybody:
        if not row:
            break
        while turn.line not in behind_a_ring and (operator := next(filter(turn.fits, row), None)) is not None:
            held = turn.hold_out(operator.staff_id) if turn.hold_out is not None else None
            if held is not HeldOut.NOT_NOW:
                row.remove(operator)
            if held is None and crowded:
                behind_a_ring.add(turn.line)
            made += held is HeldOut.MADE
            if held is not HeldOut.BUSY:
                break
    return made
