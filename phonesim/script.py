"""A call is a generator: a verb yields what it waits for and is resumed with what came.

`Wait` is resumed with an accepted event or, when its seconds are over, with None. `Fetch` is resumed with the answer of
a webhook. An `Interruption` is thrown in wherever the generator stands, which is what Twilio does to the running
document. Nothing resumes a generator that runs: events always come from the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from phonesim.clock import Clock, Timer

if TYPE_CHECKING:
    from phonesim.calls import Call

T = TypeVar("T")


class Interruption(Exception):
    """Ends whatever the running document was doing."""

    def concerns(self, call: Call) -> bool:
        """Whether it is still meant when it arrives."""
        return True

    def missed(self) -> None:
        """It came too late."""


class HungUp(Interruption):
    """The leg is over."""


@dataclass(frozen=True)
class Source:
    """Where the next document comes from: an absolute URL to fetch, or TwiML given in words."""

    url: str
    method: str = "POST"
    params: dict[str, str] = field(default_factory=dict)
    twiml: str | None = None


class Redirected(Interruption):
    """The REST interface sends the call to another document."""

    def __init__(self, source: Source) -> None:
        super().__init__(source.url)
        self.source = source

    def concerns(self, call: Call) -> bool:
        return not call.over


@dataclass(frozen=True)
class Wait:
    seconds: float | None
    accepts: tuple[type, ...] = ()


@dataclass(frozen=True)
class Key:
    """One key of the far end's telephone."""

    digit: str


@dataclass(frozen=True)
class Answer:
    """What came back from a webhook, after all retries. `failure` is empty, "4xx", "5xx", "ct" or "rt"."""

    status: int = 0
    body: bytes = b""
    content_type: str = ""
    failure: str = ""
    error_code: int = 0
    url: str = ""


@dataclass(frozen=True)
class Fetch:
    url: str
    method: str
    params: dict[str, str]
    kind: str


Routine = Generator[Wait | Fetch, Any, T]
Perform = Callable[[Fetch, Callable[[Answer], None]], None]


class Script:
    """Drives one generator by the clock."""

    def __init__(self, clock: Clock, routine: Routine[None], perform: Perform) -> None:
        self._clock = clock
        self._routine = routine
        self._perform = perform
        self._turn = 0
        self._timer: Timer | None = None
        self._accepts: tuple[type, ...] = ()
        self.over = False
        clock.after(0, self._resume, 0, None)

    def deliver(self, event: object) -> bool:
        """Hand an event to the generator; False when it has no use for it. Only to be called from the clock."""
        if self.over:
            return False
        if isinstance(event, Interruption):
            self._step(lambda: self._routine.throw(event))
            return True
        if isinstance(event, self._accepts):
            self._step(lambda: self._routine.send(event))
            return True
        return False

    def _resume(self, turn: int, value: object) -> None:
        if turn == self._turn and not self.over:
            self._step(lambda: self._routine.send(value))

    def _step(self, go: Callable[[], Wait | Fetch]) -> None:
        self._turn += 1
        turn = self._turn
        self._accepts = ()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            step = go()
        except (StopIteration, HungUp):
            self.over = True
            return
        except BaseException:
            self.over = True
            raise
        if isinstance(step, Fetch):
            self._perform(step, lambda answer: self._resume(turn, answer))
            return
        self._accepts = step.accepts
        if step.seconds is not None:
            self._timer = self._clock.after(step.seconds, self._resume, turn, None)
