"""What an administrator may do with whom, opening hours as they are typed, and the states of an import."""

import re
from collections.abc import Iterable, Sequence
from datetime import time
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple


class ImportState(StrEnum):
    """A list is checked first, without a change; then it is read line by line until it is done, and may be taken back
    line by line."""

    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class ListKind(StrEnum):
    """What the lines of a list are about."""

    ORGANIZATIONS = "organizations"
    STAFF = "staff"
    CONTACTS = "contacts"
    TICKETS = "tickets"


def at_or_below(path: str, roots: Iterable[str]) -> bool:
    """Whether the organization at `path` is one of `roots` or lies below one of them."""
    return path.startswith(tuple(roots))


def wholly_below(paths: Iterable[str], roots: Sequence[str]) -> bool:
    """Whether everything that somebody holds lies in the part of the tree below `roots`: only then is the person
    theirs to deactivate; whoever also works elsewhere or above is not."""
    return all(at_or_below(path, roots) for path in paths)


class Interval(NamedTuple):
    """Opening hours by the wall clock; it closes on the next day when `closes` is not after `opens`."""

    opens: time
    closes: time


class BadHours(ValueError):
    """What was typed is no list of opening hours; the argument is the piece to blame."""


_INTERVAL = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?[–—−-](\d{1,2})(?:[:.](\d{2}))?$")
MOST_INTERVALS = 6


def read_hours(typed: str) -> tuple[Interval, ...]:
    """Opening hours of one day: "09:00–13:00, 14:00–18:30", "8-17"; nothing is a closed day. Raises BadHours.

    Only the last interval may run over midnight, "24:00" is the midnight that ends the day, and none overlap.
    """
    pieces = [piece for piece in re.split(r"[,;]", re.sub(r"\s+", "", typed)) if piece]
    if len(pieces) > MOST_INTERVALS:
        raise BadHours(typed)
    found = [_interval(piece) for piece in pieces]
    for before, after in pairwise(found):
        if before.closes <= before.opens or after.opens < before.closes:
            raise BadHours(f"{before.opens:%H:%M}–{before.closes:%H:%M}, {after.opens:%H:%M}–{after.closes:%H:%M}")
    return tuple(found)


def _interval(piece: str) -> Interval:
    match = _INTERVAL.match(piece)
    if match is None:
        raise BadHours(piece)
    hours = [int(part or 0) for part in match.groups()]
    if hours[2:] == [24, 0]:
        hours[2] = 0
    try:
        return Interval(time(hours[0], hours[1]), time(hours[2], hours[3]))
    except ValueError:
        raise BadHours(piece) from None


def write_hours(intervals: Iterable[Interval]) -> str:
    """The same as people read it."""
    return ", ".join(
        f"{opens:%H:%M}–{'24:00' if closes == time(0) else f'{closes:%H:%M}'}" for opens, closes in intervals
    )
