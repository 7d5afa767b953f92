"""Answers that are given again for 30 seconds."""

from helpdesk.kernel.remembered import Remembered
from tests.conftest import SetClock


def test_an_answer_is_asked_for_again_after_thirty_seconds(set_clock: SetClock) -> None:
    asked: list[str] = []
    remembered: Remembered[str, int] = Remembered()

    def ask() -> int:
        asked.append("asked")
        return len(asked)

    assert [remembered.get("key", ask), remembered.get("key", ask)] == [1, 1]
    set_clock.forward(seconds=29.9)
    assert remembered.get("key", ask) == 1
    set_clock.forward(seconds=0.1)
    assert remembered.get("key", ask) == 2
    assert remembered.get("another", ask) == 3


def test_a_clock_set_back_makes_no_answer_eternal(set_clock: SetClock) -> None:
    remembered: Remembered[str, str] = Remembered()
    assert remembered.get("key", lambda: "of the future") == "of the future"
    set_clock.forward(days=-1)
    assert remembered.get("key", lambda: "of the past") == "of the past"


def test_what_was_forgotten_is_asked_for_at_once(set_clock: SetClock) -> None:
    remembered: Remembered[str, str] = Remembered()
    remembered.get("key", lambda: "old")
    remembered.forget()
    assert remembered.get("key", lambda: "new") == "new"
