"""What a canned answer may contain, and how its placeholders are filled."""

import pytest

from helpdesk.tickets.answer_rules import PLACEHOLDERS, filled, unknown_placeholders


def test_every_placeholder_is_known_and_filled() -> None:
    text = " ".join("{{" + name + "}}" for name in PLACEHOLDERS)
    assert unknown_placeholders(text) == []
    assert filled(text, {name: name.upper() for name in PLACEHOLDERS}) == " ".join(PLACEHOLDERS).upper()


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("{{ticket.secret}}", ["ticket.secret"]),
        ("{{ contact.name }} {{contact.nmae}}", ["contact.nmae"]),
        ("{{}}", ["{{}}"]),
        ("{{ticket.number", ["{{"]),
        ("ticket.number}}", ["}}"]),
        ("{{ticket.number|safe}} {{config}}", ["ticket.number|safe", "config"]),
        ("{ticket.number} 100 % %(x)s {% if x %}", []),
    ],
)
def test_whatever_is_no_placeholder_is_found(text: str, unknown: list[str]) -> None:
    assert unknown_placeholders(text) == unknown


def test_a_value_with_braces_is_not_filled_again() -> None:
    assert (
        filled("{{contact.name}}!", {"contact.name": "{{ticket.number}}", "ticket.number": "1"}) == "{{ticket.number}}!"
    )


def test_a_value_that_is_missing_leaves_no_hole() -> None:
    assert filled("Сәлеметсіз бе, {{contact.name}}!\nНөмірі: {{ticket.number}}", {"ticket.number": "7"}) == (
        "Сәлеметсіз бе,!\nНөмірі: 7"
    )
