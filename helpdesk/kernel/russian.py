"""Stems of Russian words: Snowball's algorithm (snowballstem.org/algorithms/russian/stemmer.html), as in PostgreSQL.

Here instead of in the database, so that one and the same pipeline reads documents, queries and what is highlighted; a
test holds it against PostgreSQL's own `russian_stem`.
"""

_VOWELS = frozenset("аеиоуыэюя")


def _longest_first(words: str) -> tuple[str, ...]:
    return tuple(sorted(words.split(), key=len, reverse=True))


# What counts only after а or я, and what counts everywhere.
_GERUND_AFTER, _GERUND = _longest_first("в вши вшись"), _longest_first("ив ивши ившись ыв ывши ывшись")
_ADJECTIVE = _longest_first("ее ие ые ое ими ыми ей ий ый ой ем им ым ом его ого ему ому их ых ую юю ая яя ою ею")
_PARTICIPLE_AFTER, _PARTICIPLE = _longest_first("ем нн вш ющ щ"), _longest_first("ивш ывш ующ")
_VERB_AFTER = _longest_first("ла на ете йте ли й л ем н ло но ет ют ны ть ешь нно")
_VERB = _longest_first(
    "ила ыла ена ейте уйте ите или ыли ей уй ил ыл им ым ен ило ыло ено ят ует уют ит ыт ены ить ыть ишь ую ю"
)
_NOUN = _longest_first(
    "а ев ов ие ье е иями ями ами еи ии и ией ей ой ий й иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я"
)


def stem(word: str) -> str:
    """The stem of a word in small letters, without ё."""
    start = next((place + 1 for place, letter in enumerate(word) if letter in _VOWELS), len(word))
    second = _region(word, _region(word, 0))
    head, rest = word[:start], word[start:]
    shorter = _without(rest, _GERUND, _GERUND_AFTER)
    if shorter is None:
        plain = _cut(rest, ("ся", "сь"))
        rest = rest if plain is None else plain
        adjective = _cut(rest, _ADJECTIVE)
        if adjective is not None:
            participle = _without(adjective, _PARTICIPLE, _PARTICIPLE_AFTER)
            rest = adjective if participle is None else participle
        else:
            verb = _without(rest, _VERB, _VERB_AFTER)
            noun = _cut(rest, _NOUN) if verb is None else verb
            rest = rest if noun is None else noun
    else:
        rest = shorter
    rest = rest.removesuffix("и")
    found = head + rest
    for ending in ("ость", "ост"):
        if found.endswith(ending) and len(found) - len(ending) >= max(second, start):
            found = found[: -len(ending)]
            break
    head, rest = found[:start], found[start:]
    for ending in ("ейше", "ейш"):
        if rest.endswith(ending):
            rest = rest[: -len(ending)]
            return head + (rest[:-1] if rest.endswith("нн") else rest)
    if rest.endswith("нн"):
        return head + rest[:-1]
    return head + rest.removesuffix("ь")


def _region(word: str, start: int) -> int:
    """Where the part after the first consonant that follows a vowel begins, counted from `start`."""
    for place in range(start + 1, len(word)):
        if word[place] not in _VOWELS and word[place - 1] in _VOWELS:
            return place + 1
    return len(word)


def _cut(text: str, endings: tuple[str, ...]) -> str | None:
    return next((text[: -len(ending)] for ending in endings if text.endswith(ending)), None)


def _without(text: str, anywhere: tuple[str, ...], after: tuple[str, ...]) -> str | None:
    """The longest ending decides, as in Snowball: one that wants а or я before it and has none ends the search."""
    for ending in sorted((*anywhere, *after), key=len, reverse=True):
        if not text.endswith(ending):
            continue
        shorter = text[: -len(ending)]
        if ending in anywhere or shorter.endswith(("а", "я")):
            return shorter
        return None
    return None
