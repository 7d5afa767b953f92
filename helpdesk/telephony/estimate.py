"""How long somebody will wait, and whether a callback is worth offering."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from typing import Protocol

# Bounds of the estimate: an operator who is free takes a call in about the first; and what is assumed of an operator's
# time before enough calls were counted. Whatever is below a minute is announced as "less than a minute".
LEAST_SECONDS = 5
MOST_SECONDS = 3600
USUAL_TALK_SECONDS = 240.0
ENOUGH_CALLS = 5
LAST_CALLS = 50
# Standard deviations above the mean below which nine out of ten stay.
NINE_OF_TEN = 1.28

WAIT_WORTH_A_CALLBACK = 120
PLACES_WORTH_A_CALLBACK = 3
BEFORE_CLOSING = timedelta(minutes=10)
# Nobody is kept longer: the place stays, and the person is called back.
LONGEST_WAIT = timedelta(minutes=45)

_BUCKETS = (1, 2, 3, 5, 10, 15, 20, 30)


@dataclass(frozen=True)
class Crew:
    """Operators who can serve a line: all who are at work, and those of them who are free."""

    staffed: int
    idle: int


@dataclass(frozen=True)
class Experience:
    """What the last calls of a line were like: an operator's mean seconds for one, share of callers who gave up."""

    talk_seconds: float
    abandoned: float


def experience(handled_seconds: Sequence[float], waited: int, abandoned: int) -> Experience:
    """Out of the last handled calls' seconds, and of how many in the line how many gave up."""
    enough = len(handled_seconds) >= ENOUGH_CALLS
    mean = sum(handled_seconds) / len(handled_seconds) if enough else USUAL_TALK_SECONDS
    return Experience(mean, abandoned / waited if waited >= ENOUGH_CALLS else 0.0)


# Paths of the organizations whose operators serve a place, its queue and its language.
Need = tuple[Collection[str], str, str]


class Group(Protocol):
    """Operators at work who are alike."""

    @property
    def staffed(self) -> int: ...

    def may_take(self, served_by: Collection[str], queue: str, language: str) -> bool: ...


def share(at_work: Iterable[Group], mine: Need, theirs: Need) -> float:
    """Which part of somebody else's turn falls on my operators: those common to both, out of all who may take them.

    Who needs exactly what I need counts as one person before me; who needs other operators as none.
    """
    if mine == theirs:
        return 1.0
    able = [group for group in at_work if group.may_take(*theirs)]
    everybody = sum(group.staffed for group in able)
    common = sum(group.staffed for group in able if group.may_take(*mine))
    return common / everybody if everybody else 0.0


def expected_wait(ahead: float, crew: Crew, past: Experience) -> int | None:
    """Seconds until it is the turn of somebody with `ahead` people before (parts of people by `share`).

    None when nobody works.

    Fewer ahead than free operators: at once. Otherwise `(ahead + 1 - idle) · talk / staffed · (1 - abandoned)`, between
    LEAST_SECONDS and an hour (the classic estimate of contact centres, corrected for those who give up).
    """
    return _wait(ahead, crew, past, deviations=0.0)


def promised_wait(ahead: float, crew: Crew, past: Experience) -> int | None:
    """The wait that nine out of ten will not exceed: `expected_wait` and 1.28 standard deviations of so many turns one
    after the other (a conversation's length varies about as much as it lasts)."""
    return _wait(ahead, crew, past, deviations=NINE_OF_TEN)


def _wait(ahead: float, crew: Crew, past: Experience, deviations: float) -> int | None:
    if crew.staffed == 0:
        return None
    if ahead < crew.idle:
        return LEAST_SECONDS
    turns = (ahead + 1 - crew.idle) * (1 - past.abandoned)
    seconds = (turns + deviations * sqrt(turns)) * past.talk_seconds / crew.staffed
    return round(min(max(seconds, LEAST_SECONDS), MOST_SECONDS))


def bucket(seconds: int | None) -> str | None:
    """The step that is announced, for the records: "<1", "1", … "30", ">30" minutes, rounded up; as
    speech.wait_bucket says it."""
    if seconds is None:
        return None
    if seconds < 60:
        return "<1"
    return next((str(minutes) for minutes in _BUCKETS if seconds <= minutes * 60), ">30")


def offers_callback(position: int, wait_seconds: int | None, crew: Crew, closes_soon: bool) -> bool:
    """Whether a waiting caller is offered to be called back."""
    long_wait = wait_seconds is None or wait_seconds >= WAIT_WORTH_A_CALLBACK
    return crew.staffed == 0 or long_wait or position > crew.idle + PLACES_WORTH_A_CALLBACK or closes_soon
