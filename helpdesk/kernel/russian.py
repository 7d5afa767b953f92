"""Stems of Russian words: Snowball's algorithm (snowballstem.org/algorithms/russian/stemmer.html), as in PostgreSQL.

Here instead of in the database, so that one and the same pipeline reads documents, queries and what is highlighted; a
test holds it against PostgreSQL's own `russian_stem`.
"""

_VOWELS = frozenset("аеиоуыэюя")


# Endings by length; True for those that count only after а or я.
_Endings = tuple[tuple[int, dict[str, bool]], ...]


def _endings(anywhere: str, after: str = "") -> _Endings:
    by_length: dict[int, dict[str, bool]] = {}
    for words, wants in ((after, True), (anywhere, False)):
        for word in words.split():
            by_length.setdefault(len(word), {})[word] = wants
    return tuple(sorted(by_length.items(), reverse=True))


_GERUND = _endings("ив ивши ившись ыв ывши ывшись", "в вши вшись")
_REFLEXIVE = _endings("ся сь")
_ADJECTIVE = _endings("ее ие ые ое ими ыми ей ий ый ой ем им ым ом его ого ему ому их ых ую юю ая яя ою ею")
_PARTICIPLE = _endings("ивш ывш ующ", "ем нн вш ющ щ")
_VERB = _endings(
    "ила ыла ена ейте уйте ите или ыли ей уй ил ыл им ым ен ило ыло ено ят ует уют ит ыт ены ить ыть ишь ую ю",
    "ла на ете йте ли й л ем н ло но ет ют ны ть ешь нно",
)
_NOUN = _endings(
    "а ев ов ие ье е иями ями ами еи ии и ией ей ой ий й иям ям ием ем ам ом о у ах иях ях ы ь ию ью ю ия ья я"
)


def stem(word: str) -> str:
    """The stem of a word in small letters, without ё."""
    start = next((place + 1 for place, letter in enumerate(word) if letter in _VOWELS), len(word))
    second = _region(word, _region(word, 0))
    head, rest = word[:start], word[start:]
    shorter = _cut(rest, _GERUND)
    if shorter is None:
        plain = _cut(rest, _REFLEXIVE)
        rest = rest if plain is None else plain
        adjective = _cut(rest, _ADJECTIVE)
        if adjective is not None:
            participle = _cut(adjective, _PARTICIPLE)
            rest = adjective if participle is None else participle
        else:
            verb = _cut(rest, _VERB)
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


def _cut(text: str, endings: _Endings) -> str | None:
    """Without the longest ending, as in Snowball: one that wants а or я before it and has none ends the search."""
    for length, known in endings:
        wants = known.get(text[-length:]) if length <= len(text) else None
        if wants is not None:
            shorter = text[:-length]
            return shorter if not wants or shorter.endswith(("а", "я")) else None
    return None
