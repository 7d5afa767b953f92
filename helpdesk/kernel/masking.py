"""Numbers that open doors to a person — IIN, bank cards — covered in free text but for their last four digits."""

import re
from datetime import date

COVER = "•"
SHOWN = 4

# Digits in groups as people write them; what stands inside a word or a longer number is none of these.
_RUN = re.compile(r"(?<![\w•])\d(?:[ \u00a0\u202f-]?\d){11,18}(?!\w)")
_CENTURIES = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
_FIRST = tuple(range(1, 12))
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def masked(text: str) -> str:
    """The text with every IIN and card number covered. What passes no check digit stays: a ticket's or a contract's
    number must be read."""
    return _RUN.sub(_cover, text) if text else text


def has_numbers(text: str) -> bool:
    """Whether `masked` would cover something."""
    return masked(text) != text


def iins(text: str) -> list[str]:
    """Every IIN that stands in the text, digits alone."""
    found = (re.sub(r"\D", "", match[0]) for match in _RUN.finditer(text))
    return [digits for digits in found if is_iin(digits)]


def is_iin(digits: str) -> bool:
    """Whether these twelve digits are built like an IIN: a day of birth, a century, and the check digit.

    Weights 1–11, and 3–11, 1, 2 where the first remainder is 10; a second 10 is never issued. The weight 11 is 0
    modulo 11, so that a wrong eleventh digit is not noticed.
    """
    if len(digits) != 12 or digits[6] not in _CENTURIES:
        return False
    try:
        date(_CENTURIES[digits[6]] + int(digits[:2]), int(digits[2:4]), int(digits[4:6]))
    except ValueError:
        return False
    for weights in (_FIRST, _SECOND):
        rest = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 11
        if rest < 10:
            return rest == int(digits[11])
    return False


def is_card(digits: str) -> bool:
    """Whether these digits are a bank card's: 13–19 of them, of a payment system, and Luhn's sum is a whole ten."""
    if not 13 <= len(digits) <= 19 or digits[0] not in "23456" or len(set(digits)) == 1:
        return False
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(n - 9 if n > 9 else n for n in doubled)) % 10 == 0


def _cover(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    if not (is_iin(digits) or is_card(digits)):
        return found[0]
    return COVER * (len(digits) - SHOWN) + digits[-SHOWN:]
