"""Articles that answer before anybody asks, their versions, and what came of them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.kernel.db import Base
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.knowledge.rules import ArticleState, Audience, ShownAt, best_language, is_valid, languages_of
from helpdesk.organizations.models import Organization


class Article(Base):
    """One article in up to three languages, for the part of the tree below `organization`; None: for the country.

    `key` names those that every installation starts with. `words` are of the edition of helpdesk/kernel/words.py that
    `edition` names.
    """

    __tablename__ = "articles"
    __table_args__ = (Index("ix_articles_words", "words", postgresql_using="gin"), UniqueConstraint("key"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str | None] = mapped_column(String(60))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"), index=True)
    audience: Mapped[Audience] = mapped_column(default=Audience.PUBLIC)
    state: Mapped[ArticleState] = mapped_column(default=ArticleState.DRAFT)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    category_codes: Mapped[list[str]]
    title_kk: Mapped[str] = mapped_column(String(160), default="")
    title_ru: Mapped[str] = mapped_column(String(160), default="")
    title_en: Mapped[str] = mapped_column(String(160), default="")
    body_kk: Mapped[str] = mapped_column(Text, default="")
    body_ru: Mapped[str] = mapped_column(Text, default="")
    body_en: Mapped[str] = mapped_column(Text, default="")
    author_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("staff.id"))
    changed_by: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    words: Mapped[str] = mapped_column(TSVECTOR, deferred=True)
    edition: Mapped[int] = mapped_column(SmallInteger)

    organization: Mapped[Organization | None] = relationship(lazy="raise")

    @property
    def titles(self) -> dict[str, str]:
        """By language; "" where there is none."""
        return {code: getattr(self, f"title_{code}") for code in LANGUAGES}

    @property
    def bodies(self) -> dict[str, str]:
        """By language; "" where there is none."""
        return {code: getattr(self, f"body_{code}") for code in LANGUAGES}

    @property
    def languages(self) -> tuple[str, ...]:
        """Those in which it can be read."""
        return languages_of(self.titles, self.bodies)

    def spoken(self, wanted: str) -> str:
        """The language in which somebody who wants this one gets it."""
        return best_language(wanted, self.languages)

    def title(self, wanted: str) -> str:
        """The title for somebody who wants this language; any title at all before none."""
        titles = self.titles
        return titles[self.spoken(wanted)] or next(filter(None, titles.values()), "")

    def body(self, wanted: str) -> str:
        """The text for somebody who wants this language."""
        return self.bodies[self.spoken(wanted)]

    def valid(self, day: date) -> bool:
        """Whether it may be suggested on this day."""
        return is_valid(self.valid_from, self.valid_until, day)


class ArticleVersion(Base):
    """What an article said once."""

    __tablename__ = "article_versions"

    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    saved_at: Mapped[datetime]
    saved_by: Mapped[int | None] = mapped_column(BigInteger)
    content: Mapped[dict[str, Any]]


class ArticleView(Base):
    """How often an article was shown on a day: nobody's name, nobody's address."""

    __tablename__ = "article_views"

    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    shown_at: Mapped[ShownAt] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    times: Mapped[int]


class ArticleVote(Base):
    """Whether it helped. `voter` is a hash whose key changes every day: it counts once and follows nobody."""

    __tablename__ = "article_votes"
    __table_args__ = (Index("ix_article_votes_day", "day"),)

    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    voter: Mapped[str] = mapped_column(String(64), primary_key=True)
    day: Mapped[date]
    shown_at: Mapped[ShownAt]
    language: Mapped[str] = mapped_column(String(2))
    helped: Mapped[bool]


class ArticleUse(Base):
    """An article whose link stands in an answer to a requester; once a ticket."""

    __tablename__ = "article_uses"
    __table_args__ = (Index("ix_article_uses_at", "at"),)

    article_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    ticket_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tickets.id"), primary_key=True, autoincrement=False, index=True
    )
    staff_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]
