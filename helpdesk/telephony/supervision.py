"""A supervisor in somebody else's conversation: listens, whispers to the operator, speaks to all, leaves.

The supervisor's leg is nobody's operator and nobody's caller: its coming and going changes nothing about the call. The
operator is always shown who is there. What a coach says is not on the conversation's recording: that is made of the
caller's leg, which never hears it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor, staff
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.telephony import legs, presence, queries
from helpdesk.telephony.conversation_models import Supervision
from helpdesk.telephony.conversation_rules import SupervisionMode, SupervisionState
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import CallState, LegRole, LegState, PresenceState

# A softphone that has not connected by then never will; its token opens nothing any more.
CONNECTS_WITHIN = timedelta(seconds=60)
# Why a supervisor who takes calls too is on a break meanwhile.
SUPERVISING = "supervising"


def supervised_call(asker: Asker, call_id: int) -> Call:
    """A call at a desk that the asker supervises, locked. Raises NotFound."""
    query = select(Call).where(Call.id == call_id, within(Call.desk_id, asker.roots(Role.SUPERVISOR)))
    found = session().scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    return found


def start(call: Call, mode: SupervisionMode, staff_id: int) -> Supervision:
    """A supervisor wants to join; the token is for the softphone that connects next. The call is locked.

    Whoever was in another conversation leaves that one. Raises Refused when nobody talks, or it is one's own call.
    """
    if call.state is not CallState.CONNECTED or call.conference is None:
        raise Refused(N_("Nobody talks on this call now"))
    if call.operator_id == staff_id:
        raise Refused(N_("This is your own call"))
    before = of_staff(staff_id)
    if before is not None and before.call_id == call.id and before.state is SupervisionState.JOINED:
        switch(before, mode, staff_id)
        return before
    if before is not None:
        end(before, staff(staff_id))
    _take_no_calls(staff_id)
    row = Supervision(
        token=str(uuid.uuid4()),
        call_id=call.id,
        staff_id=staff_id,
        mode=mode,
        state=SupervisionState.ASKED,
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()
    _note("call.supervision_asked", row, call, staff(staff_id))
    return row


@dataclass(frozen=True)
class Joining:
    """What the supervisor's leg is to do: which conference, heard by whom. `coached` is the operator's leg."""

    call: Call
    mode: SupervisionMode
    coached: str | None


def join(token: str, staff_id: int, leg_sid: str) -> Joining | None:
    """The supervisor's softphone has connected; None when it was too late or is not theirs.

    The same leg a second time gets the same answer.
    """
    known = session().scalars(select(Supervision).where(Supervision.token == token)).first()
    if known is None or known.staff_id != staff_id:
        return None
    call = queries.locked(known.call_id)
    row = session().get_one(Supervision, known.id, with_for_update=True, populate_existing=True)
    if call.state is not CallState.CONNECTED or call.conference is None:
        end(row, staff(staff_id))
        return None
    again = row.state is SupervisionState.JOINED and row.leg_sid == leg_sid
    if not again and (
        row.created_at < clock.now() - CONNECTS_WITHIN or not move(row, SupervisionState.JOINED, leg_sid=leg_sid)
    ):
        return None
    if not again:
        legs.begin(leg_sid, call.id, LegRole.SUPERVISOR, LegState.IN_PROGRESS, staff_id)
        _note("call.supervised", row, call, staff(staff_id))
    operator = queries.live_operator_leg(call.id)
    return Joining(call, row.mode, operator.sid if operator is not None else None)


def switch(row: Supervision, mode: SupervisionMode, staff_id: int) -> None:
    """Listen, whisper or speak from now on; the carrier is told after the commit."""
    if row.mode is mode or row.state is SupervisionState.ENDED:
        return
    row.mode = mode
    session().flush()
    _note("call.supervision_changed", row, session().get_one(Call, row.call_id), staff(staff_id))


def end(row: Supervision, by: Actor) -> bool:
    """The supervisor leaves, or the call is over; the leg is hung up after the commit. False when it was over."""
    if not move(row, SupervisionState.ENDED, ended_at=clock.now()):
        return False
    _note("call.supervision_ended", row, session().get_one(Call, row.call_id), by)
    mine = presence.presence_of(row.staff_id)
    if mine.state is PresenceState.BREAK and mine.reason == SUPERVISING:
        _be(mine, PresenceState.READY, "")
    return True


def left(leg_sid: str, by: Actor) -> None:
    """The supervisor's leg has ended, however that came."""
    row = session().scalars(select(Supervision).where(Supervision.leg_sid == leg_sid).with_for_update()).first()
    if row is not None:
        end(row, by)


def _take_no_calls(staff_id: int) -> None:
    mine = presence.presence_of(staff_id)
    if mine.state in (PresenceState.RESERVED, PresenceState.TALKING):
        raise Refused(N_("Finish the call first"))
    if mine.state is PresenceState.READY:
        _be(mine, PresenceState.BREAK, SUPERVISING)


def _be(mine: Presence, state: PresenceState, reason: str) -> None:
    if move(mine, state, since=clock.now(), reason=reason, call_id=None):
        by = staff(mine.staff_id)
        journal.note("presence.changed", by=by, staff_id=mine.staff_id, state=state.value, reason=reason)


def _note(kind: str, row: Supervision, call: Call, by: Actor) -> None:
    journal.note(
        kind,
        by=by,
        call_id=call.id,
        desk_id=call.desk_id,
        staff_id=call.operator_id,
        supervisor_staff_id=row.staff_id,
        supervision_id=row.id,
        mode=row.mode.value,
    )


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def of_staff(staff_id: int) -> Supervision | None:
    """The conversation that this supervisor is in or about to join."""
    query = select(Supervision).where(Supervision.staff_id == staff_id, Supervision.state != SupervisionState.ENDED)
    return session().scalars(query).first()


def by_token(staff_id: int, token: str) -> Supervision:
    """A supervisor's own, locked. Raises NotFound."""
    query = select(Supervision).where(Supervision.token == token, Supervision.staff_id == staff_id)
    found = session().scalars(query.with_for_update().execution_options(populate_existing=True)).first()
    if found is None:
        raise NotFound
    return found


def present(call_id: int) -> Sequence[tuple[str, SupervisionMode]]:
    """Who is in a conversation beside those who talk, for the operator to see: name and what they do."""
    query = (
        select(Staff.name, Supervision.mode)
        .join(Staff, Staff.id == Supervision.staff_id)
        .where(Supervision.call_id == call_id, Supervision.state == SupervisionState.JOINED)
        .order_by(Supervision.id)
    )
    return [(name, mode) for name, mode in session().execute(query)]


def open_at(call_id: int) -> Sequence[Supervision]:
    """Supervisors in a conversation or about to join it."""
    query = select(Supervision).where(Supervision.call_id == call_id, Supervision.state != SupervisionState.ENDED)
    return session().scalars(query).all()
