"""Tickets that are handed on between desks; watchers, and what staff are told; tags."""

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
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
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
    only = sa.text("acknowledge_by IS NOT NULL")
    op.create_index("ix_tickets_acknowledge_by", "tickets", ["acknowledge_by"], unique=False, postgresql_where=only)

    _watchers_and_notices()
    _tags()


def _watchers_and_notices() -> None:
    op.create_table(
        "watchers",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_watchers_ticket_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_watchers_staff_id")),
        sa.PrimaryKeyConstraint("ticket_id", "staff_id", name=op.f("pk_watchers")),
    )
    op.create_index("ix_watchers_staff_id", "watchers", ["staff_id"], unique=False)
    kinds = (
        "mentioned",
        "assigned",
        "heard",
        "noted",
        "changed",
        "breached",
        "acknowledged",
        "sent_back",
        "unacknowledged",
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _enum(*kinds, name="noticekind"), nullable=False),
        sa.Column("why", _enum("named", "holder", "watcher", "sender", name="why"), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wants_letter", sa.Boolean(), nullable=False),
        sa.Column("lettered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notices_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_notices_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.alter_column("notices", "times", server_default=None)
    for name, columns, unique, where in (
        ("ix_notices_unread", ["staff_id", "ticket_id", "kind"], True, "read_at IS NULL"),
        ("ix_notices_ticket_id_staff_id", ["ticket_id", "staff_id"], False, None),
        ("ix_notices_staff_id_at_id", ["staff_id", "at", "id"], False, None),
        ("ix_notices_to_letter", ["staff_id", "at"], False, "wants_letter AND read_at IS NULL AND lettered_at IS NULL"),
        ("ix_notices_read_at", ["read_at"], False, "read_at IS NOT NULL"),
    ):
        only = sa.text(where) if where else None
        op.create_index(name, "notices", columns, unique=unique, postgresql_where=only)
    op.create_table(
        "notice_wishes",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", _enum(*kinds, name="noticekind"), nullable=False),
        sa.Column("way", _enum("off", "pages", "letter", name="noticeway"), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_wishes_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", "kind", name=op.f("pk_notice_wishes")),
    )
    op.create_table(
        "notice_letters",
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_notice_letters_staff_id")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_notice_letters")),
    )


def _tags() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("organization_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"], name=op.f("fk_tags_organization_id")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["tags.id"], name=op.f("fk_tags_merged_into_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tags")),
        sa.UniqueConstraint("organization_id", "key", name=op.f("uq_tags_organization_id_key")),
    )
    op.create_index("ix_tags_key", "tags", ["key"], unique=False, postgresql_ops={"key": "text_pattern_ops"})
    op.create_index("ix_tags_merged_into_id", "tags", ["merged_into_id"], unique=False)
    op.create_table(
        "ticket_tags",
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_tags_ticket_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name=op.f("fk_ticket_tags_tag_id")),
        sa.PrimaryKeyConstraint("ticket_id", "tag_id", name=op.f("pk_ticket_tags")),
    )
    op.create_index("ix_ticket_tags_tag_id_ticket_id", "ticket_tags", ["tag_id", "ticket_id"], unique=False)
