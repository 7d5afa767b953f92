"""The time after a conversation: what came of it in one word, a note, and how long that may take."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, Actor, staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desks
from helpdesk.telephony import presence, queries, roster
from helpdesk.telephony.conversation_rules import WrapupCode
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.moves import move, write
from helpdesk.telephony.rules import PresenceState

LONGEST_NOTE = 500
USUAL_SECONDS = 90
# Kept as the reason of an operator's presence: the time was made twice as long, which is possible once.
EXTENDED = "extended"


def ends_at(row: Presence, desk_id: int | None) -> datetime:
    """Until when an operator may write; then the next call may come."""
    known = desks().get(desk_id or 0)
    seconds = known.wrapup_seconds if known is not None else USUAL_SECONDS
    return row.since + timedelta(seconds=seconds * (2 if row.reason == EXTENDED else 1))


def save(
    staff_id: int, call_id: int, code: str, note: str, then: PresenceState = PresenceState.READY, reason: str = ""
) -> Call | None:
    """The operator has written everything down, and is ready or takes a break; None when the time had run out.

    The note is kept with the call; whoever has the call's ticket puts it there. Raises Refused for an unknown code.
    """
    if code and code not in WrapupCode.__members__.values():
        raise Refused(N_("Choose what came of the call"), field="code")
    if then not in presence.CHOSEN:
        raise Refused(N_("You can be ready, on a break or offline"), field="state")
    call = _finish(staff_id, call_id, code or None, note.strip()[:LONGEST_NOTE], staff(staff_id))
    if call is not None:
        presence.choose(staff_id, then, reason)
    return call


def extend(staff_id: int, call_id: int) -> bool:
    """As much time again, once a call; False when it was given already, or the time has run out."""
    row = presence.presence_of(staff_id)
    if row.state is not PresenceState.WRAPUP or row.call_id != call_id or row.reason == EXTENDED:
        return False
    row.reason = EXTENDED
    session().flush()
    journal.note("presence.changed", by=staff(staff_id), staff_id=staff_id, state=row.state.value, reason=EXTENDED)
    return True


def overdue() -> Sequence[int]:
    """Operators who have written long enough."""
    query = select(Presence, Call.desk_id).outerjoin(Call, Call.id == Presence.call_id)
    found = session().execute(query.where(Presence.state == PresenceState.WRAPUP)).all()
    return [row.staff_id for row, desk_id in found if ends_at(row, desk_id) <= clock.now()]


def run_out(staff_id: int) -> None:
    """The time is over: ready again, with what was kept of the call so far."""
    shown = roster.presence_of(staff_id)
    if shown is None or shown.call_id is None or _finish(staff_id, shown.call_id, None, "", SYSTEM, late=True) is None:
        return
    row = presence.presence_of(staff_id)
    move(row, PresenceState.READY, since=clock.now(), reason="", call_id=None)
    journal.note("presence.changed", by=SYSTEM, staff_id=staff_id, state=row.state.value, reason="wrapup")


def _finish(staff_id: int, call_id: int, code: str | None, note: str, by: Actor, late: bool = False) -> Call | None:
    """Write down what is known of the time after the call; None when it is over, or not this call's."""
    shown = roster.presence_of(staff_id)
    if shown is None or shown.call_id != call_id:
        return None
    call = queries.locked(call_id)
    row = presence.presence_of(staff_id)
    moment = clock.now()
    if row.state is not PresenceState.WRAPUP or row.call_id != call_id:
        return None
    if late and ends_at(row, call.desk_id) > moment:
        return None
    seconds = round((moment - row.since).total_seconds())
    values = {"wrapup_seconds": (call.wrapup_seconds or 0) + seconds}
    kept = {name: value for name, value in (("wrapup_code", code), ("wrapup_note", note)) if value}
    write(call, **values, **kept)
    journal.note(
        "call.wrapped_up",
        by=by,
        call_id=call.id,
        ticket_id=call.ticket_id,
        callback_id=call.callback_id,
        desk_id=call.desk_id,
        staff_id=staff_id,
        code=code,
        seconds=seconds,
    )
    return call
