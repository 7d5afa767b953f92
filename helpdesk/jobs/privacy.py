"""Erase people and forget what is over its term: step by step, each in its own transaction, safe to run twice."""

import time

from helpdesk.jobs.recordings import erase_recordings
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import transaction
from helpdesk.privacy import actions, breaches, retention
from helpdesk.privacy.rules import TERMS

# After this long other jobs have their turn; the next round goes on with it.
BUDGET_SECONDS = 10.0


def erase_people(ids: list[int]) -> None:
    """Go on with erasures until they are done, a sound is still at the carrier, or the time is over."""
    until = time.monotonic() + BUDGET_SECONDS
    for erasure_id in ids:
        more = True
        while more and time.monotonic() < until:
            with transaction():
                more = actions.go_on(erasure_id)
                failpoints.hit("erasure.step")
        erase_recordings(actions.sounds(erasure_id))
        with transaction():
            actions.finish(erasure_id)


def forget(_ids: list[int]) -> None:
    """Forget what is over its term, kind by kind; counts stand in the journal with each batch."""
    until = time.monotonic() + BUDGET_SECONDS
    for kind in TERMS:
        more = 1
        while more and time.monotonic() < until:
            with transaction():
                more, files = retention.forget_some(kind)
            with transaction():
                for digest in sorted(files):
                    actions.remove_file(digest)


def watch_breaches() -> None:
    """Breaches whose term has passed without a report: noted once each."""
    found = True
    while found:
        with transaction():
            found = breaches.mark_overdue() > 0
