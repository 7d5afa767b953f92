"""Which promises are left when two tickets become one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from helpdesk.tickets.rules import Resolution, TicketState
from helpdesk.tickets.tie_rules import Clocks, combined

TEN = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def hour(n: float) -> datetime:
    return TEN + timedelta(hours=n)


OURS = Clocks(TEN, TicketState.OPEN, first_response_due_at=hour(4), resolution_due_at=hour(30))
THEIRS = Clocks(hour(1), TicketState.NEW, first_response_due_at=hour(3), resolution_due_at=hour(40))


def going_on(paused: Clocks) -> Clocks:
    left = paused.resolution_left or 0
    return replace(paused, paused_at=None, resolution_left=None, resolution_due_at=hour(2) + timedelta(seconds=left))


def test_of_every_two_promises_the_earlier_one_is_kept() -> None:
    both = combined(OURS, THEIRS, True, going_on)
    assert (both.first_response_due_at, both.resolution_due_at) == (hour(3), hour(30))
    assert both.first_responded_at is None


def test_what_was_settled_owes_nothing_any_more() -> None:
    settled = replace(THEIRS, state=TicketState.RESOLVED, resolution=Resolution.SOLVED, resolved_at=hour(2))
    assert combined(OURS, settled, True, going_on) == OURS


def test_an_answer_after_both_had_asked_answers_both_of_the_same_person() -> None:
    answered = replace(THEIRS, first_responded_at=hour(2))
    both = combined(OURS, answered, True, going_on)
    assert both.first_responded_at == hour(2)
    assert both.resolution_due_at == hour(30)


def test_an_answer_before_the_second_question_answers_only_the_first() -> None:
    both = combined(replace(OURS, first_responded_at=hour(0.5)), THEIRS, True, going_on)
    assert both.first_responded_at == hour(0.5)
    assert both.resolution_due_at == hour(3), "the open question is owed by its own moment"


def test_an_answer_to_one_person_is_none_to_another() -> None:
    both = combined(replace(OURS, first_responded_at=hour(2)), THEIRS, False, going_on)
    assert both.resolution_due_at == hour(3)
    both = combined(OURS, replace(THEIRS, first_responded_at=hour(2)), False, going_on)
    assert both.first_responded_at is None
    assert both.first_response_due_at == hour(4)


def test_one_that_runs_makes_both_run_and_two_that_wait_go_on_waiting() -> None:
    waits = replace(
        OURS, state=TicketState.WAITING_REQUESTER, first_responded_at=hour(1.5), paused_at=hour(2), resolution_left=3600
    )
    both = combined(waits, replace(THEIRS, first_responded_at=hour(2)), True, going_on)
    assert (both.state, both.paused_at, both.resolution_due_at) == (TicketState.OPEN, None, hour(3))
    other = replace(waits, asked_at=hour(1), resolution_left=1800)
    both = combined(waits, other, True, going_on)
    assert (both.state, both.paused_at, both.resolution_left) == (TicketState.WAITING_REQUESTER, hour(2), 1800)
