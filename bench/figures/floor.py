"""The bare Flask view: one INSERT and its COMMIT."""

from bench.load import Visitor
from bench.servers import HOST, Grounds

NAME = "floor"


def visitor(grounds: Grounds) -> Visitor:
    """A client of the floor's server."""
    return Visitor(grounds.floor, HOST)


def turn(one: Visitor, _serial: int) -> None:
    """One request."""
    one.post(
        "/insert", {"said": "a sentence of usual length, about a journal that does not open"}, "insert", 200, "kept"
    )
