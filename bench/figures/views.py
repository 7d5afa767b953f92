"""An operator of a region opens the board beside thirty saved views, each with its live counter."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from bench.figures.board import turn, visitor
from bench.places import OPERATOR
from bench.servers import Grounds

__all__ = ["turn", "visitor"]

NAME = "views"
WHAT = "the board with the counters of 30 saved views"
AIMS: dict[str, float] = {"p95 at 1": 100}
_NARROW = (
    "due<2h",
    "due:overdue",
    "status:new",
    "status:open",
    "status:waiting",
    "category:T03",
    "category:T30",
    "category:T10",
)
FILTERS = [
    f"queue:{queue} lang:{language} {narrow}"
    for queue in ("technical", "methodological")
    for language in ("kk", "ru")
    for narrow in _NARROW
][:30]
_SAVE = """
    INSERT INTO saved_views (name, filter, sorted_by, scope, owner_id, version, changed_at)
    SELECT filter, filter, 'due', 'own', s.id, 1, now()
    FROM unnest(%s::text[]) filter, staff s WHERE lower(s.email) = %s AND NOT EXISTS (SELECT FROM saved_views)
"""


@contextmanager
def around(grounds: Grounds) -> Iterator[None]:
    """The views are there from now on: web servers remember a column for half a minute."""
    with psycopg.connect(grounds.conninfo, autocommit=True) as connection:
        connection.execute(_SAVE, (FILTERS, OPERATOR))
    yield
