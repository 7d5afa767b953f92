"""The laws of callbacks: states, the ladder, hours, promises, and whom to dial now. No database, no clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpdesk.callbacks.hours import DiallingHours, promise
from helpdesk.callbacks.pacing import Standing, choose, expected
from helpdesk.callbacks.rules import (
    ACTIVE,
    MISSES,
    MOVES,
    UNDIALLED,
    AttemptResult,
    CallbackState,
    next_try,
    sources,
    technical_pause,
)
from helpdesk.sla.calendar import Calendar, Hours
from helpdesk.telephony.turns import Line, Place

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


def test_who_has_talked_is_never_dialled_again_unless_it_was_a_machine():
    assert MOVES[CallbackState.CONNECTED] == ACTIVE & {CallbackState.RETRY_WAIT} | {
        CallbackState.DONE,
        CallbackState.EXHAUSTED,
    }
    assert MOVES[CallbackState.DONE] == frozenset()


def test_every_promise_can_be_taken_off_the_list_until_people_talk():
    assert sources(CallbackState.CANCELLED) == ACTIVE - {CallbackState.CONNECTED}


def test_only_promises_for_which_nothing_rings_can_be_overtaken():
    assert sources(CallbackState.SUPERSEDED) == UNDIALLED


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

HERE = frozenset({"/1/"})
KK, RU = Line(1, "technical", "kk", HERE), Line(1, "technical", "ru", HERE)
NOW = at(23, 10)


class Speaks:
    """Operators who are alike, by the languages spoken."""

    def __init__(self, *languages: str, staffed: int = 1, idle: int = 1) -> None:
        self.languages, self.staffed, self.idle = languages, staffed, idle

    def may_take(self, served_by: frozenset[str], queue: str, language: str) -> bool:
        return "/1/" in served_by and queue == "technical" and language in self.languages


def place(number: int) -> Place:
    return 5, NOW - timedelta(hours=1) + timedelta(seconds=number), number


def callbacks(*numbers: int, line: Line = KK, due_in: float = 20) -> list[Standing]:
    return [Standing(place(number), line, number, NOW + timedelta(minutes=due_in)) for number in numbers]


def callers(*numbers: int, line: Line = KK) -> list[Standing]:
    return [Standing(place(number), line) for number in numbers]


def chosen(standing: list[Standing], operators: list[Speaks], staffed: bool = True) -> list[int]:
    return list(choose(standing, operators, lambda _line: staffed, NOW))


def test_each_operator_to_reckon_with_is_one_dial_in_the_order_of_places():
    assert chosen(callbacks(3, 1, 2), [Speaks("kk"), Speaks("kk")]) == [1, 2]
    assert chosen(callbacks(1, 2), []) == []


def test_who_came_earlier_and_waits_on_the_line_comes_first_and_who_came_later_does_not():
    operator = [Speaks("kk")]
    assert chosen(callbacks(2) + callers(1), operator) == []
    assert chosen(callbacks(1) + callers(2), operator) == [1]


def test_one_operator_of_two_languages_is_not_counted_twice():
    both = callbacks(1, line=KK) + callbacks(9, line=RU)
    assert chosen(both, [Speaks("kk", "ru")]) == [1]
    assert chosen(both, [Speaks("ru"), Speaks("kk")]) == [1, 9]


def test_nothing_rings_without_an_operator_to_reckon_with_even_at_its_moment():
    assert chosen(callbacks(1, 2, due_in=0), []) == []
    assert chosen(callbacks(1, 2, due_in=0), [Speaks("kk")]) == [1]
    assert chosen(callbacks(1, 2, due_in=0), [Speaks("ru")]) == []


def test_with_nobody_at_work_a_promise_is_kept_at_its_very_moment():
    assert chosen(callbacks(1, 2, 3, due_in=1), [], staffed=False) == []
    assert chosen(callbacks(1, 2, 3, due_in=0), [], staffed=False) == [1, 2, 3]


@pytest.mark.parametrize(
    ("crews", "talk_seconds", "count"),
    [
        ([(3, 3)], 240, 3),
        ([(40, 0)], 240, 5),
        ([(7, 0)], 240, 0),
        ([(4, 1), (4, 0), (2, 0)], 240, 2),
        ([(5, 0)], 10, 5),
        ([], 240, 0),
    ],
)
def test_of_those_who_talk_as_many_are_reckoned_with_as_will_be_free_in_half_a_minute(
    crews: list[tuple[int, int]], talk_seconds: float, count: int
):
    assert len(expected([Speaks("kk", staffed=all_, idle=idle) for all_, idle in crews], talk_seconds)) == count
