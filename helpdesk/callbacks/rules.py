"""The states of a callback and of its attempts, the moves between them, and when to try again."""

from datetime import timedelta
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
    CallbackState.OFFERED: frozenset(
        {CallbackState.DUE, CallbackState.DIALING, CallbackState.CANCELLED, CallbackState.SUPERSEDED}
    ),
    CallbackState.DIALING: frozenset(
        {
            CallbackState.ANSWERED,
            CallbackState.RETRY_WAIT,
            CallbackState.DUE,
            CallbackState.EXHAUSTED,
            CallbackState.CANCELLED,
        }
    ),
    CallbackState.ANSWERED: frozenset(
        {CallbackState.CONNECTED, CallbackState.RETRY_WAIT, CallbackState.EXHAUSTED, CallbackState.CANCELLED}
    ),
    # an operator who hears an answering machine sends it back to the ladder
    CallbackState.CONNECTED: frozenset({CallbackState.DONE, CallbackState.RETRY_WAIT, CallbackState.EXHAUSTED}),
    CallbackState.RETRY_WAIT: frozenset({CallbackState.DUE, CallbackState.CANCELLED, CallbackState.SUPERSEDED}),
    CallbackState.DONE: frozenset(),
    CallbackState.EXHAUSTED: frozenset(),
    CallbackState.EXPIRED: frozenset(),
    CallbackState.CANCELLED: frozenset(),
    CallbackState.SUPERSEDED: frozenset(),
}
ACTIVE = frozenset(state for state, targets in MOVES.items() if targets)
# Nobody is being called: time may pass, the person may ring us, somebody may cancel.
WAITING = frozenset({CallbackState.REQUESTED, CallbackState.DUE, CallbackState.RETRY_WAIT})
# An operator may be reading up, but nothing rings yet.
UNDIALLED = WAITING | {CallbackState.OFFERED}


def sources(target: CallbackState) -> frozenset[CallbackState]:
    """The states from which `target` can be reached in one move."""
    return frozenset(state for state, targets in MOVES.items() if target in targets)


class AttemptState(StrEnum):
    """INTENT is written before the carrier is asked; LIVE once we know the carrier's id of the call."""

    INTENT = "intent"
    LIVE = "live"
    DONE = "done"
    ABANDONED = "abandoned"


OPEN_ATTEMPT = frozenset({AttemptState.INTENT, AttemptState.LIVE})


class AttemptResult(StrEnum):
    CONNECTED = "connected"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    MACHINE = "machine"
    NO_KEY = "no_key"
    LEFT = "left"  # wanted an operator and hung up before one came
    LATER = "later"  # asked to be called again later
    DECLINED = "declined"  # cancelled the callback on the telephone
    TOO_LATE = "too_late"  # lay in the carrier's queue until the dialling hours were over
    FAILED = "failed"
    BAD_NUMBER = "bad_number"
    TECHNICAL = "technical"


MISSES = frozenset(
    {
        AttemptResult.BUSY,
        AttemptResult.NO_ANSWER,
        AttemptResult.MACHINE,
        AttemptResult.NO_KEY,
        AttemptResult.LEFT,
        AttemptResult.FAILED,
    }
)

# The ladder: three misses end it.
TRIES = 3
AFTER_BUSY = timedelta(minutes=5)
AFTER_MISS = (timedelta(minutes=15), timedelta(minutes=60))
AFTER_TECHNICAL = (timedelta(seconds=5), timedelta(seconds=15), timedelta(seconds=60))
ASKED_LATER = timedelta(minutes=30)

# No telephone rings more often than this a day because of us, whatever the reasons.
DIALS_A_DAY = 5
# Somebody who is on the line with us now is not dialled; we look again after this time.
WHILE_ON_THE_LINE = timedelta(seconds=15)
# A promise that could not even be tried for so long is given to a person.
EXPIRES_AFTER = timedelta(days=3)

# A promise to be called by one operator is kept by anybody when that one could not for so long after its moment.
WAITS_FOR_ONE = timedelta(minutes=10)

# A worker that slept between claim and dial longer than this leaves the dialling to nobody: the sweeper may be at work.
DIALS_WITHIN = timedelta(seconds=20)
# Operators who will be free within this time are reckoned with: it takes as long to ring, and to say what 1 does.
READY_WITHIN = timedelta(seconds=30)
# A telephone that was not answered by now no longer holds up the line behind its place.
HOLDS_ITS_PLACE = timedelta(seconds=45)
# An intent without the carrier's id is looked for at the carrier after the first, and counts as never placed after the
# second: ringing time, the carrier's queue and a minute.
ASKED_AFTER = timedelta(seconds=30)
NEVER_PLACED_AFTER = timedelta(seconds=90)
# A live attempt of which nothing was heard for so long is asked for.
SILENT_AFTER = timedelta(seconds=120)
# Clocks of the two houses may differ by this much.
CLOCK_SKEW = timedelta(seconds=5)


def next_try(result: AttemptResult, misses: int) -> timedelta | None:
    """How long after the `misses`-th miss the next try is made; None when it was the last one.

    Busy: the person is there, so soon. Anything else: later and later.
    """
    if result not in MISSES:
        raise ValueError(f"{result} is no miss")
    if misses >= TRIES:
        return None
    return AFTER_BUSY if result is AttemptResult.BUSY else AFTER_MISS[min(misses, len(AFTER_MISS)) - 1]


def technical_pause(failures: int) -> timedelta:
    """How long to wait after the `failures`-th technical failure in a row; these do not count as attempts."""
    return AFTER_TECHNICAL[min(failures, len(AFTER_TECHNICAL)) - 1]
