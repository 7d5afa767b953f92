"""Categories of enquiries: stable codes, names as data."""

from typing import Any

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.routing.rules import CategoryValues, Condition, Priority, Queue


class Category(Base):
    """What a ticket is about, and what follows from it before anybody reads it.

    `condition` names the rule by which base values change (a lesson is running, a quarter ends); None for most.
    `fields` are what is asked besides, apart by commas; `extra` may say that the category is `restricted`.
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
    condition: Mapped[Condition | None]
    fields: Mapped[str] = mapped_column(String(200), default="")
    choice: Mapped[int | None] = mapped_column(SmallInteger, index=True)
    search: Mapped[str] = mapped_column(String(400), default="")
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def name(self, language: str) -> str:
        """The name in kk, ru or en."""
        return str(getattr(self, f"name_{language}"))

    def values(self) -> CategoryValues:
        """The category apart from its row, as the rules take it."""
        return CategoryValues(
            code=self.code,
            queue=self.queue,
            base_priority=self.base_priority,
            profile=self.profile,
            level=self.level,
            condition=self.condition,
            group=self.group,
            name_kk=self.name_kk,
            name_ru=self.name_ru,
            name_en=self.name_en,
            fields=tuple(field for field in self.fields.split(", ") if field),
            choice=self.choice,
            search=self.search,
            restricted=bool(self.extra.get("restricted")),
            off=bool(self.extra.get("off")),
        )
