"""Tickets that one desk handed on to another."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.tickets.handover_rules import Way


class Handover(Base):
    """One ticket handed on once; what happens next is a row of its own.

    `to_desk_id` is None when the addressee is a body that has no desk here. `due_at` is the receiving desk's own term,
    beside the clocks of the ticket, which go on. At most one of `returned_at` and `taken_back_at` is set.
    """

    __tablename__ = "handovers"
    __table_args__ = (
        CheckConstraint("(to_desk_id IS NULL) = (addressee <> '')", name="goes_somewhere"),
        Index("ix_handovers_from_desk_id_id", "from_desk_id", "id"),
        Index("ix_handovers_ticket_id", "ticket_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    way: Mapped[Way]
    from_desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    to_desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    addressee: Mapped[str] = mapped_column(String(200), default="")
    reason: Mapped[str] = mapped_column(Text)
    sent_at: Mapped[datetime]
    sent_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    due_at: Mapped[datetime | None]
    # redirected later than the law's working days after receipt
    late: Mapped[bool] = mapped_column(default=False)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    # the sender was told that nobody has acknowledged it in time
    reminded_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    return_reason: Mapped[str] = mapped_column(Text, default="")
    taken_back_at: Mapped[datetime | None]
