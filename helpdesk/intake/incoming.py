"""What every channel turns its input into before anything is decided about it."""

from dataclasses import dataclass, field
from datetime import datetime

from helpdesk.contacts.rules import RequesterRole
from helpdesk.routing.rules import Circumstances, Queue
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import Channel, MessageKind, TicketType


@dataclass(frozen=True)
class IncomingFile:
    """An attachment, already allowed by its channel; its content lies in the store under `digest`."""

    name: str
    content_type: str
    digest: str
    size: int


@dataclass(frozen=True)
class Incoming:
    """One thing that somebody told us, by whatever channel.

    `key` is the same however often the same thing comes ("web:<form id>", "mail:<digest>", "call:<id>"). `desk_id` is
    set when the address that was used belongs to a desk; `joins` when the channel proved which ticket is meant.
    Phones are in their written form (kernel.phones), addresses in small letters.
    """

    key: str
    channel: Channel
    received_at: datetime
    language: str
    text: str
    subject: str = ""
    kind: MessageKind = MessageKind.PUBLIC
    type: TicketType = TicketType.REQUEST
    name: str = ""
    role: RequesterRole = RequesterRole.PARENT
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    contact_id: int | None = None
    organization_id: int | None = None
    desk_id: int | None = None
    settlement: str = ""
    pupil_note: str = ""
    answer_by: str = ""
    source: str = ""
    choice: int | None = None
    category_code: str | None = None
    queue: Queue | None = None
    circumstances: Circumstances = field(default_factory=Circumstances)
    joins: int | None = None
    call_id: int | None = None
    raw_mail_id: int | None = None
    # the text that was agreed to, where one was shown
    consent_version: str | None = None
    quoted: str = ""
    html: str | None = None
    files: tuple[IncomingFile, ...] = ()


@dataclass(frozen=True)
class Accepted:
    """What became of it: the ticket, the message (None when the same thing came before), and whether it was opened."""

    ticket: Ticket
    message: Message | None
    opened: bool

    @property
    def seen_before(self) -> bool:
        """Whether the same thing had been accepted already."""
        return self.message is None
