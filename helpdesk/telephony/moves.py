"""Moves between states as the tables in rules.py allow them: conditional updates, a lost race changes nothing."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import set_committed_value

from helpdesk.kernel.db import session
from helpdesk.telephony.models import Call, Offer, Presence, QueueEntry
from helpdesk.telephony.rules import CALL_MOVES, ENTRY_MOVES, OFFER_MOVES, PRESENCE_MOVES, sources

_MOVES: dict[type[Any], Mapping[Any, frozenset[Any]]] = {
    Call: CALL_MOVES,
    QueueEntry: ENTRY_MOVES,
    Offer: OFFER_MOVES,
    Presence: PRESENCE_MOVES,
}


def move(row: Call | QueueEntry | Offer | Presence, to: StrEnum, **values: Any) -> bool:
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
    return True
