"""Kinds of values, written as a few words ("integer 1..600", "one of GET|POST"), and what is wrong with a value.

string              any text; "string ..64" at most 64 characters
integer             a whole number; "integer 1..600", "integer ..600"
number, boolean     boolean is true or false
one of A|B          one of the words
words of A|B        some of the words, spaces between
list of KIND        a field that may come several times
sid CA|SM           two letters and 32 hexadecimal digits
KIND or WORD        the same, or this word
uri                 an absolute http(s) address whose host has no underscore, or nothing
address             the same, or relative to the document
date, date-time     as in ISO 8601; a date-time may be a date
endpoint            a telephone number, client:NAME, sip:NAME or app:NAME
phone-number        a telephone number, or CHANNEL:ADDRESS
sender              the same, or an alphanumeric sender
key                 one key of a telephone, or nothing
keys                what can be pressed on a telephone, with w and W for pauses
voice               a name of a voice of <Say>
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache

Problem = str | None
Checker = Callable[[str], Problem]

NO_END = 10**12
HEX = "[0-9a-fA-F]{32}"
URI = re.compile(r"https?://(?:[^\s/?#@]*@)?[^\s/?#@_]+(?:[/?#]\S*)?")
TELEPHONE = r"\+[1-9]\d{6,14}|\d{3,6}"
CHANNEL = r"[a-z]+:\S+"
SENDER = r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9 ]{1,11}"


def problem(kind: str, value: str) -> Problem:
    """What is wrong with a value of that kind, in words that follow the value; None when it is right."""
    return checker(kind)(value)


@cache
def checker(kind: str) -> Checker:
    """The check of a kind. Raises ValueError for a kind that does not exist."""
    if kind in SIMPLE:
        return SIMPLE[kind]
    if " or " in kind:
        other, _, word = kind.rpartition(" or ")
        return _or(checker(other), word)
    name, _, rest = kind.partition(" ")
    if name in ("string", "integer") and (found := re.fullmatch(r"(\d*)\.\.(\d*)", rest)):
        least, most = int(found[1] or 0), int(found[2] or NO_END)
        return _length(most) if name == "string" else _range(least, most)
    if kind.startswith("one of "):
        return _one_of(tuple(kind.removeprefix("one of ").split("|")))
    if kind.startswith("words of "):
        return _words_of(frozenset(kind.removeprefix("words of ").split("|")))
    if name == "sid":
        return _pattern(f"(?:{rest}){HEX}", f"is no sid {rest}…")
    if kind.startswith("list of "):
        return checker(kind.removeprefix("list of "))
    raise ValueError(f"there is no kind {kind!r}")


def _right(value: str) -> Problem:
    return None


def _pattern(pattern: str, otherwise: str) -> Checker:
    matches = re.compile(pattern).fullmatch
    return lambda value: None if matches(value) else otherwise


def _or(other: Checker, word: str) -> Checker:
    return lambda value: None if value == word else other(value)


def _length(most: int) -> Checker:
    return lambda value: None if len(value) <= most else f"has {len(value)} characters, more than {most}"


def _range(least: int, most: int) -> Checker:
    otherwise = f"is not in {least}..{most}" if most < NO_END else f"is less than {least}"

    def check(value: str) -> Problem:
        if not (value.isascii() and value.isdigit()):
            return "is no whole number"
        return None if least <= int(value) <= most else otherwise

    return check


def _one_of(words: tuple[str, ...]) -> Checker:
    known = frozenset(words)
    return lambda value: None if value in known else f"is not one of {', '.join(words)}"


def _words_of(known: frozenset[str]) -> Checker:
    def check(value: str) -> Problem:
        if value in known:
            return None
        unknown = set(value.split()) - known
        if unknown:
            return f"has {', '.join(sorted(unknown))}, which is none of {', '.join(sorted(known))}"
        return None if value.strip() else "names nothing"

    return check


def _uri(value: str) -> Problem:
    return None if not value or URI.fullmatch(value) else "is no absolute http(s) address"


def _address(value: str) -> Problem:
    if any(character.isspace() for character in value):
        return "has a space in it"
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", value)
    return _uri(value) if scheme else None


def _number(value: str) -> Problem:
    try:
        float(value)
    except ValueError:
        return "is no number"
    return None


def _date(value: str) -> Problem:
    try:
        date.fromisoformat(value)
    except ValueError:
        return "is no date (2026-11-23)"
    return None


def _moment(value: str) -> Problem:
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "is no date and time (2026-11-23T05:00:00Z)"
    return None


SIMPLE: dict[str, Checker] = {
    "string": _right,
    "integer": _pattern(r"-?\d{1,12}", "is no whole number"),
    "number": _number,
    "boolean": _one_of(("true", "false")),
    "uri": _uri,
    "address": _address,
    "date": _date,
    "date-time": _moment,
    "endpoint": _pattern(rf"{TELEPHONE}|client:\S+|sips?:\S+|app:\S+", "is no telephone number, client or sip address"),
    "phone-number": _pattern(rf"{TELEPHONE}|{CHANNEL}", "is no telephone number"),
    "dialled": _pattern(r"(\+?\d[\d ().-]{1,20})?", "is no telephone number"),
    "sender": _pattern(rf"{TELEPHONE}|{CHANNEL}|{SENDER}", "is no telephone number and no alphanumeric sender"),
    "keys": _pattern(r"[0-9A-D#*wW]*", "has something that no telephone can press"),
    "key": _pattern(r"[0-9#*]?", "is not one key or nothing"),
    "voice": _pattern(r"man|woman|alice|(Polly|Google)\.[\w-]+", "is no voice"),
}
