"""What somebody was told: their own list, and whose letter is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, select, tuple_
from sqlalchemy.orm import aliased

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.notifications.notice_models import Notice, NoticeWish
from helpdesk.notifications.notice_rules import USUAL, NoticeKind, NoticeWay
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import visible


@dataclass(frozen=True)
class Told:
    """A notice with its ticket's number; the subject only while the person may read the ticket ("" otherwise)."""

    notice: Notice
    number: str
    subject: str
    by: str


def told(
    asker: Asker, unread: bool = False, before: tuple[datetime, int] | None = None, limit: int = 50
) -> Sequence[Told]:
    """Up to `limit` + 1 of the asker's own, the newest first. One statement."""
    doer = aliased(Staff)
    query = (
        select(Notice, Ticket.number, case((visible(asker), Ticket.subject), else_=""), doer.name)
        .join(Ticket, Ticket.id == Notice.ticket_id)
        .outerjoin(doer, doer.id == Notice.by_id)
        .where(Notice.staff_id == asker.id)
    )
    if unread:
        query = query.where(Notice.read_at.is_(None))
    if before is not None:
        query = query.where(tuple_(Notice.at, Notice.id) < tuple_(*before))
    query = query.order_by(Notice.at.desc(), Notice.id.desc()).limit(limit + 1)
    return [Told(notice, number, subject, by or "") for notice, number, subject, by in session().execute(query)]


def own(asker: Asker, notice_id: int) -> tuple[Notice, str]:
    """One of the asker's own and the number of its ticket. Raises NotFound."""
    query = select(Notice, Ticket.number).join(Ticket, Ticket.id == Notice.ticket_id)
    row = session().execute(query.where(Notice.id == notice_id, Notice.staff_id == asker.id)).first()
    if row is None:
        raise NotFound
    return row[0], row[1]


def wishes(asker: Asker) -> dict[NoticeKind, NoticeWay]:
    """How the asker is told of each kind."""
    chosen = session().scalars(select(NoticeWish).where(NoticeWish.staff_id == asker.id))
    return USUAL | {one.kind: one.way for one in chosen}
