"""Finding a school by what people type: "905", "№905", "мектеп 905", "kaz gim"."""

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, case, func, literal_column, or_, select

from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from helpdesk.kernel.i18n import fold
from helpdesk.kernel.remembered import Remembered
from helpdesk.organizations.models import Organization
from helpdesk.organizations.rules import Kind

# Where somebody learns; a department is no answer to "which school?".
PLACES_OF_LEARNING = (Kind.SCHOOL, Kind.COLLEGE, Kind.UNIVERSITY, Kind.KINDERGARTEN, Kind.ADDITIONAL)

# What people write around the number, whatever the official name says.
_KIND_WORDS = {
    Kind.SCHOOL: "мектеп школа school",
    Kind.COLLEGE: "колледж college",
    Kind.UNIVERSITY: "университет university",
    Kind.KINDERGARTEN: "балабакша детский сад kindergarten",
}
_schools: Remembered[int, bool] = Remembered()
LONGEST = 700
MOST_WORDS = 8


def words(typed: str) -> list[str]:
    """Folded words of letters or of digits: "№905мектеп" is `905`, `мектеп`; look-alike signs and quotes are gone."""
    return re.findall(r"\d+|[^\W\d_]+", fold(typed))


def search_text(organization: Organization) -> str:
    """Every word by which an organization may be found, each once, the number first."""
    names = (
        organization.number or "",
        organization.short_kk,
        organization.short_ru,
        organization.short_en,
        _KIND_WORDS.get(organization.kind, ""),
        organization.name_kk,
        organization.name_ru,
        organization.name_en,
    )
    text = " ".join(dict.fromkeys(word for name in names for word in words(name)))
    return text if len(text) <= LONGEST else text[:LONGEST].rsplit(" ", 1)[0]


def search_schools(typed: str, limit: int = 20) -> Sequence[Organization]:
    """Places of learning in which every typed word begins some word of the name; an equal number comes first.

    When nothing fits all words but a number was typed, the number alone decides ("школе 905" is no form that names
    have). At most two statements.
    """
    wanted = words(typed)[:MOST_WORDS]
    numbers = [word for word in wanted if word.isdigit()]
    found = _matching(wanted, numbers, limit)
    if not found and numbers and len(numbers) < len(wanted):
        found = _matching(numbers, numbers, limit)
    return found


def places(schools: Sequence[Organization], language: str) -> dict[int, str]:
    """By id the full name of each, and who is above it: there is a school No. 12 in every city. One statement."""
    above = {one.parent_id for one in schools if one.parent_id is not None}
    query = select(Organization).where(Organization.id.in_(above))
    parents = {one.id: one.short(language) for one in session().scalars(query)} if above else {}
    return {one.id: ", ".join(filter(None, (one.name(language), parents.get(one.parent_id or 0)))) for one in schools}


def school(organization_id: int) -> Organization | None:
    """A place of learning by its id."""
    query = select(Organization).where(Organization.id == organization_id, Organization.kind.in_(PLACES_OF_LEARNING))
    return session().scalars(query).first()


def is_school(organization_id: int) -> bool:
    """Whether this is a place of learning; remembered for at most 30 s, because every form that is sent asks it."""
    return _schools.get(organization_id, lambda: school(organization_id) is not None)


def is_open() -> ColumnElement[bool]:
    """The condition that an organization has not been closed for good."""
    return or_(Organization.closed_on.is_(None), Organization.closed_on > clock.now().date())


def _matching(wanted: list[str], numbers: list[str], limit: int) -> Sequence[Organization]:
    if not wanted:
        return []
    # words() leaves letters and digits only, so nothing of the query language of tsquery can come through
    condition = literal_column("to_tsvector('simple', organizations.search)").op("@@")(
        func.to_tsquery("simple", " & ".join(f"{word}:*" for word in wanted))
    )
    exact = case((Organization.number.in_(numbers), 0), else_=1)
    query = select(Organization).where(condition, Organization.kind.in_(PLACES_OF_LEARNING), is_open())
    return session().scalars(query.order_by(exact, Organization.sort_key, Organization.id).limit(limit)).all()
