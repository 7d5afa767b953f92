"""Whose voice is heard: the recording of the desk's organization, of the nearest one above it, or the synthetic one."""

from contextvars import ContextVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.kernel.db import db, session
from helpdesk.kernel.remembered import Remembered
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desks
from helpdesk.telephony.prompts.manifest import file_name
from helpdesk.telephony.speech import Clip
from helpdesk.telephony.voice_models import VoiceRecording

# Below the address of prompts: recordings by people, named by their content.
OWN = "own"
Recorded = dict[tuple[str, str], tuple[tuple[str, str], ...]]

# The desk for which a document is being written.
_desk: ContextVar[int | None] = ContextVar("desk of the voice", default=None)
_recorded: Remembered[str, Recorded] = Remembered()


def forget() -> None:
    """Read the recordings anew: they were edited."""
    _recorded.forget()


def answer_for(desk_id: int | None) -> None:
    """From now on this request speaks with the voice of a desk; of None it is that of the whole country."""
    _desk.set(desk_id)


def file_of(clip: Clip) -> str:
    """Path of a clip's file below the address of prompts: "kk/P00-1a2b3c4d5e.wav" or "own/<hash>.wav".

    Raises UnknownPrompt.
    """
    known = _recorded.get("all", _all).get((clip.id, clip.language), ())
    if known:
        at = desks().get(_desk.get() or 0)
        for path, digest in known:
            if at.organization.path.startswith(path) if at else path.count("/") == 2:
                return f"{OWN}/{digest}.wav"
    return file_name(*clip)


def was_recorded(digest: str) -> bool:
    """Whether the content with this hash is or was such a recording: nothing else of the store is for everybody."""
    return session().scalar(select(VoiceRecording.id).where(VoiceRecording.digest == digest).limit(1)) is not None


def _all() -> Recorded:
    query = (
        select(VoiceRecording.piece_id, VoiceRecording.language, Organization.path, VoiceRecording.digest)
        .join(Organization, Organization.id == VoiceRecording.organization_id)
        .where(VoiceRecording.ended_at.is_(None))
    )
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with Session(db.engine) as apart:
        for piece_id, language, path, digest in apart.execute(query):
            found.setdefault((piece_id, language), []).append((path, digest))
    # the nearest organization first
    return {key: tuple(sorted(rows, key=lambda row: -row[0].count("/"))) for key, rows in found.items()}
