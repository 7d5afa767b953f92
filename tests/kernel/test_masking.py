"""IIN and card numbers are covered wherever they stand in free text; every other number stays as it was written."""

import pytest

from helpdesk.kernel.masking import has_numbers, is_card, is_iin, masked

IIN = "850101100012"
SECOND_PASS = "850101100304"
CARD = "4111111111111111"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"ЖСН {IIN}, кіре алмаймын", "ЖСН ••••••••0012, кіре алмаймын"),
        (f"ИИН:{SECOND_PASS}.", "ИИН:••••••••0304."),
        ("ИИН 850101 100012", "ИИН ••••••••0012"),
        (f"карта {CARD}", "карта ••••••••••••1111"),
        ("карта 4111 1111 1111 1111 до 12/27", "карта ••••••••••••1111 до 12/27"),
        ("4111-1111-1111-1111", "••••••••••••1111"),
        (f"{IIN} және {CARD}", "••••••••0012 және ••••••••••••1111"),
    ],
)
def test_what_identifies_a_person_is_covered_but_for_four_digits(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert has_numbers(text)
    assert masked(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26-000123-4",
        "8 701 123 45 67 немесе +7 (701) 123-45-67",
        "850101100013",  # a wrong check digit
        "851301100012",  # no thirteenth month
        "850101900012",  # no such century
        "85010110033",  # eleven digits
        "4111111111111112",
        "0000000000000000",
        f"x{IIN}",
        "1234567890123456789012",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert masked(text) == text
    assert not has_numbers(text)


def test_the_check_digit_takes_its_second_pass_and_some_numbers_are_never_issued() -> None:
    assert is_iin(IIN)
    assert is_iin(SECOND_PASS)
    assert not any(is_iin(f"85010110033{digit}") for digit in range(10))


def test_a_card_is_known_by_its_sum() -> None:
    assert is_card("5555555555554444")
    assert not is_card("5555555555554445")
    assert not is_card("9" * 16)
