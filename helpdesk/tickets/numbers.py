"""Serial numbers of tickets: each year counts from one."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import text

from helpdesk.kernel.db import db, session
from helpdesk.tickets.rules import ticket_number

_known: set[tuple[str, int]] = set()


def next_number(moment: datetime, zone: str) -> str:
    """The next number of the year that it is at `moment` in `zone`. A number given to a rolled-back ticket is lost."""
    year = moment.astimezone(ZoneInfo(zone)).year
    key = (str(db.engine.url), year)
    if key not in _known:
        # In a transaction of its own: made for good, whatever becomes of the ticket that needed it first.
        with db.engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(1450, :year)"), {"year": year})
            connection.execute(text(f"CREATE SEQUENCE IF NOT EXISTS ticket_serial_{year:d}"))
        _known.add(key)
    serial = session().execute(text(f"SELECT nextval('ticket_serial_{year:d}')")).scalar_one()
    return ticket_number(year, serial)
