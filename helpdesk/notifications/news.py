"""What a requester is told after a fact: reactions to the journal, each safe to run twice."""

from collections.abc import Iterator, Sequence

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.masking import masked
from helpdesk.notifications import actions, queries, sending
from helpdesk.notifications.rules import Kind
from helpdesk.tickets.lineage import others_within
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.opinion_queries import asked_after
from helpdesk.tickets.rules import Channel, Resolution, TicketState

Entries = Sequence[JournalEntry]


def opened(entries: Entries) -> None:
    """Number, term and link; who filed a form by phone number gets the secret too."""
    for _, ticket in _with_tickets(entries):
        actions.write(Kind.OPENED, ticket, f"opened:{ticket.id}")
        if ticket.channel is Channel.WEB:
            actions.write(Kind.SECRET, ticket, f"secret:{ticket.id}")


def replied(entries: Entries) -> None:
    """The operator's answer."""
    said = _messages(entries)
    for entry, ticket in _with_tickets(entries):
        message = said.get(entry.details["message_id"])
        if message is not None:
            carries = message.id if message.attachments else None
            key = f"replied:{message.id}"
            actions.write(Kind.REPLIED, ticket, key, text=masked(message.body), carries=carries)


def waiting(entries: Entries) -> None:
    """We wait for the requester; waiting for somebody else is no news."""
    for entry, ticket in _with_tickets(entries):
        if entry.details.get("state") == TicketState.WAITING_REQUESTER:
            actions.write(Kind.NEED_INFO, ticket, f"waiting:{entry.id}")


def reminded(entries: Entries) -> None:
    """Somebody was asked something days ago. Nothing when they have answered since."""
    for entry, ticket in _with_tickets(entries):
        if ticket.state is TicketState.WAITING_REQUESTER:
            actions.write(Kind.REMINDED, ticket, f"reminded:{entry.details['pause_id']}")


def resolved(entries: Entries) -> None:
    """The matter is settled: told unless the requester said so, or it was spam."""
    said, asked = _messages(entries), asked_after([entry.id for entry in entries])
    for entry, ticket in _with_tickets(entries):
        if entry.actor_kind == "requester" or entry.details.get("resolution") == Resolution.SPAM:
            continue
        message = said.get(entry.details.get("message_id") or 0)
        if entry.actor_kind == "system" and entry.details.get("resolution") == Resolution.NOT_REACHED:
            actions.write(Kind.UNANSWERED, ticket, f"resolved:{entry.id}")
            continue
        text = masked(message.body) if message else ""
        actions.write(Kind.RESOLVED, ticket, f"resolved:{entry.id}", text=text, asks=entry.id in asked)
    # whose ticket became part of this one learns that the matter is settled, and none of another person's words
    settled = {entry.ticket_id: entry for entry in entries if entry.details.get("resolution") != Resolution.SPAM}
    for other, root_id in others_within([id_ for id_ in settled if id_ is not None]):
        actions.write(Kind.RESOLVED, other, f"resolved:{settled[root_id].id}:{other.id}")


def voicemail_left(entries: Entries) -> None:
    """The message was recorded: number and link, to whoever spoke it."""
    for entry, ticket in _with_tickets(entries):
        actions.write(Kind.VOICEMAIL_RECEIVED, ticket, f"voicemail:{entry.details['recording_id']}")


def came_back(entries: Entries) -> None:
    """A letter of ours was returned: its address is marked, and whoever reads the ticket sees it."""
    for entry in entries:
        sending.came_back(entry.details["letter_id"], entry.details["status"])


def _with_tickets(entries: Entries) -> Iterator[tuple[JournalEntry, Ticket]]:
    found = queries.tickets({entry.ticket_id for entry in entries})
    for entry in entries:
        ticket = found.get(entry.ticket_id or 0)
        if ticket is not None:
            yield entry, ticket


def _messages(entries: Entries) -> dict[int, Message]:
    return queries.messages([entry.details["message_id"] for entry in entries if entry.details.get("message_id")])
