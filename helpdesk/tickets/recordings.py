"""Who may listen to what was recorded, and that each listening is written down."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingKind
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_for

# Why a supervisor listens to somebody's conversation.
REASONS: dict[str, str] = {
    "complaint": N_("A complaint or a dispute about this call"),
    "safety": N_("Somebody may be in danger"),
    "quality": N_("Quality control and training"),
    "requester": N_("The requester asked for it"),
}
# A player asks for a sound in pieces: within this time that is one listening.
ONE_LISTENING = timedelta(minutes=30)


def recording_for(asker: Asker, recording_id: int) -> tuple[Recording, Ticket]:
    """A recording and its ticket. Voice messages are for whoever sees the ticket, conversations for its supervisors.

    Raises NotFound.
    """
    row = session().get(Recording, recording_id)
    if row is None or row.ticket_id is None:
        raise NotFound
    ticket = ticket_for(asker, row.ticket_id)
    if row.kind is RecordingKind.CONVERSATION and not asker.holds(Role.SUPERVISOR, ticket.desk_organization.path):
        raise NotFound
    return row, ticket


def give_reason(asker: Asker, row: Recording, ticket: Ticket, reason: str) -> None:
    """A supervisor says why they listen to a conversation. Raises Refused for none of REASONS."""
    if reason not in REASONS:
        raise Refused(N_("Choose why you listen"), field="reason")
    _note("recording.opened", asker, row, ticket, reason=reason)


def may_listen(asker: Asker, row: Recording) -> bool:
    """Whether the sound may be played now: a conversation only for a while after a reason was given."""
    return row.kind is RecordingKind.VOICEMAIL or _lately("recording.opened", asker, row)


def listened(asker: Asker, row: Recording, ticket: Ticket) -> None:
    """Somebody plays the sound; the pieces of one listening are noted once."""
    if not _lately("recording.played", asker, row):
        _note("recording.played", asker, row, ticket)


def _lately(kind: str, asker: Asker, row: Recording) -> bool:
    query = select(JournalEntry.id).where(
        JournalEntry.ticket_id == row.ticket_id,
        JournalEntry.kind == kind,
        JournalEntry.actor_id == asker.id,
        JournalEntry.details["recording_id"].as_integer() == row.id,
        JournalEntry.at > clock.now() - ONE_LISTENING,
    )
    return session().scalars(query.limit(1)).first() is not None


def _note(kind: str, asker: Asker, row: Recording, ticket: Ticket, **details: Any) -> None:
    journal.note(
        kind,
        by=staff(asker.id),
        call_id=row.call_id,
        ticket_id=ticket.id,
        desk_id=ticket.desk_id,
        recording_id=row.id,
        **details,
    )
