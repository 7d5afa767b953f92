"""How long somebody will wait, and whether a callback is worth offering."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

# Bounds of what is announced, and what is assumed of an operator's time before enough calls were counted.
LEAST_SECONDS = 30
MOST_SECONDS = 3600
USUAL_TALK_SECONDS = 240.0
ENOUGH_CALLS = 5
LAST_CALLS = 50

WAIT_WORTH_A_CALLBACK = 120
PLACES_WORTH_A_CALLBACK = 3
BEFORE_CLOSING = timedelta(minutes=10)

_BUCKETS = (1, 2, 3, 5, 10, 15, 20, 30)


@dataclass(frozen=True)
class Crew:
    """Operators who can serve a line: all who are at work, and those of them who are free."""

    staffed: int
    idle: int


@dataclass(frozen=True)
class Experience:
    """What the last calls of a line were like: mean seconds of a handled call, share of callers who gave up."""

    talk_seconds: float
    abandoned: float


def experience(handled_seconds: Sequence[float], waited: int, abandoned: int) -> Experience:
    """Out of the last handled calls' seconds, and of how many in the line how many gave up."""
    enough = len(handled_seconds) >= ENOUGH_CALLS
    mean = sum(handled_seconds) / len(handled_seconds) if enough else USUAL_TALK_SECONDS
    return Experience(mean, abandoned / waited if waited >= ENOUGH_CALLS else 0.0)


def expected_wait(ahead: int, crew: Crew, past: Experience) -> int | None:
    """Seconds until it is the turn of somebody with `ahead` people before; None when nobody works.

    Fewer ahead than free operators: at once. Otherwise `(ahead + 1 - idle) · talk / staffed · (1 - abandoned)`, between
    half a minute and an hour (the classic estimate of contact centres, corrected for those who give up).
    """
    if crew.staffed == 0:
        return None
    if ahead < crew.idle:
        return LEAST_SECONDS
    seconds = (ahead + 1 - crew.idle) * past.talk_seconds / crew.staffed * (1 - past.abandoned)
    return round(min(max(seconds, LEAST_SECONDS), MOST_SECONDS))


def bucket(seconds: int | None) -> str | None:
    """The step that is announced, for the records: "<1", "1", … "30", ">30" minutes; as speech.wait_bucket says it."""
    if seconds is None:
        return None
    if seconds < 60:
        return "<1"
    return next((str(minutes) for minutes in _BUCKETS if seconds <= minutes * 60 + 30), ">30")


def offers_callback(position: int, wait_seconds: int | None, crew: Crew, closes_soon: bool) -> bool:
    """Whether a waiting caller is offered to be called back."""
    long_wait = wait_seconds is None or wait_seconds >= WAIT_WORTH_A_CALLBACK
    return crew.staffed == 0 or long_wait or position > crew.idle + PLACES_WORTH_A_CALLBACK or closes_soon
