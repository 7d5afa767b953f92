import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.tickets.rules import MOVES, TicketState, check_digit, read_ticket_number, sources, ticket_number


def test_a_number_shows_the_year_the_serial_and_a_check_digit() -> None:
    assert ticket_number(2026, 123) == "26-000123-" + check_digit("26000123")


@given(st.integers(2020, 2099), st.integers(1, 9_999_999))
def test_a_number_is_read_back_however_it_was_typed(year: int, serial: int) -> None:
    number = ticket_number(year, serial)
    digits = number.replace("-", "")
    assert read_ticket_number(number) == number
    assert read_ticket_number(f" № {digits[:2]} {digits[2:5]} {digits[5:]} ") == number


@given(st.integers(1, 999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(serial: int, place: int, shift: int) -> None:
    digits = ticket_number(2026, serial).replace("-", "")
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert read_ticket_number(wrong) is None


@given(st.integers(1, 999_999), st.integers(0, 7))
def test_two_neighbours_swapped_are_always_noticed(serial: int, place: int) -> None:
    digits = ticket_number(2026, serial).replace("-", "")
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    assert swapped == digits or read_ticket_number(swapped) is None


@pytest.mark.parametrize("raw", ["", "12", "hello", "26-000123"])
def test_what_is_no_number_is_none(raw: str) -> None:
    assert read_ticket_number(raw) is None


def test_every_state_has_a_way_on_and_every_move_leads_to_a_state_of_the_table() -> None:
    assert set(MOVES) == set(TicketState)
    for state, target in itertools.product(TicketState, TicketState):
        assert (state in sources(target)) == (target in MOVES[state])
    assert all(MOVES.values())
