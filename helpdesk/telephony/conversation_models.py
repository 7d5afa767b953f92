"""Transfers, supervisors and recordings of conversations, numbers with a rule of their own, and closed queues."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.routing.rules import Queue
from helpdesk.telephony.conversation_rules import (
    NumberRule,
    RecordingKind,
    RecordingState,
    SupervisionMode,
    SupervisionState,
    TransferKind,
    TransferState,
)


class Transfer(Base):
    """A call handed on: to an operator, a queue or a desk."""

    __tablename__ = "transfers"
    __table_args__ = (
        Index("uq_transfers_open", "call_id", unique=True, postgresql_where=text("state IN ('asked','talking')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    kind: Mapped[TransferKind]
    state: Mapped[TransferState] = mapped_column(default=TransferState.ASKED)
    from_staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    to_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    to_desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    to_queue: Mapped[Queue | None]
    offer_id: Mapped[int | None] = mapped_column(ForeignKey("offers.id"))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class Supervision(Base):
    """A supervisor in somebody else's conversation."""

    __tablename__ = "supervisions"
    __table_args__ = (
        UniqueConstraint("token"),
        Index("uq_supervisions_open", "staff_id", unique=True, postgresql_where=text("state <> 'ended'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token: Mapped[str] = mapped_column(String(36))
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    mode: Mapped[SupervisionMode] = mapped_column(default=SupervisionMode.LISTEN)
    state: Mapped[SupervisionState] = mapped_column(default=SupervisionState.ASKED)
    leg_sid: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Recording(Base):
    """A voice message, or a conversation with consent. The sound is kept in our own store, encrypted by its disk."""

    __tablename__ = "recordings"
    __table_args__ = (
        UniqueConstraint("sid"),
        Index("ix_recordings_to_import", "completed_at", postgresql_where=text("state = 'completed'")),
        Index("ix_recordings_open", "created_at", postgresql_where=text("state IN ('wanted','running','paused')")),
        Index("ix_recordings_to_erase", "erase_at", postgresql_where=text("state = 'imported'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    kind: Mapped[RecordingKind]
    state: Mapped[RecordingState] = mapped_column(default=RecordingState.WANTED)
    sid: Mapped[str | None] = mapped_column(String(64))
    seconds: Mapped[int | None]
    bytes: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    stored: Mapped[str | None] = mapped_column(String(100))
    created_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    imported_at: Mapped[datetime | None]
    removed_at: Mapped[datetime | None]
    erase_at: Mapped[datetime | None]
    # after a vain question to the carrier: when to ask again
    next_try_at: Mapped[datetime | None]


class NumberEntry(Base):
    """A telephone number that is turned away at a desk and below it, or that is never rung, and why.

    A rule that was lifted or has lapsed stays, with `until_at` in the past: it says what was done to whom.
    """

    __tablename__ = "number_rules"
    __table_args__ = (UniqueConstraint("number", "rule", "desk_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(20))
    rule: Mapped[NumberRule]
    reason: Mapped[str] = mapped_column(String(200), default="")
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    until_at: Mapped[datetime | None]


class QueueClosure(Base):
    """A supervisor has closed a queue: nobody new joins it until it is opened again."""

    __tablename__ = "queue_closures"
    __table_args__ = (
        Index("uq_queue_closures_open", "desk_id", "queue", unique=True, postgresql_where=text("reopened_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    queue: Mapped[Queue]
    reason: Mapped[str] = mapped_column(String(200), default="")
    closed_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    closed_at: Mapped[datetime]
    reopened_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    reopened_at: Mapped[datetime | None]
