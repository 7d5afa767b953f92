"""Whom to dial now, so that somebody is there to talk when the person answers. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from helpdesk.callbacks.rules import NEARLY_DUE


@dataclass(frozen=True)
class Line:
    """Whose operators somebody needs."""

    desk_path: str
    queue: str
    language: str


class Operator(Protocol):
    """Somebody who is ready to talk."""

    def serves(self, desk_path: str, queue: str, language: str) -> bool: ...


@dataclass(frozen=True)
class Candidate:
    """A callback whose time has come. `due_at`: the moment that was promised, or that was named for the retry."""

    id: int
    line: Line
    due_at: datetime


def choose(
    candidates: Sequence[Candidate],
    needed: Sequence[Line],
    dialing: Sequence[Line],
    ready: Sequence[Operator],
    staffed: Callable[[Line], bool],
    now: datetime,
) -> list[int]:
    """Ids of the callbacks to dial now, out of candidates in the order of their places.

    - Every ready operator is there for one person: first for the callers who wait by themselves (`needed`), then for
      those who are being dialled, then for the next candidate of a line that the operator serves.
    - From five minutes before its moment a callback may be dialled without a ready operator, one at a time in each
      line: somebody who talks now will probably be free when it is answered; if not, the person waits in front.
    - Where nobody is at work, a promise is kept at its very moment all the same: the person hears from us, and chooses
      to wait, to be called later, or to let it be.
    """
    free = list(ready)

    def take(line: Line) -> bool:
        found = next((one for one in free if one.serves(line.desk_path, line.queue, line.language)), None)
        if found is not None:
            free.remove(found)
        return found is not None

    for line in needed:
        take(line)
    ahead_of_operators = {line for line in dialing if not take(line)}
    chosen: list[int] = []
    for candidate in candidates:
        line = candidate.line
        if take(line):
            chosen.append(candidate.id)
        elif not staffed(line):
            if candidate.due_at <= now:
                chosen.append(candidate.id)
        elif candidate.due_at <= now + NEARLY_DUE and line not in ahead_of_operators:
            ahead_of_operators.add(line)
            chosen.append(candidate.id)
    return chosen
