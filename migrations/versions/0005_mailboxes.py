"""Mailboxes elsewhere that letters are fetched from."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "mailboxes",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column(
            "encryption",
            sa.Enum("tls", "starttls", "none", name="encryption", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("login", sa.String(length=254), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("takes_old", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("uid_validity", sa.BigInteger(), nullable=True),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("last_error", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_mailboxes_desk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailboxes")),
        sa.UniqueConstraint("host", "login", "folder", name=op.f("uq_mailboxes_host_login_folder")),
    )
    op.create_index("ix_mailboxes_address_id", "mailboxes", ["address", "id"], unique=False)
    op.create_index(op.f("ix_mailboxes_desk_id"), "mailboxes", ["desk_id"], unique=False)
    op.create_index(
        "ix_mailboxes_due", "mailboxes", ["next_attempt_at", "id"], unique=False, postgresql_where=sa.text("active")
    )
