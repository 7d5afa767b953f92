"""Words as search compares them: one way from any spelling to stems, for what was written and for what is looked for.

A word is brought to Cyrillic (look-alikes, Latin typing), folded (ә is а, й is и, ь falls away, doubled letters are
one), and cut twice: as Kazakh and as Russian, because without ә ғ қ nobody can tell which it is. Names that the two
languages spell apart (Шыңғыс, Чингиз) meet in `spellings.json`.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from helpdesk.kernel import kazakh, russian
from helpdesk.kernel.i18n import fold
from helpdesk.kernel.phones import written

# Rows that were made by another edition of this file are made again: raise it when stems change.
EDITION = 1
LONGEST_WORD = 40

_KAZAKH = frozenset("әғқңөұүһі")
_LATIN = re.compile(r"[a-z]")
_CYRILLIC = re.compile(r"[а-яёәғқңөұүһі]")
_WORD = re.compile(r"[^\W_]+")
_PHONE = re.compile(r"(?<![\w+])(?:\+?7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?!\d)")
_DOUBLED = re.compile(r"([^\W\d])\1+")

# Letters of other alphabets that are taken for Kazakh ones, and the modern Latin letters of Kazakh.
_LETTERS = str.maketrans(
    {
        "ə": "ә", "ɵ": "ө", "ҳ": "һ", "ҝ": "қ", "ҡ": "қ", "ў": "ұ", "ї": "і", "ı": "y", "є": "е", "ғ": "ғ",
        "ä": "ә", "á": "ә", "ö": "ө", "ó": "ө", "ü": "ү", "ú": "ү", "ū": "ұ", "ñ": "ң", "ŋ": "ң", "ń": "ң",
        "ğ": "ғ", "ǵ": "ғ", "ş": "ш", "š": "ш", "ç": "ч", "ž": "ж", "ý": "у",
    }
)  # fmt: skip
# Latin letters inside a Cyrillic word that look like its letters.
_LOOK_ALIKES = str.maketrans("aceopxykmthbi", "асеорхукмтнві")
_LOOKING_ALIKE = frozenset("aceopxykmthbi")
_SOUNDS = (
    ("shch", "щ"), ("sch", "щ"), ("zh", "ж"), ("kh", "х"), ("gh", "г"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"),
    ("ya", "я"), ("yu", "ю"), ("yo", "е"), ("ye", "е"), ("ia", "ия"), ("a", "а"), ("b", "б"), ("c", "к"), ("d", "д"),
    ("e", "е"), ("f", "ф"), ("g", "г"), ("h", "х"), ("i", "и"), ("j", "ж"), ("k", "к"), ("l", "л"), ("m", "м"),
    ("n", "н"), ("o", "о"), ("p", "п"), ("q", "к"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("v", "в"),
    ("w", "у"), ("x", "кс"), ("z", "з"),
)  # fmt: skip
_SOUND = dict(_SOUNDS)
_SPELT = re.compile("|".join(sound for sound, _ in _SOUNDS) + "|y")
_FOLDED = str.maketrans({"й": "и", "э": "е", "щ": "ш", "я": "а", "ю": "у", "ь": None, "ъ": None})

# Said in nearly every sentence, or an ending that stands alone after a hyphen: they would find everything.
_SAID_EVERYWHERE = (
    "не на что как это для по мой моя мы вы за от из же до при или то уже но во об ли бы мне нам вас нас его ее их "
    "мен бен пен де да та те га ге ка ке дан ден тан тен нан нен ны ни ды ди ты ти нын нин дын дин тын тин на не нда "
    "нде ал жане бул осы сол бир ма ме ба бе па пе гой уш дагы деги тагы теги the and for of to in is it"
)


@dataclass(frozen=True)
class Word:
    """A word where it stands in a text, with everything it is found by; () for words that say nothing."""

    start: int
    end: int
    stems: tuple[str, ...]


def read(text: str) -> Iterator[Word]:
    """The words of a text in their order."""
    for match in _WORD.finditer(text):
        yield Word(match.start(), match.end(), stems(match[0]))


def phones_in(text: str) -> Iterator[re.Match[str]]:
    """Where telephone numbers of our country stand in a text."""
    return _PHONE.finditer(text)


def lexemes(text: str) -> set[str]:
    """Everything a text is found by: stems of its words, and telephone numbers in their one written form."""
    found = {one for word in _WORD.findall(text) for one in stems(word)}
    found.update(number for match in phones_in(text) if (number := written(match[0])))
    return found


@lru_cache(maxsize=65536)
def stems(word: str) -> tuple[str, ...]:
    """What one word is found by: its stems as a Kazakh and as a Russian word; () when it says nothing."""
    spelt = _in_cyrillic(unicodedata.normalize("NFKC", word[:LONGEST_WORD]).lower())
    folded = plain(spelt)
    if folded.isdigit():
        return (folded,)
    if len(folded) < 2 or folded in _unsaid():
        return ()
    found = [_kazakh_stem(spelt)]
    if not _KAZAKH & set(spelt):
        found.append(plain(russian.stem(spelt.replace("ё", "е"))))
    known = _spellings()
    return tuple(dict.fromkeys(known.get(one, one) for one in found if len(one) > 1))


def name_words(name: str) -> list[str]:
    """The words of a person's name as they are compared: folded whole, spellings of both languages made one."""
    known = _spellings()
    found = (plain(_in_cyrillic(unicodedata.normalize("NFKC", word).lower())) for word in _WORD.findall(name))
    return [known.get(one, one) for one in found if one]


def plain(word: str) -> str:
    """A Cyrillic word in small letters without what people leave out or double: Құрылғы is курылгы, класс is клас."""
    return _DOUBLED.sub(r"\1", _folded(word))


def _folded(word: str) -> str:
    return fold(word).translate(_FOLDED).replace("дж", "ж")


def _kazakh_stem(word: str) -> str:
    # cut before doubled letters become one: мектеппен is мектеп and пен
    return _DOUBLED.sub(r"\1", kazakh.stem(_folded(word)))


def _in_cyrillic(word: str) -> str:
    word = word.translate(_LETTERS)
    latin = _LATIN.findall(word)
    if not latin:
        return word
    cyrillic = len(_CYRILLIC.findall(word))
    if cyrillic >= len(latin) and _LOOKING_ALIKE.issuperset(latin):
        return word.translate(_LOOK_ALIKES)
    return _SPELT.sub(lambda match: _sound(word, match), word)


def _sound(word: str, match: re.Match[str]) -> str:
    """ы for a y between consonants, й beside a vowel."""
    if match[0] != "y":
        return _SOUND[match[0]]
    around = word[max(0, match.start() - 1) : match.start()] + word[match.end() : match.end() + 1]
    return "й" if set(around) & set("aeiouаеиоуыәөүұі") else "ы"


@cache
def _unsaid() -> frozenset[str]:
    return frozenset(plain(_in_cyrillic(word)) for word in _SAID_EVERYWHERE.split())


@cache
def _spellings() -> dict[str, str]:
    """Spelling to the first of its group, by whole folded word and by stem."""
    groups = json.loads((Path(__file__).parent / "spellings.json").read_text(encoding="utf-8"))
    found = {plain(one.lower()): plain(group[0].lower()) for group in groups for one in group}
    for group in groups:
        for one in group:
            for stem in (_kazakh_stem(one), plain(russian.stem(one.lower().replace("ё", "е")))):
                found.setdefault(stem, plain(group[0].lower()))
    return found
