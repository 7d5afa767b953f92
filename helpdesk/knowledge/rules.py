"""What an article is: for whom, in which languages, until when; and how it is looked for."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from itertools import combinations

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
# With no more telling words than these, one of them is enough.
FEW = 2
# What nearly every request says, so that it tells nothing about it.
_IN_EVERY_REQUEST = (
    "бала балам баламның баланы мектеп мектебі сабақ оқушы сынып мұғалім ата-ана керек қажет болады болмайды алмай "
    "отыр отырмыз тұр жоқ бар қалай неге қашан қайда айтыңызшы көмектесіңіз сәлеметсіз өтініш "
    "ребёнок ребёнка дети детей школа школе урок уроки ученик класс учитель родитель нужно надо можно может нельзя как "
    "почему когда где что помогите подскажите пожалуйста здравствуйте обращение заявка "
    "child children school lesson pupil class teacher parent need help please what how when where why request"
)


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
    mark = ":A" if heavy else ""
    return " | ".join(f"'{stem}'{mark}" for stems in _telling(text) for stem in stems)


def some_of(text: str) -> str:
    """A tsquery's text: enough of the words to be about the same. One that tells something where there are no more than
    two of them, else any two. "" for none."""
    groups = ["(" + " | ".join(f"'{stem}'" for stem in stems) + ")" for stems in _telling(text)]
    if len(groups) <= FEW:
        return " | ".join(groups)
    return " | ".join(f"({one} & {other})" for one, other in combinations(groups, 2))


def _telling(text: str) -> list[tuple[str, ...]]:
    """The stems of each word that tells one request from another: no numbers, nothing that stands in all of them."""
    read_so_far = (word.stems for word in read(text[:READ_OF_A_TEXT]))
    known = dict.fromkeys(
        tuple(stem for stem in stems if not stem.isdigit() and stem not in _untold()) for stems in read_so_far
    )
    return [stems for stems in known if stems][:MOST_TERMS]


@cache
def _untold() -> frozenset[str]:
    return frozenset(lexemes(_IN_EVERY_REQUEST))
