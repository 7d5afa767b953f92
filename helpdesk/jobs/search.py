"""What follows for search from what was said."""

import time
from collections.abc import Callable, Sequence

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import transaction
from helpdesk.search.actions import index_tickets, missing, name_people


def follow(entries: Sequence[JournalEntry]) -> None:
    """Something was said on these tickets: they are found by it from now on."""
    index_tickets([entry.ticket_id for entry in entries if entry.ticket_id is not None])


def fill_index(say: Callable[[str], None], batch: int = 500, pause: float = 0.0) -> int:
    """Let everything be found that is not found yet, newest tickets first, a transaction a batch; how many it were.

    What is done is known by its rows, so that it may be stopped and started again, and run beside a working house.
    """
    above: int | None = 0
    while above is not None:
        with transaction():
            above = name_people(above)
    done, below = 0, None
    while True:
        with transaction():
            ids = missing(below, batch)
            index_tickets(ids)
        if not ids:
            return done
        done, below = done + len(ids), min(ids)
        say(f"  {done:,} tickets, down to {below:,}")
        time.sleep(pause)
