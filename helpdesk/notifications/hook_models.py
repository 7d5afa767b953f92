"""Who wants to hear of what, and every message that was or is to be sent."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.notifications.hook_rules import DeliveryState, Event


class Hook(Base):
    """An address that hears of `events` at and below an organization; `secret` is sealed under TICKET_KEY."""

    __tablename__ = "hooks"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    address: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    last_success_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(200), default="")


class HookDelivery(Base):
    """One message to one address. A reaction that runs twice writes it once: (hook, journal entry) is unique.

    The id in its headers is made of `id`, so it is the same at every attempt.
    """

    __tablename__ = "hook_deliveries"
    __table_args__ = (
        UniqueConstraint("hook_id", "journal_id"),
        Index(
            "ix_hook_deliveries_due", "next_attempt_at", "id", postgresql_where=text("state IN ('pending','sending')")
        ),
        Index("ix_hook_deliveries_hook_id_id", "hook_id", "id"),
        Index("ix_hook_deliveries_created_at", "created_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    hook_id: Mapped[int] = mapped_column(ForeignKey("hooks.id"))
    journal_id: Mapped[int | None] = mapped_column(BigInteger)
    event: Mapped[Event]
    payload: Mapped[dict[str, Any]]
    state: Mapped[DeliveryState] = mapped_column(default=DeliveryState.PENDING)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    status: Mapped[int | None] = mapped_column(SmallInteger)
    error: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]

    @property
    def message_id(self) -> str:
        """The id by which the receiver knows a message again."""
        return f"msg_1450_{self.id}"
