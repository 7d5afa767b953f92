"""What type-ahead fields of staff pages ask for: [{value, text, hint}]."""

from collections.abc import Iterable

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from helpdesk.kernel import phones
from helpdesk.kernel.i18n import gettext, language
from helpdesk.organizations.search import places, search_schools
from helpdesk.routing.queries import matching as matching_categories
from helpdesk.tickets import requesters
from helpdesk.tickets.labels import QUEUES, ROLES
from helpdesk.web.access import current, staff_only

door = Blueprint("suggestions", __name__)

LONGEST = 80


@door.get("/suggestions/categories")
@staff_only()
def categories() -> ResponseReturnValue:
    """Categories by code or by words, in any of the languages and however they are spelt."""
    found = matching_categories(_typed())
    return _answer((one.code, f"{one.code} {one.name(language())}", gettext(QUEUES[one.queue])) for one in found)


@door.get("/suggestions/schools")
@staff_only()
def schools() -> ResponseReturnValue:
    """Schools by number or name."""
    found = search_schools(_typed(), 8)
    where = places(found, language())
    return _answer((str(one.id), one.short(language()), where[one.id]) for one in found)


@door.get("/suggestions/contacts")
@staff_only()
def contacts() -> ResponseReturnValue:
    """People by their whole phone number, or by the beginning of their name."""
    found = requesters.matching(current(), _typed())
    return _answer(
        (
            str(one.id),
            ", ".join(part for part in (one.name, *(phones.shown(phone.number) for phone in one.phones[:1])) if part),
            gettext(ROLES[one.role]),
        )
        for one in found
    )


def _typed() -> str:
    return request.args.get("q", "").strip()[:LONGEST]


def _answer(found: Iterable[tuple[str, str, str]]) -> ResponseReturnValue:
    return jsonify([{"value": value, "text": text, "hint": hint} for value, text, hint in found])
