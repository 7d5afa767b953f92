"""Who is there to answer: what operators say of themselves, what calls make of them, and what silence means."""

from collections.abc import Sequence

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
from helpdesk.telephony.rules import HEARTBEAT_LOST_AFTER, MISSES_UNTIL_BREAK, BreakReason, Device, PresenceState

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
    """An operator says: ready, on a break (and why: a BreakReason), gone. Raises Refused during a conversation or an
    offer."""
    if state not in CHOSEN:
        raise Refused(N_("You can be ready, on a break or offline"), field="state")
    row, moment = presence_of(staff_id), clock.now()
    reason = _break_reason(reason) if state is PresenceState.BREAK else ""
    if row.state is state:
        heartbeat(staff_id)
        return row
    busy = row.state in (PresenceState.TALKING, PresenceState.RESERVED)
    if busy or not move(row, state, since=moment, heartbeat_at=moment, reason=reason, missed=0, call_id=None):
        raise Refused(N_("Finish the call first"), field="state")
    journal.note("presence.changed", by=staff(staff_id), staff_id=staff_id, state=state.value, reason=reason)
    return row


def _break_reason(given: str) -> str:
    return given if given in BreakReason.__members__.values() else BreakReason.OTHER.value


def sign_out(staff_id: int) -> None:
    """The operator has left the house: offline, unless somebody is being talked with. An offer was settled before."""
    row = presence_of(staff_id)
    session().execute(update(Presence).where(Presence.staff_id == staff_id).values(device=Device.BROWSER))
    if row.state is not PresenceState.OFFLINE and move(
        row, PresenceState.OFFLINE, since=clock.now(), reason="signed_out", call_id=None
    ):
        _tell(row, "signed_out")


def answer_on(staff_id: int, device: Device) -> None:
    """Where the operator is rung from now on. Raises Refused during a conversation or an offer."""
    row = presence_of(staff_id)
    if row.state in (PresenceState.TALKING, PresenceState.RESERVED):
        raise Refused(N_("Finish the call first"), field="device")
    if row.device is not device:
        row.device, row.heartbeat_at = device, clock.now()
        session().flush()
        journal.note("presence.changed", by=staff(staff_id), staff_id=staff_id, state=row.state.value, reason="device")


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
    if row.state is PresenceState.TALKING and move(row, PresenceState.WRAPUP, since=clock.now(), reason=""):
        _tell(row, "talked")


def consulted(staff_id: int) -> None:
    """A colleague's question is over before a transfer: free again, there is nothing to write up."""
    row, moment = presence_of(staff_id), clock.now()
    if row.state is PresenceState.TALKING and move(row, PresenceState.WRAPUP, since=moment):
        move(row, PresenceState.READY, since=moment, call_id=None)
        _tell(row, "consulted")


def lost() -> Sequence[int]:
    """Operators whose browser has been silent for too long and who are not talking."""
    query = select(Presence.staff_id).where(
        Presence.state.not_in((PresenceState.OFFLINE, PresenceState.TALKING)),
        Presence.device == Device.BROWSER,
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


def _tell(row: Presence, reason: str) -> None:
    journal.note("presence.changed", by=SYSTEM, staff_id=row.staff_id, state=row.state.value, reason=reason)
