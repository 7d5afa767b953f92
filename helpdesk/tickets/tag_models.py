"""Tags, where they hold, and on which tickets they stand."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.kernel.db import Base
from helpdesk.organizations.models import Organization


class Tag(Base):
    """A word that holds for an organization and everything below it.

    One with `merged_into_id` is another name of that tag: what was typed or saved with it finds the tag.
    """

    __tablename__ = "tags"
    __table_args__ = (
        UniqueConstraint("organization_id", "key"),
        Index("ix_tags_key", "key", postgresql_ops={"key": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    name: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(60))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tags.id"), index=True)
    created_at: Mapped[datetime]

    organization: Mapped[Organization] = relationship(lazy="raise")


class TicketTag(Base):
    """A tag on a ticket."""

    __tablename__ = "ticket_tags"
    __table_args__ = (Index("ix_ticket_tags_tag_id_ticket_id", "tag_id", "ticket_id"),)

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id"), primary_key=True)
