"""What a supervisor does with other people's calls and breaks: moves who waits, ends a call, sends somebody off or on.

Whether the asker may do so was checked where the call or the operator was found.
"""

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.routing.rules import Queue
from helpdesk.telephony import actions, line, offers, presence
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import FRONT, CallState, EntryState, Outcome, PresenceState

# Where a supervisor may send somebody, and out of which states: never out of a conversation or an offer, and nobody
# is made ready whose browser is away.
MAY_SEND: dict[PresenceState, frozenset[PresenceState]] = {
    PresenceState.READY: frozenset({PresenceState.BREAK, PresenceState.WRAPUP}),
    PresenceState.BREAK: frozenset({PresenceState.READY, PresenceState.WRAPUP}),
    PresenceState.OFFLINE: frozenset({PresenceState.READY, PresenceState.BREAK, PresenceState.WRAPUP}),
}


def move_waiting(
    entry: QueueEntry, call: Call, desk_id: int | None, queue: Queue | None, front: bool, by: Actor
) -> None:
    """Put somebody who waits into another line, or before all others. The moment of joining stays; the call is locked.

    The caller hears of it with the next announcement only. Raises Refused when the caller does not wait any more, or
    nothing would change.
    """
    if call.state not in (CallState.QUEUED, CallState.OFFERED):
        raise Refused(N_("This caller does not wait any more"))
    offers.withdraw(call)
    session().refresh(entry, with_for_update=True)
    if entry.state is not EntryState.WAITING:
        raise Refused(N_("This caller does not wait any more"))
    before, to_desk, to_queue = call.desk_id, desk_id or entry.desk_id, queue or entry.queue
    elsewhere = (to_desk, to_queue) != (entry.desk_id, entry.queue)
    if not elsewhere and (not front or entry.priority == FRONT):
        raise Refused(N_("The caller waits there already"))
    entry.desk_id, entry.queue = to_desk, to_queue
    if front:
        entry.priority = FRONT
    if elsewhere:
        # whom another line's operators, or one wanted operator, were to help, is helped by this line's own
        entry.reach_id, entry.staff_id, entry.staff_until, entry.announced_position = None, None, None, None
    session().flush()
    actions.set_values(call, desk_id=to_desk, queue=to_queue)
    journal.note(
        "call.moved",
        by=by,
        call_id=call.id,
        ticket_id=call.ticket_id,
        desk_id=to_desk,
        staff_id=by.id,
        from_desk_id=before,
        to_desk_id=to_desk if to_desk != before else None,
        to_queue=to_queue.value,
        front=front,
    )


def end_call(call: Call, by: Actor) -> None:
    """End a call: a conversation as its operator would, a waiting one as refused. The call is locked.

    The caller's leg is hung up after the commit. Raises Refused when there is nothing to end.
    """
    if call.state is CallState.CONNECTED:
        if "closing" in call.keys:
            return
        actions.remember(call, closing=by.id)
        kind = "call.closing"
    elif call.state in (CallState.QUEUED, CallState.OFFERED):
        actions.set_values(call, failure="ended_by_supervisor")
        actions.end(call, Outcome.REJECTED, by)
        kind = "call.cut"
    else:
        raise Refused(N_("There is nothing to end"))
    operator = call.operator_id
    journal.note(kind, by=by, call_id=call.id, ticket_id=call.ticket_id, desk_id=call.desk_id, staff_id=operator)


def send(staff_id: int, state: PresenceState, note: str, by: Actor) -> None:
    """Put an operator on a break, back to work, or offline. Raises Refused in a call, or when nobody is there."""
    if state not in MAY_SEND:
        raise Refused(N_("You can be ready, on a break or offline"), field="state")
    row = presence.presence_of(staff_id)
    if row.state is state:
        return
    reason = note.strip()[:40] or "supervisor"
    if row.state not in MAY_SEND[state] or not move(
        row, state, since=clock.now(), reason=reason, missed=0, call_id=None
    ):
        raise Refused(N_("Not now: in a call, or not there"))
    journal.note("presence.changed", by=by, staff_id=staff_id, state=state.value, reason=reason)


def place_of(call: Call) -> QueueEntry:
    """The place where a caller waits. Raises Refused when there is none."""
    entry = line.entry_of(call.id)
    if entry is None:
        raise Refused(N_("This caller does not wait any more"))
    return entry
