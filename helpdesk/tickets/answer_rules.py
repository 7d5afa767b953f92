"""Placeholders of canned answers: which there are, how they are filled, and what a text may not contain."""

import re
from collections.abc import Mapping
from enum import StrEnum

from helpdesk.kernel.i18n import N_


class AnswerMove(StrEnum):
    """What a macro does with the state of the ticket."""

    WAIT = "wait"
    RESOLVE = "resolve"


class AssignTo(StrEnum):
    """To whom a macro gives the ticket."""

    ME = "me"
    NOBODY = "nobody"


# Name and what it says; a text with any other name in braces is refused when it is saved.
PLACEHOLDERS: dict[str, str] = {
    "ticket.number": N_("number of the ticket"),
    "ticket.subject": N_("subject of the ticket"),
    "contact.name": N_("name of the requester"),
    "desk.name": N_("name of the desk"),
    "desk.hours": N_("opening hours of the desk"),
    "school.name": N_("name of the school"),
    "operator.name": N_("name of the operator"),
}
_PLACEHOLDER = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def unknown_placeholders(text: str) -> list[str]:
    """What stands in double braces and is no placeholder, and braces that are never closed, in their order."""
    found = [name or "{{}}" for name in _PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    rest = _PLACEHOLDER.sub("", text)
    return found + [sign for sign in ("{{", "}}") if sign in rest]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled, once: braces inside a value are words like any other.

    A value that is missing leaves nothing behind, and no space before a comma or full stop.
    """
    found = _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), text)
    return re.sub(r"[ \t]+(?=[,.!?;:])|[ \t]+$", "", re.sub(r"[ \t]{2,}", " ", found), flags=re.MULTILINE).strip()
