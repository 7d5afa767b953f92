"""An operator opens the board: the first 50 tickets of a region, due first, with the counters of every view."""

from bench.figures.staff import signed_in
from bench.load import Visitor
from bench.servers import Grounds

NAME = "board"
WHAT = "the operators' board with 50 rows"
AIMS: dict[str, float] = {"p50 at 1": 15}


def visitor(grounds: Grounds) -> Visitor:
    """An operator with an open session."""
    return signed_in(grounds)


def turn(one: Visitor, _serial: int) -> None:
    """One page."""
    one.get("/board", "board", 200, "/tickets/")
