"""One heap of coming events, turned by hand (`VirtualClock`) or by the wall clock (`RealClock`).

Everything the network does is an event on this heap, so the same engine serves tests that live through a day in a
second and a demo that a person listens to.
"""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

log = logging.getLogger("phonesim.clock")


class Timer:
    """A coming event; `cancel()` makes it not happen."""

    __slots__ = ("args", "cancelled", "fn", "when")

    def __init__(self, when: float, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.when = when
        self.fn = fn
        self.args = args
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Repetition:
    """What `every()` returns; `cancel()` ends it."""

    def __init__(self, clock: Clock, seconds: float, fn: Callable[[], Any]) -> None:
        self._clock = clock
        self._seconds = seconds
        self._fn = fn
        self._timer = clock.after(seconds, self._turn)
        self.cancelled = False

    def _turn(self) -> None:
        if self.cancelled:
            return
        self._timer = self._clock.after(self._seconds, self._turn)
        self._fn()

    def cancel(self) -> None:
        self.cancelled = True
        self._timer.cancel()


class Clock:
    """The heap itself. `lock` guards the whole network: events run under it, other threads take it to look in.

    `speed`: simulated seconds in one of the wall clock's.
    """

    speed = 1.0

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("the clock starts at an aware datetime")
        self.start = start.astimezone(UTC)
        self.lock = threading.RLock()
        self._heap: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()

    def seconds(self) -> float:
        """Simulated seconds since `start`."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The simulated present, aware, UTC; made to be handed to an application as its source of time."""
        return self.moment(self.seconds())

    def moment(self, seconds: float) -> datetime:
        return self.start + timedelta(seconds=seconds)

    def after(self, seconds: float, fn: Callable[..., Any], *args: Any) -> Timer:
        """Run `fn(*args)` in `seconds` of simulated time; never at once, even with 0."""
        timer = Timer(self.seconds() + max(0.0, seconds), fn, args)
        with self.lock:
            heapq.heappush(self._heap, (timer.when, next(self._order), timer))
        self._stirred()
        return timer

    def at(self, moment: datetime, fn: Callable[..., Any], *args: Any) -> Timer:
        return self.after((moment - self.now()).total_seconds(), fn, *args)

    def every(self, seconds: float, fn: Callable[[], Any]) -> Repetition:
        """Run `fn()` again and again, the first time in `seconds`."""
        return Repetition(self, seconds, fn)

    def _stirred(self) -> None:
        """A new event is on the heap."""

    def _pop_due(self, limit: float) -> Timer | None:
        while self._heap and self._heap[0][0] <= limit:
            timer = heapq.heappop(self._heap)[2]
            if not timer.cancelled:
                return timer
        return None


class VirtualClock(Clock):
    """Time moves only when it is told to, and every event runs in the thread that tells it."""

    def __init__(self, start: datetime | None = None) -> None:
        super().__init__(start or datetime(2026, 9, 1, 4, 0, tzinfo=UTC))
        self._now = 0.0
        self._running = False

    def seconds(self) -> float:
        return self._now

    def run_for(self, seconds: float) -> None:
        """Live through `seconds`, with everything that falls into them."""
        self._run(self._now + seconds, None)

    advance = run_for

    def run_until(self, goal: datetime | Callable[[], bool], limit: float = 86_400.0) -> bool:
        """Live until a moment, or until `goal()` is true; a condition gives up after `limit` seconds.

        Returns whether the goal was reached.
        """
        if isinstance(goal, datetime):
            self._run((goal - self.start).total_seconds(), None)
            return True
        if goal():
            return True
        return self._run(self._now + limit, goal)

    def _run(self, end: float, goal: Callable[[], bool] | None) -> bool:
        if self._running:
            raise RuntimeError("the clock is already running: an event may not turn it")
        self._running = True
        try:
            while (timer := self._pop_due(end)) is not None:
                self._now = max(self._now, timer.when)
                with self.lock:
                    timer.fn(*timer.args)
                if goal is not None and goal():
                    return True
            self._now = max(self._now, end)
            return False
        finally:
            self._running = False


class RealClock(Clock):
    """The wall clock, `speed` times as fast, on a thread of its own between `run()` and `stop()`."""

    def __init__(self, speed: float = 1.0, start: datetime | None = None) -> None:
        super().__init__(start or datetime.now(UTC))
        self.speed = speed
        self._zero = time.monotonic()
        self._wake = threading.Condition(self.lock)
        self._thread: threading.Thread | None = None
        self._stopping = False

    def seconds(self) -> float:
        return (time.monotonic() - self._zero) * self.speed

    def run(self) -> None:
        """Start the thread that runs the events."""
        self._thread = threading.Thread(target=self._loop, name="phonesim-clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _stirred(self) -> None:
        with self._wake:
            self._wake.notify_all()

    def _loop(self) -> None:
        while True:
            with self._wake:
                if self._stopping:
                    return
                timer = self._pop_due(self.seconds())
                if timer is None:
                    coming = self._heap[0][0] - self.seconds() if self._heap else None
                    self._wake.wait(None if coming is None else max(0.001, coming / self.speed))
                    continue
                try:
                    timer.fn(*timer.args)
                except Exception:
                    log.exception("an event failed; the network goes on")
