"""Where the words of a search stand in a text: pieces of it to be shown, never markup."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from helpdesk.kernel.phones import written
from helpdesk.kernel.words import name_words, phones_in, read
from helpdesk.search.rules import Term
from helpdesk.tickets.rules import MessageKind

# Letters shown of a text, and of them before the first hit.
SHOWN, BEFORE = 240, 60
READ = 4_000

# A piece of the text, and whether it is one of the words that were looked for.
Parts = tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Excerpt:
    """A piece of something said on a ticket."""

    kind: MessageKind
    parts: Parts


@dataclass(frozen=True)
class _Marks:
    places: tuple[tuple[int, int], ...]
    terms: int


def marked(text: str, terms: Sequence[Term], phone: str | None = None) -> Parts:
    """The whole text in pieces."""
    return _parts(text, _marks(text, terms, phone).places)


def best(said: Iterable[tuple[MessageKind, str]], terms: Sequence[Term], phone: str | None = None) -> Excerpt | None:
    """The piece with the most of the words, out of everything said; None where no word stands in any of it."""
    found: tuple[int, Excerpt] | None = None
    wanted = sum(not term.without for term in terms)
    for kind, whole in said:
        text = whole[:READ]
        marks = _marks(text, terms, phone)
        if marks.places and (found is None or marks.terms > found[0]):
            found = marks.terms, Excerpt(kind, _cut(text, marks.places))
            if marks.terms >= wanted:
                break
    return found[1] if found else None


def _marks(text: str, terms: Sequence[Term], phone: str | None) -> _Marks:
    if phone is not None:
        hits = [match.span() for match in phones_in(text) if written(match[0]) == phone]
        return _Marks(tuple(hits), len(hits[:1]))
    places, seen = [], set()
    wanted = [term for term in terms if not term.without]
    for word in read(text):
        fits = [term for term in wanted if _fits(term, word.stems, text[word.start : word.end])]
        if fits:
            places.append((word.start, word.end))
            seen.update(fits)
    return _Marks(tuple(places), len(seen))


def _fits(term: Term, stems: Collection[str], word: str) -> bool:
    if not term.begins:
        return not set(term.stems).isdisjoint(stems)
    return any(one.startswith(term.stems) for one in (*stems, *name_words(word)))


def _cut(text: str, places: Sequence[tuple[int, int]]) -> Parts:
    start = max(0, places[0][0] - BEFORE)
    if start:
        # never begin inside a word
        start = text.find(" ", start, places[0][0]) + 1 or places[0][0]
    end = min(len(text), start + SHOWN)
    inside = [(begin - start, min(stop, end) - start) for begin, stop in places if start <= begin < end]
    parts = _parts(text[start:end], inside)
    return (*((("… ", False),) if start else ()), *parts, *((("…", False),) if end < len(text) else ()))


def _parts(text: str, places: Iterable[tuple[int, int]]) -> Parts:
    found, at = [], 0
    for begin, end in places:
        if begin > at:
            found.append((text[at:begin], False))
        found.append((text[begin:end], True))
        at = end
    if at < len(text):
        found.append((text[at:], False))
    return tuple(found)
