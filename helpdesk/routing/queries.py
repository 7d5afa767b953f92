"""Categories and the form's twelve choices, remembered for at most 30 s."""

from sqlalchemy import select

from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.i18n import N_, fold
from helpdesk.kernel.remembered import Remembered
from helpdesk.routing.models import Category
from helpdesk.routing.rules import CategoryValues, left_out

# What a parent sees instead of 98 categories. The numbers are data: categories name the choice that they belong to.
CHOICES: dict[int, str] = {
    1: N_("I cannot sign in"),
    2: N_("The platform does not work"),
    3: N_("Internet, connection"),
    4: N_("Device, modem"),
    5: N_("Online lesson, sound, video"),
    6: N_("E-journal, marks"),
    7: N_("TV, radio, post"),
    8: N_("Timetable, is today remote"),
    9: N_("Homework, assessments, exam"),
    10: N_("Consultation with a teacher"),
    11: N_("Complaint, proposal"),
    12: N_("Something else"),
}

_categories: Remembered[str, dict[str, CategoryValues]] = Remembered()


def forget() -> None:
    """Read the categories anew: they were edited."""
    _categories.forget()


def category(code: str) -> CategoryValues:
    """The category with this code. Raises NotFound."""
    known = _known()
    if code not in known:
        raise NotFound(f"category {code}")
    return known[code]


def categories() -> tuple[CategoryValues, ...]:
    """All categories by code."""
    return tuple(_known().values())


def choices() -> dict[int, str]:
    """The plain choices of the form by number; the texts are msgids."""
    return dict(CHOICES)


def matching(typed: str, limit: int = 12) -> list[CategoryValues]:
    """Categories in which every typed word begins some word of their names or synonyms, or their code; best 12.

    Those that are switched off are not found.

    When there is none, words with letters left out are forgiven: "куписоз" finds "құпиясөз".
    """
    words = fold(typed).split()
    known = [one for one in categories() if not one.off]
    found = [one for one in known if all(f" {word}" in f" {one.search}" for word in words)]
    if not found:
        found = [one for one in known if all(_almost_in(word, one.search) for word in words)]
    return found[:limit]


def _almost_in(typed: str, search: str) -> bool:
    return any(left_out(typed, word) <= len(typed) // 4 for word in search.split())


def _known() -> dict[str, CategoryValues]:
    return _categories.get("all", lambda: {row.code: row.values() for row in _rows()})


def _rows() -> list[Category]:
    return list(session().scalars(select(Category).order_by(Category.code)))
