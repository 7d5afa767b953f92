"""The arithmetic on worked examples; what the figures are counted from is tested beside the queries."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reports.kpis import Calls, Estimates, Offers, Promises, Work, wait_error

# Call Centre Helper's example: 1,000 handled and 60 abandoned; 860 and 20 of them within 20 s, 10 within 5 s.
EXAMPLE = Calls(handled=1000, abandoned=60, short=10, handled_in_time=860, abandoned_in_time=20)


def test_the_five_service_levels_of_the_worked_example() -> None:
    found = (
        EXAMPLE.service_level_1(),
        EXAMPLE.service_level_2(),
        EXAMPLE.service_level_3(),
        EXAMPLE.service_level(),
        EXAMPLE.service_level_5(),
    )
    assert [round(100 * (one or 0), 1) for one in found] == [83.0, 86.0, 81.1, 82.7, 82.1]


def test_a_callback_and_a_voice_message_are_offered_calls_and_no_abandons() -> None:
    calls = Calls(handled=70, abandoned=12, short=2, callback=15, voicemail=2, reasons={"failed": 1})
    assert calls.offered == 100
    assert calls.other == 1
    assert calls.abandonment() == pytest.approx(10 / 98)


def test_times_are_means_over_handled_calls() -> None:
    calls = Calls(handled=4, wait_seconds=40, talk_seconds=800, hold_seconds=100, wrapup_seconds=300, transferred=1)
    assert calls.speed_of_answer() == 10
    assert calls.handle_time() == 300
    assert calls.transfer_rate() == 0.25


def test_breaks_count_for_utilisation_and_not_for_occupancy() -> None:
    work = Work(busy_seconds=2400, wrapup_seconds=600, idle_seconds=500, break_seconds=400)
    assert work.occupancy() == pytest.approx(3000 / 3500)
    assert work.utilisation() == pytest.approx(3000 / 3900)
    assert work.operators(1800) == pytest.approx(3500 / 1800)


def test_a_missed_offer_is_measured_against_all_that_could_be_taken() -> None:
    assert Offers(accepted=6, declined=1, missed=3).missed_rate() == 0.3


def test_promises_that_still_have_time_or_are_not_needed_any_more_are_not_judged() -> None:
    promises = Promises(reached=6, not_reached=2, open=5, withdrawn=4, kept=5, overdue=1)
    assert promises.promised == 17
    assert promises.success() == 6 / 8
    assert promises.kept_share() == 5 / 9


def test_attempts_are_counted_over_the_promises_that_one_of_them_kept() -> None:
    promises = Promises(reached=4, tried=5, first_reached=2, attempts=7, announced=4, announced_kept=3)
    assert promises.first_attempt_rate() == 0.4
    assert promises.attempts_per_success() == 1.75
    assert promises.announced_share() == 0.75


def test_who_was_told_more_than_half_an_hour_cannot_have_been_served_late() -> None:
    estimates = Estimates(told=12, bounded=10, within=9, endless=2)
    assert estimates.within_share() == 0.9
    assert estimates.endless_share() == 2 / 12


def test_the_error_of_an_estimate_is_taken_before_rounding_and_relative_to_the_wait() -> None:
    assert wait_error(150, 120.5) == (29.5, pytest.approx(29.5 / 120.5))
    assert wait_error(30, 0.25) == (29.75, 29.75)


@pytest.mark.parametrize("nothing", [Calls(), Work(), Offers(), Estimates(), Promises()])
def test_without_data_there_is_no_figure_rather_than_zero(nothing: object) -> None:
    counted = {field.name for field in fields(nothing)}  # type: ignore[arg-type]
    figures = [
        value()
        for name in dir(nothing)
        if not name.startswith("_") and name not in counted and callable(value := getattr(nothing, name))
        if name != "operators"
    ]
    assert figures
    assert figures == [None] * len(figures)


counts = st.integers(0, 10_000)


@given(counts, counts, st.data())
def test_every_service_level_is_a_share_and_the_third_is_the_strictest(h: int, a: int, data: st.DataObject) -> None:
    short = data.draw(st.integers(0, a))
    gave_up = data.draw(st.integers(short, a))
    calls = Calls(
        handled=h,
        abandoned=a,
        short=short,
        handled_in_time=data.draw(st.integers(0, h)),
        abandoned_in_time=gave_up,
    )
    strictest = calls.service_level_3()
    others = (calls.service_level_1(), calls.service_level_2(), calls.service_level(), calls.service_level_5())
    for level in others:
        assert level is None or (0 <= level <= 1 and strictest is not None and level >= strictest)
