"""What every kind of list has in common: what becomes of a line, and what was said about the list as a whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from helpdesk.administration.sheets import Line
from helpdesk.identity.queries import Asker


@dataclass(frozen=True)
class Outcome:
    """What became, or would become, of a line: "added", "changed" or "unchanged".

    `made_id` is what was added, `key` by what the same line is known again where the thing itself does not say it;
    `beside` are the ids of people who were met with it.
    """

    word: str
    made_id: int = 0
    key: str | None = None
    beside: tuple[int, ...] = ()


ADDED, CHANGED, UNCHANGED = Outcome("added"), Outcome("changed"), Outcome("unchanged")


@dataclass(frozen=True)
class Wanted:
    """What holds for a whole list: the organization of lines that name none, whether invitations are sent, which
    system the list comes from, and of which run it is."""

    at_id: int | None = None
    letters: bool = False
    system: str = ""
    run_id: int = 0


class Reader(Protocol):
    """Reads lines of one kind of list with the rights of whoever started it."""

    takes_back: bool

    def __init__(self, who: Asker, lines: Sequence[Line], wanted: Wanted) -> None: ...

    def plan(self, line: Mapping[str, str]) -> Outcome:
        """What would become of a line, nothing being written. Raises Refused."""
        ...

    def apply(self, line: Mapping[str, str]) -> Outcome:
        """The same, written. Raises Refused before anything is."""
        ...

    def take_back(self, object_id: int) -> bool:
        """Undo what was added, unless somebody has worked with it since: then False."""
        ...


Values = dict[str, Any]
