"""Whom to dial now, so that somebody is there to talk when the person answers. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.callbacks.rules import READY_WITHIN
from helpdesk.telephony.turns import Line, MayTake, Place


@dataclass(frozen=True)
class Standing:
    """Somebody in the one line. `callback_id`: to be dialled now, perhaps; None: waits for an operator by themselves,
    or is being called. `due_at`: the moment that was promised, or that was named for the retry."""

    place: Place
    line: Line
    callback_id: int | None = None
    due_at: datetime | None = None


class Crew(MayTake, Protocol):
    """Operators who are alike: how many are at work, and how many of them are free."""

    @property
    def staffed(self) -> int: ...

    @property
    def idle(self) -> int: ...


def expected(crews: Iterable[Crew], talk_seconds: float) -> list[MayTake]:
    """The operators to reckon with: those who are free, and of the others as many as will be by the time that somebody
    who is dialled now has answered and pressed 1."""
    free: list[MayTake] = []
    soon: list[MayTake] = []
    share, carried = READY_WITHIN.total_seconds() / max(talk_seconds, 1.0), 0.0
    for crew in crews:
        free += [crew] * crew.idle
        carried += (crew.staffed - crew.idle) * min(share, 1.0)
        soon += [crew] * int(carried)
        carried -= int(carried)
    return free + soon


def choose(
    standing: Iterable[Standing], operators: Sequence[MayTake], staffed: Callable[[Line], bool], now: datetime
) -> Iterator[int]:
    """Ids of the callbacks to dial now.

    - Every operator to reckon with is there for one person, in the order of the places: a callback is dialled when its
      turn comes, not before those who came earlier and wait on the line.
    - Whoever picks up should not have to wait: without an operator to reckon with nothing rings, even when the moment
      has come. Who is first in the line is called when the next operator is about to be free.
    - Where nobody is at work, a promise is kept at its very moment all the same: the person hears from us, and chooses
      to wait, to be called later, or to let it be.
    """
    row = list(operators)
    for one in sorted(standing, key=lambda one: one.place):
        line = one.line
        operator = next((each for each in row if each.may_take(line.served_by, line.queue, line.language)), None)
        if operator is not None:
            row.remove(operator)
            if one.callback_id is not None:
                yield one.callback_id
        elif one.callback_id is not None and one.due_at is not None and one.due_at <= now and not staffed(line):
            yield one.callback_id
