"""Made-up people: names drawn from lists, telephone numbers of a range that belongs to nobody."""

import json
from pathlib import Path
from random import Random

DEMO_PASSWORD = "demo-1450"  # noqa: S105  (of made-up people)

_LISTS = json.loads((Path(__file__).parent / "names.json").read_text(encoding="utf-8"))


def person(language: str, dice: Random) -> str:
    """First name and surname that go with the language spoken, the surname in the form that fits."""
    woman = dice.random() < 0.7
    first = dice.choice(_LISTS[f"{'kk' if language == 'kk' else 'ru'}_{'f' if woman else 'm'}"])
    surname = dice.choice(_LISTS["surnames"])
    if woman and surname.endswith(("ов", "ев", "ин")):
        surname += "а"
    return f"{first} {surname}"


def phone(serial: int) -> str:
    """+7 709: unassigned, nobody can be called by mistake."""
    return f"+7709{serial:07d}"
