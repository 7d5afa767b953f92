"""Moves between states as the tables in rules.py allow them: conditional updates, a lost race changes nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, update
from sqlalchemy.orm.attributes import set_committed_value

from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.statements import change
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

_SPANS = cast(Table, PresenceSpan.__table__)
_CLOSE_SPAN = update(_SPANS).where(_SPANS.c.staff_id == bindparam("whose"), _SPANS.c.until_at.is_(None))
_OPEN_SPAN = insert(_SPANS)


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
    if not change(model, name, getattr(row, name), changes, sources(_MOVES[model], to)):
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
    change(Call, "id", call.id, changes)
    for name, value in changes.items():
        set_committed_value(call, name, value)


def _span(now: Presence) -> None:
    """Write down from when on an operator is where; the presence row is locked, so one span is open at a time."""
    moment = clock.now()
    session().execute(_CLOSE_SPAN, {"whose": now.staff_id, "until_at": moment})
    span = {"staff_id": now.staff_id, "state": now.state, "reason": now.reason, "call_id": now.call_id}
    session().execute(_OPEN_SPAN, span | {"from_at": moment})
