"""Calls, their legs and events, the one waiting line, offers to operators, and who is there to answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import Base
from helpdesk.routing.rules import Queue
from helpdesk.telephony.rules import (
    CallState,
    Device,
    EntryKind,
    EntryState,
    LegRole,
    LegState,
    OfferKind,
    OfferState,
    Outcome,
    PresenceState,
)


class Call(Base):
    """One conversation that somebody wanted: a caller's, or a callback's. `sid` is the first leg's at the carrier."""

    __tablename__ = "calls"
    __table_args__ = (
        UniqueConstraint("sid"),
        Index("ix_calls_from_number_started_at", "from_number", "started_at"),
        Index("ix_calls_desk_id_started_at", "desk_id", "started_at"),
        # whose number is forgotten one day (privacy/retention.py)
        Index("ix_calls_numbered", "started_at", postgresql_where=text("from_number IS NOT NULL")),
        Index("ix_calls_live", "state", postgresql_where=text("state <> 'ended'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str | None] = mapped_column(String(64))
    direction: Mapped[str] = mapped_column(String(8), default="inbound")
    from_number: Mapped[str | None] = mapped_column(String(40))
    to_number: Mapped[str] = mapped_column(String(40))
    desk_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    ticket_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    callback_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    language: Mapped[str | None] = mapped_column(String(2))
    queue: Mapped[Queue | None]
    state: Mapped[CallState] = mapped_column(default=CallState.NEW)
    outcome: Mapped[Outcome | None]
    recording_refused: Mapped[bool | None]
    consent_prompt: Mapped[str | None] = mapped_column(String(10))
    consent_at: Mapped[datetime | None]
    conference: Mapped[str | None] = mapped_column(String(60))
    conference_sid: Mapped[str | None] = mapped_column(String(64))
    # whose call it is; a consulted colleague becomes that only when the transfer is done
    operator_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    held_at: Mapped[datetime | None]
    hold_seconds: Mapped[int] = mapped_column(default=0)
    wrapup_code: Mapped[str | None] = mapped_column(String(30))
    wrapup_note: Mapped[str] = mapped_column(String(500), default="")
    wrapup_seconds: Mapped[int | None]
    danger_at: Mapped[datetime | None]
    # why it ended as FAILED, REJECTED or SYSTEM_ERROR
    failure: Mapped[str | None] = mapped_column(String(60))
    keys: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_at: Mapped[datetime]
    queued_at: Mapped[datetime | None]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Leg(Base):
    """One connection to one telephone or softphone."""

    __tablename__ = "legs"
    __table_args__ = (
        UniqueConstraint("sid"),
        Index(
            "ix_legs_live", "heard_at", postgresql_where=text("state IN ('queued','initiated','ringing','in-progress')")
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    sid: Mapped[str] = mapped_column(String(64))
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id"), index=True)
    role: Mapped[LegRole]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[LegState] = mapped_column(default=LegState.INITIATED)
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    heard_at: Mapped[datetime]


class CallEvent(Base):
    """What the carrier told us, once each however often it was told."""

    __tablename__ = "call_events"
    __table_args__ = (UniqueConstraint("dedupe_key"), Index("ix_call_events_call_id_id", "call_id", "id"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    leg_sid: Mapped[str | None] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)


class QueueEntry(Base):
    """A place in the waiting line of a desk's queue, kept by a live caller or by a promised callback.

    `virtual_at` is the moment the person first joined; it never changes, so leaving the phone costs nobody the place.
    """

    __tablename__ = "queue_entries"
    __table_args__ = (
        Index(
            "ix_queue_entries_line",
            "desk_id",
            "queue",
            "priority",
            "virtual_at",
            "id",
            postgresql_where=text("state IN ('waiting','offered')"),
        ),
        Index("uq_queue_entries_call_id", "call_id", unique=True, postgresql_where=text("call_id IS NOT NULL")),
        Index("ix_queue_entries_callback_id", "callback_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    kind: Mapped[EntryKind]
    state: Mapped[EntryState] = mapped_column(default=EntryState.WAITING)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"))
    queue: Mapped[Queue]
    language: Mapped[str] = mapped_column(String(2))
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    callback_id: Mapped[int | None] = mapped_column(BigInteger)
    priority: Mapped[int] = mapped_column(default=5)
    virtual_at: Mapped[datetime]
    joined_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    announced_position: Mapped[int | None]
    estimated_seconds: Mapped[int | None]
    announced_bucket: Mapped[str | None] = mapped_column(String(6))
    # the operator whom this person waits for; after `staff_until` anybody may serve
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    staff_until: Mapped[datetime | None]
    # the highest desk whose operators may serve this place; None: the desk's own
    reach_id: Mapped[int | None] = mapped_column(ForeignKey("desks.id"))


class Offer(Base):
    """A caller held out to one operator for a few seconds."""

    __tablename__ = "offers"
    __table_args__ = (
        UniqueConstraint("token"),
        Index("uq_offers_open_entry", "entry_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("uq_offers_open_staff", "staff_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_offers_expiring", "expires_at", postgresql_where=text("state = 'open'")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    token: Mapped[str] = mapped_column(String(36))
    kind: Mapped[OfferKind] = mapped_column(default=OfferKind.CALL)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("queue_entries.id"), index=True)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"), index=True)
    callback_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    state: Mapped[OfferState] = mapped_column(default=OfferState.OPEN)
    # the leg that rings an operator's telephone; a softphone rings by itself
    leg_sid: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    staff: Mapped[Staff] = relationship(lazy="raise")


class Presence(Base):
    """Where an operator is now. TALKING ends only by what the carrier reports."""

    __tablename__ = "presence"
    __table_args__ = (Index("ix_presence_state_since", "state", "since"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True, autoincrement=False)
    state: Mapped[PresenceState] = mapped_column(default=PresenceState.OFFLINE)
    reason: Mapped[str] = mapped_column(String(40), default="")
    since: Mapped[datetime]
    heartbeat_at: Mapped[datetime | None]
    call_id: Mapped[int | None] = mapped_column(ForeignKey("calls.id"))
    missed: Mapped[int] = mapped_column(default=0)
    device: Mapped[Device] = mapped_column(default=Device.BROWSER)


class PresenceSpan(Base):
    """An operator was in one state from one moment to another; every move of presence closes one and opens the next."""

    __tablename__ = "presence_spans"
    __table_args__ = (
        Index("ix_presence_spans_staff_id_from_at", "staff_id", "from_at"),
        Index("ix_presence_spans_open", "staff_id", postgresql_where=text("until_at IS NULL")),
        Index("ix_presence_spans_from_at", "from_at"),
        Index("ix_presence_spans_call_id", "call_id", postgresql_where=text("call_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    state: Mapped[PresenceState]
    reason: Mapped[str] = mapped_column(String(40), default="")
    call_id: Mapped[int | None] = mapped_column(BigInteger)
    from_at: Mapped[datetime]
    until_at: Mapped[datetime | None]
