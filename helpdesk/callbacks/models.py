"""Promises to call somebody back, and every attempt to keep them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.callbacks.rules import AttemptResult, AttemptState, CallbackState
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import Base
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Queue
from helpdesk.tickets.models import Ticket

_ACTIVE = text("state IN ('requested','due','offered','dialing','answered','connected','retry_wait')")


class Callback(Base):
    """A promise: this number, in this language, not later than `promised_at`, in the place of `virtual_at`."""

    __tablename__ = "callbacks"
    __table_args__ = (
        Index("uq_callbacks_active_number", "number", "queue", unique=True, postgresql_where=_ACTIVE),
        Index(
            "ix_callbacks_due",
            "next_attempt_at",
            "id",
            postgresql_where=text("state IN ('requested','due','retry_wait')"),
        ),
        Index("ix_callbacks_board", "desk_id", "promised_at", postgresql_where=_ACTIVE),
        Index("ix_callbacks_desk_created", "desk_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    state: Mapped[CallbackState] = mapped_column(default=CallbackState.REQUESTED)
    number: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    queue: Mapped[Queue]
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), index=True)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("queue_entries.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    origin: Mapped[str] = mapped_column(String(12))
    virtual_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    promised_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    technical_failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime]
    reached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    ticket: Mapped[Ticket] = relationship(lazy="raise")
    staff: Mapped[Staff | None] = relationship(lazy="raise")
    desk_organization: Mapped[Organization] = relationship(
        primaryjoin="foreign(Callback.desk_id) == Organization.id", lazy="raise", viewonly=True
    )


class Attempt(Base):
    """One try to reach somebody. The row is committed before the carrier is asked, its token is in every address."""

    __tablename__ = "callback_attempts"
    __table_args__ = (
        UniqueConstraint("callback_id", "n"),
        UniqueConstraint("token"),
        UniqueConstraint("sid"),
        Index(
            "uq_callback_attempts_open",
            "callback_id",
            unique=True,
            postgresql_where=text("state IN ('intent','live')"),
        ),
        Index("ix_callback_attempts_unsettled", "created_at", postgresql_where=text("state IN ('intent','live')")),
        Index("ix_callback_attempts_number_created_at", "number", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    callback_id: Mapped[int] = mapped_column(ForeignKey("callbacks.id"))
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    n: Mapped[int] = mapped_column(SmallInteger)
    token: Mapped[str] = mapped_column(String(36))
    number: Mapped[str] = mapped_column(String(20))
    state: Mapped[AttemptState] = mapped_column(default=AttemptState.INTENT)
    sid: Mapped[str | None] = mapped_column(String(64))
    result: Mapped[AttemptResult | None]
    created_at: Mapped[datetime]
    # from here on the carrier may have been asked to dial; before, certainly not
    asked_at: Mapped[datetime | None]
    heard_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class DialBucket(Base):
    """The one row from which every dial takes a token: the account may create only so many calls a second."""

    __tablename__ = "dial_bucket"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    level: Mapped[float]
    filled_at: Mapped[datetime]
