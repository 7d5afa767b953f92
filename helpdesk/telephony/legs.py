"""Connections to single telephones: what the carrier says of each, in whatever order it says it."""

from sqlalchemy import bindparam, select, update

from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.statements import change, put
from helpdesk.telephony.models import Leg
from helpdesk.telephony.rules import LEG_RANK, LIVE_LEG, LegRole, LegState

# Built once: they are asked on every webhook.
_BY_SID = select(Leg).where(Leg.sid == bindparam("sid")).execution_options(populate_existing=True)
_LIVE = frozenset(LIVE_LEG)
_LOWER = {state: frozenset(known for known in LEG_RANK if LEG_RANK[known] < LEG_RANK[state]) for state in LEG_RANK}


def begin(sid: str, call_id: int, role: LegRole, state: LegState, staff_id: int | None = None) -> bool:
    """Note a leg once; False when it was known."""
    moment = clock.now()
    values = {"sid": sid, "call_id": call_id, "role": role, "staff_id": staff_id, "state": state}
    times = {"started_at": moment, "heard_at": moment}
    if state is LegState.IN_PROGRESS:
        times["answered_at"] = moment
    return put(Leg, values | times) is not None


def heard(sid: str) -> None:
    """The carrier asked for a document: the leg is alive."""
    change(Leg, "sid", sid, {"heard_at": clock.now()}, _LIVE)


def report(sid: str, state: LegState) -> Leg | None:
    """Take a status report; the leg when it changed by that, None when it was late, doubled or about an unknown leg."""
    moment = clock.now()
    values = {"state": state, "heard_at": moment}
    if state is LegState.IN_PROGRESS:
        values["answered_at"] = moment
    elif state not in LIVE_LEG:
        values["ended_at"] = moment
    if not change(Leg, "sid", sid, values, _LOWER[state]):
        if state in LIVE_LEG:
            heard(sid)
        return None
    return session().scalars(_BY_SID, {"sid": sid}).one()


def end_operators(call_id: int) -> None:
    """The call is over: whatever is still reported of its operators' legs means nothing any more."""
    session().execute(
        update(Leg)
        .where(Leg.call_id == call_id, Leg.role == LegRole.OPERATOR, Leg.state.in_(LIVE_LEG))
        .values(state=LegState.COMPLETED, ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )
