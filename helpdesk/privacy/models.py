"""Erasures and their acts, terms of keeping, and the log of breaches."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.privacy.rules import Basis, BreachState, ErasureState, Kept


class Erasure(Base):
    """One person erased: who did it, when, why, and what was counted. Nothing here says who the person was.

    `files` are hashes whose rows are gone and whose content still lies in the store.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        Index("uq_erasures_running", "contact_id", unique=True, postgresql_where=text("state = 'running'")),
        Index("ix_erasures_organization_id_id", "organization_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    basis: Mapped[Basis]
    reference: Mapped[str] = mapped_column(String(40), default="")
    state: Mapped[ErasureState] = mapped_column(default=ErasureState.RUNNING)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    files: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class RetentionRule(Base):
    """For how many days a kind of data is kept, where that is not the usual term; None keeps it."""

    __tablename__ = "retention_rules"

    kind: Mapped[Kept] = mapped_column(primary_key=True)
    days: Mapped[int | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(BigInteger)


class Breach(Base):
    """Personal data may have got where they must not be. `report_by` is the end of the next working day.

    `ticket_id`: the ticket that told of it, once each.
    """

    __tablename__ = "breaches"
    __table_args__ = (
        Index("uq_breaches_ticket_id", "ticket_id", unique=True),
        Index("ix_breaches_organization_id_id", "organization_id", "id"),
        Index(
            "ix_breaches_unreported",
            "report_by",
            postgresql_where=text("state IN ('suspected','confirmed') AND overdue_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    state: Mapped[BreachState] = mapped_column(default=BreachState.SUSPECTED)
    what: Mapped[str] = mapped_column(Text, default="")
    data: Mapped[str] = mapped_column(String(300), default="")
    people: Mapped[int | None]
    measures: Mapped[str] = mapped_column(Text, default="")
    reference: Mapped[str] = mapped_column(String(60), default="")
    noticed_at: Mapped[datetime]
    report_by: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    people_told_at: Mapped[datetime | None]
    # the term passed without a report, noted once
    overdue_at: Mapped[datetime | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    version: Mapped[int] = mapped_column(default=1)
