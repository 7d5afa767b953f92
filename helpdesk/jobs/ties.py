"""What follows for the parts of a ticket from what happened to it."""

from collections.abc import Sequence

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session
from helpdesk.tickets import linking
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import Resolution


def settle_children(entries: Sequence[JournalEntry]) -> None:
    """Some of the children are answered and settled; while there are more, this is noted anew and goes on.

    A child that was settled already is left as it is, so twice is once.
    """
    for entry in entries:
        who = asker(entry.actor_id) if entry.actor_id is not None else None
        parent = session().get(Ticket, entry.ticket_id) if entry.ticket_id is not None else None
        if who is None or parent is None:
            continue
        told = session().get(Message, entry.details.get("message_id") or 0)
        how, by = Resolution(entry.details["resolution"]), staff(who.id)
        if linking.settle_some_children(who, parent.id, how, told.body if told is not None else "", by):
            linking.settle_children(parent, how, told, by)
