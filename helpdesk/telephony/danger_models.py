"""Alarms for supervisors because a child is in danger, and the services that were called in."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.telephony.danger_rules import Service, ServiceState


class Alarm(Base):
    """A child is in danger: one a call, open until a supervisor has acknowledged it."""

    __tablename__ = "alarms"
    __table_args__ = (
        UniqueConstraint("call_id"),
        Index("ix_alarms_desk_id_raised_at", "desk_id", "raised_at"),
        Index("ix_alarms_open", "desk_id", postgresql_where=text("acknowledged_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"))
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    # None: the caller's own key
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    raised_at: Mapped[datetime]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    acknowledged_at: Mapped[datetime | None]


class ServiceDial(Base):
    """112 or 111 called into a conversation. One at a time of each; `token` stands in the carrier's addresses."""

    __tablename__ = "service_dials"
    __table_args__ = (
        UniqueConstraint("token"),
        Index(
            "uq_service_dials_open",
            "call_id",
            "number",
            unique=True,
            postgresql_where=text("state IN ('asked','dialling','ringing','talking')"),
        ),
        Index(
            "ix_service_dials_unsettled",
            "created_at",
            postgresql_where=text("state IN ('asked','dialling','ringing','talking')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token: Mapped[str] = mapped_column(String(36))
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    number: Mapped[Service]
    state: Mapped[ServiceState] = mapped_column(default=ServiceState.ASKED)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    leg_sid: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    dialled_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
