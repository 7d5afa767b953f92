"""Views of the board that somebody saved; how long a ticket waits, and until when it is put off."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _enum(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("filter", sa.String(length=300), nullable=False),
        sa.Column("sorted_by", _enum("due", "newest", "oldest", "priority", name="order"), nullable=False),
        sa.Column("scope", _enum("own", "desk", "below", name="scope"), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(scope = 'own') = (organization_id IS NULL)", name=op.f("ck_saved_views_shared_somewhere")),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_saved_views_organization_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_saved_views_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
    )
    op.create_index("ix_saved_views_organization_id", "saved_views", ["organization_id"], unique=False)
    op.create_index("ix_saved_views_owner_id", "saved_views", ["owner_id"], unique=False)
    op.create_table(
        "view_places",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("view_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_view_places_staff_id")),
        sa.ForeignKeyConstraint(["view_id"], ["saved_views.id"], name=op.f("fk_view_places_view_id")),
        sa.PrimaryKeyConstraint("staff_id", "view_id", name=op.f("pk_view_places")),
    )
    op.create_index("ix_view_places_view_id", "view_places", ["view_id"], unique=False)
    for name, days in (("reminds_after_days", "3"), ("settles_after_days", "7")):
        op.add_column("desks", sa.Column(name, sa.Integer(), nullable=False, server_default=days))
        op.alter_column("desks", name, server_default=None)
    op.add_column(
        "ticket_pauses", sa.Column("patience_begun", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    )
    op.alter_column("ticket_pauses", "patience_begun", server_default=None)
    for name in ("remind_at", "settle_at"):
        op.add_column("ticket_pauses", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        where = sa.text(f"{name} IS NOT NULL")
        op.create_index(f"ix_ticket_pauses_{name}", "ticket_pauses", [name], unique=False, postgresql_where=where)
    op.add_column("tickets", sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_tickets_snoozed_until",
        "tickets",
        ["snoozed_until"],
        unique=False,
        postgresql_where=sa.text("snoozed_until IS NOT NULL"),
    )
