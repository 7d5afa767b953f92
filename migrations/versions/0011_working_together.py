"""Tickets that are handed on between desks."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def _enum(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "handovers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("way", _enum("up", "down", "redirect", name="way"), nullable=False),
        sa.Column("from_desk_id", sa.Integer(), nullable=False),
        sa.Column("to_desk_id", sa.Integer(), nullable=True),
        sa.Column("addressee", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_by", sa.BigInteger(), nullable=True),
        sa.Column("return_reason", sa.Text(), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(to_desk_id IS NULL) = (addressee <> '')", name=op.f("ck_handovers_goes_somewhere")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_handovers_ticket_id")),
        sa.ForeignKeyConstraint(["from_desk_id"], ["desks.id"], name=op.f("fk_handovers_from_desk_id")),
        sa.ForeignKeyConstraint(["to_desk_id"], ["desks.id"], name=op.f("fk_handovers_to_desk_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["staff.id"], name=op.f("fk_handovers_sent_by")),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["staff.id"], name=op.f("fk_handovers_acknowledged_by")),
        sa.ForeignKeyConstraint(["returned_by"], ["staff.id"], name=op.f("fk_handovers_returned_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    op.create_index("ix_handovers_from_desk_id_id", "handovers", ["from_desk_id", "id"], unique=False)
    op.create_index("ix_handovers_ticket_id", "handovers", ["ticket_id"], unique=False)
    op.add_column("tickets", sa.Column("handover_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_tickets_handover_id"), "tickets", "handovers", ["handover_id"], ["id"])
    op.add_column("tickets", sa.Column("acknowledge_by", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("tickets", "acknowledge_by")
    op.drop_column("tickets", "handover_id")
    op.drop_table("handovers")
