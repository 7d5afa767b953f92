"""SLA profiles and holidays, as rows that administrators edit."""

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.sla.rules import Amount, Clock, DayKind, Profile, Unit


class SlaProfile(Base):
    """How soon a ticket is answered and resolved. An amount without a unit is not promised.

    `first_response`, `update_every` and `resolution` are whole numbers of their unit: working minutes of the desk,
    working days, or months of the calendar. An edit raises `version`; tickets keep in their derivation which one held.
    """

    __tablename__ = "sla_profiles"

    code: Mapped[str] = mapped_column(String(10), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    clock: Mapped[Clock]
    first_response: Mapped[int | None]
    first_response_unit: Mapped[Unit | None]
    update_every: Mapped[int | None]
    update_unit: Mapped[Unit | None]
    resolution: Mapped[int | None]
    resolution_unit: Mapped[Unit | None]
    pausable: Mapped[bool] = mapped_column(default=True)

    def values(self) -> Profile:
        """The profile apart from its row, as the rules take it."""
        return Profile(
            code=self.code,
            version=self.version,
            clock=self.clock,
            first_response=_amount(self.first_response, self.first_response_unit),
            update_every=_amount(self.update_every, self.update_unit),
            resolution=_amount(self.resolution, self.resolution_unit),
            pausable=self.pausable,
        )


def _amount(number: int | None, unit: Unit | None) -> Amount | None:
    return None if number is None or unit is None else Amount(number, unit)


class Holiday(Base):
    """A day whose working time differs by law: a day off, or a working day moved to a weekend.

    Without an organization it holds for the whole country; with one, for it and everything below.
    """

    __tablename__ = "holidays"
    __table_args__ = (
        Index(
            "uq_holidays_day_organization_id", "day", "organization_id", unique=True, postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("length(name_kk) > 0 AND length(name_ru) > 0", name="named"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    day: Mapped[date]
    kind: Mapped[DayKind] = mapped_column(default=DayKind.DAY_OFF)
    name_kk: Mapped[str] = mapped_column(String(120))
    name_ru: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    estimated: Mapped[bool] = mapped_column(default=False)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
