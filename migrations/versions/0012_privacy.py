"""Erasures with their acts, terms of keeping, the log of breaches, and which consent a request came with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

_FINISHED = sa.text("erased_at IS NULL AND state IN ('resolved','closed')")


def _kind(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def _moment(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.add_column("contacts", _moment("erased_at", nullable=True))
    op.add_column("tickets", _moment("erased_at", nullable=True))
    op.add_column("tickets", sa.Column("consent_version", sa.String(length=20), nullable=True))
    op.add_column("letters", sa.Column("carries_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_tickets_to_erase", "tickets", ["updated_at"], postgresql_where=_FINISHED)
    op.create_index("ix_calls_numbered", "calls", ["started_at"], postgresql_where=sa.text("from_number IS NOT NULL"))
    op.create_table(
        "erasures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("basis", _kind("basis", "demand", "withdrawn", "court", "mistake"), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("state", _kind("erasurestate", "running", "done"), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("files", postgresql.JSONB(), nullable=False),
        _moment("created_at"),
        _moment("finished_at", nullable=True),
        _key("erasures", "contact_id", "contacts.id"),
        _key("erasures", "organization_id", "organizations.id"),
        _key("erasures", "staff_id", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index("ix_erasures_contact_id", "erasures", ["contact_id"])
    op.create_index("ix_erasures_organization_id_id", "erasures", ["organization_id", "id"])
    op.create_index(
        "uq_erasures_running", "erasures", ["contact_id"], unique=True, postgresql_where=sa.text("state = 'running'")
    )
    op.create_table(
        "retention_rules",
        sa.Column(
            "kind", _kind("kept", "tickets", "appeals", "calls", "rejected_mail", "lists", "journal"), nullable=False
        ),
        sa.Column("days", sa.Integer(), nullable=True),
        _moment("changed_at"),
        sa.Column("changed_by", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_retention_rules")),
    )
    states = ("suspected", "confirmed", "reported", "dismissed", "closed")
    op.create_table(
        "breaches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("state", _kind("breachstate", *states), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("data", sa.String(length=300), nullable=False),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        _moment("noticed_at"),
        _moment("report_by"),
        _moment("reported_at", nullable=True),
        _moment("people_told_at", nullable=True),
        _moment("overdue_at", nullable=True),
        sa.Column("created_by", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _key("breaches", "organization_id", "organizations.id"),
        _key("breaches", "ticket_id", "tickets.id"),
        _key("breaches", "created_by", "staff.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breaches")),
    )
    op.create_index("uq_breaches_ticket_id", "breaches", ["ticket_id"], unique=True)
    op.create_index("ix_breaches_organization_id_id", "breaches", ["organization_id", "id"])
    op.create_index(
        "ix_breaches_unreported",
        "breaches",
        ["report_by"],
        postgresql_where=sa.text("state IN ('suspected','confirmed') AND overdue_at IS NULL"),
    )
