"""Whom we ask whether they are satisfied, and how long they may answer."""

from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.tickets.opinion_rules import may_answer, may_ask

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("category", "resolution", "days_ago", "asked"),
    [
        ("T03", "solved", None, True),
        (None, "answered", None, True),
        ("T03", "solved", 30, True),
        ("T03", "solved", 29, False),
        ("T03", "spam", None, False),
        ("T03", "not_reached", None, False),
        *((code, "solved", None, False) for code in ("M28", "C01", "C07", "T44", "S06", "O05")),
    ],
)
def test_nobody_is_asked_twice_a_month_or_about_what_is_restricted(
    category: str | None, resolution: str, days_ago: int | None, asked: bool
) -> None:
    before = NOW - timedelta(days=days_ago) if days_ago is not None else None
    assert may_ask(category, resolution, before, NOW) is asked


def test_an_answer_may_be_given_for_thirty_days_and_changed_for_seven() -> None:
    asked = NOW - timedelta(days=29)
    assert may_answer(asked, None, NOW)
    assert not may_answer(asked, None, NOW + timedelta(days=1))
    assert may_answer(asked, NOW, NOW + timedelta(days=6, hours=23))
    assert not may_answer(asked, NOW, NOW + timedelta(days=7))
