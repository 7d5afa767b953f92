"""The announced wait: hand-computed, never too good to be true, never absurd."""

import pytest

from helpdesk.telephony.estimate import (
    Crew,
    Experience,
    bucket,
    expected_wait,
    experience,
    offers_callback,
    promised_wait,
)

USUAL = Experience(240, 0)


@pytest.mark.parametrize(
    ("ahead", "crew", "past", "seconds"),
    [
        (0, Crew(1, 1), USUAL, 5),  # somebody is free
        (1, Crew(3, 2), USUAL, 5),
        (0, Crew(1, 0), USUAL, 240),  # one conversation to wait for
        (3, Crew(2, 0), USUAL, 480),
        (3, Crew(2, 1), USUAL, 360),
        (9, Crew(4, 0), Experience(300, 0.2), 600),
        (0, Crew(10, 0), USUAL, 24),
        (0, Crew(80, 0), USUAL, 5),  # 3 s, but nobody answers sooner
        (100, Crew(1, 0), USUAL, 3600),  # an hour at most
        (5, Crew(0, 0), USUAL, None),  # nobody works
    ],
)
def test_the_wait_follows_the_formula(ahead: int, crew: Crew, past: Experience, seconds: int | None) -> None:
    assert expected_wait(ahead, crew, past) == seconds


@pytest.mark.parametrize(
    ("ahead", "crew", "past", "seconds"),
    [
        (0, Crew(1, 0), USUAL, 547),  # one conversation of 240 s, and 1.28 times as much for chance
        (99, Crew(40, 0), Experience(300, 0), 846),  # 750 s, and 96 s for chance
        (0, Crew(2, 1), USUAL, 5),
        (5, Crew(0, 0), USUAL, None),
    ],
)
def test_what_is_promised_leaves_room_for_long_conversations(
    ahead: int, crew: Crew, past: Experience, seconds: int | None
) -> None:
    assert promised_wait(ahead, crew, past) == seconds


def test_four_calls_are_too_few_to_learn_from() -> None:
    assert experience([60, 60, 60, 60], 4, 4) == Experience(240, 0)
    assert experience([60, 60, 60, 60, 110], 10, 2) == Experience(70, 0.2)


@pytest.mark.parametrize(
    ("seconds", "step"),
    [
        (None, None),
        (30, "<1"),
        (59, "<1"),
        (60, "1"),
        (61, "2"),
        (120, "2"),
        (300, "5"),
        (301, "10"),
        (1800, "30"),
        (1801, ">30"),
    ],
)
def test_steps_are_kept_as_they_are_said(seconds: int | None, step: str | None) -> None:
    assert bucket(seconds) == step


@pytest.mark.parametrize(
    ("position", "wait", "crew", "closes", "offered"),
    [
        (1, 30, Crew(2, 1), False, False),
        (1, 120, Crew(2, 0), False, True),
        (4, 60, Crew(9, 1), False, False),
        (5, 60, Crew(9, 1), False, True),
        (1, None, Crew(0, 0), False, True),
        (1, 30, Crew(2, 1), True, True),
    ],
)
def test_a_callback_is_offered_when_it_helps(
    position: int, wait: int | None, crew: Crew, closes: bool, offered: bool
) -> None:
    assert offers_callback(position, wait, crew, closes) is offered
