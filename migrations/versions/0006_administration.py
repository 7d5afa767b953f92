"""Administration: how staff get in, dated organizations, special days of desks, imports, failed jobs."""

import sqlalchemy as sa
from alembic import op

from helpdesk.kernel.i18n import fold, sort_key

revision = "0006"
down_revision = "0005"


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    _staff()
    _organizations()
    _imports_and_jobs()
    op.create_index("ix_journal_at", "journal", ["at"], postgresql_using="brin")


def _staff() -> None:
    op.add_column("staff", sa.Column("sort_key", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("search", sa.String(length=300), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    known = connection.execute(sa.text("SELECT id, name, email FROM staff")).all()
    # as helpdesk.identity.models.search_text said it when this was written
    rows = [
        {"id": id_, "sort_key": sort_key(name), "search": fold(f"{name} {email.partition('@')[0]} {email}")[:300]}
        for id_, name, email in known
    ]
    if rows:
        connection.execute(sa.text("UPDATE staff SET sort_key = :sort_key, search = :search WHERE id = :id"), rows)
    op.alter_column("staff", "sort_key", server_default=None)
    op.alter_column("staff", "search", server_default=None)
    op.create_index("ix_staff_sort_key", "staff", ["sort_key", "id"])
    op.create_index(
        "ix_staff_words", "staff", [sa.literal_column("to_tsvector('simple', search)")], postgresql_using="gin"
    )
    op.create_table(
        "staff_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", _enum("linkpurpose", "invitation", "password"), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_links_staff_id")),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_staff_links_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_links")),
    )
    op.create_index(op.f("ix_staff_links_staff_id"), "staff_links", ["staff_id"], unique=False)
    op.create_table(
        "second_factors",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_second_factors_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_second_factors")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_recovery_codes_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        sa.UniqueConstraint("staff_id", "code_hash", name=op.f("uq_recovery_codes_staff_id_code_hash")),
    )


def _organizations() -> None:
    op.add_column("organizations", sa.Column("code", sa.String(length=40), nullable=True))
    op.add_column("organizations", sa.Column("closed_on", sa.Date(), nullable=True))
    op.create_unique_constraint(op.f("uq_organizations_code"), "organizations", ["code"])
    op.create_table(
        "desk_special_days",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=True),
        sa.Column("closes", sa.Time(), nullable=True),
        sa.Column("reason", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_desk_special_days_desk_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_special_days")),
    )
    op.create_index(op.f("ix_desk_special_days_desk_id"), "desk_special_days", ["desk_id"], unique=False)


def _imports_and_jobs() -> None:
    op.create_table(
        "import_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=False),
        sa.Column("state", _enum("importstate", "checked", "running", "done"), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["staff.id"], name=op.f("fk_import_runs_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_index("ix_import_runs_running", "import_runs", ["id"], postgresql_where=sa.text("state = 'running'"))
    op.create_index("ix_import_runs_by_id", "import_runs", ["by_id", "id"])
    op.create_table(
        "failed_jobs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("ids", sa.dialects.postgresql.JSONB(), nullable=False),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_failed_jobs_key")),
    )
    op.create_index(
        "ix_failed_jobs_open", "failed_jobs", ["failed_at", "id"], postgresql_where=sa.text("settled_at IS NULL")
    )
    op.create_index("ix_failed_jobs_retry", "failed_jobs", ["id"], postgresql_where=sa.text("retry_at IS NOT NULL"))
