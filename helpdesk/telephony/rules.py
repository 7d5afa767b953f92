"""States of calls, legs, offers and operators, and the moves between them."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

# A call is held out to one operator for this long, then to the next one; two misses in a row send somebody on a break.
OFFER_LASTS = timedelta(seconds=15)
MISSES_UNTIL_BREAK = 2
# A telephone has to be picked up, listened to and answered with a key.
PHONE_OFFER_LASTS = timedelta(seconds=30)
# A browser says every ten seconds that it is there.
HEARTBEAT_LOST_AFTER = timedelta(seconds=30)
# Hanging up sooner after joining the line counts as a short abandon (vendors use 5 to 10 seconds).
SHORT_ABANDON = timedelta(seconds=5)
# A leg of which nothing was heard for so long is asked for at the carrier.
SILENT_LEG = timedelta(seconds=120)
# A caller whose operator took the call should be in the conference within this time; then the redirect is repeated.
JOINS_WITHIN = timedelta(seconds=5)

# The line is served in the order of priority, then of the moment of joining.
FRONT = 0
USUAL = 5


class CallState(StrEnum):
    NEW = "new"
    IVR = "ivr"
    QUEUED = "queued"
    OFFERED = "offered"
    CONNECTED = "connected"
    VOICEMAIL = "voicemail"
    ENDED = "ended"


CALL_MOVES: dict[CallState, frozenset[CallState]] = {
    CallState.NEW: frozenset(
        {CallState.IVR, CallState.QUEUED, CallState.CONNECTED, CallState.VOICEMAIL, CallState.ENDED}
    ),
    CallState.IVR: frozenset({CallState.QUEUED, CallState.CONNECTED, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.QUEUED: frozenset({CallState.OFFERED, CallState.IVR, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.OFFERED: frozenset({CallState.QUEUED, CallState.CONNECTED, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.CONNECTED: frozenset({CallState.QUEUED, CallState.ENDED}),
    CallState.VOICEMAIL: frozenset({CallState.ENDED}),
    CallState.ENDED: frozenset(),
}


class Outcome(StrEnum):
    """How a call ended; exactly one each."""

    HANDLED = "handled"
    ABANDONED = "abandoned"
    SHORT_ABANDON = "short_abandon"
    CALLBACK_REQUESTED = "callback_requested"
    VOICEMAIL = "voicemail"
    CLOSED = "closed"
    REJECTED = "rejected"
    FAILED = "failed"
    SYSTEM_ERROR = "system_error"
    SELF_SERVED = "self_served"


class LegState(StrEnum):
    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"
    CANCELED = "canceled"


LIVE_LEG = (LegState.QUEUED, LegState.INITIATED, LegState.RINGING, LegState.IN_PROGRESS)

# Status callbacks come in any order: one counts only when its rank is higher; the first terminal state wins.
LEG_RANK: dict[LegState, int] = {
    LegState.QUEUED: 0,
    LegState.INITIATED: 1,
    LegState.RINGING: 2,
    LegState.IN_PROGRESS: 3,
    LegState.COMPLETED: 4,
    LegState.BUSY: 4,
    LegState.NO_ANSWER: 4,
    LegState.FAILED: 4,
    LegState.CANCELED: 4,
}


class LegRole(StrEnum):
    CALLER = "caller"
    OPERATOR = "operator"
    CALLEE = "callee"
    SUPERVISOR = "supervisor"
    SERVICE = "service"


class OfferKind(StrEnum):
    """What is held out: a waiting caller, a colleague's question, or a callback to be made."""

    CALL = "call"
    CONSULT = "consult"
    PREVIEW = "preview"


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


OFFER_MOVES: dict[OfferState, frozenset[OfferState]] = {
    OfferState.OPEN: frozenset({OfferState.ACCEPTED, OfferState.DECLINED, OfferState.EXPIRED, OfferState.CANCELLED}),
    OfferState.ACCEPTED: frozenset(),
    OfferState.DECLINED: frozenset(),
    OfferState.EXPIRED: frozenset(),
    OfferState.CANCELLED: frozenset(),
}


class PresenceState(StrEnum):
    OFFLINE = "offline"
    READY = "ready"
    BREAK = "break"
    RESERVED = "reserved"
    TALKING = "talking"
    WRAPUP = "wrapup"


PRESENCE_MOVES: dict[PresenceState, frozenset[PresenceState]] = {
    PresenceState.OFFLINE: frozenset({PresenceState.READY, PresenceState.BREAK}),
    PresenceState.READY: frozenset({PresenceState.RESERVED, PresenceState.BREAK, PresenceState.OFFLINE}),
    PresenceState.BREAK: frozenset({PresenceState.READY, PresenceState.OFFLINE}),
    PresenceState.RESERVED: frozenset(
        {PresenceState.TALKING, PresenceState.READY, PresenceState.BREAK, PresenceState.OFFLINE}
    ),
    PresenceState.TALKING: frozenset({PresenceState.WRAPUP}),
    PresenceState.WRAPUP: frozenset({PresenceState.READY, PresenceState.BREAK, PresenceState.OFFLINE}),
}


class BreakReason(StrEnum):
    """Why an operator takes no calls, as the operator says; MISSED, DECLINED and LOST are said by what happened."""

    LUNCH = "lunch"
    REST = "rest"
    TRAINING = "training"
    TECHNICAL = "technical"
    OTHER = "other"


class Device(StrEnum):
    """Where an operator is rung: in the browser, or on a telephone, where 1 accepts."""

    BROWSER = "browser"
    PHONE = "phone"


def offer_lasts(device: Device) -> timedelta:
    """How long something is held out to an operator who is rung there."""
    return PHONE_OFFER_LASTS if device is Device.PHONE else OFFER_LASTS


class EntryKind(StrEnum):
    """A live caller or a promised callback: both wait in one order."""

    LIVE = "live"
    CALLBACK = "callback"


class EntryState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    LEFT = "left"


ENTRY_MOVES: dict[EntryState, frozenset[EntryState]] = {
    EntryState.WAITING: frozenset({EntryState.OFFERED, EntryState.LEFT}),
    EntryState.OFFERED: frozenset({EntryState.WAITING, EntryState.CONNECTED, EntryState.LEFT}),
    EntryState.CONNECTED: frozenset({EntryState.WAITING, EntryState.LEFT}),
    EntryState.LEFT: frozenset(),
}


State = TypeVar("State", bound=StrEnum)


def sources(moves: Mapping[State, frozenset[State]], target: State) -> frozenset[State]:
    """The states from which `target` can be reached in one move."""
    return frozenset(state for state, targets in moves.items() if target in targets)


def counts(old: LegState, new: LegState) -> bool:
    """Whether a status report `new` changes a leg that is known as `old`."""
    return LEG_RANK[new] > LEG_RANK[old]
