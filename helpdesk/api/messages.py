"""What was said on a ticket."""

from typing import Annotated, Literal

from pydantic import Field

from helpdesk.api import cursors
from helpdesk.api.fields import Cursor, Given, Limit, Text
from helpdesk.api.operations import NUMBER, Reply, operation
from helpdesk.api.schemas import MessageOut, MessagesOut
from helpdesk.api.tickets import note_look
from helpdesk.identity.token_rules import Scope
from helpdesk.identity.tokens import Caller
from helpdesk.kernel.db import session
from helpdesk.tickets import actions, listing
from helpdesk.tickets.queries import ticket_by_number


class MessagesQuery(Given):
    """Which messages."""

    cursor: Cursor | None = None
    limit: Limit = 50


class NewMessage(Given):
    """Something to be said."""

    kind: Annotated[
        Literal["public", "note"], Field(description="public is sent to the requester; a note stays inside.")
    ]
    body: Annotated[Text, Field(examples=["Құпиясөз ауыстырылды."])]


@operation(
    "GET",
    "/tickets/{number}/messages",
    Scope.TICKETS_READ,
    tag="Messages",
    query=MessagesQuery,
    answer=MessagesOut,
    parameters={"number": NUMBER},
)
def list_messages(caller: Caller, number: str, query: MessagesQuery) -> Reply:
    """List the messages of a ticket.

    Oldest first, notes too, with those of tickets that were merged into it.
    """
    ticket = ticket_by_number(caller.asker, number)
    after = cursors.read_id(query.cursor) if query.cursor is not None else 0
    found = listing.messages(ticket, after, query.limit + 1)
    shown = [MessageOut.of(one) for one in found[: query.limit]]
    note_look(caller, ticket)
    return Reply(MessagesOut(items=shown, next=cursors.write_id(shown[-1].id) if len(found) > query.limit else None))


@operation(
    "POST",
    "/tickets/{number}/messages",
    Scope.TICKETS_WRITE,
    tag="Messages",
    body=NewMessage,
    answer=MessageOut,
    status=201,
    writes=True,
    parameters={"number": NUMBER},
)
def add_message(caller: Caller, number: str, body: NewMessage) -> Reply:
    """Answer the requester, or write a note.

    An answer leaves by e-mail or SMS as one of an operator does, and stops the clock of the first response.
    """
    ticket = ticket_by_number(caller.asker, number, lock=True)
    write = actions.reply if body.kind == "public" else actions.note
    made = write(ticket, body.body, caller.by)
    session().refresh(made, ["attachments"])
    return Reply(MessageOut.of(made))
