"""A thank you opens nothing again; a question, a complaint or a file does."""

import pytest

from helpdesk.tickets.thanks import is_thanks

THANKS = [
    "Рахмет!",
    "Рақмет сізге, бәрі істеді",
    "Көп рахмет көмегіңізге!",
    "Үлкен рахмет, кірдім 🙏",
    "Алғыс айтамын",
    "Жауабыңыз үшін рахмет. Сау болыңыз!",
    "Спасибо!",
    "Спасибо большое за помощь, всё получилось",
    "Благодарю вас за быстрый ответ.",
    "Спс",
    "Добрый день! Спасибо, теперь работает.\nС уважением",
    "Спасибо, вопрос решён",
    "Thank you very much, it works now",
    "Thanks!",
    "Many thanks".replace("Many ", ""),
    "rahmet",
]
NO_THANKS = [
    "",
    "👍",
    "Жақсы",
    "Рахмет, бірақ әлі істемейді",
    "Рахмет, ал мұғалімге қалай жазамын?",
    "Рахмет. Тағы бір сұрақ бар",
    "Спасибо, но не работает",
    "Спасибо за ответ, когда будет решено?",
    "Спасибо, жду звонка",
    "Спасибо, проблема осталась",
    "Спасибо. Код 12345",
    "Не помогло, спасибо",
    "Thank you, but it does not work",
    "Thanks, what about my second child?",
    "Работает",
    "Спасибо " * 20,
]


@pytest.mark.parametrize("text", THANKS)
def test_a_short_thank_you_is_known_in_three_languages(text: str) -> None:
    assert is_thanks(text)


@pytest.mark.parametrize("text", NO_THANKS)
def test_whatever_asks_or_tells_more_is_no_mere_thank_you(text: str) -> None:
    assert not is_thanks(text)


def test_a_signature_takes_nothing_away() -> None:
    assert is_thanks("Спасибо большое!\nЕлена Смирнова", ["Елена Смирнова"])
    assert not is_thanks("Спасибо большое!\nЕлена Смирнова")
