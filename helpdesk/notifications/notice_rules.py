"""What staff are told of, why, in which way, and how often by letter."""

import re
from collections.abc import Mapping
from datetime import time, timedelta
from enum import StrEnum


class NoticeKind(StrEnum):
    MENTIONED = "mentioned"
    ASSIGNED = "assigned"
    HEARD = "heard"
    NOTED = "noted"
    CHANGED = "changed"
    BREACHED = "breached"
    ACKNOWLEDGED = "acknowledged"
    SENT_BACK = "sent_back"
    UNACKNOWLEDGED = "unacknowledged"


class Why(StrEnum):
    """Why this person is told."""

    NAMED = "named"
    HOLDER = "holder"
    WATCHER = "watcher"
    SENDER = "sender"


class NoticeWay(StrEnum):
    """Not at all; in the list of the pages; there and by letter."""

    OFF = "off"
    PAGES = "pages"
    LETTER = "letter"


# Until somebody chooses: by letter only what was meant for this one person and waits for them.
USUAL: dict[NoticeKind, NoticeWay] = dict.fromkeys(NoticeKind, NoticeWay.PAGES) | {
    NoticeKind.MENTIONED: NoticeWay.LETTER,
    NoticeKind.SENT_BACK: NoticeWay.LETTER,
}

# One letter a person in this time, with all that gathered; the first one waits a moment for its company.
BUNDLED = timedelta(minutes=15)
GATHERS = timedelta(minutes=1)
# By the wall clock; what comes at night stands in one letter of the morning.
LETTERS_FROM, LETTERS_TO = time(8), time(20)
MOST_IN_A_LETTER = 20
# What was read is kept this long.
KEPT = timedelta(days=90)

_AT = re.compile(r"(?<![\w.])@")


def mentioned(text: str, people: Mapping[int, str]) -> set[int]:
    """Whom a text names: `@` and a whole name, or a first name that only one of `people` has.

    An address of e-mail mentions nobody.
    """
    whole = {id_: " ".join(name.split()).casefold() for id_, name in people.items()}
    folded = " ".join(text.split()).casefold()
    found: set[int] = set()
    for mark in _AT.finditer(folded):
        rest = folded[mark.end() :]
        named = [id_ for id_, name in whole.items() if _begins(rest, name)]
        if not named:
            named = [id_ for id_, name in whole.items() if _begins(rest, name.split(" ")[0])]
            named = named if len(named) == 1 else []
        found.update(named)
    return found


def _begins(text: str, name: str) -> bool:
    return bool(name) and text.startswith(name) and not text[len(name) : len(name) + 1].isalnum()
