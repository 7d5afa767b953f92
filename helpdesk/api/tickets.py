"""Tickets."""

from typing import Annotated, Literal
from uuid import uuid4

from pydantic import Field

from helpdesk.api import cursors
from helpdesk.api.fields import Cursor, Given, Id, Limit, Line, Moment, Text, Words
from helpdesk.api.operations import NUMBER, Reply, operation
from helpdesk.api.schemas import TicketOut, TicketsOut
from helpdesk.audit import journal
from helpdesk.contacts.rules import RequesterRole
from helpdesk.identity.queries import Asker, desks_under, operator_at
from helpdesk.identity.rules import RESTRICTED
from helpdesk.identity.token_rules import Scope
from helpdesk.identity.tokens import Caller
from helpdesk.intake.accept import accept, whose_desk
from helpdesk.intake.incoming import Incoming
from helpdesk.kernel import clock, phones
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_
from helpdesk.organizations.queries import desk, desks
from helpdesk.organizations.search import school
from helpdesk.routing.queries import category
from helpdesk.routing.rules import Queue
from helpdesk.tickets import actions, listing
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import ticket_by_number
from helpdesk.tickets.rules import PAUSED, Channel, Resolution, TicketState


class TicketsQuery(Given):
    """Which tickets."""

    queue: Annotated[Queue | None, Field(description="Only this queue.")] = None
    state: Annotated[list[TicketState], Field(max_length=6, description="Only these states; may be repeated.")] = Field(
        default=[]
    )
    organization_id: Annotated[Id | None, Field(description="Only about this organization.")] = None
    assignee_id: Annotated[Id | None, Field(description="Only what this member of staff has in hand.")] = None
    updated_since: Annotated[Moment | None, Field(description="Only what changed at this moment or later.")] = None
    cursor: Cursor | None = None
    limit: Limit = 50


class RequesterIn(Given):
    """Who asks. A number or an address that we know finds the person again."""

    name: Line = ""
    role: RequesterRole = RequesterRole.PARENT
    phone: Annotated[Line, Field(description="Any spelling of a number.", examples=["+77012345678"])] = ""
    email: Annotated[Line, Field(examples=["parent@example.org"])] = ""


class NewTicket(Given):
    """A matter that reached the other system."""

    text: Annotated[Text, Field(description="What the requester said.", examples=["Kundelik ашылмайды"])]
    subject: Annotated[Line, Field(description="Empty: the first words of the text.")] = ""
    language: Annotated[Literal["kk", "ru", "en"], Field(description="Language of the requester.")] = "kk"
    # a telephone call and a letter have doors of their own
    channel: Literal["web", "messenger", "social"] = "web"
    source: Annotated[Line, Field(description="Where it was said: the messenger, the page, the system.")] = ""
    requester: RequesterIn = RequesterIn()
    organization_id: Annotated[Id | None, Field(description="School that it is about; its desk works on it.")] = None
    category: Annotated[Line | None, Field(description="Code of a category.", examples=["T03"])] = None


class TicketChange(Given):
    """What is to be different; what is left out stays, and null is the same as left out but for assignee_id."""

    version: Annotated[int | None, Field(description="Refused with 409 when the ticket has changed since.")] = None
    category: Annotated[Line | None, Field(examples=["T03"])] = None
    queue: Queue | None = None
    assignee_id: Annotated[Id | None, Field(description="null gives it to nobody.")] = None
    state: Annotated[
        TicketState | None,
        Field(description="open goes on with it or opens it again; new and closed cannot be asked for."),
    ] = None
    reason: Annotated[Line, Field(description="Why it waits.")] = ""
    resolution: Annotated[Resolution | None, Field(description="Needed with the state resolved.")] = None
    message: Annotated[Words, Field(description="With the state resolved: told to the requester.")] = ""


@operation("GET", "/tickets", Scope.TICKETS_READ, tag="Tickets", query=TicketsQuery, answer=TicketsOut)
def list_tickets(caller: Caller, query: TicketsQuery) -> Reply:
    """List tickets.

    In the order in which they changed last, oldest change first, so that a program that remembers the last
    `updated_at` goes on from there with `updated_since` (take a minute off: a change is seen when it is committed).
    """
    wanted = listing.Narrowing(query.queue, query.state, query.organization_id, query.assignee_id, query.updated_since)
    after = cursors.read(query.cursor) if query.cursor is not None else None
    found = listing.changed(caller.asker, wanted, after, query.limit + 1)
    shown = found[: query.limit]
    more = cursors.write(shown[-1].updated_at, shown[-1].id) if len(found) > query.limit else None
    return Reply(TicketsOut(items=[TicketOut.of(one) for one in shown], next=more))


@operation(
    "GET", "/tickets/{number}", Scope.TICKETS_READ, tag="Tickets", answer=TicketOut, parameters={"number": NUMBER}
)
def get_ticket(caller: Caller, number: str) -> Reply:
    """Read a ticket."""
    found = ticket_by_number(caller.asker, number)
    note_look(caller, found)
    return Reply(TicketOut.of(found))


