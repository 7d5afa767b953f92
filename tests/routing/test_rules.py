"""The score rule, point by point."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from helpdesk.routing.rules import (
    REASONS,
    CategoryValues,
    Circumstances,
    Condition,
    Priority,
    Queue,
    by_the_clock,
    priority_of,
    route,
    starting_level,
)

ORDINARY = CategoryValues("T03", Queue.TECHNICAL, Priority.P3, "C", "L1 -> V")
IMPORTANT = CategoryValues("T25", Queue.TECHNICAL, Priority.P2, "B", "L1 -> L2")
URGENT = CategoryValues("T01", Queue.TECHNICAL, Priority.P1, "A", "L1 -> L3")
IDLE = CategoryValues("T23", Queue.TECHNICAL, Priority.P4, "D", "L1")


def test_points_become_priorities_at_five_four_and_two() -> None:
    assert [priority_of(points).value for points in range(-1, 8)] == [
        "P4", "P4", "P4", "P3", "P3", "P2", "P1", "P1", "P1"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("category", "now", "points", "priority"),
    [
        (ORDINARY, Circumstances(), 2, Priority.P3),
        (IMPORTANT, Circumstances(), 3, Priority.P3),
        (URGENT, Circumstances(), 4, Priority.P2),
        (IDLE, Circumstances(), 1, Priority.P4),
        (ORDINARY, Circumstances(pupils_affected=4), 2, Priority.P3),
        (ORDINARY, Circumstances(pupils_affected=5), 3, Priority.P3),
        (ORDINARY, Circumstances(whole_class=True), 3, Priority.P3),
        (ORDINARY, Circumstances(whole_school=True, whole_class=True, pupils_affected=600), 4, Priority.P2),
        (ORDINARY, Circumstances(within_24h=True), 3, Priority.P3),
        (ORDINARY, Circumstances(lesson_now=True, within_24h=True), 4, Priority.P2),
        (ORDINARY, Circumstances(vulnerable_household=True, no_other_channel=True), 3, Priority.P3),
        (ORDINARY, Circumstances(no_other_channel=True), 3, Priority.P3),
        (ORDINARY, Circumstances(repeat_within_7_days=True), 3, Priority.P3),
        (ORDINARY, Circumstances(workaround_given=True), 1, Priority.P4),
        (ORDINARY, Circumstances(vulnerable_household=True, repeat_within_7_days=True), 4, Priority.P2),
        (ORDINARY, Circumstances(lesson_now=True, repeat_within_7_days=True), 5, Priority.P1),
        (URGENT, Circumstances(within_24h=True), 5, Priority.P1),
        (URGENT, Circumstances(whole_school=True, lesson_now=True, vulnerable_household=True), 9, Priority.P1),
        (IDLE, Circumstances(workaround_given=True), 0, Priority.P4),
    ],
)
def test_the_score_is_the_base_and_its_additions(
    category: CategoryValues, now: Circumstances, points: int, priority: Priority
) -> None:
    routed = route(category, now)
    assert sum(each for _, each in routed.reasons) == points
    assert routed.priority is priority
    assert all(reason in REASONS for reason, _ in routed.reasons)


def test_the_reasons_name_the_base_first_and_then_each_addition() -> None:
    now = Circumstances(whole_school=True, within_24h=True, no_other_channel=True, workaround_given=True)
    assert route(ORDINARY, now).reasons == (
        ("base_P3", 2),
        ("school_or_settlement", 2),
        ("within_24h", 1),
        ("household", 1),
        ("workaround", -1),
    )


def test_a_ticket_raised_above_its_base_is_promised_the_profile_of_its_priority() -> None:
    assert route(ORDINARY, Circumstances(whole_school=True)).profile == "B"
    assert route(ORDINARY, Circumstances(whole_school=True, lesson_now=True)).profile == "A"


def test_nobody_is_promised_less_than_the_category_says() -> None:
    assert route(URGENT, Circumstances()).profile == "A"
    assert route(ORDINARY, Circumstances(workaround_given=True)).profile == "C"
    slow = CategoryValues("M05", Queue.METHODOLOGICAL, Priority.P3, "D")
    assert route(slow, Circumstances()).profile == "D"


@pytest.mark.parametrize("profile", ["E", "LAW", "CONTROL"])
def test_terms_of_provision_and_of_the_law_do_not_move_with_the_priority(profile: str) -> None:
    category = CategoryValues("C01", Queue.METHODOLOGICAL, Priority.P2, profile)
    routed = route(category, Circumstances(whole_school=True, lesson_now=True))
    assert (routed.priority, routed.profile) == (Priority.P1, profile)


def test_danger_makes_any_ticket_at_least_p1() -> None:
    routed = route(IDLE, Circumstances(danger=True))
    assert (routed.priority, routed.profile) == (Priority.P1, "A")
    assert routed.reasons[-1] == ("danger", 0)


@pytest.mark.parametrize(
    ("choice", "queue"),
    [(choice, Queue.TECHNICAL) for choice in (1, 2, 3, 4, 5, 6, 7)]
    + [(choice, Queue.METHODOLOGICAL) for choice in (8, 9, 10, 11, 12)]
    + [(None, Queue.TECHNICAL)],
)
def test_without_a_category_the_choice_of_the_form_picks_the_queue(choice: int | None, queue: Queue) -> None:
    routed = route(None, Circumstances(), choice=choice)
    assert (routed.queue, routed.priority, routed.profile, routed.level) == (queue, Priority.P3, "C", "L1")
    assert routed.reasons == (("no_category", 2),)


def test_without_a_category_the_key_that_the_caller_pressed_picks_the_queue() -> None:
    assert route(None, Circumstances(), queue=Queue.METHODOLOGICAL).queue is Queue.METHODOLOGICAL
    assert route(ORDINARY, Circumstances(), queue=Queue.METHODOLOGICAL).queue is Queue.TECHNICAL


def test_without_a_category_the_circumstances_count_all_the_same() -> None:
    assert route(None, Circumstances(lesson_now=True, whole_school=True)).priority is Priority.P1


@pytest.mark.parametrize(
    ("way", "level"),
    [
        ("L1 -> L2", "L1"),
        ("L0 -> L1 announcement", "L1"),
        ("L2 -> L3", "L2"),
        ("supervisor -> L2", "L2"),
        ("any level", "L1"),
        ("112 / 111 at once + supervisor", "L1"),
    ],
)
def test_work_starts_on_the_first_level_that_has_people(way: str, level: str) -> None:
    assert starting_level(way) == level


@pytest.mark.parametrize(
    ("wall", "morning", "end_of_quarter"),
    [
        ("2026-11-23 05:59", False, False),
        ("2026-11-23 06:00", True, False),
        ("2026-11-23 11:59", True, False),
        ("2026-11-23 12:00", False, False),
        ("2026-12-14 15:00", False, False),
        ("2026-12-15 15:00", False, True),
        ("2026-12-28 15:00", False, True),
        ("2026-12-29 15:00", False, False),
        ("2027-05-12 15:00", False, True),
    ],
)
def test_the_wall_clock_says_whether_it_is_morning_and_the_end_of_a_quarter(
    wall: str, morning: bool, end_of_quarter: bool
) -> None:
    now = by_the_clock(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo("Asia/Almaty")))
    assert now == Circumstances(in_morning=morning, last_weeks_of_quarter=end_of_quarter)


def test_a_condition_that_does_not_hold_changes_nothing() -> None:
    category = CategoryValues("T30", Queue.TECHNICAL, Priority.P3, "C", condition=Condition.LESSON_NOW)
    assert route(category, Circumstances()).reasons == (("base_P3", 2),)
