"""Queues that a supervisor has closed: nobody new joins them; whoever waits already is served."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ARRAY, Integer, Select, any_, literal, select
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.routing.rules import Queue
from helpdesk.telephony.conversation_models import QueueClosure


def is_closed(desk_id: int, queue: Queue) -> bool:
    """Whether nobody may join this queue now, whatever the desk's hours say. One statement."""
    return session().scalar(_open_closure(desk_id, queue).with_only_columns(QueueClosure.id)) is not None


def close(desk_id: int, queue: Queue, reason: str, by: Actor) -> bool:
    """Nobody new joins this queue; False when it was closed already. Raises Refused without a reason.

    The caller has checked the right to the desk.
    """
    if by.id is None:
        raise ValueError("only a member of staff closes a queue")
    words = reason.strip()[:200]
    if not words:
        raise Refused(N_("Say why the queue is closed"), field="reason")
    values = {"desk_id": desk_id, "queue": queue, "reason": words, "closed_by": by.id, "closed_at": clock.now()}
    made = insert(QueueClosure).values(values).on_conflict_do_nothing().returning(QueueClosure.id)
    if session().execute(made).first() is None:
        return False
    journal.note("queue.closed", by=by, desk_id=desk_id, queue=queue.value)
    return True


def reopen(desk_id: int, queue: Queue, by: Actor) -> bool:
    """People may join again; False when it was open."""
    row = session().scalars(_open_closure(desk_id, queue).with_for_update()).first()
    if row is None:
        return False
    row.reopened_by, row.reopened_at = by.id, clock.now()
    session().flush()
    journal.note("queue.reopened", by=by, desk_id=desk_id, queue=queue.value)
    return True


def closures(desk_ids: Iterable[int]) -> Mapping[tuple[int, Queue], QueueClosure]:
    """The queues of these desks that are closed now. One statement."""
    ids = literal(list(desk_ids), ARRAY(Integer))
    query = select(QueueClosure).where(QueueClosure.desk_id == any_(ids), QueueClosure.reopened_at.is_(None))
    return {(row.desk_id, row.queue): row for row in session().scalars(query)}


def _open_closure(desk_id: int, queue: Queue) -> Select[QueueClosure]:
    return select(QueueClosure).where(
        QueueClosure.desk_id == desk_id, QueueClosure.queue == queue, QueueClosure.reopened_at.is_(None)
    )
