"""Work on many tickets at once, and drafts that outlive the browser they were typed in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "bulk_actions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "verb",
            sa.Enum(
                "assign",
                "queue",
                "resolve",
                "note",
                name="bulkverb",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("arguments", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "running", "stopped", "done", name="bulkstate", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("undoes_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_bulk_actions_staff_id")),
        sa.ForeignKeyConstraint(["undoes_id"], ["bulk_actions.id"], name=op.f("fk_bulk_actions_undoes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_actions")),
        sa.UniqueConstraint("undoes_id", name=op.f("uq_bulk_actions_undoes_id")),
    )
    op.create_index(
        "ix_bulk_actions_running", "bulk_actions", ["id"], unique=False, postgresql_where=sa.text("state = 'running'")
    )
    op.create_index("ix_bulk_actions_staff_id_id", "bulk_actions", ["staff_id", "id"], unique=False)
    op.create_table(
        "bulk_items",
        sa.Column("bulk_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("waiting", "done", "left", name="itemstate", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["bulk_id"], ["bulk_actions.id"], name=op.f("fk_bulk_items_bulk_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_bulk_items_ticket_id")),
        sa.PrimaryKeyConstraint("bulk_id", "ticket_id", name=op.f("pk_bulk_items")),
    )
    op.create_index(
        "ix_bulk_items_left",
        "bulk_items",
        ["bulk_id", "position"],
        unique=False,
        postgresql_where=sa.text("state = 'left'"),
    )
    op.create_index(
        "ix_bulk_items_waiting",
        "bulk_items",
        ["bulk_id", "position"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "drafts",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("reply", "note", name="draftkind", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_drafts_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_drafts_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "staff_id", "kind", name=op.f("pk_drafts")),
    )
    op.create_index("ix_drafts_updated_at", "drafts", ["updated_at"], unique=False)
