"""Answers that are written once and used often."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.kernel.db import Base
from helpdesk.organizations.models import Organization
from helpdesk.tickets.answer_rules import AnswerMove, AssignTo
from helpdesk.tickets.rules import Resolution


class CannedAnswer(Base):
    """A text in three languages for the desks of an organization and of everything below it.

    `locked` is an official position: operators send it word for word. `move`, `resolution`, `category_code` and
    `assign_to` are done in the same step and make it a macro.
    """

    __tablename__ = "canned_answers"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    title_kk: Mapped[str] = mapped_column(String(120))
    title_ru: Mapped[str] = mapped_column(String(120))
    title_en: Mapped[str] = mapped_column(String(120))
    body_kk: Mapped[str] = mapped_column(Text, default="")
    body_ru: Mapped[str] = mapped_column(Text, default="")
    body_en: Mapped[str] = mapped_column(Text, default="")
    locked: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    move: Mapped[AnswerMove | None]
    resolution: Mapped[Resolution | None]
    category_code: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    assign_to: Mapped[AssignTo | None]
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(default=1)

    organization: Mapped[Organization] = relationship(lazy="raise")
