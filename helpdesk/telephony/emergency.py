"""112 or 111 called into a conversation: asked for once, dialled once, heard of until it is over.

A row is written before the carrier is asked, its token stands in the address that the carrier calls back, and what was
never heard of is looked for at the carrier: a second press of the key rings nobody twice.
"""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desk
from helpdesk.telephony import legs, queries
from helpdesk.telephony.danger_models import ServiceDial
from helpdesk.telephony.danger_rules import ASK_AFTER, OPEN_SERVICE, Service, ServiceState
from helpdesk.telephony.models import Call, Leg
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import LIVE_LEG, CallState, LegRole, LegState

HEARD: dict[LegState, ServiceState] = {
    LegState.QUEUED: ServiceState.RINGING,
    LegState.INITIATED: ServiceState.RINGING,
    LegState.RINGING: ServiceState.RINGING,
    LegState.IN_PROGRESS: ServiceState.TALKING,
}


def dials(desk_id: int | None) -> bool:
    """Whether the trunk of this desk connects service numbers; elsewhere the number is shown and spoken."""
    return desk_id is not None and desk(desk_id).dials_service_numbers


def call_in(call: Call, number: Service, by: Actor) -> ServiceDial:
    """Ask for a service to be rung into the conversation; it is rung after the commit. Twice is once while it lasts.

    The call is locked. Raises Refused where the trunk does not connect it, or nobody talks.
    """
    if not dials(call.desk_id):
        raise Refused(N_("This desk's line does not connect 112 and 111"))
    if call.state is not CallState.CONNECTED or call.conference is None:
        raise Refused(N_("Nobody talks on this call now"))
    values = {
        "token": str(uuid.uuid4()),
        "call_id": call.id,
        "number": number,
        "state": ServiceState.ASKED,
        "staff_id": by.id,
        "created_at": clock.now(),
    }
    made = insert(ServiceDial).values(values).on_conflict_do_nothing().returning(ServiceDial)
    dial = session().scalars(made).first()
    if dial is None:
        return _open(call.id, number)
    _note("call.service_asked", dial, call, by)
    return dial


def claim(dial_id: int) -> ServiceDial | None:
    """Take what was asked for to be dialled now; None when somebody has, or nobody talks there any more."""
    dial = session().get_one(ServiceDial, dial_id, with_for_update=True, populate_existing=True)
    call = session().get_one(Call, dial.call_id, populate_existing=True)
    if call.state is not CallState.CONNECTED or call.conference is None:
        fail(dial)
        return None
    return dial if move(dial, ServiceState.DIALLING, dialled_at=clock.now()) else None


def heard(token: str, leg_sid: str, state: LegState) -> bool:
    """What the carrier says of a service's leg. False: this leg is not the one that was asked for, so it has to go."""
    known = session().scalars(select(ServiceDial).where(ServiceDial.token == token)).first()
    if known is None:
        return False
    call = queries.locked(known.call_id)
    dial = session().get_one(ServiceDial, known.id, with_for_update=True, populate_existing=True)
    too_late = call.state is not CallState.CONNECTED and state in LIVE_LEG
    if dial.leg_sid not in (None, leg_sid) or too_late:
        journal.note("call.service_unwanted", by=CARRIER, call_id=call.id, desk_id=call.desk_id, operator_leg=leg_sid)
        return False
    if dial.leg_sid is None:
        session().execute(update(ServiceDial).where(ServiceDial.id == dial.id).values(leg_sid=leg_sid))
        session().refresh(dial)
        legs.begin(leg_sid, call.id, LegRole.SERVICE, LegState.INITIATED)
    legs.report(leg_sid, state)
    _follow(dial, call, state)
    return True


def leg_over(leg_sid: str, state: LegState) -> None:
    """A service's leg has ended, as the conference or our own question tells."""
    dial = session().scalars(select(ServiceDial).where(ServiceDial.leg_sid == leg_sid).with_for_update()).first()
    if dial is not None:
        _follow(dial, session().get_one(Call, dial.call_id), state)


def _follow(dial: ServiceDial, call: Call, state: LegState) -> None:
    before = dial.state
    if state in LIVE_LEG:
        move(dial, HEARD[state])
    else:
        # completed means that it was answered, whether or not we heard of that
        answered = before is ServiceState.TALKING or state is LegState.COMPLETED
        move(dial, ServiceState.ENDED if answered else ServiceState.FAILED, settled_at=clock.now())
    if dial.state is not before:
        _note(f"call.service_{dial.state.value}", dial, call, CARRIER)


def fail(dial: ServiceDial) -> None:
    """The service could not be rung: the operator sees the number and dials it on another telephone."""
    if move(dial, ServiceState.FAILED, settled_at=clock.now()):
        _note("call.service_failed", dial, session().get_one(Call, dial.call_id), CARRIER)


def _note(kind: str, dial: ServiceDial, call: Call, by: Actor) -> None:
    journal.note(
        kind,
        by=by,
        call_id=call.id,
        ticket_id=call.ticket_id,
        desk_id=call.desk_id,
        staff_id=call.operator_id,
        dial_id=dial.id,
        number=dial.number.value,
    )


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _open(call_id: int, number: Service) -> ServiceDial:
    query = select(ServiceDial).where(
        ServiceDial.call_id == call_id, ServiceDial.number == number, ServiceDial.state.in_(OPEN_SERVICE)
    )
    return session().scalars(query).one()


def of_call(call_id: int) -> Sequence[ServiceDial]:
    """The services that were called into a conversation, newest first."""
    query = select(ServiceDial).where(ServiceDial.call_id == call_id).order_by(ServiceDial.id.desc())
    return session().scalars(query).all()


def of_calls(call_ids: Iterable[int]) -> dict[int, list[ServiceDial]]:
    """The same for several calls, by the id of the call, in one statement."""
    found: dict[int, list[ServiceDial]] = {}
    query = select(ServiceDial).where(ServiceDial.call_id.in_(list(call_ids))).order_by(ServiceDial.id.desc())
    for dial in session().scalars(query):
        found.setdefault(dial.call_id, []).append(dial)
    return found


def asked(limit: int = 50) -> Sequence[int]:
    """Ids of those that nobody has dialled yet."""
    query = select(ServiceDial.id).where(ServiceDial.state == ServiceState.ASKED)
    return session().scalars(query.order_by(ServiceDial.id).limit(limit)).all()


def unheard(limit: int = 50) -> Sequence[int]:
    """Ids of those that were dialled a while ago and of whose leg nothing is known."""
    query = select(ServiceDial.id).where(
        ServiceDial.state == ServiceState.DIALLING,
        ServiceDial.leg_sid.is_(None),
        ServiceDial.dialled_at < clock.now() - ASK_AFTER,
    )
    return session().scalars(query.order_by(ServiceDial.id).limit(limit)).all()


def live_legs(call_id: int) -> Sequence[str]:
    """Sids of services' legs that are connected or being rung."""
    query = select(Leg.sid).where(Leg.call_id == call_id, Leg.role == LegRole.SERVICE, Leg.state.in_(LIVE_LEG))
    return session().scalars(query).all()


def call_of(token: str) -> int | None:
    """The call that a service was asked into."""
    return session().scalar(select(ServiceDial.call_id).where(ServiceDial.token == token))


def talks(call_id: int) -> bool:
    """Whether a service is in the conversation or being rung into it: then nobody takes the caller out of it."""
    query = select(ServiceDial.id).where(
        ServiceDial.call_id == call_id, ServiceDial.state.in_((ServiceState.RINGING, ServiceState.TALKING))
    )
    return session().scalars(query.limit(1)).first() is not None
