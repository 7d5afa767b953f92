"""Rows that every installation starts with: SLA profiles, categories, national days."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert

from helpdesk.kernel import clock
from helpdesk.kernel.db import Base, session
from helpdesk.kernel.i18n import fold
from helpdesk.routing import queries as routing
from helpdesk.routing.models import Category
from helpdesk.seeds.national_days import national_days
from helpdesk.seeds.profiles import PROFILES
from helpdesk.sla import queries as sla
from helpdesk.sla.models import Holiday, SlaProfile

TAXONOMY = Path(__file__).with_name("taxonomy.json")


def load_reference() -> None:
    """Insert what is missing and leave alone what is there: administrators edit these rows. May run again any time.

    National days from last year to two years ahead, so that running it each year keeps them coming. Runs inside the
    caller's transaction.
    """
    year = clock.now().year
    _insert_missing(SlaProfile, list(PROFILES))
    _insert_missing(Category, taxonomy())
    _insert_missing(Holiday, list(national_days(range(year - 1, year + 3))))
    sla.forget()
    routing.forget()


def taxonomy() -> list[dict[str, Any]]:
    """The 98 categories as rows."""
    return [_category(entry) for entry in json.loads(TAXONOMY.read_text(encoding="utf-8"))]


def _category(entry: dict[str, Any]) -> dict[str, Any]:
    words = (entry["code"], entry["kk"], entry["ru"], entry["en"], entry["synonyms"])
    return {
        "code": entry["code"],
        "group": entry["group"],
        "name_kk": entry["kk"],
        "name_ru": entry["ru"],
        "name_en": entry["en"],
        "queue": entry["queue"],
        "base_priority": entry["priority"],
        "profile": entry["profile"],
        "level": entry["level"],
        "condition": entry["condition"],
        "fields": ", ".join(entry["fields"]),
        "choice": entry["choice"],
        "search": fold(" ".join(words)),
        "extra": {"restricted": True} if entry["restricted"] else {},
    }


def _insert_missing(model: type[Base], rows: list[dict[str, Any]]) -> None:
    table = model.__table__
    assert isinstance(table, Table)
    session().execute(insert(table).on_conflict_do_nothing(), rows)
