"""The laws of callbacks: states, the ladder, hours, promises, and whom to dial now. No database, no clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.callbacks.hours import DiallingHours, promise
from helpdesk.callbacks.pacing import Candidate, Line, choose
from helpdesk.callbacks.rules import (
    ACTIVE,
    MISSES,
    MOVES,
    WAITING,
    AttemptResult,
    CallbackState,
    next_try,
    sources,
    technical_pause,
)
from helpdesk.sla.calendar import Calendar, Hours

ALMATY = ZoneInfo("Asia/Almaty")
DAY = (Hours(time(9), time(18, 30)),)
CALENDAR = Calendar("desk", ALMATY, (DAY, DAY, DAY, DAY, DAY, (), ()), days_off=frozenset({date(2026, 12, 16)}))
HOURS = DiallingHours(CALENDAR, time(9), time(20))


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """A moment on the wall clock of Almaty in 2026; 23 November is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=ALMATY).astimezone(UTC)


# ── states ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_state_is_reached_and_every_open_one_ends():
    reached = {CallbackState.REQUESTED}
    while more := {target for state in reached for target in MOVES[state]} - reached:
        reached |= more
    assert reached == set(CallbackState)
    ending = set(CallbackState) - ACTIVE
    for state in ACTIVE:
        ahead = {state}
        while more := {target for one in ahead for target in MOVES[one]} - ahead:
            ahead |= more
        assert ahead & ending, state


def test_who_has_talked_is_never_dialled_again():
    assert MOVES[CallbackState.CONNECTED] == {CallbackState.DONE}
    assert MOVES[CallbackState.DONE] == frozenset()
    assert sources(CallbackState.DIALING) == {CallbackState.DUE, CallbackState.OFFERED}


def test_only_promises_on_which_nobody_is_called_can_be_overtaken():
    assert sources(CallbackState.SUPERSEDED) == WAITING


# ── the ladder ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("results", "minutes"),
    [
        (["busy", "busy", "busy"], [5, 5, None]),
        (["no_answer", "no_answer", "no_answer"], [15, 60, None]),
        (["busy", "no_answer", "machine"], [5, 60, None]),
        (["no_key", "busy", "no_answer"], [15, 5, None]),
        (["failed", "left", "busy"], [15, 60, None]),
    ],
)
def test_three_misses_busy_sooner_than_the_rest(results: list[str], minutes: list[int | None]):
    pauses = [next_try(AttemptResult(result), misses) for misses, result in enumerate(results, 1)]
    assert pauses == [None if one is None else timedelta(minutes=one) for one in minutes]


@pytest.mark.parametrize("result", sorted(set(AttemptResult) - MISSES))
def test_what_is_no_miss_has_no_next_step_of_the_ladder(result: AttemptResult):
    with pytest.raises(ValueError, match="no miss"):
        next_try(result, 1)


def test_technical_failures_back_off_to_a_minute_and_stay_there():
    assert [technical_pause(n).total_seconds() for n in (1, 2, 3, 4, 50)] == [5, 15, 60, 60, 60]


# ── hours ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        (at(23, 10), at(23, 10)),
        (at(23, 8, 59), at(23, 9)),
        (at(23, 9), at(23, 9)),
        (at(23, 19, 59), at(23, 19, 59)),
        (at(23, 20), at(24, 9)),
        (at(27, 20, 30), at(30, 9)),
        (at(28, 12), at(30, 9)),
        (at(16, 11, month=12), at(17, 9, month=12)),
    ],
)
def test_telephones_ring_from_nine_to_eight_on_days_when_the_desk_works(asked: datetime, allowed: datetime):
    assert HOURS.next(asked) == allowed
    assert HOURS.allow(asked) == (asked == allowed)


def test_a_desk_around_the_clock_dials_at_any_hour():
    always = DiallingHours(CALENDAR, time(9), time(20), always=True)
    assert always.next(at(28, 3)) == at(28, 3)


def test_the_day_of_the_daily_cap_begins_at_local_midnight():
    assert HOURS.day_began(at(23, 0, 10)) == at(23, 0)
    assert HOURS.next_day(at(23, 10)) == at(24, 9)
    assert HOURS.next_day(at(27, 10)) == at(30, 9)


