"""Lists of staff, people and old tickets, and taking a list back; recordings in the place of the synthetic voice;
passkeys."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

KINDS = ("organizations", "staff", "contacts", "tickets")


def _kind() -> sa.Enum:
    return sa.Enum(*KINDS, name="listkind", native_enum=False, create_constraint=True, length=30)


def _states(*values: str) -> None:
    op.drop_constraint("ck_import_runs_state_importstate", "import_runs")
    op.create_check_constraint(op.f("ck_import_runs_state_importstate"), "import_runs", sa.column("state").in_(values))


def upgrade() -> None:
    op.add_column("import_runs", sa.Column("kind", _kind(), nullable=False, server_default="organizations"))
    op.alter_column("import_runs", "kind", server_default=None)
    op.add_column("import_runs", sa.Column("at_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_import_runs_at_id"), "import_runs", "organizations", ["at_id"], ["id"])
    for name, kind, usual in (
        ("letters", sa.Boolean(), "false"),
        ("system", sa.String(length=20), ""),
        ("taken_back", sa.Integer(), "0"),
        ("kept", sa.Integer(), "0"),
    ):
        op.add_column("import_runs", sa.Column(name, kind, nullable=False, server_default=usual))
        op.alter_column("import_runs", name, server_default=None)
    _states("checked", "running", "done", "undoing", "undone")
    op.drop_index("ix_import_runs_running", "import_runs")
    op.create_index(
        "ix_import_runs_running", "import_runs", ["id"], postgresql_where=sa.text("state IN ('running','undoing')")
    )
    op.create_table(
        "import_marks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("object_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["import_runs.id"], name=op.f("fk_import_marks_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_marks")),
        sa.UniqueConstraint("key", name=op.f("uq_import_marks_key")),
    )
    op.create_index("ix_import_marks_run_id_id", "import_marks", ["run_id", "id"])
    # a ticket that is taken back takes along what it is found by
    op.drop_constraint("fk_ticket_words_ticket_id", "ticket_words")
    op.create_foreign_key(
        op.f("fk_ticket_words_ticket_id"), "ticket_words", "tickets", ["ticket_id"], ["id"], ondelete="CASCADE"
    )
    op.create_table(
        "voice_recordings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("piece_id", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id"], ["organizations.id"], name=op.f("fk_voice_recordings_organization_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_voice_recordings_by_id")),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_voice_recordings_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_recordings")),
    )
    op.create_index(
        "uq_voice_recordings_current",
        "voice_recordings",
        ["organization_id", "piece_id", "language"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index("ix_voice_recordings_digest", "voice_recordings", ["digest"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("last_challenge", sa.LargeBinary(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_passkeys_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkeys_credential_id")),
    )
    op.create_index("ix_passkeys_staff_id", "passkeys", ["staff_id"])


def downgrade() -> None:
    op.drop_table("passkeys")
    op.drop_table("voice_recordings")
    op.drop_constraint("fk_ticket_words_ticket_id", "ticket_words")
    op.create_foreign_key(op.f("fk_ticket_words_ticket_id"), "ticket_words", "tickets", ["ticket_id"], ["id"])
    op.drop_table("import_marks")
    # what only the newer house can read on
    op.execute("DELETE FROM import_runs WHERE kind <> 'organizations' OR state IN ('undoing', 'undone')")
    op.drop_index("ix_import_runs_running", "import_runs")
    op.create_index("ix_import_runs_running", "import_runs", ["id"], postgresql_where=sa.text("state = 'running'"))
    _states("checked", "running", "done")
    for name in ("kept", "taken_back", "system", "letters", "at_id", "kind"):
        op.drop_column("import_runs", name)
