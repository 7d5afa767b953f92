"""Stems of Kazakh words as they are typed without the letters of their own: endings are cut, nothing is looked up.

Works on folded words (`helpdesk/kernel/words.py`): ә is а, қ is к, й and і are и. Endings are those of the noun
(plural, possessive, case) and of the commonest forms of the verb; each is cut only where the vowel before it allows its
vowel (front endings not after ы, back ones not after е) and where its first consonant fits the sound before it (-лар
after a vowel, -дар after м н, -тар after п т к). Cutting goes on until nothing is left to cut, so that a word and all
its forms arrive at the same stem, which need not be a word. A last б or г is п or к again: мектеб(і) is мектеп.
"""

from functools import lru_cache

VOWELS = frozenset("аоыеуи")
_FRONT, _BACK = frozenset("еи"), frozenset("аы")
SHORTEST = 3

# Sounds after which an ending may begin: vowels, voiceless, nasal, voiced. й and у are glides as well as vowels; a
# last б в г д sounds voiceless in words from Russian and voiced in others.
_OPEN = frozenset("аоыеуи")
_VOICELESS = frozenset("птксшхцчфбвгд")
_NASAL = frozenset("мн")
_VOICED = frozenset("жзлриубвгд")
_CONSONANT = frozenset("бвгджзклмнпрстфхцчш")
_THIRD = frozenset("ыи")

# ending: after which sounds, and how many letters must stay
_ENDINGS: dict[str, tuple[frozenset[str], int]] = {}


def _allow(endings: str, after: frozenset[str], stays: int = SHORTEST) -> None:
    for ending in endings.split():
        before, least = _ENDINGS.get(ending, (frozenset(), stays))
        _ENDINGS[ending] = (before | after, min(least, stays))


# plural
_allow("лар лер", _OPEN | frozenset("р"))
_allow("дар дер", _NASAL | frozenset("лжз"))
_allow("тар тер", _VOICELESS)
# cases: dative, locative, ablative, genitive, accusative, instrumental
_allow("га ге", _OPEN | _NASAL | _VOICED)
_allow("ка ке", _VOICELESS)
_allow("на не нда нде нан нен", _THIRD)
_allow("да де", _OPEN | _NASAL | _VOICED)
_allow("та те", _VOICELESS)
_allow("дан ден", _OPEN | _VOICED)
_allow("тан тен", _VOICELESS)
_allow("нан нен", _NASAL)
_allow("нын нин", _OPEN | _NASAL)
_allow("дын дин", _VOICED)
_allow("тын тин", _VOICELESS)
_allow("ны ни", _OPEN)
_allow("ды ди", _VOICED | _NASAL | frozenset("ае"))
_allow("ты ти", _VOICELESS)
_allow("мен", _OPEN | _NASAL | _VOICED)
_allow("бен", frozenset("мнжз"))
_allow("пен", _VOICELESS)
# whose: my, your, his, our
_allow("м н", _OPEN - frozenset("у"), 4)
_allow("ым им ын ин ымыз имиз ыныз иниз ы и", _CONSONANT)
_allow("сы си сын син мыз миз ныз низ", _OPEN)
# where it is, without it
_allow("дагы деги", _OPEN | _NASAL | _VOICED)
_allow("тагы теги", _VOICELESS)
_allow("ндагы ндеги", _THIRD)
_allow("сыз сиз", _OPEN | _CONSONANT)
# verbs: does not, did not, without doing; did, having done; to do, doing
_allow("маиды меиди мады меди маи меи маимын меимин маимыз меимиз маган меген", _OPEN | frozenset("лр"))
_allow("баиды беиди бады беди баи беи баимын беимин баимыз беимиз баган беген", frozenset("мнжз"))
_allow("паиды пеиди пады педи паи пеи паимын пеимин паимыз пеимиз паган пеген", _VOICELESS)
_allow("ган ген", _OPEN | _NASAL | _VOICED)
_allow("кан кен", _VOICELESS)
_allow("дым дим дыныз диниз", _OPEN | _NASAL | _VOICED)
_allow("тым тим тыныз тиниз", _VOICELESS)
_allow("ып ип у", _CONSONANT)
_allow("е", _CONSONANT)
_allow("а", _CONSONANT, 4)

_LONGEST = max(map(len, _ENDINGS))
# -мен, -бен, -пен sound the same after every vowel
_EVERYWHERE = frozenset({"мен", "бен", "пен"})
_HARDENED = str.maketrans("бг", "пк")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The stem of a folded word; the word itself where nothing may be cut."""
    while True:
        word = word[:-1] + word[-1:].translate(_HARDENED)
        shorter = _shorter(word)
        if shorter == word:
            return word
        word = shorter


def _shorter(word: str) -> str:
    for length in range(min(_LONGEST, len(word) - SHORTEST), 0, -1):
        rule = _ENDINGS.get(word[-length:])
        if rule is None:
            continue
        rest, ending = word[:-length], word[-length:]
        after, stays = rule
        if len(rest) >= stays and rest[-1] in after and _in_harmony(rest, ending):
            return rest
    return word


def _in_harmony(rest: str, ending: str) -> bool:
    last = next((letter for letter in reversed(rest) if letter in VOWELS), "")
    if not last:
        return False
    own = next((letter for letter in ending if letter in VOWELS), "")
    if ending in _EVERYWHERE or not own or own == "у":
        return True
    if last == "е":
        return own in _FRONT
    if last == "ы":
        return own in _BACK
    return True
