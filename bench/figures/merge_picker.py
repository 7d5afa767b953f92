"""An operator asks with which other ticket this one is the same matter."""

from bench.figures.ticket import visitor
from bench.load import Visitor

__all__ = ["visitor"]

NAME = "merge_picker"
WHAT = "the page that offers tickets to merge with"
AIMS: dict[str, float] = {"p95 at 1": 100}


def turn(one: Visitor, serial: int) -> None:
    """One page."""
    number = one.numbers[serial % len(one.numbers)]
    one.get(f"/tickets/{number}/merge", "picker", 200, number)
