"""Jobs of administration: lists that are read in batches, and moves whose day has come."""

import time

from helpdesk.administration import imports
from helpdesk.kernel import clock
from helpdesk.kernel.db import transaction
from helpdesk.organizations import actions, queries

# As long as this a job reads on; then other jobs have their turn and the next round goes on with it.
BUDGET_SECONDS = 10.0


def read_lists(ids: list[int]) -> None:
    """Read running lists batch by batch, each batch in its own transaction. Safe to run twice at once."""
    until = time.monotonic() + BUDGET_SECONDS
    for run_id in ids:
        more = True
        while more and time.monotonic() < until:
            with transaction():
                more = imports.go_on(run_id)
        queries.forget()


def do_moves(ids: list[int]) -> None:
    """Put organizations where they were to stand from today on."""
    for organization_id in ids:
        with transaction():
            actions.ripen(organization_id, clock.now().date())
    queries.forget()
