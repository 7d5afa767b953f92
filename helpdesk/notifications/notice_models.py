"""What staff were told, how they want to be told, and when the last letter left."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.kernel.db import Base
from helpdesk.notifications.notice_rules import NoticeKind, NoticeWay, Why


class Notice(Base):
    """One thing about one ticket for one person: what happens again before it is read counts in `times`.

    `entry_id` is the newest entry of the journal that it stands for; `by_id` who did it; `wants_letter` as it was
    wished when it came, `lettered_at` when a letter told of it: once until it is read.
    """

    __tablename__ = "notices"
    __table_args__ = (
        Index(
            "ix_notices_unread",
            "staff_id",
            "ticket_id",
            "kind",
            unique=True,
            postgresql_where=text("read_at IS NULL"),
        ),
        Index("ix_notices_ticket_id_staff_id", "ticket_id", "staff_id"),
        Index("ix_notices_staff_id_at_id", "staff_id", "at", "id"),
        Index(
            "ix_notices_to_letter",
            "staff_id",
            "at",
            postgresql_where=text("wants_letter AND read_at IS NULL AND lettered_at IS NULL"),
        ),
        Index("ix_notices_read_at", "read_at", postgresql_where=text("read_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[NoticeKind]
    why: Mapped[Why]
    entry_id: Mapped[int] = mapped_column(BigInteger)
    by_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]
    times: Mapped[int] = mapped_column(default=1)
    read_at: Mapped[datetime | None]
    wants_letter: Mapped[bool]
    lettered_at: Mapped[datetime | None]


class NoticeWish(Base):
    """How somebody wants to be told of a kind; without a row as usual."""

    __tablename__ = "notice_wishes"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(primary_key=True)
    way: Mapped[NoticeWay]


class NoticeLetter(Base):
    """When somebody got the last letter of notices; locked by whoever writes the next one."""

    __tablename__ = "notice_letters"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    written_at: Mapped[datetime]
