"""What an article is: for whom, in which languages, until when; and how it is looked for."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum

from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.kernel.words import lexemes, read

# Public articles are published in both of these or not at all.
OF_THE_STATE = ("kk", "ru")
# An article is due for review so long before it ends.
REVIEW_AHEAD = timedelta(days=14)
MOST_TERMS = 12
MOST_WORDS = 4_000
# Of a request so much is read to find articles that may answer it.
READ_OF_A_TEXT = 2_000


class Audience(StrEnum):
    """Who may read it."""

    PUBLIC = "public"
    STAFF = "staff"


class ArticleState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"


class ShownAt(StrEnum):
    """Where somebody met an article: in the help centre, or before sending the form."""

    HELP = "help"
    FORM = "form"


def languages_of(titles: Mapping[str, str], bodies: Mapping[str, str]) -> tuple[str, ...]:
    """The languages in which it is whole."""
    return tuple(code for code in LANGUAGES if titles[code].strip() and bodies[code].strip())


def best_language(wanted: str, known: Iterable[str]) -> str:
    """`wanted` where the article speaks it, else the first that it speaks; `wanted` where it speaks none."""
    found = tuple(known)
    return wanted if wanted in found or not found else found[0]


def is_valid(valid_from: date | None, valid_until: date | None, day: date) -> bool:
    """Whether it may be suggested on this day; both ends belong to it."""
    return (valid_from is None or valid_from <= day) and (valid_until is None or day <= valid_until)


def vector(titles: Iterable[str], bodies: Iterable[str]) -> str:
    """What an article is found by, as the text of a tsvector: titles and categories weigh A, the rest D."""
    heavy = {one for text in titles for one in lexemes(text)}
    light = {one for text in bodies for one in lexemes(text)} - heavy
    # without a place a word would fit every weight
    words = [f"'{one}':1A" for one in sorted(heavy)] + [f"'{one}':2" for one in sorted(light)]
    return " ".join(words[:MOST_WORDS])


def all_of(text: str) -> str:
    """A tsquery's text: every word that says something, by any of its stems. "" for none."""
    groups = [word.stems for word in read(text[:READ_OF_A_TEXT]) if word.stems][:MOST_TERMS]
    return " & ".join("(" + " | ".join(f"'{stem}'" for stem in stems) + ")" for stems in groups)


def any_of(text: str, heavy: bool = False) -> str:
    """A tsquery's text: any of the words; with `heavy` only where a title or a category has it. "" for none."""
    known = dict.fromkeys(stem for word in read(text[:READ_OF_A_TEXT]) for stem in word.stems)
    # numbers of schools and telephones are in no title on purpose
    return " | ".join(f"'{stem}'{':A' if heavy else ''}" for stem in [*known][:60] if not stem.isdigit())
