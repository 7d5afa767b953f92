"""Whether somebody only says thank you: that is no reason to open a settled matter again."""

import re
from collections.abc import Collection

from helpdesk.kernel.i18n import fold

# Longer ones say something besides.
MOST_WORDS = 14

# Any of these says it; they and the words below are all that such a letter consists of.
_THANKS = """
    рахмет рақмет рахметімді рахметтер алғыс алғысымды ризамын разымын ризашылығымды
    спасибо спасибки спс благодарю благодарим благодарен благодарна благодарны признательна признателен пасиб
    thank thanks thx thankful grateful rahmet raxmet rakhmet spasibo
"""
_BESIDE = """
    сізге сіздерге саған бәріңізге барлығыңызға барлығына көп үлкен мың шын жүректен айтамын білдіремін айтқым келеді
    үшін жауабыңызға көмегіңізге көмегіңіз жауабыңыз жауап көмек тез жедел жақсы бәрі барлығы болды істеді істейді
    жұмыс түсінікті түсіндім шешілді мәселе ашылды кірдім сау болыңыз сәлеметсіз бе қайырлы күн аман болыңыздар де да
    вам вас всем большое огромное очень за помощь ответ быстрый быструю оперативность оперативный поддержку вашу ваш
    все всё получилось работает заработало понятно поняла понял хорошо отлично решено решен решён вопрос проблема
    решена уже теперь зашла зашли вошли здравствуйте добрый день вечер до свидания с уважением и вашей команде
    you very much so a lot for your the help answer reply quick support it works working now great ok okay all good
    everything is fine solved kind regards best hello dear team and again
"""
_CORE = frozenset(fold(_THANKS).split())
_ALL = _CORE | frozenset(fold(_BESIDE).split())
_WORD = re.compile(r"[^\W_]+")


def is_thanks(text: str, names: Collection[str] = ()) -> bool:
    """Whether the text is a short thank you in Kazakh, Russian or English, with nothing that asks or tells more.

    `names` are words of a signature. In doubt it is not: a matter opened for nothing costs less than one that nobody
    reads.
    """
    if "?" in text:
        return False
    words = _WORD.findall(fold(text))
    allowed = _ALL | {word for name in names for word in _WORD.findall(fold(name))}
    return 0 < len(words) <= MOST_WORDS and bool(_CORE & set(words)) and all(word in allowed for word in words)
