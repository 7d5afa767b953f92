"""Many tickets at once: chosen in one statement, done one by one, each once whoever is killed in between."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor, staff
from helpdesk.identity.queries import Asker, asker, operator_at
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desk
from helpdesk.routing.rules import Queue
from helpdesk.tickets import actions
from helpdesk.tickets.board import BoardFilter, held_by
from helpdesk.tickets.bulk_models import BulkAction, BulkItem
from helpdesk.tickets.bulk_rules import MOST, MOVES, UNDOABLE, BulkState, BulkVerb, ItemState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_for, visible
from helpdesk.tickets.rules import Resolution

NOTHING_CHOSEN = N_("Choose tickets first")


def begin(
    who: Asker,
    verb: BulkVerb,
    arguments: Mapping[str, Any],
    numbers: Collection[str] = (),
    wanted: BoardFilter | None = None,
) -> BulkAction:
    """Start work on the tickets with these numbers, or on the first MOST that a view holds; only those `who` may see.

    `arguments` by verb: assign {"staff_id": id or None, "from_id": whose it still must be, if anybody's};
    queue {"queue"}; resolve {"resolution", "body"}; note {"body"}.
    Raises Refused when there is nothing to do or nothing to do it with, NotFound when none of the numbers is known.
    """
    _check(verb, arguments)
    made = _made(BulkAction(staff_id=who.id, verb=verb, arguments=dict(arguments)))
    if wanted is not None:
        chosen = held_by(who, wanted, MOST)
    else:
        chosen = select(Ticket.id).where(Ticket.number.in_(list(numbers)[:MOST]), visible(who)).order_by(Ticket.id)
    if not _fill(made, chosen):
        if numbers and wanted is None:
            raise NotFound
        raise Refused(NOTHING_CHOSEN)
    journal.note("bulk.begun", by=staff(who.id), bulk_id=made.id, verb=verb.value)
    return made


def undo(bulk: BulkAction, by: Actor) -> BulkAction:
    """Take back what it did to tickets that nobody has worked on since. Raises Refused for what cannot be undone."""
    if bulk.verb not in UNDOABLE or bulk.undoes_id is not None or bulk.state is BulkState.RUNNING:
        raise Refused(N_("This cannot be taken back"))
    if session().scalar(select(BulkAction.id).where(BulkAction.undoes_id == bulk.id)) is not None:
        raise Refused(N_("Somebody has done this already"))
    if bulk.state is BulkState.STOPPED:
        _leave_rest(bulk)
    made = _made(BulkAction(staff_id=bulk.staff_id, verb=bulk.verb, undoes_id=bulk.id))
    done = select(BulkItem.ticket_id).where(BulkItem.bulk_id == bulk.id, BulkItem.state == ItemState.DONE)
    if not _fill(made, done.order_by(BulkItem.position.desc())):
        raise Refused(N_("This cannot be taken back"))
    journal.note("bulk.begun", by=by, bulk_id=made.id, verb=bulk.verb.value)
    return made


def stop(bulk: BulkAction) -> None:
    """Do no more of it until somebody says go on. What was done stays done."""
    _move(bulk, BulkState.STOPPED)


def go_on(bulk: BulkAction, by: Actor) -> None:
    """Go on where it was stopped."""
    _move(bulk, BulkState.RUNNING)
    journal.note("bulk.begun", by=by, bulk_id=bulk.id, verb=bulk.verb.value)


def do(bulk_id: int, ticket_id: int) -> None:
    """Do it with one ticket that still waits for it. The claim and the change commit together: never twice.

    Raises NotFound and Refused, whose reason belongs to `leave`.
    """
    bulk = session().get_one(BulkAction, bulk_id)
    claim = update(BulkItem).where(_item(bulk_id, ticket_id)).values(state=ItemState.DONE).returning(BulkItem.position)
    if session().execute(claim).first() is None:
        return
    who = asker(bulk.staff_id)
    if who is None:
        raise Refused(N_("Whoever began this works here no longer"))
    ticket = ticket_for(who, ticket_id, lock=True)
    by = staff(bulk.staff_id)
    before = _take_back(bulk, ticket, by) if bulk.undoes_id else _change(bulk, ticket, by)
    changed = update(BulkItem).where(BulkItem.bulk_id == bulk_id, BulkItem.ticket_id == ticket_id)
    session().execute(changed.values(before=before, version=ticket.version))


def leave(bulk_id: int, ticket_id: int, reason: str) -> None:
    """Say why nothing was done with one ticket; `reason` is an English msgid."""
    session().execute(update(BulkItem).where(_item(bulk_id, ticket_id)).values(state=ItemState.LEFT, reason=reason))


def finish(bulk_id: int) -> None:
    """It is done when no ticket waits for it any more."""
    waits = select(BulkItem.ticket_id).where(BulkItem.bulk_id == bulk_id, BulkItem.state == ItemState.WAITING)
    over = update(BulkAction).where(BulkAction.id == bulk_id, BulkAction.state == BulkState.RUNNING, ~waits.exists())
    session().execute(over.values(state=BulkState.DONE, finished_at=clock.now()))


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def running() -> Sequence[int]:
    """Ids of what workers are to go on with."""
    return session().scalars(select(BulkAction.id).where(BulkAction.state == BulkState.RUNNING)).all()


def next_of(bulk_id: int, limit: int = 50) -> Sequence[int]:
    """Tickets that still wait, in their order; none when it is stopped."""
    query = (
        select(BulkItem.ticket_id)
        .join(BulkAction, BulkAction.id == BulkItem.bulk_id)
        .where(BulkItem.bulk_id == bulk_id, BulkItem.state == ItemState.WAITING, BulkAction.state == BulkState.RUNNING)
    )
    return session().scalars(query.order_by(BulkItem.position).limit(limit)).all()


def bulk_for(who: Asker, bulk_id: int, lock: bool = False) -> BulkAction:
    """One's own work on many tickets. Raises NotFound."""
    query = select(BulkAction).where(BulkAction.id == bulk_id, BulkAction.staff_id == who.id)
    found = session().scalars(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound
    return found


def latest(who: Asker, limit: int = 20) -> Sequence[BulkAction]:
    """One's own, newest first."""
    query = select(BulkAction).where(BulkAction.staff_id == who.id).order_by(BulkAction.id.desc())
    return session().scalars(query.limit(limit)).all()


def progress(ids: Collection[int]) -> dict[int, dict[ItemState, int]]:
    """How many tickets of each are in which state. One statement."""
    found: dict[int, dict[ItemState, int]] = {id_: dict.fromkeys(ItemState, 0) for id_ in ids}
    query = select(BulkItem.bulk_id, BulkItem.state, func.count()).where(BulkItem.bulk_id.in_(ids))
    for id_, state, count in session().execute(query.group_by(BulkItem.bulk_id, BulkItem.state)):
        found[id_][state] = count
    return found


def left(who: Asker, bulk: BulkAction, limit: int = 100) -> Sequence[tuple[str | None, str]]:
    """The first tickets with which nothing was done: the number (None for what the asker may not see), and why."""
    query = (
        select(Ticket.number, BulkItem.reason)
        .select_from(BulkItem)
        .outerjoin(Ticket, (Ticket.id == BulkItem.ticket_id) & visible(who))
        .where(BulkItem.bulk_id == bulk.id, BulkItem.state == ItemState.LEFT)
        .order_by(BulkItem.position)
    )
    return [(number, reason) for number, reason in session().execute(query.limit(limit))]


def undone_by(bulk: BulkAction) -> int | None:
    """The id of the work that takes this one back, when there is one."""
    return session().scalar(select(BulkAction.id).where(BulkAction.undoes_id == bulk.id))


# ── one ticket ────────────────────────────────────────────────────────────────────────────────────────────────────


def _change(bulk: BulkAction, ticket: Ticket, by: Actor) -> dict[str, Any]:
    told = bulk.arguments
    match bulk.verb:
        case BulkVerb.ASSIGN:
            before: dict[str, Any] = {"staff_id": ticket.assignee_id}
            chosen = told["staff_id"]
            if told.get("from_id") not in (None, ticket.assignee_id):
                raise Refused(N_("Somebody else has this ticket meanwhile"))
            actions.assign(ticket, _works_there(ticket, chosen) if chosen else None, by)
        case BulkVerb.QUEUE:
            before = {"queue": ticket.queue.value}
            actions.reroute(ticket, told["queue"], by)
        case BulkVerb.RESOLVE:
            before = {}
            actions.resolve(ticket, Resolution(told["resolution"]), by, told.get("body", ""))
        case BulkVerb.NOTE:
            before = {}
            actions.note(ticket, told["body"], by)
    return before


def _works_there(ticket: Ticket, staff_id: int) -> int:
    try:
        return operator_at(desk(ticket.desk_id).organization.path, staff_id)
    except NotFound:
        raise Refused(N_("This person does not work at the desk of the ticket")) from None


def _take_back(bulk: BulkAction, ticket: Ticket, by: Actor) -> dict[str, Any]:
    did = session().get_one(BulkItem, (bulk.undoes_id, ticket.id))
    if did.version != ticket.version:
        raise Refused(N_("Somebody has worked on this ticket since: it stays as it is"))
    match bulk.verb:
        case BulkVerb.ASSIGN:
            actions.assign(ticket, did.before["staff_id"], by)
        case BulkVerb.QUEUE:
            actions.reroute(ticket, did.before["queue"], by)
        case BulkVerb.RESOLVE:
            actions.take_resolution_back(ticket, by)
        case BulkVerb.NOTE:
            raise Refused(N_("This cannot be taken back"))
    return {}


# ── the whole ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _check(verb: BulkVerb, told: Mapping[str, Any]) -> None:
    if verb is BulkVerb.NOTE and not str(told.get("body", "")).strip():
        raise Refused(N_("Write the note first"), field="body")
    if verb is BulkVerb.RESOLVE and told.get("resolution") not in set(Resolution):
        raise Refused(N_("Choose why the ticket counts as resolved"), field="resolution")
    if verb is BulkVerb.QUEUE and told.get("queue") not in set(Queue):
        raise Refused(N_("Choose the queue"), field="queue")


def _made(bulk: BulkAction) -> BulkAction:
    bulk.state, bulk.created_at = BulkState.RUNNING, clock.now()
    session().add(bulk)
    session().flush()
    return bulk


def _fill(bulk: BulkAction, chosen: Select[int]) -> bool:
    """Whether there was anything."""
    ids = chosen.subquery()
    rows = select(literal(bulk.id), ids.c[0], func.row_number().over())
    session().execute(insert(BulkItem).from_select(["bulk_id", "ticket_id", "position"], rows))
    return session().scalar(select(BulkItem.ticket_id).where(BulkItem.bulk_id == bulk.id).limit(1)) is not None


def _leave_rest(bulk: BulkAction) -> None:
    rest = update(BulkItem).where(BulkItem.bulk_id == bulk.id, BulkItem.state == ItemState.WAITING)
    session().execute(rest.values(state=ItemState.LEFT, reason=N_("Stopped before it was done")))
    bulk.state, bulk.finished_at = BulkState.DONE, clock.now()
    session().flush()


def _move(bulk: BulkAction, target: BulkState) -> None:
    if target not in MOVES[bulk.state]:
        raise Refused(N_("Somebody has done this already"))
    bulk.state = target
    session().flush()


def _item(bulk_id: int, ticket_id: int) -> ColumnElement[bool]:
    return (BulkItem.bulk_id == bulk_id) & (BulkItem.ticket_id == ticket_id) & (BulkItem.state == ItemState.WAITING)
