"""Staff, what they may do and where, and when they work."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel.db import Base
from helpdesk.kernel.i18n import fold, sort_key

LONGEST_SEARCH = 300


def search_text(name: str, email: str) -> str:
    """What a member of staff is found by: words of the name and of the address as they are typed without ә ғ қ."""
    return fold(f"{name} {email.partition('@')[0]} {email}")[:LONGEST_SEARCH]


def _given(context: DefaultExecutionContext) -> dict[str, object]:
    found: dict[str, object] = context.get_current_parameters()  # type: ignore[no-untyped-call]
    return found


def _sort_key(context: DefaultExecutionContext) -> str:
    return sort_key(str(_given(context)["name"]))


def _search(context: DefaultExecutionContext) -> str:
    given = _given(context)
    return search_text(str(given["name"]), str(given["email"]))


class Staff(Base):
    """A person who works at desks. Never deleted, only deactivated: the journal names them."""

    __tablename__ = "staff"
    __table_args__ = (
        Index("uq_staff_email", text("lower(email)"), unique=True),
        Index("ix_staff_sort_key", "sort_key", "id"),
        Index("ix_staff_words", text("to_tsvector('simple', search)"), postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2), default="kk")
    languages: Mapped[list[str]]
    skills: Mapped[list[str]]
    mobile: Mapped[str | None] = mapped_column(String(20))
    active: Mapped[bool] = mapped_column(default=True)
    session_version: Mapped[int] = mapped_column(default=1)
    sort_key: Mapped[str] = mapped_column(String(200), default=_sort_key)
    search: Mapped[str] = mapped_column(String(LONGEST_SEARCH), default=_search)
    signed_in_at: Mapped[datetime | None]

    roles: Mapped[list["StaffRole"]] = relationship(lazy="selectin")
    permissions: Mapped[list["StaffPermission"]] = relationship(lazy="selectin")


class StaffRole(Base):
    """A role over an organization and everything below it."""

    __tablename__ = "staff_roles"
    __table_args__ = (UniqueConstraint("staff_id", "role", "organization_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    role: Mapped[Role]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)


class StaffPermission(Base):
    """A permission by name over an organization and everything below it."""

    __tablename__ = "staff_permissions"
    __table_args__ = (UniqueConstraint("staff_id", "permission", "organization_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    permission: Mapped[Permission]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)


class Group(Base):
    """People of one desk who share work (the platform team, the methodologists)."""

    __tablename__ = "groups"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))


class GroupMember(Base):
    __tablename__ = "group_members"

    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, index=True)


class Shift(Base):
    """When somebody works at a desk."""

    __tablename__ = "shifts"
    __table_args__ = (Index("ix_shifts_desk_id_starts_at", "desk_id", "starts_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
