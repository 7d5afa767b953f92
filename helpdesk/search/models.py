"""What tickets are found by."""

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base


class TicketWords(Base):
    """Stems of everything said on a ticket, beside the ticket: a change of its state must not touch this index.

    Its subject weighs A, the names of people B, what was said D. `desk_id` only makes the search short: what may be
    seen is asked of the ticket itself. `edition` is that of helpdesk/kernel/words.py by which the row was made.
    """

    __tablename__ = "ticket_words"
    __table_args__ = (
        Index(
            "ix_ticket_words_words",
            "words",
            postgresql_using="gin",
            # what was written lately and not sorted in yet is read by every search: keep it short
            postgresql_with={"gin_pending_list_limit": 1024},
        ),
        # a common word at a small desk
        Index("ix_ticket_words_desk", "desk_id", "ticket_id"),
    )

    ticket_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    words: Mapped[str] = mapped_column(TSVECTOR)
    edition: Mapped[int] = mapped_column(SmallInteger)
