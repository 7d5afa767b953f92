"""Jobs that broke off: noted, shown to the administrators of the whole house, and tried again when they say so."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.administration.models import FailedJob
from helpdesk.administration.queries import governs_all
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound

# A reaction that has not finished after so long is stuck; it is given out again and again all the while.
STUCK_AFTER = timedelta(minutes=10)
MOST_SHOWN = 100


def record(job: str, ids: Sequence[int], error: BaseException) -> None:
    """A job broke off. The same job with the same ids is one line however often it breaks."""
    now = clock.now()
    key = hashlib.sha256(f"{job}:{sorted(ids)}".encode()).hexdigest()
    words = f"{type(error).__name__}: {error}".splitlines()[0][:300]
    made = insert(FailedJob).values(
        key=key, job=job, ids={"ids": list(ids)}, error=words, times=1, failed_at=now, retry_at=None, settled_at=None
    )
    session().execute(
        made.on_conflict_do_update(
            index_elements=["key"],
            set_={"error": words, "times": FailedJob.times + 1, "failed_at": now, "settled_at": None, "retry_at": None},
        )
    )


def open_ones(asker: Asker) -> Sequence[FailedJob]:
    """Failed jobs that nobody has settled, the newest first. Raises NotFound for who administers only a part."""
    _whole(asker)
    query = select(FailedJob).where(FailedJob.settled_at.is_(None))
    return session().scalars(query.order_by(FailedJob.failed_at.desc(), FailedJob.id.desc()).limit(MOST_SHOWN)).all()


def stuck(asker: Asker) -> Sequence[JournalEntry]:
    """Facts whose reactions have not finished for long, the oldest first."""
    _whole(asker)
    query = select(JournalEntry).where(JournalEntry.announced_at.is_(None), JournalEntry.at < clock.now() - STUCK_AFTER)
    return session().scalars(query.order_by(JournalEntry.id).limit(MOST_SHOWN)).all()


def retry(asker: Asker, job_id: int) -> None:
    """Have it tried again by the next round; when it fails again it stands in the list again."""
    _settle(asker, job_id, "job.retried", retry_at=clock.now())


def dismiss(asker: Asker, job_id: int) -> None:
    """It is of no interest any more."""
    _settle(asker, job_id, "job.dismissed", retry_at=None)


def to_retry() -> Sequence[FailedJob]:
    """Jobs that somebody wants tried again."""
    return session().scalars(select(FailedJob).where(FailedJob.retry_at.is_not(None)).limit(100)).all()


def handed_out(job_ids: Sequence[int]) -> None:
    """They were given to the workers."""
    session().execute(update(FailedJob).where(FailedJob.id.in_(job_ids)).values(retry_at=None))


def _settle(asker: Asker, job_id: int, kind: str, **values: object) -> None:
    _whole(asker)
    done = update(FailedJob).where(FailedJob.id == job_id, FailedJob.settled_at.is_(None))
    row = session().execute(done.values(settled_at=clock.now(), **values).returning(FailedJob.job)).first()
    if row is None:
        raise NotFound
    journal.note(kind, by=staff(asker.id), job=row[0], failed_job_id=job_id)


def _whole(asker: Asker) -> None:
    if not governs_all(asker):
        raise NotFound
