"""Work on many tickets at once, and what became of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.tickets.bulk_rules import BulkState, BulkVerb, ItemState


class BulkAction(Base):
    """One verb with its arguments for many tickets, in the name of one person; or the undoing of another."""

    __tablename__ = "bulk_actions"
    __table_args__ = (
        UniqueConstraint("undoes_id"),
        Index("ix_bulk_actions_staff_id_id", "staff_id", "id"),
        Index("ix_bulk_actions_running", "id", postgresql_where=text("state = 'running'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    verb: Mapped[BulkVerb]
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[BulkState] = mapped_column(default=BulkState.RUNNING)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("bulk_actions.id"))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class BulkItem(Base):
    """One ticket of it. `before` is what undoing needs, `version` the ticket's right after: later work stays."""

    __tablename__ = "bulk_items"
    __table_args__ = (
        Index("ix_bulk_items_waiting", "bulk_id", "position", postgresql_where=text("state = 'waiting'")),
        Index("ix_bulk_items_left", "bulk_id", "position", postgresql_where=text("state = 'left'")),
    )

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_actions.id"), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    position: Mapped[int]
    state: Mapped[ItemState] = mapped_column(default=ItemState.WAITING)
    reason: Mapped[str] = mapped_column(String(200), default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[int | None]
