"""What administrators start and look after: imports of lists, and jobs that failed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.administration.rules import ImportState
from helpdesk.kernel.db import Base


class ImportRun(Base):
    """One list of organizations: the file as it came, how far it was read, and what each refused line lacks.

    `done` lines have been dealt with; `refused` holds [line, field, message, values] of the first of them.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        Index("ix_import_runs_running", "id", postgresql_where=text("state = 'running'")),
        Index("ix_import_runs_by_id", "by_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[ImportState]
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    total: Mapped[int]
    done: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    refused: Mapped[dict[str, Any]] = mapped_column(default=dict)


class FailedJob(Base):
    """A job that broke off: its name and ids, why, and whether somebody asked for it again."""

    __tablename__ = "failed_jobs"
    __table_args__ = (
        Index("ix_failed_jobs_open", "failed_at", "id", postgresql_where=text("settled_at IS NULL")),
        Index("ix_failed_jobs_retry", "id", postgresql_where=text("retry_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    job: Mapped[str] = mapped_column(String(40))
    ids: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(String(300))
    times: Mapped[int] = mapped_column(default=1)
    failed_at: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
