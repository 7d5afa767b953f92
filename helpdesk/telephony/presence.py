"""Who is there to answer: what operators say of themselves, what calls make of them, and what silence means."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.telephony.models import Presence
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import HEARTBEAT_LOST_AFTER, MISSES_UNTIL_BREAK, WRAPUP_LASTS, PresenceState

CHOSEN = (PresenceState.READY, PresenceState.BREAK, PresenceState.OFFLINE)


def presence_of(staff_id: int) -> Presence:
    """Where this operator is, locked and read anew; somebody who never was here is offline."""
    query = select(Presence).where(Presence.staff_id == staff_id).with_for_update()
    query = query.execution_options(populate_existing=True)
    known = session().scalars(query).first()
    if known is not None:
        return known
    values = {"staff_id": staff_id, "state": PresenceState.OFFLINE, "since": clock.now(), "reason": "", "missed": 0}
    session().execute(insert(Presence).values(values).on_conflict_do_nothing())
    return session().scalars(query).one()


def free(staff_id: int) -> Presence | None:
    """A ready operator, locked; None when busy, or when somebody else is just changing that."""
    query = select(Presence).where(Presence.staff_id == staff_id, Presence.state == PresenceState.READY)
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return session().scalars(query).first()


def choose(staff_id: int, state: PresenceState, reason: str = "") -> Presence:
    """An operator says: ready, on a break, gone. Raises Refused during a conversation or an offer."""
    if state not in CHOSEN:
        raise Refused(N_("You can be ready, on a break or offline"), field="state")
    row, moment = presence_of(staff_id), clock.now()
    if row.state is state:
        heartbeat(staff_id)
        return row
    busy = row.state in (PresenceState.TALKING, PresenceState.RESERVED)
    if busy or not move(row, state, since=moment, heartbeat_at=moment, reason=reason[:40], missed=0, call_id=None):
        raise Refused(N_("Finish the call first"), field="state")
    journal.note("presence.changed", by=staff(staff_id), staff_id=staff_id, state=state.value, reason=reason[:40])
    return row


def heartbeat(staff_id: int) -> None:
    """The operator's browser is there."""
    session().execute(
        update(Presence)
        .where(Presence.staff_id == staff_id, Presence.state != PresenceState.OFFLINE)
        .values(heartbeat_at=clock.now())
    )


def missed(staff_id: int) -> None:
    """An offer was not taken: ready again at the end of the row, or after the second time on a break."""
    row, moment = presence_of(staff_id), clock.now()
    if row.state is not PresenceState.RESERVED:
        return
    count = row.missed + 1
    if count >= MISSES_UNTIL_BREAK:
        move(row, PresenceState.BREAK, since=moment, reason="missed", missed=0, call_id=None)
    else:
        move(row, PresenceState.READY, since=moment, missed=count, call_id=None)
    _tell(row, "missed")


def released(staff_id: int) -> None:
    """The caller is gone before the operator could answer: free again, in the old place of the row."""
    row = presence_of(staff_id)
    if row.state is PresenceState.RESERVED and move(row, PresenceState.READY, call_id=None):
        _tell(row, "released")


def talked(staff_id: int) -> None:
    """The conversation is over; now comes the writing."""
    row = presence_of(staff_id)
    if row.state is PresenceState.TALKING and move(row, PresenceState.WRAPUP, since=clock.now()):
        _tell(row, "talked")


def wrapped_up(staff_id: int, call_id: int) -> None:
    """The operator has written everything down and takes the next call."""
    row = presence_of(staff_id)
    if row.state is PresenceState.WRAPUP and row.call_id == call_id:
        move(row, PresenceState.READY, since=clock.now(), call_id=None)
        journal.note("presence.changed", by=staff(staff_id), staff_id=staff_id, state=row.state.value, reason="wrapup")


def lost() -> Sequence[int]:
    """Operators whose browser has been silent for too long and who are not talking."""
    query = select(Presence.staff_id).where(
        Presence.state.not_in((PresenceState.OFFLINE, PresenceState.TALKING)),
        Presence.heartbeat_at < clock.now() - HEARTBEAT_LOST_AFTER,
    )
    return session().scalars(query).all()


def gone(staff_id: int) -> None:
    """Nothing was heard of the browser: offline. An offer to it has been settled before."""
    row = presence_of(staff_id)
    if row.heartbeat_at is None or row.heartbeat_at >= clock.now() - HEARTBEAT_LOST_AFTER:
        return
    if row.state is not PresenceState.TALKING and move(
        row, PresenceState.OFFLINE, since=clock.now(), reason="lost", call_id=None
    ):
        _tell(row, "lost")


def end_wrapups() -> int:
    """Whoever has written long enough is ready again; returns how many."""
    since: datetime = clock.now() - WRAPUP_LASTS
    query = select(Presence).where(Presence.state == PresenceState.WRAPUP, Presence.since < since)
    query = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    done = 0
    for row in session().scalars(query).all():
        if move(row, PresenceState.READY, since=clock.now(), call_id=None):
            _tell(row, "wrapup")
            done += 1
    return done


def _tell(row: Presence, reason: str) -> None:
    journal.note("presence.changed", by=SYSTEM, staff_id=row.staff_id, state=row.state.value, reason=reason)
