"""A child is in danger: the alarm to everybody who answers for the desk."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor, staff
from helpdesk.identity.answerable import answerable_for, desks_left_to
from helpdesk.identity.queries import Asker, within
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations.queries import city_desk, desk
from helpdesk.telephony.actions import set_values
from helpdesk.telephony.danger_models import Alarm
from helpdesk.telephony.models import Call


def raise_alarm(call: Call, by: Actor) -> Alarm:
    """A child is in danger: note it and tell whoever answers for the desk, at once and once. The call is locked.

    What follows (the P0 record, messages to supervisors' telephones) are reactions to "call.danger".
    """
    at = desk(call.desk_id) if call.desk_id is not None else city_desk()
    moment = clock.now()
    raised_by = by.id if by.kind == "staff" else None
    values = {"call_id": call.id, "desk_id": at.id, "raised_by": raised_by, "raised_at": moment}
    made = insert(Alarm).values(values).on_conflict_do_nothing(index_elements=["call_id"]).returning(Alarm)
    alarm = session().scalars(made).first()
    if alarm is None:
        return session().scalars(select(Alarm).where(Alarm.call_id == call.id)).one()
    set_values(call, danger_at=moment)
    journal.note("call.danger", by=by, call_id=call.id, ticket_id=call.ticket_id, desk_id=at.id, alarm_id=alarm.id)
    for person in answerable_for(at.organization.path):
        journal.note("alarm.raised", by=by, call_id=call.id, desk_id=at.id, alarm_id=alarm.id, staff_id=person.id)
    return alarm


def acknowledge(alarm: Alarm, staff_id: int) -> bool:
    """A supervisor has taken the alarm: the banner of all of them goes. False when somebody was faster."""
    done = session().execute(
        update(Alarm)
        .where(Alarm.id == alarm.id, Alarm.acknowledged_at.is_(None))
        .values(acknowledged_by=staff_id, acknowledged_at=clock.now())
        .returning(Alarm.id)
        .execution_options(synchronize_session=False)
    )
    if done.first() is None:
        return False
    session().refresh(alarm)
    for person in answerable_for(desk(alarm.desk_id).organization.path):
        journal.note(
            "alarm.acknowledged",
            by=staff(staff_id),
            call_id=alarm.call_id,
            desk_id=alarm.desk_id,
            alarm_id=alarm.id,
            staff_id=person.id,
        )
    return True


# ── questions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def open_alarms(asker: Asker, limit: int = 5) -> Sequence[Alarm]:
    """Alarms at desks that the asker answers for and that nobody has acknowledged, oldest first."""
    query = select(Alarm).where(Alarm.acknowledged_at.is_(None), _supervised(asker))
    return session().scalars(query.order_by(Alarm.id).limit(limit)).all()


def alarms(asker: Asker, before: int | None = None, limit: int = 30) -> Sequence[Alarm]:
    """Alarms at desks that the asker answers for, newest first; `before`: the id of the last one of the page before."""
    query = select(Alarm).where(_supervised(asker))
    if before is not None:
        query = query.where(Alarm.id < before)
    return session().scalars(query.order_by(Alarm.id.desc()).limit(limit)).all()


def tickets_of(rows: Iterable[Alarm]) -> dict[int, int]:
    """The ids of the records of these alarms, by the id of the call."""
    query = select(Call.id, Call.ticket_id).where(Call.id.in_([row.call_id for row in rows]))
    return {call_id: ticket_id for call_id, ticket_id in session().execute(query) if ticket_id is not None}


def alarm_for(asker: Asker, alarm_id: int) -> Alarm:
    """An alarm at a desk that the asker answers for. Raises NotFound."""
    found = session().scalars(select(Alarm).where(Alarm.id == alarm_id, _supervised(asker))).first()
    if found is None:
        raise NotFound
    return found


def _supervised(asker: Asker) -> ColumnElement[bool]:
    supervised, left = within(Alarm.desk_id, asker.roots(Role.SUPERVISOR)), desks_left_to(asker)
    return or_(supervised, Alarm.desk_id.in_(left)) if left else supervised
