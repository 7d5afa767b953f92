"""Who wants to hear of a ticket without having it in hand."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import Base


class Watcher(Base):
    """One member of staff who watches one ticket."""

    __tablename__ = "watchers"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)
    since: Mapped[datetime]

    staff: Mapped[Staff] = relationship(lazy="raise")
