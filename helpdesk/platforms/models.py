"""Learning platforms: which school used which one, and when. Never an enum: they change in the middle of a year."""

from datetime import date

from sqlalchemy import ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class Platform(Base):
    """A journal, a lesson site, a video service."""

    __tablename__ = "platforms"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    function: Mapped[str] = mapped_column(String(40))
    vendor: Mapped[str] = mapped_column(String(120), default="")


class SchoolPlatform(Base):
    """A platform in use at an organization from one day to another."""

    __tablename__ = "school_platforms"
    __table_args__ = (Index("ix_school_platforms_organization_id_valid_from", "organization_id", "valid_from"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    platform_id: Mapped[int] = mapped_column(ForeignKey("platforms.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Provider(Base):
    """A telecom, TV or post provider."""

    __tablename__ = "providers"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
