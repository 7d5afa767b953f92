"""Erlang C against published examples, the factorial form, and what must be true of any line."""

from collections.abc import Callable
from math import exp, factorial, inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reports.erlang import blocking, load, must_wait, needed, staffing


@pytest.mark.parametrize(
    ("calls", "handle_seconds", "operators", "level", "answer"),
    [
        (60, 240, 7, 0.895, 10.8),
        (200, 240, 17, 0.810, 16.8),
        (300, 300, 30, 0.821, 15.0),
    ],
)
def test_operators_for_80_percent_in_20_seconds_at_most_85_percent_occupied(
    calls: float, handle_seconds: float, operators: int, level: float, answer: float
) -> None:
    found = needed(load(calls, handle_seconds), handle_seconds)
    assert found.operators == operators
    assert found.service_level == pytest.approx(level, abs=0.0005)
    assert found.answer_seconds == pytest.approx(answer, abs=0.05)


def test_a_large_line_is_bound_by_occupancy_and_not_by_the_service_level() -> None:
    erlangs = load(1000, 240)
    assert needed(erlangs, 240).operators == 79
    assert needed(erlangs, 240, max_occupancy=1.0).operators < 79


@pytest.mark.parametrize(("operators", "level", "answer"), [(22, 0.519, 68.0), (25, 0.862, 10.0)])
def test_what_given_operators_make_of_300_calls_an_hour(operators: int, level: float, answer: float) -> None:
    found = staffing(load(300, 240), operators, 240)
    assert found.service_level == pytest.approx(level, abs=0.0005)
    assert found.answer_seconds == pytest.approx(answer, abs=0.5)


@pytest.mark.parametrize(("calls", "operators"), [(20, 4), (100, 13), (500, 54)])
def test_rows_of_the_load_model_with_calls_of_330_seconds(calls: float, operators: int) -> None:
    assert needed(load(calls, 330), 330).operators == operators


@pytest.mark.parametrize(
    ("calls", "handle_seconds", "operators", "rostered"),
    [
        (118.6, 330, 15, 22),  # Almaty on a steady remote day
        (1004.4, 300, 99, 142),  # and on the first one
        (12312.0, 300, 1208, 1726),  # the nation on the first one
        (1453.5, 330, 157, 225),
    ],
)
def test_scheduled_people_cover_those_who_are_away(
    calls: float, handle_seconds: float, operators: int, rostered: int
) -> None:
    found = needed(load(calls, handle_seconds), handle_seconds)
    assert found.operators == operators
    assert found.scheduled(0.30) == rostered


def test_ten_operators_at_no_shrinkage_are_ten_people() -> None:
    assert staffing(5, 10, 240).scheduled(0) == 10
    assert staffing(5, 7, 240).scheduled(0.30) == 10


def test_a_line_with_less_operators_than_load_only_grows() -> None:
    found = staffing(10, 10, 300)
    assert (found.waiting_share, found.service_level, found.answer_seconds, found.occupancy) == (1.0, 0.0, inf, 1.0)


def test_nobody_is_needed_where_nobody_calls() -> None:
    found = needed(0, 300)
    assert (found.operators, found.service_level, found.occupancy) == (0, 1.0, 0.0)


@given(st.floats(0.01, 60), st.integers(1, 80))
def test_the_recursion_agrees_with_the_factorial_form(erlangs: float, operators: int) -> None:
    if operators <= erlangs + 1e-6:
        return
    last = erlangs**operators / factorial(operators) * operators / (operators - erlangs)
    waiting = last / (sum(erlangs**k / factorial(k) for k in range(operators)) + last)
    assert must_wait(erlangs, operators) == pytest.approx(waiting, rel=1e-9, abs=1e-12)
    level = 1 - waiting * exp(-(operators - erlangs) * 20 / 240)
    assert staffing(erlangs, operators, 240).service_level == pytest.approx(level, abs=1e-9)


@given(st.floats(0, 500), st.integers(0, 600), st.floats(1, 3600))
def test_one_operator_more_never_makes_a_line_worse(erlangs: float, operators: int, handle_seconds: float) -> None:
    fewer, more = (staffing(erlangs, n, handle_seconds) for n in (operators, operators + 1))
    assert more.service_level >= fewer.service_level - 1e-12
    assert more.answer_seconds <= fewer.answer_seconds + 1e-9
    assert more.occupancy <= fewer.occupancy or fewer.operators == 0
    assert 0 <= more.waiting_share <= 1


@given(st.floats(0, 300), st.floats(1, 1200))
def test_what_is_needed_is_enough_and_one_less_is_not(erlangs: float, handle_seconds: float) -> None:
    found = needed(erlangs, handle_seconds)
    assert found.service_level >= 0.8
    assert found.occupancy <= 0.85
    if found.operators:
        fewer = staffing(erlangs, found.operators - 1, handle_seconds)
        assert fewer.service_level < 0.8 or fewer.occupancy > 0.85


@given(st.floats(0, 1000), st.floats(0, 1000), st.integers(0, 100))
def test_more_load_never_blocks_less(one: float, two: float, operators: int) -> None:
    less, more = sorted((one, two))
    assert blocking(less, operators) <= blocking(more, operators) + 1e-12


@pytest.mark.parametrize(
    "refused",
    [
        lambda: load(-1, 240),
        lambda: load(10, 0),
        lambda: load(10, 240, 0),
        lambda: blocking(-0.1, 3),
        lambda: blocking(inf, 3),
        lambda: blocking(float("nan"), 3),
        lambda: must_wait(2, -1),
        lambda: staffing(2, 3, 0),
        lambda: staffing(2, 3, 240, -1),
        lambda: needed(2, 240, target=1.0),
        lambda: needed(2, 240, target=0),
        lambda: needed(2, 240, max_occupancy=1.5),
        lambda: needed(2, 240, max_occupancy=0),
        lambda: needed(1e9, 240),
        lambda: staffing(2, 3, 240).scheduled(1.0),
        lambda: staffing(2, 3, 240).scheduled(-0.1),
    ],
)
def test_what_the_model_does_not_know_is_refused(refused: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"share|seconds|operators"):
        refused()
