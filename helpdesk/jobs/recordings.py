"""Recordings: the carrier records what is wanted, we fetch the sound, it is deleted there, and one day here."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy import or_, select

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM
from helpdesk.audit.models import JournalEntry
from helpdesk.intake import phone
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony import queries, recordings
from helpdesk.telephony.carrier_conferences import Recorded
from helpdesk.telephony.carrier_errors import CarrierAway, CarrierRefused
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingState
from helpdesk.telephony.gateway import carrier
from helpdesk.telephony.heard import Sound
from helpdesk.telephony.models import Call
from helpdesk.telephony.moves import move
from helpdesk.telephony.rules import CallState
from helpdesk.telephony.sound import NoSound, seconds_of
from helpdesk.telephony.twiml import path
from helpdesk.tickets.models import Attachment

log = structlog.get_logger()

Entries = Sequence[JournalEntry]
# A sound may be this much shorter than the carrier said: seconds are rounded.
ROUNDED = 1.5


# ── reactions ─────────────────────────────────────────────────────────────────────────────────────────────────────


def want(entries: Entries) -> None:
    """A conversation began: its recording is wanted, where the desk records and the caller agreed."""
    for call_id in _call_ids(entries):
        recordings.begin(queries.locked(call_id))


def follow(entries: Entries) -> None:
    """A call has gone elsewhere."""
    for call_id in _call_ids(entries):
        recordings.follow(queries.locked(call_id))


def start(entries: Entries) -> None:
    """The carrier records. It may have been asked before by somebody who died: then its recording is the one."""
    for row, call in _rows(entries):
        if row.state is not RecordingState.WANTED or call.sid is None:
            continue
        if call.state is not CallState.CONNECTED:
            recordings.absent(row.id)
            continue
        found = _unknown(carrier().recordings_of(call.sid))
        sid = found.sid if found else carrier().record(call.sid, path("recording", id=row.id))
        if sid is None:
            recordings.absent(row.id)
        else:
            recordings.begun(row.id, Sound(sid, 0))


def turn(entries: Entries) -> None:
    """The operator has paused the recording, or goes on: the carrier does what is in the books now."""
    for row, call in _rows(entries):
        if call.sid is not None and row.state in (RecordingState.RUNNING, RecordingState.PAUSED):
            carrier().pause_recording(call.sid, row.state is RecordingState.PAUSED)


def stop(entries: Entries) -> None:
    """Recorded no more; the carrier tells that it is complete."""
    for row, call in _rows(entries):
        if call.sid is not None and row.state in recordings.OPEN:
            carrier().stop_recording(call.sid)


def file_messages(entries: Entries) -> None:
    """A voice message was left: it stands on its ticket."""
    for entry in entries:
        phone.file_message(entry.details["recording_id"])


def _call_ids(entries: Entries) -> list[int]:
    return sorted({entry.call_id for entry in entries if entry.call_id})


def _rows(entries: Entries) -> list[tuple[Recording, Call]]:
    found = []
    for entry in entries:
        row = session().get(Recording, entry.details.get("recording_id"), populate_existing=True)
        if row is not None:
            found.append((row, session().get_one(Call, row.call_id, populate_existing=True)))
    return found


def _unknown(listed: Sequence[Recorded]) -> Recorded | None:
    """The one of the carrier's recordings, still running, that is nobody's of ours yet."""
    ours = set(session().scalars(select(Recording.sid).where(Recording.sid.in_([one.sid for one in listed]))))
    return next((one for one in listed if one.sid not in ours and one.status in ("in-progress", "paused")), None)


# ── jobs ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def import_recordings(ids: list[int]) -> None:
    """Fetch the sound, keep it under its hash, and only then delete it at the carrier. Each step may happen twice."""
    for recording_id in ids:
        query = select(Recording.sid, Recording.stored, Recording.seconds).where(Recording.id == recording_id)
        row = session().execute(query.where(Recording.state == RecordingState.COMPLETED)).first()
        session().rollback()  # no connection waits for the carrier
        if row is None or row.sid is None:
            continue
        sid, stored, seconds = row.sid, row.stored, row.seconds
        try:
            if stored is None:
                _keep(recording_id, carrier().recording_sound(sid), seconds or 0)
            carrier().delete_recording(sid)
        except (CarrierAway, CarrierRefused, NoSound, OSError) as problem:
            log.warning("a recording could not be fetched", recording=recording_id, reason=str(problem))
            _try_later(recording_id)
            continue
        with transaction():
            _imported(recording_id)


def _keep(recording_id: int, sound: bytes, seconds: int) -> None:
    lasts = seconds_of(sound)
    if lasts < seconds - ROUNDED:
        raise NoSound(f"{lasts:.1f} s instead of {seconds} s")
    digest = store.put(settings.current().var_dir, sound)
    with transaction():
        row = session().get_one(Recording, recording_id, with_for_update=True, populate_existing=True)
        row.stored, row.sha256, row.bytes = digest, digest, len(sound)


def _imported(recording_id: int) -> None:
    row = session().get_one(Recording, recording_id, with_for_update=True, populate_existing=True)
    moment = clock.now()
    erase_at = moment + timedelta(days=settings.current().recordings_kept_days)
    if move(row, RecordingState.IMPORTED, imported_at=moment, removed_at=moment, erase_at=erase_at):
        journal.note(
            "recording.imported",
            by=SYSTEM,
            call_id=row.call_id,
            ticket_id=row.ticket_id,
            recording_id=row.id,
            bytes=row.bytes,
        )


def _try_later(recording_id: int) -> None:
    with transaction():
        row = session().get_one(Recording, recording_id, with_for_update=True, populate_existing=True)
        row.next_try_at = recordings.next_try(row.completed_at or row.created_at)


def ask_about_recordings(ids: list[int]) -> None:
    """Calls are over and their recordings were not told of: ask the carrier what it has."""
    for recording_id in ids:
        row = session().get(Recording, recording_id, populate_existing=True)
        if row is None or row.state not in recordings.OPEN:
            continue
        leg = session().get_one(Call, row.call_id).sid
        try:
            listed = carrier().recordings_of(leg) if leg is not None else []
        except (CarrierAway, CarrierRefused) as problem:
            log.warning("the carrier cannot be asked for recordings", recording=recording_id, reason=str(problem))
            _try_later(recording_id)
            continue
        with transaction():
            _as_listed(recording_id, row.sid, listed)


def _as_listed(recording_id: int, sid: str | None, listed: Sequence[Recorded]) -> None:
    known = set(session().scalars(select(Recording.sid).where(Recording.sid.in_([one.sid for one in listed]))))
    mine = next((one for one in listed if one.sid == sid or (sid is None and one.sid not in known)), None)
    if mine is None or mine.status == "absent":
        recordings.absent(recording_id)
    elif mine.status == "completed":
        recordings.completed(recording_id, Sound(mine.sid, mine.seconds))
    else:
        row = session().get_one(Recording, recording_id, with_for_update=True, populate_existing=True)
        row.next_try_at = recordings.next_try(row.created_at)


def erase_recordings(ids: list[int]) -> None:
    """Their time is over: first the sound goes, then the row says so. Equal sounds share a file, which stays."""
    for recording_id in ids:
        with transaction():
            row = session().get_one(Recording, recording_id, with_for_update=True, populate_existing=True)
            if row.state is not RecordingState.IMPORTED or row.erase_at is None or row.erase_at > clock.now():
                continue
            if row.stored is not None and not _needed_elsewhere(row):
                store.remove(settings.current().var_dir, row.stored)
            move(row, RecordingState.ERASED, stored=None)
            journal.note(
                "recording.erased", by=SYSTEM, call_id=row.call_id, ticket_id=row.ticket_id, recording_id=row.id
            )


def _needed_elsewhere(row: Recording) -> bool:
    other = select(Recording.id).where(Recording.stored == row.stored, Recording.id != row.id)
    file = select(Attachment.id).where(Attachment.digest == row.stored)
    return bool(session().scalar(select(or_(other.exists(), file.exists()))))
