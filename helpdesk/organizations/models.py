"""The tree of organizations and the desk that each may run."""

from datetime import date, time

from sqlalchemy import ForeignKey, Identity, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.kernel.db import Base
from helpdesk.organizations.rules import CallbackMode, Kind, Ownership, Status


class Organization(Base):
    """A ministry, department, school, college, university or kindergarten.

    `parent_id` and `path` are the tree of today; `organization_parents` keeps who belonged where and when.
    """

    __tablename__ = "organizations"
    __table_args__ = (
        Index("ix_organizations_path", "path", postgresql_ops={"path": "text_pattern_ops"}),
        # type-ahead: any word of the search text by its beginning
        Index("ix_organizations_words", text("to_tsvector('simple', search)"), postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    path: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[Kind]
    number: Mapped[str | None] = mapped_column(String(20))
    name_kk: Mapped[str] = mapped_column(String(300))
    name_ru: Mapped[str] = mapped_column(String(300))
    name_en: Mapped[str] = mapped_column(String(300))
    short_kk: Mapped[str] = mapped_column(String(80))
    short_ru: Mapped[str] = mapped_column(String(80))
    short_en: Mapped[str] = mapped_column(String(80))
    sort_key: Mapped[str] = mapped_column(String(200), default="")
    search: Mapped[str] = mapped_column(String(700), default="")
    kato: Mapped[str | None] = mapped_column(String(9))
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Almaty")
    ownership: Mapped[Ownership] = mapped_column(default=Ownership.STATE)
    rural: Mapped[bool] = mapped_column(default=False)
    ungraded: Mapped[bool] = mapped_column(default=False)
    contingent: Mapped[int | None]
    # how the organization is known to the list that it is imported from
    code: Mapped[str | None] = mapped_column(String(40), unique=True)
    # from this day on it takes no requests; its past stays
    closed_on: Mapped[date | None]

    def name(self, language: str) -> str:
        """The full name in kk, ru or en."""
        return str(getattr(self, f"name_{language}"))

    def short(self, language: str) -> str:
        """The short name for lists."""
        return str(getattr(self, f"short_{language}"))


class OrganizationParent(Base):
    """Under whom an organization stood from one day to another; figures of past periods follow it."""

    __tablename__ = "organization_parents"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class OrganizationStatus(Base):
    """Open, duty groups only, closed or suspended, on given days and why."""

    __tablename__ = "organization_statuses"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), index=True)
    status: Mapped[Status]
    reason: Mapped[str] = mapped_column(String(300), default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Desk(Base):
    """The 1450 desk of an organization; its key is the organization's, there is at most one each."""

    __tablename__ = "desks"

    id: Mapped[int] = mapped_column(ForeignKey("organizations.id"), primary_key=True, autoincrement=False)
    languages: Mapped[list[str]]
    active_from: Mapped[date | None]
    active_to: Mapped[date | None]
    overflow_to_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    overflow_after_seconds: Mapped[int] = mapped_column(default=300)
    records_calls: Mapped[bool] = mapped_column(default=False)
    around_the_clock: Mapped[bool] = mapped_column(default=False)
    dials_from: Mapped[time] = mapped_column(default=time(9, 0))
    dials_to: Mapped[time] = mapped_column(default=time(20, 0))
    promise_minutes: Mapped[int | None]
    area_code: Mapped[str] = mapped_column(String(5), default="")
    callback_mode: Mapped[CallbackMode] = mapped_column(default=CallbackMode.OPERATOR_FIRST)
    # whoever waited and gave up is called back without having asked
    calls_abandoned_back: Mapped[bool] = mapped_column(default=False)
    wrapup_seconds: Mapped[int] = mapped_column(default=90)
    # days on which the desk opens; 0: never
    reminds_after_days: Mapped[int] = mapped_column(default=3)
    settles_after_days: Mapped[int] = mapped_column(default=7)
    # the trunk connects 112 and 111; elsewhere these numbers are only spoken
    dials_service_numbers: Mapped[bool] = mapped_column(default=False)

    organization: Mapped[Organization] = relationship(lazy="joined", innerjoin=True)
    hours: Mapped[list["DeskHours"]] = relationship(lazy="selectin", order_by="DeskHours.weekday, DeskHours.opens")
    special_days: Mapped[list["DeskSpecialDay"]] = relationship(
        lazy="selectin", order_by="DeskSpecialDay.day, DeskSpecialDay.opens"
    )


class DeskHours(Base):
    """One opening interval of a weekday (0 is Monday); several a day make a lunch break."""

    __tablename__ = "desk_hours"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"), index=True)
    weekday: Mapped[int] = mapped_column(SmallInteger)
    opens: Mapped[time]
    closes: Mapped[time]


class DeskSpecialDay(Base):
    """One opening interval of a single day, instead of the weekday's; without hours the desk is closed that day."""

    __tablename__ = "desk_special_days"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"), index=True)
    day: Mapped[date]
    opens: Mapped[time | None]
    closes: Mapped[time | None]
    reason: Mapped[str] = mapped_column(String(120), default="")


class DeskNumber(Base):
    """A telephone number that reaches a desk; the short number 1450 belongs to no single one."""

    __tablename__ = "desk_numbers"

    number: Mapped[str] = mapped_column(String(20), primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"), index=True)


class DeskMailbox(Base):
    """An address whose letters become tickets of a desk."""

    __tablename__ = "desk_mailboxes"
    __table_args__ = (UniqueConstraint("address"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"), index=True)
