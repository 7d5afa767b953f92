"""What ties tickets together: merges that can be taken apart again, and links."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.tickets.tie_rules import LinkKind


class TicketMerge(Base):
    """One ticket became part of another. `theirs` and `before` are the clocks of both as they were, `after` those
    that the merge gave to the surviving one (`tie_rules.Clocks` in JSON)."""

    __tablename__ = "ticket_merges"
    __table_args__ = (
        Index("uq_ticket_merges_ticket_id", "ticket_id", unique=True, postgresql_where=text("undone_at IS NULL")),
        Index("ix_ticket_merges_into_id", "into_id", postgresql_where=text("undone_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    into_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    same_person: Mapped[bool]
    theirs: Mapped[dict[str, Any]]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    merged_at: Mapped[datetime]
    merged_by: Mapped[int | None] = mapped_column(BigInteger)
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(BigInteger)


class TicketLink(Base):
    """One ticket names another; both stay what they are."""

    __tablename__ = "ticket_links"
    __table_args__ = (
        UniqueConstraint("from_id", "to_id"),
        Index("ix_ticket_links_to_id", "to_id"),
        Index("uq_ticket_links_parent", "from_id", unique=True, postgresql_where=text("kind = 'child'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[LinkKind]
    from_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(BigInteger)
