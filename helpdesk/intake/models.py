"""What came in and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.intake.mailbox_rules import Encryption
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


class Mailbox(Base):
    """A mailbox on somebody else's server that letters are fetched from.

    Letters above `last_uid` have not been fetched; that holds under `uid_validity` alone, empty before the first visit.
    The password is sealed (kernel.sealed) under TICKET_KEY.
    """

    __tablename__ = "mailboxes"
    __table_args__ = (
        UniqueConstraint("host", "login", "folder"),
        Index("ix_mailboxes_due", "next_attempt_at", "id", postgresql_where=text("active")),
        Index("ix_mailboxes_address_id", "address", "id"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"), index=True)
    address: Mapped[str] = mapped_column(String(254))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int]
    encryption: Mapped[Encryption]
    login: Mapped[str] = mapped_column(String(254))
    password: Mapped[str] = mapped_column(Text)
    folder: Mapped[str] = mapped_column(String(200))
    takes_old: Mapped[bool]
    active: Mapped[bool] = mapped_column(default=True)
    uid_validity: Mapped[int | None] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger, default=0)
    failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    last_error: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    last_success_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime]
