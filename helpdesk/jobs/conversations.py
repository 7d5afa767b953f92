"""What follows inside a conversation: holding a caller, and letting one of two operators go."""

from collections.abc import Sequence

import structlog

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import session
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState
from helpdesk.telephony.twiml import path

log = structlog.get_logger()


def hold(entries: Sequence[JournalEntry]) -> None:
    """Callers are held or not, as is in the books now. All are tried before a failure makes this come again."""
    failure: Exception | None = None
    for call_id in dict.fromkeys(entry.call_id for entry in entries if entry.call_id):
        try:
            _bring_about(call_id)
        except CarrierRefused as error:
            log.error("carrier refuses to hold", call=call_id, code=error.code, retryable=error.retryable)
            failure = error if error.retryable else failure
        except CarrierAway as error:
            failure = error
    if failure is not None:
        raise failure


def _bring_about(call_id: int) -> None:
    """Ask the carrier until what was asked is what is in the books: the last one who asks has looked last."""
    while (call := _talking(call_id)) is not None and call.sid is not None and call.conference is not None:
        wanted = call.held_at is not None
        conference = call.conference_sid or carrier().find_conference(call.conference)
        if conference is None:
            raise CarrierAway(True, "the conference is not to be found")
        carrier().hold(conference, call.sid, path("hold") if wanted else None)
        if (again := _talking(call_id)) is None or (again.held_at is not None) == wanted:
            return


def _talking(call_id: int) -> Call | None:
    call = session().get(Call, call_id, populate_existing=True)
    return call if call is not None and call.state is CallState.CONNECTED else None
