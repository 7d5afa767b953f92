"""Articles that answer before anybody asks, what came of them, and whether people are satisfied."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"


def _kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def _of_an_article(table: str) -> list[sa.Column[int] | sa.ForeignKeyConstraint]:
    key = sa.ForeignKeyConstraint(
        ["article_id"], ["articles.id"], name=op.f(f"fk_{table}_article_id"), ondelete="CASCADE"
    )
    return [sa.Column("article_id", sa.BigInteger(), autoincrement=False, nullable=False), key]


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=True),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("audience", _kind("audience", "public", "staff"), nullable=False),
        sa.Column("state", _kind("articlestate", "draft", "published"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("category_codes", postgresql.ARRAY(sa.String(length=40)), nullable=False),
        *(sa.Column(f"title_{code}", sa.String(length=160), nullable=False) for code in ("kk", "ru", "en")),
        *(sa.Column(f"body_{code}", sa.Text(), nullable=False) for code in ("kk", "ru", "en")),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_articles_organization_id")),
        sa.ForeignKeyConstraint(["author_id"], ["staff.id"], name=op.f("fk_articles_author_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("key", name=op.f("uq_articles_key")),
    )
    op.create_index("ix_articles_words", "articles", ["words"], postgresql_using="gin")
    op.create_index("ix_articles_organization_id", "articles", ["organization_id"])
    op.create_table(
        "article_versions",
        *_of_an_article("article_versions"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.BigInteger(), nullable=True),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "version", name=op.f("pk_article_versions")),
    )
    op.create_table(
        "article_views",
        *_of_an_article("article_views"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shown_at", _kind("shownat", "help", "form"), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "day", "shown_at", "language", name=op.f("pk_article_views")),
    )
    op.create_table(
        "article_votes",
        *_of_an_article("article_votes"),
        sa.Column("voter", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("shown_at", _kind("shownat", "help", "form"), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", "voter", name=op.f("pk_article_votes")),
    )
    op.create_index("ix_article_votes_day", "article_votes", ["day"])
    op.create_table(
        "article_uses",
        *_of_an_article("article_uses"),
        sa.Column("ticket_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_article_uses_ticket_id")),
        sa.PrimaryKeyConstraint("article_id", "ticket_id", name=op.f("pk_article_uses")),
    )
    op.create_index("ix_article_uses_at", "article_uses", ["at"])
    op.create_index("ix_article_uses_ticket_id", "article_uses", ["ticket_id"])
    op.create_table(
        "opinions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("queue", _kind("queue", "technical", "methodological"), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grade", sa.SmallInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_opinions_ticket_id")),
        sa.ForeignKeyConstraint(["contact_id"], ["contacts.id"], name=op.f("fk_opinions_contact_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_opinions_desk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_opinions_entry_id")),
    )
    op.create_index("ix_opinions_ticket_id_id", "opinions", ["ticket_id", "id"])
    op.create_index("ix_opinions_contact_id_asked_at", "opinions", ["contact_id", "asked_at"])
    op.create_index("ix_opinions_desk_id_asked_at", "opinions", ["desk_id", "asked_at"])
