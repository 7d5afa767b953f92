"""The 98 categories that an installation starts with, and the twelve whose values are composed."""

from collections import Counter

import pytest

from helpdesk.routing.models import Category
from helpdesk.routing.queries import CHOICES
from helpdesk.routing.rules import EFFECTS, CategoryValues, Circumstances, Condition, Priority, Queue, route
from helpdesk.seeds.load import taxonomy
from helpdesk.seeds.profiles import PROFILES


def _values(row: dict[str, object]) -> CategoryValues:
    condition = row["condition"] and Condition(str(row["condition"]))
    typed = row | {
        "queue": Queue(str(row["queue"])),
        "base_priority": Priority(str(row["base_priority"])),
        "condition": condition,
    }
    return Category(**typed).values()


TAXONOMY = {str(row["code"]): _values(row) for row in taxonomy()}

# code: circumstances in which its condition holds, then base priority, profile and term of the law without and with it
TWELVE = {
    "T30": (Circumstances(lesson_now=True), ("P3", "C", None), ("P1", "A", None)),
    "T44": (Circumstances(), ("P1", "A", 1), ("P1", "A", 1)),
    "M02": (Circumstances(in_morning=True), ("P3", "A", None), ("P2", "A", None)),
    "M12": (Circumstances(last_weeks_of_quarter=True), ("P3", "C", None), ("P2", "C", None)),
    "M28": (Circumstances(danger=True), ("P2", "A", None), ("P1", "A", None)),
    "S01": (Circumstances(), ("P3", "E", None), ("P3", "E", None)),
    "C03": (Circumstances(written=True), ("P3", "D", None), ("P3", "LAW", None)),
    "C05": (Circumstances(written=True), ("P2", "B", None), ("P2", "B", 15)),
    "C09": (Circumstances(), ("P4", "LAW", 15), ("P4", "LAW", 15)),
    "O05": (Circumstances(), ("P0", "A", None), ("P0", "A", None)),
    "O06": (Circumstances(), ("P4", "D", None), ("P4", "D", None)),
    "O07": (Circumstances(), ("P3", "C", 3), ("P3", "C", 3)),
}


def test_there_are_98_categories_in_five_groups() -> None:
    assert len(TAXONOMY) == 98
    assert Counter(one.group for one in TAXONOMY.values()) == {
        "tech": 39, "meth": 29, "social": 11, "complaint": 12, "other": 7
    }  # fmt: skip


@pytest.mark.parametrize("code", sorted(TAXONOMY))
def test_every_category_is_routed_by_its_own_values(code: str) -> None:
    one = TAXONOMY[code]
    routed = route(one, Circumstances())
    assert one.name_kk
    assert one.name_ru
    assert one.name_en
    assert one.profile in {row["code"] for row in PROFILES}
    assert one.choice in CHOICES
    assert (routed.queue, routed.profile) == (one.queue, one.profile)
    assert routed.reasons[0][0] == f"base_{one.base_priority}"
    # a search without Kazakh letters, in small letters
    assert not set(one.search) & set("әғқңөұүһіёABCDEFTMSO")


def test_the_queue_rule_holds_for_every_code() -> None:
    technical = {"S01", "S02", "S03", "S04", "S05", "S09", "S11", "C06", "C11"}
    for code, one in TAXONOMY.items():
        expected = Queue.TECHNICAL if code[0] == "T" or code in technical else Queue.METHODOLOGICAL
        assert one.queue is expected, code


def test_exactly_twelve_categories_are_composed_and_each_has_its_own_condition() -> None:
    composed = {code: one.condition for code, one in TAXONOMY.items() if one.condition}
    assert set(composed) == set(TWELVE)
    assert set(composed.values()) == set(Condition) == set(EFFECTS)


@pytest.mark.parametrize("code", sorted(TWELVE))
def test_a_composed_category_has_its_base_and_its_conditional_values(code: str) -> None:
    holds, without, with_condition = TWELVE[code]
    for now, (base, profile, days) in ((Circumstances(), without), (holds, with_condition)):
        routed = route(TAXONOMY[code], now)
        assert routed.reasons[0][0] == f"base_{base}"
        assert routed.profile == profile
        assert routed.statutory_days == days


def test_a_lesson_that_runs_now_is_p1() -> None:
    assert route(TAXONOMY["T30"], Circumstances(lesson_now=True)).priority is Priority.P1


def test_support_for_somebody_in_danger_is_p1() -> None:
    assert route(TAXONOMY["M28"], Circumstances(danger=True)).priority is Priority.P1


def test_a_device_request_reaches_p2_by_its_score_alone() -> None:
    family = Circumstances(vulnerable_household=True)
    again = Circumstances(vulnerable_household=True, repeat_within_7_days=True)
    assert route(TAXONOMY["S01"], family).priority is Priority.P3
    assert route(TAXONOMY["S01"], again).priority is Priority.P2
    assert route(TAXONOMY["S01"], again).profile == "E"


def test_a_child_in_danger_is_p0_whatever_the_score() -> None:
    assert route(TAXONOMY["O05"], Circumstances(workaround_given=True)).priority is Priority.P0


def test_a_wrong_number_stays_p4_whatever_surrounds_it() -> None:
    assert route(TAXONOMY["O06"], Circumstances(lesson_now=True, whole_school=True)).priority is Priority.P4


@pytest.mark.parametrize("queue", list(Queue))
def test_a_complaint_about_a_desk_lies_in_the_queue_of_the_ticket_complained_about(queue: Queue) -> None:
    assert route(TAXONOMY["C05"], Circumstances(complained_about=queue)).queue is queue


def test_some_categories_are_seen_by_few() -> None:
    assert {code for code, one in TAXONOMY.items() if one.restricted} == {"M28", "C01", "C07", "T44", "S06"}


@pytest.mark.parametrize(
    ("choice", "codes"),
    [
        (1, "T03 T04 T05 T06 T07 T08"),
        (2, "T01 T02"),
        (3, "T10 T11 T12 T13 T14 T15"),
        (4, "T20 T21 T22 T23 T24 T25 S01 S02 S03 S04 S05"),
        (5, "T30 T31 T32 T33 T34 T35 T36"),
        (6, "T40 T41 T42 T43 M13"),
        (7, "T50 T51 T52 T53 M03"),
        (8, "M01 M02"),
        (9, "M04 M05 M06 M09 M10 M11 M12 M14 M15"),
        (10, "M07 M08"),
        (11, "C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 C11"),
    ],
)
def test_each_plain_choice_stands_for_its_categories(choice: int, codes: str) -> None:
    assert {code for code, one in TAXONOMY.items() if one.choice == choice} == set(codes.split())
