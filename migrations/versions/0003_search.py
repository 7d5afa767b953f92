"""Search: the words of tickets, and the names of people as they are compared

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Nothing is read or written over here, however many tickets there are: `index-search` fills the rows afterwards.
    op.create_table(
        "ticket_words",
        sa.Column("ticket_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("desk_id", sa.Integer(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.Column("edition", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["desk_id"], ["desks.id"], name=op.f("fk_ticket_words_desk_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_words_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", name=op.f("pk_ticket_words")),
    )
    # The words lie beside the row, so that the rows of a common word are few pages.
    op.execute("ALTER TABLE ticket_words SET (toast_tuple_target = 128)")
    op.create_index(
        "ix_ticket_words_words",
        "ticket_words",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 1024},
    )
    op.create_index("ix_ticket_words_desk", "ticket_words", ["desk_id", "ticket_id"], unique=False)
    op.add_column("contacts", sa.Column("name_words", sa.String(length=400), nullable=False, server_default=""))
    # over an empty column, so that no row waits for it
    op.create_index(
        "ix_contacts_name_words",
        "contacts",
        [sa.literal_column("to_tsvector('simple', name_words)")],
        unique=False,
        postgresql_using="gin",
    )
    op.alter_column("contacts", "name_words", server_default=None)


def downgrade() -> None:
    op.drop_index("ix_contacts_name_words", table_name="contacts", postgresql_using="gin")
    op.drop_column("contacts", "name_words")
    op.drop_index("ix_ticket_words_words", table_name="ticket_words", postgresql_using="gin")
    op.drop_index("ix_ticket_words_desk", table_name="ticket_words")
    op.drop_table("ticket_words")
