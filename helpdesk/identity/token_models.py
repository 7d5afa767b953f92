"""Tokens with which other systems ask, and what was answered to requests that must not be done twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class ApiToken(Base):
    """A token acts for one member of staff, in the part of the tree at and below `organization_id`, as far as `scopes`
    go. Only its hash is kept; `ending` are its last four signs, by which people know it again."""

    __tablename__ = "api_tokens"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64))
    ending: Mapped[str] = mapped_column(String(4))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    scopes: Mapped[list[str]]
    created_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class TokenAnswer(Base):
    """The answer to the first request with a key of idempotency, kept for a day; `request` is the hash of what was
    asked."""

    __tablename__ = "token_answers"
    __table_args__ = (Index("ix_token_answers_created_at", "created_at"),)

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(SmallInteger)
    body: Mapped[dict[str, Any] | None]
    headers: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
