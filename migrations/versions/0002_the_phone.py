"""The phone: transfers, supervisors, recordings, rules of numbers, closed queues, and where operators were."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "presence_spans",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offline",
                "ready",
                "break",
                "reserved",
                "talking",
                "wrapup",
                name="presencestate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_presence_spans_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence_spans")),
    )
    op.create_index(
        "ix_presence_spans_call_id",
        "presence_spans",
        ["call_id"],
        unique=False,
        postgresql_where=sa.text("call_id IS NOT NULL"),
    )
    op.create_index("ix_presence_spans_from_at", "presence_spans", ["from_at"], unique=False)
    op.create_index(
        "ix_presence_spans_open",
        "presence_spans",
        ["staff_id"],
        unique=False,
        postgresql_where=sa.text("until_at IS NULL"),
    )
    op.create_index("ix_presence_spans_staff_id_from_at", "presence_spans", ["staff_id", "from_at"], unique=False)
    op.create_table(
        "number_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "rule",
            sa.Enum("blocked", "do_not_call", name="numberrule", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_number_rules_desk_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_number_rules_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_rules")),
        sa.UniqueConstraint("number", "rule", "desk_id", name=op.f("uq_number_rules_number_rule_desk_id")),
    )
    op.create_index(op.f("ix_number_rules_desk_id"), "number_rules", ["desk_id"], unique=False)
    op.create_table(
        "queue_closures",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column(
            "queue",
            sa.Enum("technical", "methodological", name="queue", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("closed_by", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reopened_by", sa.BigInteger(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_queue_closures_closed_by")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_queue_closures_desk_id")),
        sa.ForeignKeyConstraint(["reopened_by"], ["staff.id"], name=op.f("fk_queue_closures_reopened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue_closures")),
    )
    op.create_index(
        "uq_queue_closures_open",
        "queue_closures",
        ["desk_id", "queue"],
        unique=True,
        postgresql_where=sa.text("reopened_at IS NULL"),
    )
    op.create_table(
        "alarms",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("raised_by", sa.BigInteger(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_by", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["acknowledged_by"], ["staff.id"], name=op.f("fk_alarms_acknowledged_by")),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_alarms_call_id")),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_alarms_desk_id")),
        sa.ForeignKeyConstraint(["raised_by"], ["staff.id"], name=op.f("fk_alarms_raised_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
        sa.UniqueConstraint("call_id", name=op.f("uq_alarms_call_id")),
    )
    op.create_index("ix_alarms_desk_id_raised_at", "alarms", ["desk_id", "raised_at"], unique=False)
    op.create_index(
        "ix_alarms_open", "alarms", ["desk_id"], unique=False, postgresql_where=sa.text("acknowledged_at IS NULL")
    )
    op.create_table(
        "service_dials",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "number",
            sa.Enum("112", "111", name="service", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "dialling",
                "ringing",
                "talking",
                "ended",
                "failed",
                name="servicestate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("leg_sid", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dialled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_service_dials_call_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_service_dials_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_dials")),
        sa.UniqueConstraint("token", name=op.f("uq_service_dials_token")),
    )
    op.create_index(op.f("ix_service_dials_call_id"), "service_dials", ["call_id"], unique=False)
    op.create_index(
        "uq_service_dials_open",
        "service_dials",
        ["call_id", "number"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked','dialling','ringing','talking')"),
    )
    op.create_index(
        "ix_service_dials_unsettled",
        "service_dials",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('asked','dialling','ringing','talking')"),
    )
    op.create_table(
        "recordings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "voicemail", "conversation", name="recordingkind", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "wanted",
                "running",
                "paused",
                "completed",
                "absent",
                "imported",
                "erased",
                name="recordingstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("sid", sa.String(length=64), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("bytes", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("stored", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erase_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_recordings_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recordings")),
        sa.UniqueConstraint("sid", name=op.f("uq_recordings_sid")),
    )
    op.create_index(op.f("ix_recordings_call_id"), "recordings", ["call_id"], unique=False)
    op.create_index(op.f("ix_recordings_ticket_id"), "recordings", ["ticket_id"], unique=False)
    op.create_index(
        "ix_recordings_open",
        "recordings",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('wanted','running','paused')"),
    )
    op.create_index(
        "ix_recordings_to_erase",
        "recordings",
        ["erase_at"],
        unique=False,
        postgresql_where=sa.text("state = 'imported'"),
    )
    op.create_index(
        "ix_recordings_to_import",
        "recordings",
        ["completed_at"],
        unique=False,
        postgresql_where=sa.text("state = 'completed'"),
    )
    op.create_table(
        "supervisions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token", sa.String(length=36), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "listen",
                "whisper",
                "barge",
                name="supervisionmode",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "joined",
                "ended",
                name="supervisionstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("leg_sid", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_supervisions_call_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_supervisions_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supervisions")),
        sa.UniqueConstraint("token", name=op.f("uq_supervisions_token")),
    )
    op.create_index(op.f("ix_supervisions_call_id"), "supervisions", ["call_id"], unique=False)
    op.create_index(
        "uq_supervisions_open", "supervisions", ["staff_id"], unique=True, postgresql_where=sa.text("state <> 'ended'")
    )
    op.create_table(
        "transfers",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("blind", "warm", name="transferkind", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "talking",
                "done",
                "cancelled",
                "failed",
                name="transferstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("from_staff_id", sa.BigInteger(), nullable=False),
        sa.Column("to_staff_id", sa.BigInteger(), nullable=True),
        sa.Column("to_desk_id", sa.Integer(), nullable=True),
        sa.Column(
            "to_queue",
            sa.Enum("technical", "methodological", name="queue", native_enum=False, create_constraint=True, length=30),
            nullable=True,
        ),
        sa.Column("offer_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_transfers_call_id")),
        sa.ForeignKeyConstraint(["from_staff_id"], ["staff.id"], name=op.f("fk_transfers_from_staff_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offers.id"], name=op.f("fk_transfers_offer_id")),
        sa.ForeignKeyConstraint(["to_desk_id"], ["desks.id"], name=op.f("fk_transfers_to_desk_id")),
        sa.ForeignKeyConstraint(["to_staff_id"], ["staff.id"], name=op.f("fk_transfers_to_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_call_id"), "transfers", ["call_id"], unique=False)
    op.create_index(
        "uq_transfers_open",
        "transfers",
        ["call_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked','talking')"),
    )
    op.add_column("callback_attempts", sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE callback_attempts SET asked_at = created_at")
    op.add_column("calls", sa.Column("conference_sid", sa.String(length=64), nullable=True))
    op.add_column("calls", sa.Column("operator_id", sa.BigInteger(), nullable=True))
    op.add_column("calls", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calls", sa.Column("hold_seconds", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("calls", sa.Column("wrapup_code", sa.String(length=30), nullable=True))
    op.add_column("calls", sa.Column("wrapup_note", sa.String(length=500), nullable=False, server_default=""))
    op.add_column("calls", sa.Column("wrapup_seconds", sa.Integer(), nullable=True))
    op.add_column("calls", sa.Column("danger_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("calls", sa.Column("failure", sa.String(length=60), nullable=True))
    op.create_foreign_key(op.f("fk_calls_operator_id"), "calls", "staff", ["operator_id"], ["id"])
    op.add_column(
        "desks",
        sa.Column(
            "callback_mode",
            sa.Enum(
                "operator_first",
                "caller_first",
                name="callbackmode",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
            server_default="operator_first",
        ),
    )
    op.add_column("desks", sa.Column("calls_abandoned_back", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column("desks", sa.Column("wrapup_seconds", sa.Integer(), nullable=False, server_default="90"))
    op.add_column("desks", sa.Column("dials_service_numbers", sa.Boolean(), nullable=False, server_default="false"))
    op.add_column(
        "offers",
        sa.Column(
            "kind",
            sa.Enum(
                "call", "consult", "preview", name="offerkind", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
            server_default="call",
        ),
    )
    op.add_column("offers", sa.Column("callback_id", sa.BigInteger(), nullable=True))
    op.add_column("offers", sa.Column("leg_sid", sa.String(length=64), nullable=True))
    op.alter_column("offers", "entry_id", existing_type=sa.BIGINT(), nullable=True)
    op.create_index(op.f("ix_offers_callback_id"), "offers", ["callback_id"], unique=False)
    op.add_column(
        "presence",
        sa.Column(
            "device",
            sa.Enum("browser", "phone", name="device", native_enum=False, create_constraint=True, length=30),
            nullable=False,
            server_default="browser",
        ),
    )
    op.add_column("queue_entries", sa.Column("staff_id", sa.BigInteger(), nullable=True))
    op.add_column("queue_entries", sa.Column("staff_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("queue_entries", sa.Column("reach_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_queue_entries_reach_id"), "queue_entries", "desks", ["reach_id"], ["id"])
    op.create_foreign_key(op.f("fk_queue_entries_staff_id"), "queue_entries", "staff", ["staff_id"], ["id"])
    # the models give these values; existing rows have them from here
    op.alter_column("calls", "hold_seconds", server_default=None)
    op.alter_column("calls", "wrapup_note", server_default=None)
    op.alter_column("desks", "callback_mode", server_default=None)
    op.alter_column("desks", "calls_abandoned_back", server_default=None)
    op.alter_column("desks", "wrapup_seconds", server_default=None)
    op.alter_column("desks", "dials_service_numbers", server_default=None)
    op.alter_column("offers", "kind", server_default=None)
    op.alter_column("presence", "device", server_default=None)
    op.drop_constraint(op.f("ck_legs_role_legrole"), "legs", type_="check")
    op.create_check_constraint(
        op.f("ck_legs_role_legrole"), "legs", "role IN ('caller', 'operator', 'callee', 'supervisor', 'service')"
    )
    op.create_index("ix_letters_address_created_at", "letters", ["address", "created_at"], unique=False)
    op.drop_constraint(op.f("ck_letters_state_letterstate"), "letters", type_="check")
    op.create_check_constraint(
        op.f("ck_letters_state_letterstate"),
        "letters",
        "state IN ('pending', 'sending', 'sent', 'delivered', 'kept', 'failed', 'doubled')",
    )
    op.execute(
        "UPDATE calls SET operator_id = ("
        "SELECT staff_id FROM offers WHERE offers.call_id = calls.id AND offers.state = 'accepted' "
        "ORDER BY offers.id DESC LIMIT 1)"
    )
