"""Tickets that become one, that name each other, and answers that are written once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"


def _enum(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.add_column("tickets", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_tickets_merged_into_id"), "tickets", "tickets", ["merged_into_id"], ["id"])
    op.create_index(
        "ix_tickets_merged_into_id",
        "tickets",
        ["merged_into_id"],
        unique=False,
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_table(
        "ticket_merges",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("into_id", sa.BigInteger(), nullable=False),
        sa.Column("same_person", sa.Boolean(), nullable=False),
        sa.Column("theirs", postgresql.JSONB(), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("after", postgresql.JSONB(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_merges_ticket_id")),
        sa.ForeignKeyConstraint(["into_id"], ["tickets.id"], name=op.f("fk_ticket_merges_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_merges")),
    )
    op.create_index(
        "uq_ticket_merges_ticket_id",
        "ticket_merges",
        ["ticket_id"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index(
        "ix_ticket_merges_into_id",
        "ticket_merges",
        ["into_id"],
        unique=False,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "ticket_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", _enum("related", "child", "split", "family", "follows", name="linkkind"), nullable=False),
        sa.Column("from_id", sa.BigInteger(), nullable=False),
        sa.Column("to_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["from_id"], ["tickets.id"], name=op.f("fk_ticket_links_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["tickets.id"], name=op.f("fk_ticket_links_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint("from_id", "to_id", name=op.f("uq_ticket_links_from_id_to_id")),
    )
    op.create_index("ix_ticket_links_to_id", "ticket_links", ["to_id"], unique=False)
    op.create_index(
        "uq_ticket_links_parent",
        "ticket_links",
        ["from_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'child'"),
    )
    op.create_table(
        "canned_answers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("title_kk", sa.String(length=120), nullable=False),
        sa.Column("title_ru", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=120), nullable=False),
        sa.Column("body_kk", sa.Text(), nullable=False),
        sa.Column("body_ru", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("move", _enum("wait", "resolve", name="answermove"), nullable=True),
        sa.Column(
            "resolution",
            _enum(
                "solved",
                "workaround",
                "answered",
                "redirected",
                "duplicate",
                "not_reached",
                "withdrawn",
                "spam",
                name="resolution",
            ),
            nullable=True,
        ),
        sa.Column("category_code", sa.String(length=5), nullable=True),
        sa.Column("assign_to", _enum("me", "nobody", name="assignto"), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["category_code"], ["categories.code"], name=op.f("fk_canned_answers_category_code")),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_canned_answers_organization_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_answers")),
    )
    op.create_index("ix_canned_answers_organization_id", "canned_answers", ["organization_id"], unique=False)
