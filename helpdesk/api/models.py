"""What was answered to a request that must not be done twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class ApiAnswer(Base):
    """The answer to the first request with a key of idempotency, kept for a day; `request` is the hash of what was
    asked."""

    __tablename__ = "api_answers"
    __table_args__ = (Index("ix_api_answers_token_id_created_at", "token_id", "created_at"),)

    token_id: Mapped[int] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(SmallInteger)
    body: Mapped[dict[str, Any] | None]
    headers: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
