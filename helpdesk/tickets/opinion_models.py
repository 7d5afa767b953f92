"""What people said of how their matter was settled."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.routing.rules import Queue


class Opinion(Base):
    """One question after one resolution, and its answer. `entry_id` is the journal's entry of the resolution: asked
    once however often its reaction runs. Desk, queue and operator are those of that moment."""

    __tablename__ = "opinions"
    __table_args__ = (
        UniqueConstraint("entry_id"),
        Index("ix_opinions_ticket_id_id", "ticket_id", "id"),
        Index("ix_opinions_contact_id_asked_at", "contact_id", "asked_at"),
        Index("ix_opinions_desk_id_asked_at", "desk_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    ticket_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("tickets.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    queue: Mapped[Queue]
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    asked_at: Mapped[datetime]
    grade: Mapped[int | None] = mapped_column(SmallInteger)
    words: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None]