# ── promises ──────────────────────────────────────────────────────────────────────────────────────────────────────

HALF = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("asked", "earliest", "latest"),
    [
        (at(23, 10), at(23, 10), at(23, 10, 30)),
        (at(23, 18, 20), at(23, 18, 20), at(23, 18, 50)),
        (at(23, 22), at(24, 9), at(24, 9, 30)),
        (at(23, 7), at(23, 9), at(23, 9, 30)),
        (at(27, 19), at(30, 9), at(30, 9, 30)),
        (at(15, 18, 31, month=12), at(17, 9, month=12), at(17, 9, 30, month=12)),
    ],
)
def test_a_promise_is_counted_from_now_or_from_the_next_opening(asked: datetime, earliest: datetime, latest: datetime):
    made = promise(HOURS, asked, HALF, None)
    assert (made.earliest, made.latest) == (earliest, latest)


def test_a_promise_that_would_end_in_quiet_hours_moves_to_the_morning():
    late = Calendar("late desk", ALMATY, ((Hours(time(9), time(22)),),) * 7)
    made = promise(DiallingHours(late, time(9), time(20)), at(23, 19, 45), HALF, None)
    assert (made.earliest, made.latest) == (at(24, 9), at(24, 9, 30))


def test_an_appointment_is_kept_at_its_moment_or_the_next_allowed_one():
    assert promise(HOURS, at(23, 10), HALF, at(24, 10)).latest == at(24, 10)
    assert promise(HOURS, at(23, 10), HALF, at(24, 23)).latest == at(25, 9)


# ── whom to dial now ──────────────────────────────────────────────────────────────────────────────────────────────

KK, RU = Line("/1/", "technical", "kk"), Line("/1/", "technical", "ru")
NOW = at(23, 10)


class Speaks:
    """An operator who is ready, by the languages spoken."""

    def __init__(self, *languages: str) -> None:
        self.languages = languages

    def serves(self, desk_path: str, queue: str, language: str) -> bool:
        return desk_path.startswith("/1/") and queue == "technical" and language in self.languages


def waiting(count: int, line: Line = KK, due_in: float = 20) -> list[Candidate]:
    return [Candidate(number, line, NOW + timedelta(minutes=due_in)) for number in range(1, count + 1)]


def chosen(candidates: list[Candidate], ready: list[Speaks], needed=(), dialing=(), staffed=True) -> list[int]:
    return choose(candidates, needed, dialing, ready, lambda _line: staffed, NOW)


def test_each_ready_operator_is_one_dial_in_the_order_of_places():
    assert chosen(waiting(5), [Speaks("kk"), Speaks("kk")]) == [1, 2]
    assert chosen(waiting(5), []) == []


def test_an_operator_is_there_for_live_callers_and_running_dials_first():
    assert chosen(waiting(5), [Speaks("kk"), Speaks("kk")], needed=[KK]) == [1]
    assert chosen(waiting(5), [Speaks("kk"), Speaks("kk")], dialing=[KK]) == [1]
    assert chosen(waiting(5), [Speaks("kk"), Speaks("kk")], needed=[KK], dialing=[KK]) == []


def test_one_operator_of_two_languages_is_not_counted_twice():
    both = [*waiting(1, KK), Candidate(9, RU, NOW + timedelta(minutes=20))]
    assert chosen(both, [Speaks("kk", "ru")]) == [1]
    assert chosen(both, [Speaks("ru"), Speaks("kk")]) == [1, 9]


def test_near_its_moment_one_dial_a_line_need_not_wait_for_a_ready_operator():
    assert chosen(waiting(5, due_in=4), []) == [1]
    assert chosen(waiting(5, due_in=6), []) == []
    assert chosen(waiting(5, due_in=4), [Speaks("kk")]) == [1, 2]
    assert chosen(waiting(5, due_in=4), [], dialing=[KK]) == []


def test_with_nobody_at_work_a_promise_is_kept_at_its_very_moment():
    assert chosen(waiting(3, due_in=1), [], staffed=False) == []
    assert chosen(waiting(3, due_in=0), [], staffed=False) == [1, 2, 3]
