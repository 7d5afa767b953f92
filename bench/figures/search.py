"""An operator of a region searches: a rare word, a common one, a telephone, Kazakh typed without its letters."""

from urllib.parse import quote

import psycopg

from bench.figures.staff import signed_in
from bench.load import Visitor
from bench.places import OPERATOR
from bench.servers import Grounds

NAME = "search"
WHAT = "the search page: rare word, common word, telephone, Kazakh without its letters"
AIMS: dict[str, float] = {"p95 at 1": 100}

# Words of letters that the generator gives to few tickets, and telephones of people who have some; of the region.
_RARE = """
    SELECT substring(m.body FROM 'Логин: (\\w+)') FROM tickets t
    JOIN staff s ON lower(s.email) = %s JOIN staff_roles r ON r.staff_id = s.id
    JOIN messages m ON m.ticket_id = t.id AND m.body LIKE '%%Логин: %%'
    WHERE t.region_id = r.organization_id AND NOT t.category_code = ANY(%s) ORDER BY md5(t.number) LIMIT 200
"""
_PHONES = """
    SELECT p.number FROM tickets t
    JOIN staff s ON lower(s.email) = %s JOIN staff_roles r ON r.staff_id = s.id
    JOIN contact_phones p ON p.contact_id = t.contact_id
    WHERE t.region_id = r.organization_id AND NOT t.category_code = ANY(%s) ORDER BY md5(t.number) LIMIT 200
"""
_RESTRICTED = ["M28", "C01", "C07", "T44", "S06"]
_COMMON = ("сабақ", "интернет", "пароль", "урок", "учитель", "телефон")
_TYPED = ("мугалим", "окушылар", "купиясоз", "сыныбы", "кунделик кирмейди", "мектептеги")
LINE = "data-found-link"


def visitor(grounds: Grounds) -> Visitor:
    """An operator with an open session and things to look for."""
    one = signed_in(grounds)
    with psycopg.connect(grounds.conninfo) as connection:
        rare = [row[0] for row in connection.execute(_RARE, (OPERATOR, _RESTRICTED))]
        phones = [row[0] for row in connection.execute(_PHONES, (OPERATOR, _RESTRICTED))]
    one.numbers = [
        f"{step}\t{typed}"
        for four in zip(
            (("rare word", word) for word in rare),
            (("common word", _COMMON[place % len(_COMMON)]) for place in range(200)),
            (("telephone", number) for number in phones),
            (("Kazakh without its letters", _TYPED[place % len(_TYPED)]) for place in range(200)),
            strict=False,
        )
        for step, typed in four
    ]
    return one


def turn(one: Visitor, serial: int) -> None:
    """One page with hits."""
    step, _, typed = one.numbers[serial % len(one.numbers)].partition("\t")
    one.get(f"/search?q={quote(typed)}", step, 200, LINE)
