"""What follows for supervisors in a conversation: the carrier is told who hears them, and when they leave."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from helpdesk.audit.actor import SYSTEM
from helpdesk.audit.models import JournalEntry
from helpdesk.jobs.calls import hang_up_leg
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.telephony import queries, supervision
from helpdesk.telephony.carrier_errors import CarrierAway
from helpdesk.telephony.conversation_models import Supervision
from helpdesk.telephony.conversation_rules import SupervisionMode, SupervisionState
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState

log = structlog.get_logger()

# Between the document that leads a leg into a conference and the leg being there: until then it is asked again.
ARRIVES_WITHIN = timedelta(seconds=15)


def tune(entries: Sequence[JournalEntry]) -> None:
    """A supervisor changed from listening to whispering or speaking: the carrier does what the row says now."""
    for entry in entries:
        row = session().get(Supervision, entry.details.get("supervision_id"), populate_existing=True)
        if row is not None and row.state is SupervisionState.JOINED:
            _tune(row, entry)


def tune_anew(entries: Sequence[JournalEntry]) -> None:
    """The operator of a conversation is another one: whoever whispers does so to them from now on."""
    for entry in entries:
        for row in supervision.open_at(entry.call_id or 0):
            if row.state is SupervisionState.JOINED and row.mode is SupervisionMode.WHISPER:
                _tune(row, entry)


def _tune(row: Supervision, entry: JournalEntry) -> None:
    call = session().get_one(Call, row.call_id, populate_existing=True)
    if call.state is not CallState.CONNECTED or call.conference is None or row.leg_sid is None:
        return
    operator = queries.live_operator_leg(call.id)
    coached = operator.sid if operator is not None and row.mode is SupervisionMode.WHISPER else None
    muted = row.mode is not SupervisionMode.BARGE and coached is None
    conference = call.conference_sid or carrier().find_conference(call.conference)
    if conference is None or not carrier().coach(conference, row.leg_sid, coached, muted):
        if clock.now() - entry.at < ARRIVES_WITHIN:
            raise CarrierAway(True, f"supervision {row.id} is not in the conference yet")
        log.warning("a supervisor's leg is in no conference", supervision=row.id, call=call.id)


def hang_up(entries: Sequence[JournalEntry]) -> None:
    """A supervisor has left: the leg goes too, if it has not gone by itself."""
    for entry in entries:
        row = session().get(Supervision, entry.details.get("supervision_id"), populate_existing=True)
        if row is not None and row.leg_sid is not None:
            hang_up_leg(row.leg_sid)


def hang_up_caller(entries: Sequence[JournalEntry]) -> None:
    """A supervisor has ended a call that waited: the caller's leg is hung up."""
    for entry in entries:
        call = session().get(Call, entry.call_id)
        if call is not None and call.sid is not None:
            hang_up_leg(call.sid)


def send_away(entries: Sequence[JournalEntry]) -> None:
    """The conversation is over: nobody listens to it any more."""
    for entry in entries:
        for row in supervision.open_at(entry.call_id or 0):
            supervision.end(row, SYSTEM)
