"""Which of our three languages a text is written in."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_WORD = re.compile(r"[^\W\d_]+")
_KAZAKH_LETTERS = frozenset("әғқңөұүһі")
# Words of Kazakh as people type it on a Russian or an English keyboard, by how they begin.
_TYPED_KAZAKH = (
    "керек жок болмай ашылм кирм алмай калай кайтем баяу балам балан баласы балалар сабак салем рахмет мектеп кундел "
    "сынып мугал окуш тирке отини курмет жатыр айтыныз неге кашан бизге маган сиздер емес екен токтап "
    "kerek zhok joq jok bolmai ashylm ashilm kirm kire almai qalai kalai balam sabak sabaq salem rakhmet rahmet mektep "
    "kundel mugal oqush okush nege qashan jatyr zhatyr kurmet qurmet magan bizge emes eken"
)
_KAZAKH_STEMS = tuple(_TYPED_KAZAKH.split())
_COMMON_RUSSIAN = (
    "и в не на что как это для по у нет мой моя мы вы я но а с от из к же до или при за то уже можно нужно очень есть "
    "прошу почему когда где добрый день здравствуйте спасибо пожалуйста"
)
_RUSSIAN_WORDS = frozenset(_COMMON_RUSSIAN.split())


@cache
def identifier() -> LanguageIdentifier:
    """Costs 0.2 s and 75 MB once: the worker asks for it before it forks, the web server reads no letters."""
    found = LanguageIdentifier.from_model_file(MODEL_FILE)
    found.set_languages(["kk", "ru", "en"])
    return found


def guess(text: str) -> str:
    """kk, ru or en; an empty string when there are no words to tell by.

    The letters that only Kazakh has decide first, then words of Kazakh typed without them, then py3langid. A Kazakh
    name inside a Russian sentence does not make it Kazakh.
    """
    words = [word.lower() for word in _WORD.findall(text[:5000])]
    if not words:
        return ""
    kazakh = sum(1 for word in words if _KAZAKH_LETTERS & set(word))
    russian = sum(1 for word in words if word in _RUSSIAN_WORDS)
    if kazakh > russian or kazakh * 3 > len(words):
        return "kk"
    typed = sum(1 for word in words if word.startswith(_KAZAKH_STEMS))
    if typed > russian and typed * 6 >= len(words):
        return "kk"
    return str(identifier().classify(text[:5000])[0])
