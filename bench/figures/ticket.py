"""An operator opens a ticket on which ten things were said."""

import psycopg

from bench.figures.staff import signed_in
from bench.load import Visitor
from bench.places import OPERATOR
from bench.servers import Grounds

NAME = "ticket"
WHAT = "the page of a ticket with 10 messages"
AIMS: dict[str, float] = {"p50 at 1": 15}

# Tickets of the operator's region that grew long, all over the year, and not restricted ones.
_LONG = """
    SELECT t.number FROM tickets t
    JOIN staff s ON lower(s.email) = %s JOIN staff_roles r ON r.staff_id = s.id
    WHERE t.region_id = r.organization_id AND NOT t.category_code = ANY(%s)
      AND (SELECT count(*) FROM messages m WHERE m.ticket_id = t.id) >= 10
    ORDER BY md5(t.number) LIMIT 200
"""
_RESTRICTED = ["M28", "C01", "C07", "T44", "S06"]


def visitor(grounds: Grounds) -> Visitor:
    """An operator with an open session and a list of tickets to read."""
    one = signed_in(grounds)
    with psycopg.connect(grounds.conninfo) as connection:
        one.numbers = [row[0] for row in connection.execute(_LONG, (OPERATOR, _RESTRICTED))]
    return one


def turn(one: Visitor, serial: int) -> None:
    """One page."""
    number = one.numbers[serial % len(one.numbers)]
    one.get(f"/tickets/{number}", "ticket", 200, number)
