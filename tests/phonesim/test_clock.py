"""Time by hand and time by the wall."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from phonesim import RealClock, VirtualClock

START = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


def test_events_happen_in_order_at_their_time():
    clock = VirtualClock(START)
    seen = []
    clock.after(5, lambda: seen.append(("b", clock.now())))
    clock.after(1, lambda: seen.append(("a", clock.now())))
    clock.after(50, lambda: seen.append(("late", clock.now())))
    clock.run_for(10)
    assert seen == [("a", START + timedelta(seconds=1)), ("b", START + timedelta(seconds=5))]
    assert clock.now() == START + timedelta(seconds=10)


def test_a_cancelled_event_does_not_happen_and_a_repetition_ends():
    clock = VirtualClock(START)
    seen = []
    clock.after(1, seen.append, "never").cancel()
    rounds = clock.every(2, lambda: seen.append("round"))
    clock.run_for(7)
    rounds.cancel()
    clock.run_for(7)
    assert seen == ["round"] * 3


def test_it_runs_until_a_moment_or_until_something_is_true():
    clock = VirtualClock(START)
    seen = []
    clock.every(1, lambda: seen.append(1))
    assert clock.run_until(lambda: len(seen) == 3)
    assert clock.now() == START + timedelta(seconds=3)
    assert not clock.run_until(lambda: False, limit=5)
    clock.run_until(START + timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1)


def test_an_event_may_not_turn_the_clock():
    clock = VirtualClock(START)
    clock.after(1, lambda: clock.run_for(1))
    with pytest.raises(RuntimeError):
        clock.run_for(2)


def test_a_naive_start_is_refused():
    with pytest.raises(ValueError, match="aware"):
        VirtualClock(START.replace(tzinfo=None))


def test_the_wall_clock_runs_events_on_its_thread_and_survives_a_failing_one():
    clock = RealClock(speed=100)
    done = threading.Event()
    clock.run()
    try:
        clock.after(0.1, lambda: 1 / 0)
        clock.after(1, done.set)
        assert done.wait(10)
    finally:
        clock.stop()
