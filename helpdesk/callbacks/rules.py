"""The states of a callback and of its attempts, and the moves between them."""

from enum import StrEnum


class CallbackState(StrEnum):
    REQUESTED = "requested"
    DUE = "due"
    OFFERED = "offered"
    DIALING = "dialing"
    ANSWERED = "answered"
    CONNECTED = "connected"
    RETRY_WAIT = "retry_wait"
    DONE = "done"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


MOVES: dict[CallbackState, frozenset[CallbackState]] = {
    CallbackState.REQUESTED: frozenset({CallbackState.DUE, CallbackState.CANCELLED, CallbackState.SUPERSEDED}),
    CallbackState.DUE: frozenset(
        {
            CallbackState.OFFERED,
            CallbackState.DIALING,
            CallbackState.EXPIRED,
            CallbackState.CANCELLED,
            CallbackState.SUPERSEDED,
        }
    ),
    CallbackState.OFFERED: frozenset({CallbackState.DUE, CallbackState.DIALING, CallbackState.CANCELLED}),
    CallbackState.DIALING: frozenset(
        {
            CallbackState.ANSWERED,
            CallbackState.CONNECTED,
            CallbackState.RETRY_WAIT,
            CallbackState.DUE,
            CallbackState.EXHAUSTED,
            CallbackState.CANCELLED,
        }
    ),
    CallbackState.ANSWERED: frozenset(
        {CallbackState.CONNECTED, CallbackState.RETRY_WAIT, CallbackState.EXHAUSTED, CallbackState.CANCELLED}
    ),
    CallbackState.CONNECTED: frozenset({CallbackState.DONE}),
    CallbackState.RETRY_WAIT: frozenset(
        {CallbackState.DUE, CallbackState.EXHAUSTED, CallbackState.CANCELLED, CallbackState.SUPERSEDED}
    ),
    CallbackState.DONE: frozenset(),
    CallbackState.EXHAUSTED: frozenset(),
    CallbackState.EXPIRED: frozenset(),
    CallbackState.CANCELLED: frozenset(),
    CallbackState.SUPERSEDED: frozenset(),
}
ACTIVE = frozenset(state for state, targets in MOVES.items() if targets)


def sources(target: CallbackState) -> frozenset[CallbackState]:
    """The states from which `target` can be reached in one move."""
    return frozenset(state for state, targets in MOVES.items() if target in targets)


class AttemptState(StrEnum):
    """INTENT is written before the carrier is asked; LIVE once we know the carrier's id of the call."""

    INTENT = "intent"
    LIVE = "live"
    DONE = "done"
    ABANDONED = "abandoned"


class AttemptResult(StrEnum):
    CONNECTED = "connected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    NO_KEY = "no_key"
    FAILED = "failed"
    BAD_NUMBER = "bad_number"
    TECHNICAL = "technical"
