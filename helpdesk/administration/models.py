"""What administrators start and look after: imports of lists, and jobs that failed."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.administration.rules import ImportState, ListKind
from helpdesk.kernel.db import Base


class ImportRun(Base):
    """One list: its lines, how far it was read, and what each refused line lacks.

    `content` is JSON [[number, {column: cell}]], compressed. `done` lines have been dealt with; `refused` holds [line,
    field, message, values] of the first of them. `at_id` is the organization of lines that name none, `system` where
    old tickets come from.
    """

    __tablename__ = "import_runs"
    __table_args__ = (
        Index("ix_import_runs_running", "id", postgresql_where=text("state IN ('running','undoing')")),
        Index("ix_import_runs_by_id", "by_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    kind: Mapped[ListKind]
    at_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    letters: Mapped[bool] = mapped_column(default=False)
    system: Mapped[str] = mapped_column(String(20), default="")
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
    taken_back: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)


class ImportMark(Base):
    """Something that a list added, so that it can be taken back; by its `key` the same line is known again.

    `kept` marks what somebody has worked with since, when the list was taken back.
    """

    __tablename__ = "import_marks"
    __table_args__ = (Index("ix_import_marks_run_id_id", "run_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("import_runs.id"))
    kind: Mapped[ListKind]
    object_id: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str | None] = mapped_column(String(160), unique=True)
    kept: Mapped[bool] = mapped_column(default=False)


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
