"""What came in and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ARRAY, BigInteger, Identity, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class Receipt(Base):
    """One thing received, by the key that it has however often it comes: the unique key makes twice once."""

    __tablename__ = "receipts"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime]


class MailState(StrEnum):
    """received = filed + joined + rejected + waiting + unreadable"""

    WAITING = "waiting"
    FILED = "filed"
    JOINED = "joined"
    REJECTED = "rejected"
    UNREADABLE = "unreadable"


class RawMail(Base):
    """A letter as it came, byte for byte, kept before anything is understood of it."""

    __tablename__ = "raw_mails"
    __table_args__ = (
        Index("uq_raw_mails_digest", "digest", unique=True),
        Index("ix_raw_mails_received_at_state", "received_at", "state"),
        Index("ix_raw_mails_waiting", "id", postgresql_where=text("state IN ('waiting','unreadable')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime]
    envelope_from: Mapped[str] = mapped_column(String(254), default="")
    envelope_to: Mapped[list[str]] = mapped_column(ARRAY(String(254)))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[MailState] = mapped_column(default=MailState.WAITING)
    reason: Mapped[str] = mapped_column(String(200), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
