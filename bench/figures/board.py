"""An operator opens the board: the first 50 tickets of a region, due first, with the counters of every view."""

from bench.figures.staff import signed_in
from bench.load import Visitor, Wrong
from bench.servers import Grounds

NAME = "board"
WHAT = "the operators' board with 50 rows"
AIMS: dict[str, float] = {"p50 at 1": 15}
ROWS = 50
LINE = "data-ticket="


def visitor(grounds: Grounds) -> Visitor:
    """An operator with an open session."""
    return signed_in(grounds)


def turn(one: Visitor, _serial: int) -> None:
    """One page: full, or all that a small database has (the page then offers no next one)."""
    page = one.get("/board", "board", 200, LINE)
    if page.count(LINE) != ROWS and "after=" in page:
        raise Wrong(f"the board has {page.count(LINE)} rows and goes on")
