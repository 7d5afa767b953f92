"""Everything that is known of one person, as the person has a right to get it: data, and what files belong to it."""

import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from helpdesk.callbacks.models import Callback
from helpdesk.contacts.models import Pupil
from helpdesk.identity.queries import Asker
from helpdesk.intake.models import RawMail
from helpdesk.kernel import clock, store
from helpdesk.kernel.db import session
from helpdesk.notifications.models import Letter
from helpdesk.privacy import queries
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.models import Call
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.opinion_models import Opinion


@dataclass
class Dossier:
    """`data` is JSON; `files` are names in the archive with hashes of the store, `letters` with rows of raw mail."""

    data: dict[str, Any]
    files: list[tuple[str, str]] = field(default_factory=list)
    letters: list[tuple[str, int]] = field(default_factory=list)


def collect(asker: Asker, contact_id: int) -> Dossier:
    """What the house knows of a person in the asker's part of the tree. A fixed number of statements.

    Staff appear as "1450": whose answer it was is no data of the person. Raises NotFound.
    """
    contact = queries.person_for(asker, contact_id)
    tickets = session().scalars(queries.tickets_of(asker, contact_id).order_by(Ticket.id)).all()
    ids = [one.id for one in tickets]
    found = Dossier({})
    messages = _messages(ids, found)
    letters, opinions, callbacks = _by(Letter, ids), _by(Opinion, ids), _by(Callback, ids)
    calls = (
        session()
        .scalars(select(Call).where(or_(Call.contact_id == contact_id, Call.ticket_id.in_(ids))).order_by(Call.id))
        .all()
    )
    _sounds(calls, ids, found)
    _raw(ids, found)
    pupils: Sequence[Pupil] = []
    if contact.household_id is not None:
        pupils = session().scalars(select(Pupil).where(Pupil.household_id == contact.household_id)).all()
    found.data = {
        "made_at": _at(clock.now()),
        "person": {
            "name": contact.name,
            "role": contact.role.value,
            "language": contact.language,
            "phones": [one.number for one in contact.phones],
            "emails": [one.address for one in contact.emails],
            "settlement": contact.settlement,
            "hearing_note": contact.hearing_note,
            "known_since": _at(contact.created_at),
            "pupils": [{"name": one.name, "grade": one.grade, "letter": one.letter} for one in pupils],
        },
        "tickets": [
            {
                "number": one.number,
                "subject": one.subject,
                "state": one.state.value,
                "channel": one.channel.value,
                "category": one.category_code,
                "pupil": one.pupil_note,
                "fields": one.fields,
                "consent_version": one.consent_version,
                "created_at": _at(one.created_at),
                "resolved_at": _at(one.resolved_at),
                "messages": messages[one.id],
                "letters": [
                    {"at": _at(row.created_at), "to": row.address, "subject": row.subject, "text": row.body}
                    for row in letters[one.id]
                ],
                "opinions": [
                    {"at": _at(row.answered_at), "grade": row.grade, "words": row.words} for row in opinions[one.id]
                ],
                "callbacks": [
                    {"number": row.number, "promised_at": _at(row.promised_at), "state": row.state.value}
                    for row in callbacks[one.id]
                ],
            }
            for one in tickets
        ],
        "calls": [
            {
                "at": _at(one.started_at),
                "direction": one.direction,
                "from": one.from_number,
                "to": one.to_number,
                "consent_to_recording": None if one.recording_refused is None else not one.recording_refused,
                "ended_at": _at(one.ended_at),
                "note": one.wrapup_note,
            }
            for one in calls
        ],
        "files": [name for name, _ in found.files] + [name for name, _ in found.letters],
    }
    return found


def pack(into: IO[bytes], dossier: Dossier, pages: dict[str, str], var_dir: Path) -> None:
    """Write the archive: `pages` by their names, then the files. A file that is gone from the disk is left out."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in pages.items():
            archive.writestr(name, text)
        for name, digest in dossier.files:
            path = store.path(var_dir, digest)
            if path.is_file():
                archive.write(path, name)
        for name, raw_id in dossier.letters:
            archive.writestr(name, session().scalar(select(RawMail.content).where(RawMail.id == raw_id)) or b"")


def _messages(ids: Sequence[int], found: Dossier) -> dict[int, list[dict[str, Any]]]:
    said: dict[int, list[dict[str, Any]]] = defaultdict(list)
    query = select(Message).where(Message.ticket_id.in_(ids)).order_by(Message.id)
    for one in session().scalars(query.options(selectinload(Message.attachments))):
        names = [_named(f"files/{file.id}-{file.name}", file, found) for file in one.attachments]
        said[one.ticket_id].append(
            {
                "at": _at(one.created_at),
                "kind": one.kind.value,
                "by": "requester" if one.from_requester else "1450",
                "text": one.body,
                "quoted": one.quoted,
                "files": names,
            }
        )
    return said


def _named(name: str, file: Attachment, found: Dossier) -> str:
    safe = "".join("_" if sign in '\\:*?"<>|' or sign < " " else sign for sign in name).replace("..", "_")
    safe = "files/" + safe.removeprefix("files/").replace("/", "_")
    found.files.append((safe, file.digest))
    return safe


def _sounds(calls: Sequence[Call], ids: Sequence[int], found: Dossier) -> None:
    mine = or_(Recording.call_id.in_([one.id for one in calls]), Recording.ticket_id.in_(ids))
    query = select(Recording).where(mine, Recording.stored.is_not(None)).order_by(Recording.id)
    found.files += [(f"recordings/{one.id}.wav", one.stored) for one in session().scalars(query) if one.stored]


def _raw(ids: Sequence[int], found: Dossier) -> None:
    query = select(RawMail.id).where(RawMail.ticket_id.in_(ids)).order_by(RawMail.id)
    found.letters = [(f"letters/{raw_id}.eml", raw_id) for raw_id in session().scalars(query)]


def _by(model: Any, ids: Sequence[int]) -> dict[int, list[Any]]:
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in session().scalars(select(model).where(model.ticket_id.in_(ids)).order_by(model.id)):
        rows[row.ticket_id].append(row)
    return rows


def _at(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment is not None else None
