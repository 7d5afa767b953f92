"""The journal: audit log, ticket timeline and outbox in one append-only table."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class JournalEntry(Base):
    """Something that happened. No personal data in `details`: ids, states, moments and reasons only.

    Ids are plain numbers without foreign keys: the journal stands below every other room and outlives what it names.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_ticket", "ticket_id", "id", postgresql_where=text("ticket_id IS NOT NULL")),
        Index("ix_journal_call", "call_id", "id", postgresql_where=text("call_id IS NOT NULL")),
        Index("ix_journal_unannounced", "id", postgresql_where=text("announced_at IS NULL")),
        Index("ix_journal_kind_at", "kind", "at"),
        # the table only grows at its end: a few bytes for each stretch find the days that a reader asks for
        Index("ix_journal_at", "at", postgresql_using="brin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor_kind: Mapped[str] = mapped_column(String(12))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger)
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    callback_id: Mapped[int | None] = mapped_column(BigInteger)
    desk_id: Mapped[int | None] = mapped_column(BigInteger)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    announced_at: Mapped[datetime | None]