@operation(
    "POST", "/tickets", Scope.TICKETS_WRITE, tag="Tickets", body=NewTicket, answer=TicketOut, status=201, writes=True
)
def create_ticket(caller: Caller, body: NewTicket) -> Reply:
    """Open a ticket.

    It goes to the desk of the organization, else to the highest desk of the token's part of the tree, is routed and
    gets its terms like any other, and the requester is told its number by e-mail or SMS.
    """
    told = _incoming(caller, body)
    if whose_desk(told).id not in desks_under(caller.asker.roots()):
        raise Refused(N_("This organization is not in the part of the tree of this token"), field="organization_id")
    made = accept(told, caller.by).ticket
    return Reply(TicketOut.of(made), f"/tickets/{made.number}")


@operation(
    "PATCH",
    "/tickets/{number}",
    Scope.TICKETS_WRITE,
    tag="Tickets",
    body=TicketChange,
    answer=TicketOut,
    writes=True,
    conflicts=True,
    parameters={"number": NUMBER},
)
def change_ticket(caller: Caller, number: str, body: TicketChange) -> Reply:
    """Change a ticket.

    Category, queue and assignee first, then the state. All of it or nothing.
    """
    found = ticket_by_number(caller.asker, number, lock=True)
    actions.check_version(found, body.version)
    if body.category is not None and body.category != found.category_code:
        actions.recategorise(found, _category(body.category), caller.by)
    if body.queue is not None:
        actions.reroute(found, body.queue, caller.by)
    if "assignee_id" in body.model_fields_set:
        actions.assign(found, _operator(found, body.assignee_id), caller.by)
    if body.state is not None and body.state is not found.state:
        _move(caller, found, body)
    return Reply(TicketOut.of(found))


def note_look(caller: Caller, ticket: Ticket) -> None:
    """Each look at a ticket that only named roles may read is noted."""
    if ticket.category_code in RESTRICTED:
        with transaction():
            journal.note("ticket.viewed", by=caller.by, ticket_id=ticket.id, desk_id=ticket.desk_id)


def _move(caller: Caller, ticket: Ticket, body: TicketChange) -> None:
    if body.state is TicketState.OPEN:
        if ticket.state in PAUSED:
            actions.resume(ticket, caller.by)
        elif ticket.state is TicketState.NEW:
            raise Refused(N_("A new ticket is opened by assigning or answering it"), field="state")
        else:
            actions.reopen(ticket, caller.by)
    elif body.state in PAUSED:
        actions.wait(ticket, caller.by, body.reason, body.state)
    elif body.state is TicketState.RESOLVED:
        if body.resolution is None:
            raise Refused(N_("Choose why the ticket counts as resolved"), field="resolution")
        actions.resolve(ticket, body.resolution, caller.by, body.message)
    else:
        raise Refused(N_("This is not possible in the present state of the ticket"), field="state")


def _incoming(caller: Caller, body: NewTicket) -> Incoming:
    who = body.requester
    number = phones.written(who.phone[:60]) if who.phone.strip() else None
    if who.phone.strip() and number is None:
        raise Refused(N_("This is not a phone number"), field="requester.phone")
    address = who.email.strip().lower()
    if address and not _is_address(address):
        raise Refused(N_("This is no e-mail address"), field="requester.email")
    if body.organization_id is not None and school(body.organization_id) is None:
        raise Refused(N_("This organization is not in the part of the tree of this token"), field="organization_id")
    return Incoming(
        # a key of idempotency keeps the same request from coming here twice
        key=f"api:{uuid4().hex}",
        channel=Channel(body.channel),
        received_at=clock.now(),
        language=body.language,
        text=body.text.strip(),
        subject=body.subject.strip(),
        name=who.name.strip(),
        role=who.role,
        phones=(number,) if number else (),
        emails=(address,) if address else (),
        organization_id=body.organization_id,
        desk_id=None if body.organization_id else _highest_desk(caller.asker),
        source=body.source.strip()[:120],
        category_code=_category(body.category) if body.category else None,
    )


def _is_address(text: str) -> bool:
    name, _, domain = text.partition("@")
    return bool(name) and "." in domain.strip(".") and text.isprintable() and not set(text) & set(" ,;<>\"'")


def _highest_desk(asker: Asker) -> int:
    mine = desks_under(asker.roots())
    if not mine:
        raise Refused(N_("You work at no desk: choose the school"), field="organization_id")
    return min(mine, key=lambda id_: (desks()[id_].organization.path.count("/"), id_))


def _category(code: str) -> str:
    try:
        return category(code).code
    except NotFound:
        raise Refused(N_("Choose one category from the list"), field="category") from None


def _operator(ticket: Ticket, staff_id: int | None) -> int | None:
    if staff_id is None:
        return None
    try:
        return operator_at(desk(ticket.desk_id).organization.path, staff_id)
    except NotFound:
        raise Refused(N_("This operator does not work there"), field="assignee_id") from None
