"""What can be saved as a view of the board."""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

from helpdesk.kernel.i18n import N_
from helpdesk.search.rules import Asked
from helpdesk.tickets.rules import UNFINISHED

# So many views one person, one desk or one organization has, and so many stand in a column.
MOST = 30
MOST_IN_COLUMN = 60

One = TypeVar("One")


class Scope(StrEnum):
    """Who sees a view: its owner, whoever works at one desk, or also whoever works below it."""

    OWN = "own"
    DESK = "desk"
    BELOW = "below"


def unusable(asked: Asked) -> str | None:
    """Why these filters make no view, as an English msgid; None when they do."""
    if asked.terms or asked.words.strip():
        return N_("A view is made of filters only: words are looked for in the search box")
    if asked.states - UNFINISHED:
        return N_("A view holds tickets that are not finished: look for finished ones in the search box")
    return None


def moved(order: Sequence[One], one: One, by: int) -> list[One]:
    """The same order with `one` so many places further down, as far as there are any."""
    rest = [each for each in order if each != one]
    at = min(max(list(order).index(one) + by, 0), len(rest))
    return [*rest[:at], one, *rest[at:]]
