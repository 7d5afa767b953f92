"""The documents that the interface answers with."""

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from helpdesk.api.fields import At, Told
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import CallbackState
from helpdesk.contacts.models import Contact
from helpdesk.contacts.rules import RequesterRole
from helpdesk.kernel.masking import masked
from helpdesk.organizations.models import Organization
from helpdesk.organizations.rules import Kind
from helpdesk.routing.rules import Priority, Queue
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import Channel, MessageKind, Resolution, TicketState

NEXT = Field(description="Cursor of the next page; null on the last one.")


class TicketOut(Told):
    """One matter of one requester at one desk."""

    id: int
    number: str = Field(description="As people read and say it.", examples=["26-000123-4"])
    version: int = Field(description="Rises with every change; send it with PATCH to be told of a change in between.")
    subject: str
    state: TicketState
    queue: Queue
    priority: Priority
    category: str | None = Field(description="Code of the category.", examples=["T03"])
    channel: Channel
    language: str = Field(description="kk, ru or en")
    level: str
    desk_id: int = Field(description="Organization whose desk works on it.")
    organization_id: int | None = Field(description="School or other place that it is about.")
    contact_id: int | None = Field(description="Who asked.")
    assignee_id: int | None = Field(description="Member of staff who has it in hand.")
    created_at: At
    updated_at: At
    first_response_due_at: At | None
    first_responded_at: At | None
    resolution_due_at: At | None
    due_at: At | None = Field(description="The next term; null while the clock stands still, and when it is settled.")
    resolved_at: At | None
    resolution: Resolution | None
    breached: bool = Field(description="Whether a term of it was missed.")

    @classmethod
    def of(cls, ticket: Ticket) -> "TicketOut":
        """Out of a row."""
        broken = (ticket.response_breached_at, ticket.resolution_breached_at)
        values = {name: getattr(ticket, name) for name in cls.model_fields if name not in ("category", "breached")}
        return cls(**values, category=ticket.category_code, breached=any(broken))


class TicketsOut(Told):
    """One page of tickets."""

    items: Sequence[TicketOut]
    next: str | None = NEXT


class AttachmentOut(Told):
    """A file of a message; its content is read on the ticket's page."""

    id: int
    name: str
    content_type: str
    size: int


class MessageOut(Told):
    """Something that was said on a ticket."""

    id: int
    kind: MessageKind = Field(description="A note is never shown to the requester.")
    from_requester: bool
    staff_id: int | None
    body: str
    created_at: At
    attachments: Sequence[AttachmentOut]

    @classmethod
    def of(cls, message: Message) -> "MessageOut":
        """Out of a row with its files."""
        names = ("id", "name", "content_type", "size")
        files = [AttachmentOut(**{name: getattr(one, name) for name in names}) for one in message.attachments]
        values = {name: getattr(message, name) for name in cls.model_fields if name != "attachments"}
        return cls(**values | {"body": masked(message.body)}, attachments=files)


class MessagesOut(Told):
    """One page of messages, oldest first."""

    items: Sequence[MessageOut]
    next: str | None = NEXT


class ContactOut(Told):
    """A person who asked for help in the token's part of the tree."""

    id: int
    name: str
    role: RequesterRole
    language: str
    phones: Sequence[str]
    emails: Sequence[str]
    settlement: str

    @classmethod
    def of(cls, contact: Contact) -> "ContactOut":
        """Out of a row with its numbers and addresses."""
        values = {name: getattr(contact, name) for name in ("id", "name", "role", "language", "settlement")}
        emails = [one.address for one in contact.emails if one.bounced_at is None]
        return cls(**values, phones=[one.number for one in contact.phones], emails=emails)


class ContactsOut(Told):
    """Everybody whom the number reaches: families share telephones."""

    items: Sequence[ContactOut]


class OrganizationOut(Told):
    """A ministry, department, school, college, university or kindergarten."""

    id: int
    parent_id: int | None
    kind: Kind
    number: str | None
    name_kk: str
    name_ru: str
    name_en: str
    zone: str = Field(examples=["Asia/Almaty"])
    closed_on: date | None
    has_desk: bool = Field(description="Whether it runs a desk of its own.")

    @classmethod
    def of(cls, organization: Organization, has_desk: bool) -> "OrganizationOut":
        """Out of a row."""
        values = {name: getattr(organization, name) for name in cls.model_fields if name != "has_desk"}
        return cls(**values, has_desk=has_desk)


class OrganizationsOut(Told):
    """One page of organizations, by id."""

    items: Sequence[OrganizationOut]
    next: str | None = NEXT


class CallbackOut(Told):
    """A promise to call somebody back."""

    id: int
    state: CallbackState
    ticket: str = Field(description="Number of the ticket that it is about.", examples=["26-000123-4"])
    phone: str = Field(examples=["+77012345678"])
    queue: Queue
    desk_id: int
    promised_at: At = Field(description="The call comes no later than this.")
    not_before: At | None
    attempts: int
    created_at: At
    ended_at: At | None

    @classmethod
    def of(cls, callback: Callback, ticket: str) -> "CallbackOut":
        """Out of a row and the number of its ticket."""
        values = {name: getattr(callback, name) for name in cls.model_fields if name not in ("ticket", "phone")}
        return cls(**values, ticket=ticket, phone=callback.number)


class CallbacksOut(Told):
    """One page of callbacks, by the moment promised."""

    items: Sequence[CallbackOut]
    next: str | None = NEXT


class FiguresOut(Told):
    """Figures of one queue, desk, channel or language."""

    value: str | None = Field(description="What the row stands for; null for the total.")
    figures: dict[str, float | None] = Field(
        description="Counts, shares between 0 and 1, and minutes, by code; null where there is nothing to count from.",
        examples=[{"tickets": 120, "first_response_in_time": 0.94}],
    )


class ReportOut(Told):
    """The service report of a period."""

    first: date
    last: date
    by: str
    at: At = Field(description="As of when it was counted.")
    rows: Sequence[FiguresOut]
    total: FiguresOut


class FieldProblem(Told):
    """What is wrong with one field."""

    field: str = Field(examples=["phone"])
    detail: str


class ProblemOut(Told):
    """RFC 9457; `detail` is in the language of Accept-Language (kk, ru, en)."""

    type: str = Field(examples=["about:blank"])
    title: str
    status: int
    detail: str
    errors: Sequence[FieldProblem] | None = Field(default=None, description="The fields to blame, where there are any.")
