"""Categories of enquiries: stable codes, names as data."""

from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.routing.rules import Priority, Queue


class Category(Base):
    """What a ticket is about, and what follows from it before anybody reads it.

    `condition` names the rule by which base values change (a lesson is running, the school year ends); None for most.
    """

    __tablename__ = "categories"

    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    group: Mapped[str] = mapped_column(String(12))
    name_kk: Mapped[str] = mapped_column(String(120))
    name_ru: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    queue: Mapped[Queue]
    base_priority: Mapped[Priority]
    profile: Mapped[str] = mapped_column(ForeignKey("sla_profiles.code"))
    level: Mapped[str] = mapped_column(String(120))
    condition: Mapped[str | None] = mapped_column(String(30))
    fields: Mapped[str] = mapped_column(String(200), default="")
    choice: Mapped[int | None] = mapped_column(SmallInteger, index=True)
    search: Mapped[str] = mapped_column(String(400), default="")
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def name(self, language: str) -> str:
        """The name in kk, ru or en."""
        return str(getattr(self, f"name_{language}"))
