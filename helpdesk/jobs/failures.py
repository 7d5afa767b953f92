"""A job that breaks off leaves a line for the administrators; not even that may break the one who runs it."""

from collections.abc import Sequence

import structlog

from helpdesk.administration import failed_jobs
from helpdesk.kernel.db import let_go, transaction

log = structlog.get_logger()


def remember_failure(name: str, ids: Sequence[int], error: Exception) -> None:
    """Note a failed job, in a transaction of its own; while the database is away only the log knows."""
    let_go()
    try:
        with transaction():
            failed_jobs.record(name, ids, error)
    except Exception:
        log.exception("a failed job could not be noted", job=name)
