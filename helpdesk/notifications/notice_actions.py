"""Reading what one was told, and choosing how one is told."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.notifications.notice_models import Notice, NoticeWish
from helpdesk.notifications.notice_rules import KEPT, NoticeKind, NoticeWay


def read(by: Actor, notice_id: int | None = None, ticket_id: int | None = None, until: datetime | None = None) -> None:
    """Mark the person's own as read: one, those of a ticket, or all that came not later than `until`."""
    query = update(Notice).where(Notice.staff_id == by.id, Notice.read_at.is_(None))
    if notice_id is not None:
        query = query.where(Notice.id == notice_id)
    if ticket_id is not None:
        query = query.where(Notice.ticket_id == ticket_id)
    if until is not None:
        query = query.where(Notice.at <= until)
    session().execute(query.values(read_at=clock.now()).execution_options(synchronize_session=False))


def wish(by: Actor, ways: Mapping[NoticeKind, NoticeWay]) -> None:
    """Choose how one is told of these kinds from now on."""
    for kind, way in ways.items():
        row = insert(NoticeWish).values(staff_id=by.id, kind=kind, way=way)
        session().execute(row.on_conflict_do_update(index_elements=["staff_id", "kind"], set_={"way": way}))


def forget(limit: int = 5000) -> int:
    """Drop what was read long ago. How many; call until 0."""
    old = select(Notice.id).where(Notice.read_at < clock.now() - KEPT).order_by(Notice.read_at).limit(limit)
    ids = session().scalars(old).all()
    session().execute(delete(Notice).where(Notice.id.in_(ids)))
    return len(ids)
