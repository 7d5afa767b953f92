"""A caller on hold: in the conference, but hearing music and heard by nobody."""

from typing import Any

from helpdesk.audit import journal
from helpdesk.audit.actor import Actor
from helpdesk.kernel import clock
from helpdesk.telephony.models import Call
from helpdesk.telephony.moves import write
from helpdesk.telephony.rules import CallState


def hold(call: Call, by: Actor) -> bool:
    """The caller hears music from now on; False when nobody talks or it was so. The call is locked already.

    The carrier is told after the commit (reaction "call.held"), and once more what is so by then.
    """
    if call.state is not CallState.CONNECTED or call.connected_at is None or call.held_at is not None:
        return False
    write(call, held_at=clock.now())
    _note("call.held", call, by)
    return True


def unhold(call: Call, by: Actor) -> bool:
    """The caller is back in the conversation; False when it was so."""
    if call.held_at is None:
        return False
    write(call, **ended(call))
    _note("call.unheld", call, by)
    return True


def ended(call: Call) -> dict[str, Any]:
    """The columns of a call whose hold, if there is one, is over now: its seconds are added up."""
    if call.held_at is None:
        return {}
    seconds = round((clock.now() - call.held_at).total_seconds())
    return {"held_at": None, "hold_seconds": call.hold_seconds + seconds}


def _note(kind: str, call: Call, by: Actor) -> None:
    journal.note(
        kind, by=by, call_id=call.id, ticket_id=call.ticket_id, desk_id=call.desk_id, staff_id=call.operator_id
    )
