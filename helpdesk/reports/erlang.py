"""How many operators a load of calls needs: Erlang C (A. K. Erlang, 1917).

Callers arrive at random and none gives up, so it asks for rather more people than for too few. Load is in erlangs:
calls a second times seconds a call. Everything refuses with ValueError what the model does not know.
"""

from dataclasses import dataclass
from math import ceil, exp, inf

from helpdesk.reports.kpis import TARGET, THRESHOLD_SECONDS

MAX_OCCUPANCY = 0.85
# Leave, training, illness and breaks: this share of paid time nobody sits at the telephone.
SHRINKAGE = 0.30
# More than the whole country would need on its worst day.
MOST_OPERATORS = 100_000


def load(calls: float, handle_seconds: float, in_seconds: float = 3600) -> float:
    """Erlangs: `calls` that came `in_seconds`, `handle_seconds` (talk, hold and wrap-up) each."""
    if calls < 0 or handle_seconds <= 0 or in_seconds <= 0:
        raise ValueError("calls cannot be negative, and times must be more than 0 seconds")
    return calls * handle_seconds / in_seconds


def blocking(erlangs: float, operators: int) -> float:
    """Erlang B, the share of calls that find everybody busy when nobody may wait: b(0) = 1, b(k) = A·b / (k + A·b).

    The recursion keeps its precision where factorials overflow.
    """
    _check(erlangs, operators)
    blocked = 1.0
    for busy in range(1, operators + 1):
        blocked = erlangs * blocked / (busy + erlangs * blocked)
    return blocked


def must_wait(erlangs: float, operators: int) -> float:
    """Pw, the share of callers who wait at all: b / (1 − A/n · (1 − b)); everybody when the load is too much."""
    return _must_wait(erlangs, operators, blocking(erlangs, operators))


def _must_wait(erlangs: float, operators: int, blocked: float) -> float:
    if operators <= erlangs:
        return 1.0 if erlangs else 0.0
    return blocked / (1 - erlangs / operators * (1 - blocked))


@dataclass(frozen=True)
class Staffing:
    """What so many operators make of a load. `answer_seconds` is infinite where the line only grows.

    `service_level` is the share of callers who are answered within the threshold; `scheduled` how many people must be
    on the roster for `operators` to be at the telephone.
    """

    operators: int
    erlangs: float
    waiting_share: float
    service_level: float
    answer_seconds: float
    occupancy: float

    def scheduled(self, shrinkage: float = SHRINKAGE) -> int:
        """n ÷ (1 − shrinkage), rounded up to people."""
        if not 0 <= shrinkage < 1:
            raise ValueError("shrinkage is a share below 1")
        # a hundredth of a person comes from the binary fraction, not from the roster
        return ceil(round(self.operators / (1 - shrinkage), 6))


def staffing(
    erlangs: float, operators: int, handle_seconds: float, threshold_seconds: float = THRESHOLD_SECONDS
) -> Staffing:
    """What `operators` make of a load: SL(T) = 1 − Pw·e^(−(n−A)·T/AHT), ASA = Pw·AHT / (n−A), occupancy = A/n."""
    return _staffing(erlangs, operators, handle_seconds, threshold_seconds, blocking(erlangs, operators))


def needed(
    erlangs: float,
    handle_seconds: float,
    target: float = TARGET,
    threshold_seconds: float = THRESHOLD_SECONDS,
    max_occupancy: float = MAX_OCCUPANCY,
) -> Staffing:
    """The least number of operators that reaches the service level without overworking them; none for no load."""
    if not 0 < target < 1:
        raise ValueError("the target is a share between 0 and 1")
    if not 0 < max_occupancy <= 1:
        raise ValueError("the highest occupancy is a share above 0, at most 1")
    _check(erlangs, 0)
    blocked = 1.0
    for operators in range(MOST_OPERATORS + 1):
        if operators:
            blocked = erlangs * blocked / (operators + erlangs * blocked)
        found = _staffing(erlangs, operators, handle_seconds, threshold_seconds, blocked)
        if found.service_level >= target and found.occupancy <= max_occupancy:
            return found
    raise ValueError(f"the load of {erlangs} erlangs needs more than {MOST_OPERATORS} operators")


def _staffing(
    erlangs: float, operators: int, handle_seconds: float, threshold_seconds: float, blocked: float
) -> Staffing:
    if handle_seconds <= 0 or threshold_seconds < 0:
        raise ValueError("a call lasts more than 0 seconds, and nobody is answered before calling")
    waiting = _must_wait(erlangs, operators, blocked)
    spare = operators - erlangs
    if erlangs and spare <= 0:
        return Staffing(operators, erlangs, 1.0, 0.0, inf, 1.0)
    level = 1 - waiting * exp(-spare * threshold_seconds / handle_seconds)
    answer = waiting * handle_seconds / spare if spare else 0.0
    return Staffing(operators, erlangs, waiting, level, answer, erlangs / operators if operators else 0.0)


def _check(erlangs: float, operators: int) -> None:
    if not 0 <= erlangs < inf or operators < 0 or operators != int(operators):
        raise ValueError("a load is a number of erlangs from 0 on, operators are a whole number from 0 on")
