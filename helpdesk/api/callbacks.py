"""Promises to call somebody back."""

from typing import Annotated, Literal

from pydantic import Field

from helpdesk.api import cursors
from helpdesk.api.fields import Cursor, Given, Limit, Line, Moment
from helpdesk.api.operations import ID, Reply, operation
from helpdesk.api.problems import Problem
from helpdesk.api.schemas import CallbackOut, CallbacksOut
from helpdesk.callbacks import actions, dialling, queries
from helpdesk.callbacks.models import Callback
from helpdesk.identity.token_rules import Scope
from helpdesk.identity.tokens import Caller
from helpdesk.kernel import phones
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.organizations.queries import desk
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_number


class CallbacksQuery(Given):
    """Which promises."""

    state: Annotated[Literal["open", "ended"], Field(description="Those still to be kept, or those that ended.")] = (
        "open"
    )
    cursor: Cursor | None = None
    limit: Limit = 50


class NewCallback(Given):
    """Whom to call about which ticket, and when."""

    ticket: Annotated[Line, Field(description="Number of the ticket.", examples=["26-000123-4"])]
    phone: Annotated[Line, Field(description="Any spelling of a number in Kazakhstan.", examples=["+77012345678"])]
    not_before: Annotated[Moment | None, Field(description="An appointment; else as soon as possible.")] = None


@operation("GET", "/callbacks", Scope.CALLBACKS_READ, tag="Callbacks", query=CallbacksQuery, answer=CallbacksOut)
def list_callbacks(caller: Caller, query: CallbacksQuery) -> Reply:
    """List callbacks.

    Open ones by the moment promised, the first one to keep on top; ended ones the newest on top.
    """
    after = None
    if query.cursor is not None:
        moment, last_id = cursors.read(query.cursor)
        after = f"{moment.isoformat()}_{last_id}"
    page = queries.board(caller.asker, query.state == "ended", after, query.limit)
    last = page.rows[-1] if page.next else None
    return Reply(
        CallbacksOut(
            items=[CallbackOut.of(one, one.ticket.number) for one in page.rows],
            next=cursors.write(last.promised_at, last.id) if last is not None else None,
        )
    )


@operation(
    "GET",
    "/callbacks/{callback_id}",
    Scope.CALLBACKS_READ,
    tag="Callbacks",
    answer=CallbackOut,
    parameters={"callback_id": ID},
)
def get_callback(caller: Caller, callback_id: int) -> Reply:
    """Read a callback."""
    return Reply(_shown(queries.callback_for(caller.asker, callback_id)))


@operation(
    "POST",
    "/callbacks",
    Scope.CALLBACKS_WRITE,
    tag="Callbacks",
    body=NewCallback,
    answer=CallbackOut,
    status=201,
    writes=True,
    conflicts=True,
)
def request_callback(caller: Caller, body: NewCallback) -> Reply:
    """Promise a callback.

    While a promise to the same number and queue is open, that one is the answer; an appointment moves it.
    """
    try:
        found = ticket_by_number(caller.asker, body.ticket, lock=True)
    except NotFound:
        raise Refused(N_("There is no such ticket in the part of the tree of this token"), field="ticket") from None
    number = phones.written(body.phone[:60], desk(found.desk_id).area_code)
    if number is None:
        raise Refused(N_("This is not a phone number"), field="phone")
    try:
        made = actions.request(actions.wish_about(found, number, "api", body.not_before), by=caller.by)
    except Refused as refused:
        field = "phone" if refused.field == "number" else refused.field
        raise Refused(refused.message, field=field, **refused.values) from None
    try:
        queries.callback_for(caller.asker, made.id)
    except NotFound:
        raise Problem(409, gettext(N_("Another desk has promised this number a call already"))) from None
    return Reply(_shown(made), f"/callbacks/{made.id}")


@operation(
    "POST",
    "/callbacks/{callback_id}/cancel",
    Scope.CALLBACKS_WRITE,
    tag="Callbacks",
    answer=CallbackOut,
    writes=True,
    parameters={"callback_id": ID},
)
def cancel_callback(caller: Caller, callback_id: int) -> Reply:
    """Cancel a callback.

    A telephone that rings at this moment falls silent. Refused once somebody has answered, and when it has ended.
    """
    found = queries.callback_for(caller.asker, callback_id, lock=True)
    actions.cancel(found, caller.by)

    def silence() -> None:
        sid = queries.live_sid(callback_id)
        if sid is not None:
            dialling.hang_up(sid)

    return Reply(_shown(found), after=silence)


def _shown(callback: Callback) -> CallbackOut:
    return CallbackOut.of(callback, session().get_one(Ticket, callback.ticket_id).number)
