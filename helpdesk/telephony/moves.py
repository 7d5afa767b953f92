"""Moves between states as the tables in rules.py allow them: conditional updates, a lost race changes nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm.attributes import set_committed_value

from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.telephony.conversation_models import Recording, Supervision, Transfer
from helpdesk.telephony.conversation_rules import RECORDING_MOVES, SUPERVISION_MOVES, TRANSFER_MOVES
from helpdesk.telephony.danger_models import ServiceDial
from helpdesk.telephony.danger_rules import SERVICE_MOVES
from helpdesk.telephony.models import Call, Offer, Presence, PresenceSpan, QueueEntry
from helpdesk.telephony.rules import CALL_MOVES, ENTRY_MOVES, OFFER_MOVES, PRESENCE_MOVES, sources

_MOVES: dict[type[Any], Mapping[Any, frozenset[Any]]] = {
    Call: CALL_MOVES,
    QueueEntry: ENTRY_MOVES,
    Offer: OFFER_MOVES,
    Presence: PRESENCE_MOVES,
    Transfer: TRANSFER_MOVES,
    Supervision: SUPERVISION_MOVES,
    Recording: RECORDING_MOVES,
    ServiceDial: SERVICE_MOVES,
}


def move(
    row: Call | QueueEntry | Offer | Presence | Transfer | Supervision | Recording | ServiceDial,
    to: StrEnum,
    **values: Any,
) -> bool:
    """Bring `row` into the state `to` and set `values`, if its state in the database allows it.

    False after a lost race: then `row` has been read again and nothing was changed.
    """
    model = type(row)
    changes = {"state": to, **values}
    if isinstance(row, Call):
        changes["version"] = row.version + 1
    name = "staff_id" if isinstance(row, Presence) else "id"
    key = getattr(model, name)
    done = session().execute(
        update(model)
        .where(key == getattr(row, name), model.state.in_(sources(_MOVES[model], to)))
        .values(changes)
        .returning(key)
        .execution_options(synchronize_session=False)
    )
    if done.first() is None:
        session().refresh(row)
        return False
    for changed, value in changes.items():
        set_committed_value(row, changed, value)
    if isinstance(row, Presence):
        _span(row)
    return True


def write(call: Call, **values: Any) -> None:
    """Write columns of a call that are no state; what is so already costs nothing."""
    changes = {name: value for name, value in values.items() if getattr(call, name) != value}
    if not changes:
        return
    session().execute(
        update(Call).where(Call.id == call.id).values(changes).execution_options(synchronize_session=False)
    )
    for name, value in changes.items():
        set_committed_value(call, name, value)


def _span(now: Presence) -> None:
    """Write down from when on an operator is where; the presence row is locked, so one span is open at a time."""
    moment = clock.now()
    spans = session()
    spans.execute(
        update(PresenceSpan)
        .where(PresenceSpan.staff_id == now.staff_id, PresenceSpan.until_at.is_(None))
        .values(until_at=moment)
        .execution_options(synchronize_session=False)
    )
    span = {"staff_id": now.staff_id, "state": now.state, "reason": now.reason, "call_id": now.call_id}
    spans.execute(insert(PresenceSpan).values(span | {"from_at": moment}))
