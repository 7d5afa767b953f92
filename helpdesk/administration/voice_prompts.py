"""What the telephone says, and in whose voice, as administrators hear and change it in their part of the tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select, update

from helpdesk.administration.queries import organization_for
from helpdesk.administration.staffing import desk_at
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel import clock, settings, store
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import LANGUAGES, fold
from helpdesk.organizations.models import Organization
from helpdesk.telephony.prompts.manifest import recording
from helpdesk.telephony.prompts.texts import parts, pieces, prompt_ids
from helpdesk.telephony.recorder import for_telephones
from helpdesk.telephony.voice_models import VoiceRecording
from helpdesk.telephony.voices import OWN


@dataclass(frozen=True)
class Spoken:
    """A piece in one language: its words, the file that is heard, and whose recording it is (None: synthetic).

    `own` is the recording made for this very organization; one of an organization above counts while there is none.
    """

    piece_id: str
    language: str
    text: str
    file: str
    voice: VoiceRecording | None
    made_for: Organization | None
    own: bool


@dataclass(frozen=True)
class Piece:
    """A piece in the languages in which it is said."""

    id: str
    spoken: Sequence[Spoken]


@dataclass(frozen=True)
class Prompts:
    """What is said for an organization."""

    at: Organization
    pieces: Sequence[Piece]


def prompts(asker: Asker, organization_id: int, words: bool = False, typed: str = "") -> Prompts:
    """Sentences, or with `words` the numbers, days and names they are completed with; those in which what was typed
    stands. Three statements. Raises NotFound."""
    at = organization_for(asker, organization_id)
    heard, wanted = _heard_at(at), fold(typed.strip())
    ids = dict.fromkeys(piece for language in LANGUAGES for piece in pieces(language))
    sentences = {part for id_ in prompt_ids() for language in LANGUAGES for part in parts(id_, language)}
    found = []
    for id_ in ids:
        if (id_ in sentences) is words:
            continue
        spoken = [_spoken(at, id_, language, heard) for language in LANGUAGES if id_ in pieces(language)]
        if not wanted or any(wanted in fold(f"{id_} {one.text}") for one in spoken):
            found.append(Piece(id_, spoken))
    return Prompts(at, found)


def piece(asker: Asker, organization_id: int, piece_id: str, language: str) -> tuple[Organization, Spoken]:
    """One piece in one language. Raises NotFound."""
    at = organization_for(asker, organization_id)
    if language not in LANGUAGES or piece_id not in pieces(language):
        raise NotFound
    return at, _spoken(at, piece_id, language, _heard_at(at))


def record(asker: Asker, organization_id: int, piece_id: str, language: str, name: str, content: bytes) -> None:
    """A recording is heard from now on, at this organization and below it. Raises Refused, NotFound."""
    at, _ = piece(asker, organization_id, piece_id, language)
    sound = for_telephones(content)
    digest = store.put(settings.current().var_dir, sound.wav)
    _end(asker, at, piece_id, language)
    row = VoiceRecording(
        organization_id=at.id,
        piece_id=piece_id,
        language=language,
        digest=digest,
        file_name=name[:200],
        seconds=sound.seconds,
        by_id=asker.id,
        made_at=clock.now(),
    )
    session().add(row)
    session().flush()
    _note("prompt.recorded", asker, at, piece_id, language)


def silence(asker: Asker, organization_id: int, piece_id: str, language: str) -> None:
    """The recording of this organization is heard no more. A second time changes nothing. Raises NotFound."""
    at, _ = piece(asker, organization_id, piece_id, language)
    if _end(asker, at, piece_id, language):
        _note("prompt.silenced", asker, at, piece_id, language)


def take_again(asker: Asker, organization_id: int, recording_id: int) -> VoiceRecording:
    """A recording that was replaced is heard again. Raises NotFound."""
    at = organization_for(asker, organization_id)
    query = select(VoiceRecording).where(VoiceRecording.id == recording_id, VoiceRecording.organization_id == at.id)
    row = session().scalars(query.with_for_update()).first()
    if row is None:
        raise NotFound
    if row.ended_at is not None:
        _end(asker, at, row.piece_id, row.language)
        row.ended_at = row.ended_by = None
        session().flush()
        _note("prompt.recorded", asker, at, row.piece_id, row.language)
    return row


def former(at: Organization, spoken: Spoken) -> Sequence[VoiceRecording]:
    """What was recorded for an organization before and is not heard now, the newest first; the caller has checked
    the asker's right."""
    query = select(VoiceRecording).where(
        VoiceRecording.organization_id == at.id,
        VoiceRecording.piece_id == spoken.piece_id,
        VoiceRecording.language == spoken.language,
        VoiceRecording.ended_at.is_not(None),
    )
    return session().scalars(query.order_by(VoiceRecording.id.desc()).limit(10)).all()


def _end(asker: Asker, at: Organization, piece_id: str, language: str) -> bool:
    ended = (
        update(VoiceRecording)
        .where(
            VoiceRecording.organization_id == at.id,
            VoiceRecording.piece_id == piece_id,
            VoiceRecording.language == language,
            VoiceRecording.ended_at.is_(None),
        )
        .values(ended_at=clock.now(), ended_by=asker.id)
        .returning(VoiceRecording.id)
    )
    return session().execute(ended).first() is not None


Heard = Mapping[tuple[str, str], tuple[VoiceRecording, Organization]]


def _heard_at(at: Organization) -> Heard:
    ids = [int(part) for part in at.path.strip("/").split("/") if part]
    query = (
        select(VoiceRecording, Organization)
        .join(Organization, Organization.id == VoiceRecording.organization_id)
        .where(Organization.id.in_(ids), VoiceRecording.ended_at.is_(None))
        # the nearest is read last and counts
        .order_by(Organization.path)
    )
    return {(row.piece_id, row.language): (row, made_for) for row, made_for in session().execute(query)}


def _spoken(at: Organization, piece_id: str, language: str, heard: Heard) -> Spoken:
    voice, made_for = heard.get((piece_id, language), (None, None))
    made = recording(piece_id, language)
    file = f"{OWN}/{voice.digest}.wav" if voice else made.file
    own = made_for is not None and made_for.id == at.id
    return Spoken(piece_id, language, pieces(language)[piece_id], file, voice, made_for, own)


def _note(kind: str, asker: Asker, at: Organization, piece_id: str, language: str) -> None:
    journal.note(kind, by=staff(asker.id), desk_id=desk_at(at), at_id=at.id, piece=piece_id, language=language)
