"""Voice messages and recorded conversations: wanted first, then recorded by the carrier, then ours alone, then erased.

A conversation is recorded only where the desk does so and the caller heard that and stayed without pressing 9. What the
carrier is to do follows from the journal, after the commit.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_, select

from helpdesk.audit import journal
from helpdesk.audit.actor import CARRIER, SYSTEM, Actor
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desk
from helpdesk.telephony import line, offers
from helpdesk.telephony.actions import RECORDING_NOTICES
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingKind, RecordingState
from helpdesk.telephony.heard import Sound
from helpdesk.telephony.models import Call
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import CallState

log = structlog.get_logger()

OPEN = (RecordingState.WANTED, RecordingState.RUNNING, RecordingState.PAUSED)
# A recording whose call is over and of which nothing was heard for so long is asked for at the carrier.
SILENT_AFTER = timedelta(minutes=2)
LONGEST_PAUSE_BETWEEN_TRIES = timedelta(hours=1)
SHORTEST_PAUSE_BETWEEN_TRIES = timedelta(seconds=30)


# ── voice messages ────────────────────────────────────────────────────────────────────────────────────────────────


def begin_voicemail(call: Call) -> Recording:
    """The caller leaves the line to speak a message. The call is locked; a second time is the first."""
    known = session().scalars(
        select(Recording).where(Recording.call_id == call.id, Recording.kind == RecordingKind.VOICEMAIL)
    )
    if (row := known.first()) is not None:
        return row
    offers.withdraw(call)
    entry = line.entry_of(call.id)
    if entry is not None:
        line.leave(entry)
    move(call, CallState.VOICEMAIL)
    return _wanted(call, RecordingKind.VOICEMAIL)


def _wanted(call: Call, kind: RecordingKind) -> Recording:
    row = Recording(
        call_id=call.id,
        ticket_id=call.ticket_id,
        kind=kind,
        state=RecordingState.WANTED,
        created_at=clock.now(),
    )
    session().add(row)
    session().flush()
    return row


# ── conversations ─────────────────────────────────────────────────────────────────────────────────────────────────


def wanted(call: Call) -> bool:
    """Whether this conversation is to be recorded: the desk does, and the caller was told and did not refuse."""
    told = call.consent_prompt in RECORDING_NOTICES and call.recording_refused is False
    return told and call.desk_id is not None and desk(call.desk_id).records_calls


def begin(call: Call) -> Recording | None:
    """Caller and operator are joined: a recording is wanted from now on; None when it is not, or one runs already."""
    if call.state is not CallState.CONNECTED or not wanted(call) or running(call) is not None:
        return None
    row = _wanted(call, RecordingKind.CONVERSATION)
    _note("recording.wanted", row, call, SYSTEM)
    return row


def pause(call: Call, by: Actor) -> None:
    """A silence while the caller dictates what may not be kept. Raises Refused when nothing is recorded."""
    _turn(call, RecordingState.PAUSED, "recording.paused", by)


def resume(call: Call, by: Actor) -> None:
    """Go on after a pause. Raises Refused when nothing is paused."""
    _turn(call, RecordingState.RUNNING, "recording.resumed", by)


def _turn(call: Call, to: RecordingState, kind: str, by: Actor) -> None:
    row = running(call)
    if row is not None and row.state is to:
        return
    if row is None or not move(row, to):
        raise Refused(N_("This conversation is not being recorded"))
    _note(kind, row, call, by)


def follow(call: Call) -> None:
    """The call has gone on, to a line or another desk, or the caller has refused: no longer recorded where it must not
    be. Who waits is not recorded; a further conversation has a recording of its own."""
    row = running(call)
    talks = call.state is CallState.CONNECTED and wanted(call)
    if row is not None and row.kind is RecordingKind.CONVERSATION and not talks:
        _note("recording.unwanted", row, call, SYSTEM)


def running(call: Call) -> Recording | None:
    """The recording that is being made of the present conversation; one that is left of an earlier one is on its way
    to its end."""
    query = select(Recording).where(Recording.call_id == call.id, Recording.state.in_(OPEN))
    if call.connected_at is not None:
        query = query.where(Recording.created_at >= call.connected_at)
    return session().scalars(query.order_by(Recording.id.desc()).limit(1)).first()


# ── what the carrier tells ────────────────────────────────────────────────────────────────────────────────────────


def begun(recording_id: int, sound: Sound) -> Recording | None:
    """The carrier records, or has recorded, and this is its name for it. None for a recording that we never wanted."""
    row = session().get(Recording, recording_id, with_for_update=True, populate_existing=True)
    if row is None:
        log.warning("a recording that nobody wanted", recording=sound.sid)
        return None
    if row.sid is not None and row.sid != sound.sid:
        row = _second(row, sound.sid)
    if row.state is RecordingState.WANTED:
        move(row, RecordingState.RUNNING, sid=sound.sid)
    return row


def _second(first: Recording, sid: str) -> Recording:
    """The carrier made two recordings where one was wanted: neither may be forgotten there."""
    known = session().scalars(select(Recording).where(Recording.sid == sid).with_for_update()).first()
    if known is not None:
        return known
    log.warning("a second recording of one call", call=first.call_id, recording=sid)
    row = Recording(call_id=first.call_id, ticket_id=first.ticket_id, kind=first.kind, created_at=clock.now())
    row.state = RecordingState.WANTED
    session().add(row)
    session().flush()
    return row


def completed(recording_id: int, sound: Sound) -> None:
    """The sound can be fetched. However often it is told, the message is noted once."""
    row = begun(recording_id, sound)
    moment = clock.now()
    if row is None or not move(
        row, RecordingState.COMPLETED, sid=sound.sid, seconds=sound.seconds, completed_at=moment
    ):
        return
    call = session().get_one(Call, row.call_id)
    row.ticket_id = call.ticket_id or row.ticket_id
    session().flush()
    kind = "voicemail.left" if row.kind is RecordingKind.VOICEMAIL else "recording.completed"
    _note(kind, row, call, CARRIER)


def absent(recording_id: int) -> None:
    """Nothing was recorded: the caller said no word, or the conversation was over at once."""
    row = session().get(Recording, recording_id, with_for_update=True, populate_existing=True)
    if row is not None and move(row, RecordingState.ABSENT):
        _note("recording.absent", row, session().get_one(Call, row.call_id), CARRIER)


def _note(kind: str, row: Recording, call: Call, by: Actor) -> None:
    journal.note(
        kind,
        by=by,
        call_id=call.id,
        ticket_id=call.ticket_id,
        desk_id=call.desk_id,
        recording_id=row.id,
        seconds=row.seconds,
    )


# ── due ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def to_import(limit: int = 50) -> Sequence[int]:
    """Ids of recordings that lie at the carrier and are to be fetched now."""
    due = or_(Recording.next_try_at.is_(None), Recording.next_try_at <= clock.now())
    query = select(Recording.id).where(Recording.state == RecordingState.COMPLETED, due)
    return session().scalars(query.order_by(Recording.completed_at).limit(limit)).all()


def next_try(completed_at: datetime) -> datetime:
    """After a vain try: wait as long again as it has taken already, between half a minute and an hour."""
    passed = clock.now() - completed_at
    return clock.now() + min(max(passed, SHORTEST_PAUSE_BETWEEN_TRIES), LONGEST_PAUSE_BETWEEN_TRIES)


def unheard_of(limit: int = 50) -> Sequence[int]:
    """Ids of recordings whose call is over and of which the carrier has told no end."""
    query = select(Recording.id).join(Call, Call.id == Recording.call_id).where(_unheard_of())
    return session().scalars(query.order_by(Recording.id).limit(limit)).all()


def _unheard_of() -> ColumnElement[bool]:
    now = clock.now()
    asked = or_(Recording.next_try_at.is_(None), Recording.next_try_at <= now)
    return and_(Recording.state.in_(OPEN), Call.ended_at < now - SILENT_AFTER, asked)


def to_erase(limit: int = 200) -> Sequence[int]:
    """Ids of recordings whose time is over."""
    query = select(Recording.id).where(Recording.state == RecordingState.IMPORTED, Recording.erase_at <= clock.now())
    return session().scalars(query.order_by(Recording.erase_at).limit(limit)).all()
