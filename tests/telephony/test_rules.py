"""States and moves: the tables hold together."""

from enum import StrEnum
from itertools import permutations

import pytest

from helpdesk.telephony.rules import (
    CALL_MOVES,
    ENTRY_MOVES,
    LEG_RANK,
    LIVE_LEG,
    OFFER_MOVES,
    PRESENCE_MOVES,
    LegState,
    counts,
    sources,
)

TABLES = [CALL_MOVES, ENTRY_MOVES, OFFER_MOVES, PRESENCE_MOVES]


@pytest.mark.parametrize("moves", TABLES)
def test_every_state_is_in_its_table_and_can_be_reached(moves: dict[StrEnum, frozenset[StrEnum]]) -> None:
    states = set(type(next(iter(moves))))
    assert set(moves) == states
    reached = set().union(*moves.values()) | {next(iter(states & set(moves)))}
    start = next(iter(type(next(iter(moves)))))
    assert reached | {start} == states


@pytest.mark.parametrize("moves", TABLES)
def test_sources_are_the_table_read_backwards(moves: dict[StrEnum, frozenset[StrEnum]]) -> None:
    for target in moves:
        assert sources(moves, target) == {state for state in moves if target in moves[state]}


def test_in_whatever_order_reports_come_the_first_end_stands() -> None:
    reports = [LegState.INITIATED, LegState.RINGING, LegState.IN_PROGRESS, LegState.COMPLETED, LegState.BUSY]
    for order in permutations(reports):
        state = LegState.QUEUED
        for report in order:
            state = report if counts(state, report) else state
        first_end = next(report for report in order if report not in LIVE_LEG)
        assert state is first_end
    assert set(LEG_RANK) == set(LegState)
