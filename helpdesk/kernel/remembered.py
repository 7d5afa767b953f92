"""Answers of the database that one process may give again for a short while."""

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from helpdesk.kernel import clock

# The longest time for which an administrator's edit stays unseen by the other processes.
FOR = timedelta(seconds=30)

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class Remembered(Generic[Key, Answer]):
    """Plain values by key, asked for again after 30 s by the house's clock. Holds no ORM rows."""

    def __init__(self) -> None:
        self._answers: dict[Key, tuple[datetime, Answer]] = {}

    def get(self, key: Key, ask: Callable[[], Answer]) -> Answer:
        """The answer remembered for `key`, or a new one from `ask`."""
        moment = clock.now()
        known = self._answers.get(key)
        # a clock set back (a simulator's) makes an answer from the future as good as none
        if known is not None and timedelta(0) <= moment - known[0] < FOR:
            return known[1]
        answer = ask()
        self._answers[key] = (moment, answer)
        return answer

    def forget(self) -> None:
        """Ask again next time: something was edited."""
        self._answers.clear()
