"""Connections to single telephones: what the carrier says of each, in whatever order it says it."""

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.telephony.models import Leg
from helpdesk.telephony.rules import LEG_RANK, LIVE_LEG, LegRole, LegState


def begin(sid: str, call_id: int, role: LegRole, state: LegState, staff_id: int | None = None) -> bool:
    """Note a leg once; False when it was known."""
    moment = clock.now()
    values = {"sid": sid, "call_id": call_id, "role": role, "staff_id": staff_id, "state": state}
    times = {"started_at": moment, "heard_at": moment}
    if state is LegState.IN_PROGRESS:
        times["answered_at"] = moment
    made = insert(Leg).values(values | times).on_conflict_do_nothing().returning(Leg.id)
    return session().execute(made).first() is not None


def heard(sid: str) -> None:
    """The carrier asked for a document: the leg is alive."""
    session().execute(update(Leg).where(Leg.sid == sid, Leg.state.in_(LIVE_LEG)).values(heard_at=clock.now()))


def report(sid: str, state: LegState) -> Leg | None:
    """Take a status report; the leg when it changed by that, None when it was late, doubled or about an unknown leg."""
    moment = clock.now()
    lower = [known for known in LEG_RANK if LEG_RANK[known] < LEG_RANK[state]]
    values = {"state": state, "heard_at": moment}
    if state is LegState.IN_PROGRESS:
        values["answered_at"] = moment
    elif state not in LIVE_LEG:
        values["ended_at"] = moment
    changed = update(Leg).where(Leg.sid == sid, Leg.state.in_(lower)).values(values).returning(Leg.id)
    found = session().execute(changed.execution_options(synchronize_session=False)).first()
    if found is None:
        heard(sid)
        return None
    query = select(Leg).where(Leg.id == found.id).execution_options(populate_existing=True)
    return session().scalars(query).one()


def end_operators(call_id: int) -> None:
    """The call is over: whatever is still reported of its operators' legs means nothing any more."""
    session().execute(
        update(Leg)
        .where(Leg.call_id == call_id, Leg.role == LegRole.OPERATOR, Leg.state.in_(LIVE_LEG))
        .values(state=LegState.COMPLETED, ended_at=clock.now())
        .execution_options(synchronize_session=False)
    )
