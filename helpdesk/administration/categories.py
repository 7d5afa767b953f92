"""Categories, edited by the administrators at the top of the tree: they hold for every desk."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from helpdesk.administration.queries import governs_all
from helpdesk.audit import journal
from helpdesk.audit.actor import staff
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import session
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.kernel.i18n import N_, fold
from helpdesk.routing.models import Category
from helpdesk.routing.queries import CHOICES
from helpdesk.routing.rules import Priority

LONGEST_NAME, LONGEST_FIELDS, LONGEST_SEARCH = 120, 200, 400


def all_categories() -> Sequence[Category]:
    """Every category, also those that are switched off, by code."""
    return session().scalars(select(Category).order_by(Category.code)).all()


def category_for(asker: Asker, code: str, lock: bool = False) -> Category:
    """One category to be edited. Raises NotFound, also for who administers only a part of the tree."""
    if not governs_all(asker):
        raise NotFound
    found = session().get(Category, code, with_for_update=True if lock else None, populate_existing=lock)
    if found is None:
        raise NotFound
    return found


def save(asker: Asker, code: str, given: Mapping[str, str]) -> Category:
    """Names, first priority, what is asked besides, the parents' choice, on or off. Raises Refused naming the field.

    Tickets that were opened before stay as they are.
    """
    category = category_for(asker, code, lock=True)
    names = {f"name_{one}": " ".join(given.get(f"name_{one}", "").split()) for one in ("kk", "ru", "en")}
    for field, name in names.items():
        if not name:
            raise Refused(N_("Enter the name in all three languages"), field)
        if len(name) > LONGEST_NAME:
            raise Refused(N_("This name is too long"), field)
    priority = given.get("base_priority", "")
    if priority not in Priority.__members__.values():
        raise Refused(N_("Choose a priority"), "base_priority")
    fields = ", ".join(
        dict.fromkeys(" ".join(one.split()) for one in given.get("fields", "").split(",") if one.strip())
    )
    if len(fields) > LONGEST_FIELDS:
        raise Refused(N_("These are too many"), "fields")
    choice = given.get("choice", "")
    if choice and choice not in map(str, CHOICES):
        raise Refused(N_("Choose one of the list"), "choice")
    values = names | {
        "base_priority": Priority(priority),
        "fields": fields,
        "choice": int(choice) if choice else None,
        "search": _search(category, names, given.get("synonyms", "")),
        "extra": {**{key: value for key, value in category.extra.items() if key != "off"}, **_off(given)},
    }
    changed = sorted(name for name, value in values.items() if getattr(category, name) != value)
    for name in changed:
        setattr(category, name, values[name])
    session().flush()
    if changed:
        journal.note("category.changed", by=staff(asker.id), code=code, fields=changed)
    return category


def synonyms(category: Category) -> str:
    """Words by which a category is found beside its code and names."""
    own = set(fold(f"{category.code} {category.name_kk} {category.name_ru} {category.name_en}").split())
    return " ".join(word for word in dict.fromkeys(category.search.split()) if word not in own)


def _search(category: Category, names: Mapping[str, str], typed: str) -> str:
    words = fold(" ".join((category.code, *names.values(), typed))).split()
    text = " ".join(dict.fromkeys(words))
    if len(text) > LONGEST_SEARCH:
        raise Refused(N_("These are too many"), "synonyms")
    return text


def _off(given: Mapping[str, str]) -> dict[str, bool]:
    return {} if given.get("on") == "1" else {"off": True}
