"""Tickets, what was said on them, and what was attached."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from helpdesk.contacts.models import Contact
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import Base
from helpdesk.organizations.models import Organization
from helpdesk.routing.models import Category
from helpdesk.routing.rules import Priority, Queue
from helpdesk.tickets.handover_models import Handover
from helpdesk.tickets.rules import Channel, MessageKind, Resolution, TicketState, TicketType
from helpdesk.tickets.watch_models import Watcher

_UNFINISHED = text("state IN ('new','open','waiting_requester','waiting')")


# Sorts after every due time: a ticket whose clock stands still comes last on the board.
FAR = datetime(9999, 1, 1, tzinfo=UTC)
FAR_SQL = "'9999-01-01 00:00:00+00'::timestamptz"


class Ticket(Base):
    """One matter of one requester at one desk.

    Due times are columns. `due_at` is the next promise to keep on the operational clock: the first response until it
    was given, then the resolution; None while the clock is paused or the ticket is resolved. `breach_at` is the next
    promise whose breach is not recorded yet. `response_left` and `resolution_left` are the working seconds still to go
    while paused.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_tickets_board", "desk_id", text(f"coalesce(due_at, {FAR_SQL})"), "id", postgresql_where=_UNFINISHED),
        # for those who look at many desks at once: walked in the order of the list, until a page is full
        Index("ix_tickets_due", text(f"coalesce(due_at, {FAR_SQL})"), "id", postgresql_where=_UNFINISHED),
        Index(
            "ix_tickets_mine",
            "assignee_id",
            "due_at",
            "id",
            postgresql_where=text("assignee_id IS NOT NULL AND state IN ('new','open','waiting_requester','waiting')"),
        ),
        Index("ix_tickets_breach_at", "breach_at", postgresql_where=text("breach_at IS NOT NULL")),
        Index("ix_tickets_snoozed_until", "snoozed_until", postgresql_where=text("snoozed_until IS NOT NULL")),
        Index("ix_tickets_acknowledge_by", "acknowledge_by", postgresql_where=text("acknowledge_by IS NOT NULL")),
        Index("ix_tickets_contact", "contact_id", "id"),
        # other systems ask for what changed since they asked last
        Index("ix_tickets_updated_at_id", "updated_at", "id"),
        # whose time is over, oldest first; what was erased is in it no longer
        Index(
            "ix_tickets_to_erase",
            "updated_at",
            postgresql_where=text("erased_at IS NULL AND state IN ('resolved','closed')"),
        ),
        Index("ix_tickets_desk_created", "desk_id", "created_at"),
        Index("ix_tickets_region_created", "region_id", "created_at"),
        Index("ix_tickets_organization_created", "organization_id", "created_at"),
        Index("ix_tickets_merged_into_id", "merged_into_id", postgresql_where=text("merged_into_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(String(14))
    type: Mapped[TicketType] = mapped_column(default=TicketType.REQUEST)
    channel: Mapped[Channel]
    source: Mapped[str] = mapped_column(String(120), default="")
    subject: Mapped[str] = mapped_column(String(200))
    state: Mapped[TicketState] = mapped_column(default=TicketState.NEW)
    queue: Mapped[Queue]
    priority: Mapped[Priority]
    priority_reasons: Mapped[dict[str, Any]] = mapped_column(default=dict)
    category_code: Mapped[str | None] = mapped_column(ForeignKey("categories.code"))
    choice: Mapped[int | None]
    profile: Mapped[str] = mapped_column(ForeignKey("sla_profiles.code"))
    level: Mapped[str] = mapped_column(String(120), default="L1")
    language: Mapped[str] = mapped_column(String(2))
    instruction_language: Mapped[str] = mapped_column(String(10), default="")
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    region_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    pupil_id: Mapped[int | None] = mapped_column(ForeignKey("pupils.id"))
    pupil_note: Mapped[str] = mapped_column(String(120), default="")
    platform_id: Mapped[int | None] = mapped_column(ForeignKey("platforms.id"))
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer_by: Mapped[str] = mapped_column(String(10), default="")

    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    first_response_due_at: Mapped[datetime | None]
    first_responded_at: Mapped[datetime | None]
    resolution_due_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolution: Mapped[Resolution | None]
    closed_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    breach_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    response_left: Mapped[int | None]
    resolution_left: Mapped[int | None]
    response_breached_at: Mapped[datetime | None]
    resolution_breached_at: Mapped[datetime | None]
    statutory_due_at: Mapped[datetime | None]
    control_due_at: Mapped[datetime | None]
    derivation: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reopened: Mapped[int] = mapped_column(default=0)
    # the ticket that goes on with this one's matter; the messages of this one stay its own
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    # until then it stands in no list but that of what was put off (tickets/snoozing.py)
    snoozed_until: Mapped[datetime | None]
    # how it came to this desk from another one, or back to it; until when the desk says that it has it (handovers.py)
    handover_id: Mapped[int | None] = mapped_column(ForeignKey("handovers.id", use_alter=True))
    acknowledge_by: Mapped[datetime | None]
    # the text of consent that was shown when it came in by form, and when its words were erased
    consent_version: Mapped[str | None] = mapped_column(String(20))
    erased_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    contact: Mapped[Contact | None] = relationship(lazy="raise")
    desk_organization: Mapped[Organization] = relationship(
        primaryjoin="foreign(Ticket.desk_id) == Organization.id", lazy="raise", viewonly=True
    )
    organization: Mapped[Organization | None] = relationship(
        primaryjoin="Ticket.organization_id == Organization.id", foreign_keys=[organization_id], lazy="raise"
    )
    category: Mapped[Category | None] = relationship(lazy="raise")
    assignee: Mapped[Staff | None] = relationship(lazy="raise")
    handover: Mapped[Handover | None] = relationship(foreign_keys=[handover_id], lazy="raise", viewonly=True)
    # pairs of id and name, by name; only where it is asked for (tickets/queries.py)
    tagged: Mapped[list[list[Any]] | None] = query_expression()
    watchers: Mapped[list[Watcher]] = relationship(lazy="raise", order_by="Watcher.since", viewonly=True)
    pauses: Mapped[list["TicketPause"]] = relationship(lazy="raise", order_by="TicketPause.id", viewonly=True)


class Message(Base):
    """Something said on a ticket, by the requester or by us; notes stay inside."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_ticket_id_id", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[MessageKind]
    from_requester: Mapped[bool]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    body: Mapped[str] = mapped_column(Text)
    quoted: Mapped[str] = mapped_column(Text, default="")
    html: Mapped[str | None] = mapped_column(Text)
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    raw_mail_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]

    attachments: Mapped[list["Attachment"]] = relationship(lazy="raise", order_by="Attachment.id")
    staff: Mapped[Staff | None] = relationship(lazy="raise")


class Attachment(Base):
    """A file of a message; its content lies in the store under its hash, once however often it was sent."""

    __tablename__ = "attachments"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)


class TicketPause(Base):
    """A stretch in which the operational clock stood still: why, who stopped it, who let it go on."""

    __tablename__ = "ticket_pauses"
    __table_args__ = (
        Index("ix_ticket_pauses_remind_at", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index("ix_ticket_pauses_settle_at", "settle_at", postgresql_where=text("settle_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), index=True)
    state: Mapped[TicketState]
    reason: Mapped[str] = mapped_column(String(200), default="")
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    started_by: Mapped[int | None] = mapped_column(BigInteger)
    ended_by: Mapped[int | None] = mapped_column(BigInteger)
    # when the requester is reminded, and when we stop waiting; None once done, or never (tickets/patience.py)
    patience_begun: Mapped[bool] = mapped_column(default=False)
    remind_at: Mapped[datetime | None]
    settle_at: Mapped[datetime | None]
