"""Views of the board that somebody saved."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.search.view_rules import Scope
from helpdesk.tickets.board_rules import Order


class SavedView(Base):
    """A filter with a name and an order, as it was typed: one person's, one desk's, or everybody's below a place.

    What it shows to somebody is always narrowed by that person's rights.
    """

    __tablename__ = "saved_views"
    __table_args__ = (
        CheckConstraint("(scope = 'own') = (organization_id IS NULL)", name="shared_somewhere"),
        Index("ix_saved_views_owner_id", "owner_id"),
        Index("ix_saved_views_organization_id", "organization_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    filter: Mapped[str] = mapped_column(String(300))
    order: Mapped[Order] = mapped_column("sorted_by")
    scope: Mapped[Scope]
    owner_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    version: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ViewPlace(Base):
    """Where a view stands in somebody's column, and whether it is shown there at all."""

    __tablename__ = "view_places"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    view_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("saved_views.id"), primary_key=True, index=True)
    position: Mapped[int]
    hidden: Mapped[bool] = mapped_column(default=False)
