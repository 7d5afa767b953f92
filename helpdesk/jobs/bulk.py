"""Work on many tickets, one transaction each: whoever is killed in between has done each of them once or not at all."""

import time

import structlog

from helpdesk.kernel import failpoints
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.tickets import bulk

log = structlog.get_logger()

# After this long the worker is free for others; the next round gives the work out again.
BUDGET_SECONDS = 10.0
GONE = N_("You may no longer see this ticket")
BROKEN = N_("An error on our side: it was written down")


def carry_on(ids: list[int]) -> None:
    """Go on with each of these until none of its tickets waits, it was stopped, or the time is over."""
    until = time.monotonic() + BUDGET_SECONDS
    for bulk_id in ids:
        while time.monotonic() < until and (tickets := bulk.next_of(bulk_id)):
            for ticket_id in tickets:
                _one(bulk_id, ticket_id)
                if time.monotonic() > until:
                    break
        with transaction():
            bulk.finish(bulk_id)


def _one(bulk_id: int, ticket_id: int) -> None:
    try:
        with transaction():
            bulk.do(bulk_id, ticket_id)
            failpoints.hit("bulk.changed")
    except NotFound:
        reason = GONE
    except Refused as refused:
        reason = refused.message
    except Exception:
        log.exception("bulk work failed", bulk_id=bulk_id, ticket_id=ticket_id)
        reason = BROKEN
    else:
        failpoints.hit("bulk.committed")
        return
    with transaction():
        bulk.leave(bulk_id, ticket_id, reason)
