"""What we write to people: each letter and SMS is a row before it leaves."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.notifications.rules import LetterState, Medium


class Letter(Base):
    """One e-mail or SMS to one address. `dedupe_key` makes a reaction that runs twice write once."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        UniqueConstraint("message_id"),
        Index("ix_letters_due", "next_attempt_at", "id", postgresql_where=text("state IN ('pending','sending')")),
        Index("ix_letters_created_at", "created_at"),
        Index("ix_letters_address_created_at", "address", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    medium: Mapped[Medium]
    template: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(2))
    address: Mapped[str] = mapped_column(String(254))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(120))
    message_id: Mapped[str | None] = mapped_column(String(200))
    in_reply_to: Mapped[str | None] = mapped_column(String(998))
    subject: Mapped[str] = mapped_column(String(300), default="")
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[LetterState] = mapped_column(default=LetterState.PENDING)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    segments: Mapped[int | None] = mapped_column(SmallInteger)
    provider_sid: Mapped[str | None] = mapped_column(String(64), index=True)
    error: Mapped[str] = mapped_column(String(300), default="")
    # whose files it carries, by e-mail
    carries_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
