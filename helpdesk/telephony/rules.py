"""States of calls, legs, offers and operators, and the moves between them."""

from enum import StrEnum


class CallState(StrEnum):
    NEW = "new"
    IVR = "ivr"
    QUEUED = "queued"
    OFFERED = "offered"
    CONNECTED = "connected"
    VOICEMAIL = "voicemail"
    ENDED = "ended"


CALL_MOVES: dict[CallState, frozenset[CallState]] = {
    CallState.NEW: frozenset({CallState.IVR, CallState.QUEUED, CallState.VOICEMAIL, CallState.ENDED}),
    CallState.IVR: frozenset({CallState.QUEUED, CallState.VOICEMAIL, CallState.ENDED}),
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


class OfferState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


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


class EntryKind(StrEnum):
    """A live caller or a promised callback: both wait in one order."""

    LIVE = "live"
    CALLBACK = "callback"


class EntryState(StrEnum):
    WAITING = "waiting"
    OFFERED = "offered"
    CONNECTED = "connected"
    LEFT = "left"


def counts(old: LegState, new: LegState) -> bool:
    """Whether a status report `new` changes a leg that is known as `old`."""
    return LEG_RANK[new] > LEG_RANK[old]
