"""People who ask for help, their families and pupils."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from helpdesk.contacts.rules import HouseholdCategory, PreferredChannel, RequesterRole
from helpdesk.kernel.db import Base
from helpdesk.kernel.words import name_words


class Household(Base):
    """A family: one call or form may concern several of its pupils."""

    __tablename__ = "households"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    created_at: Mapped[datetime]


class HouseholdCategoryPeriod(Base):
    """A family's category from one day to another."""

    __tablename__ = "household_categories"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    category: Mapped[HouseholdCategory]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class Contact(Base):
    """A person as we know them. A phone is not a person: numbers may be shared, hidden or many."""

    __tablename__ = "contacts"
    __table_args__ = (
        Index("ix_contacts_search", "search", postgresql_ops={"search": "text_pattern_ops"}),
        Index("ix_contacts_name_words", text("to_tsvector('simple', name_words)"), postgresql_using="gin"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("households.id"), index=True)
    region_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    sort_key: Mapped[str] = mapped_column(String(200), default="")
    search: Mapped[str] = mapped_column(String(200), default="")
    name_words: Mapped[str] = mapped_column(String(400), default="")
    role: Mapped[RequesterRole] = mapped_column(default=RequesterRole.PARENT)
    language: Mapped[str] = mapped_column(String(2), default="kk")
    preferred_channel: Mapped[PreferredChannel | None]
    preferred_hours: Mapped[str] = mapped_column(String(60), default="")
    settlement: Mapped[str] = mapped_column(String(120), default="")
    hearing_note: Mapped[str] = mapped_column(String(200), default="")
    consent: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]
    # from then on nothing here says who this was (privacy/erasing.py)
    erased_at: Mapped[datetime | None]

    phones: Mapped[list["ContactPhone"]] = relationship(lazy="selectin", order_by="ContactPhone.id")
    emails: Mapped[list["ContactEmail"]] = relationship(lazy="selectin", order_by="ContactEmail.id")

    @validates("name")
    def _spelt(self, _key: str, name: str) -> str:
        """Whoever names a person, the words that the name is found by follow."""
        self.name_words = " ".join(name_words(name))[:400]
        return name


class ContactPhone(Base):
    """A number that reaches a person; not unique, families share phones."""

    __tablename__ = "contact_phones"
    __table_args__ = (UniqueConstraint("contact_id", "number"), Index("ix_contact_phones_number", "number"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    number: Mapped[str] = mapped_column(String(20))


class ContactEmail(Base):
    """An address that reaches a person, in small letters; `bounced_at` marks one that letters came back from."""

    __tablename__ = "contact_emails"
    __table_args__ = (UniqueConstraint("contact_id", "address"), Index("ix_contact_emails_address", "address"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    address: Mapped[str] = mapped_column(String(254))
    bounced_at: Mapped[datetime | None]


class Pupil(Base):
    """A child or student of a household: first name and initial are enough for lists."""

    __tablename__ = "pupils"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("households.id"), index=True)
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    grade: Mapped[int | None]
    letter: Mapped[str] = mapped_column(String(2), default="")
    course: Mapped[int | None]
    group: Mapped[str] = mapped_column(String(40), default="")
    shift: Mapped[int | None]
    instruction_language: Mapped[str] = mapped_column(String(10), default="")
