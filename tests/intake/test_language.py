"""Which language a text is guessed to be in: measured on the demo and on sentences that nobody tuned it by."""

import json
from pathlib import Path

import helpdesk.demo
from helpdesk.intake.language import guess

STORIES = json.loads((Path(helpdesk.demo.__file__).parent / "tickets.json").read_text(encoding="utf-8"))

# Typed on a keyboard without ә ғ қ ң ө ұ ү һ і, as parents do.
TYPED_KAZAKH = (
    "Саламатсыз ба, улымнын электронды кунделиги жабылып калды",
    "Кызым 5 сыныпта окиды, онлайн сабакка косыла алмай отыр",
    "Мугалим тапсырманы уакытында салмайды",
    "Уйде бир гана телефон бар, уш бала окиды",
    "Компьютер косылмайды, калай жондеймиз",
    "Мектептен планшет бермей жатыр",
    "Ертен сабак кай сагатта басталады",
    "Балам логинин умытып калды, жанасын жазып берсениз",
    "Дыбыс шыкпайды, камера истемейди",
    "Бизге модем кашан жеткизиледи",
    "Жиынтык багалау туралы сурагым бар",
    "Окулыктар али келген жок",
    "Интернет отe баяу, видео токтап турады",
    "Кайта хабарласыныздаршы",
    "Ауылда байланыс ормайды, не истеймиз",
    "Тегин тамак туралы кимнен сураймын",
    "Директор жауап кайтармайды",
    "Токсандык баганы дурыс коймаган",
    "Сабак кестеси озгерди ме",
    "Arizanyn nomirin qaidan koruge bolady",
)

RUSSIAN = (
    "Дочь Айгүл не может войти в дневник",
    "Прислали ссылку, но она не открывается",
    "Камера работает, звука нет",
    "Планшет обещали в сентябре",
    "Учитель Қасымова не отвечает на сообщения",
    "Можно ли перевести ребёнка на дистанционное обучение?",
)


def test_the_demos_matters_are_guessed_right_but_for_two_of_sixty() -> None:
    wrong = [story["text"] for story in STORIES if guess(story["text"]) != story["language"]]
    assert len(STORIES) == 60
    assert len(wrong) <= 2, wrong


def test_kazakh_typed_without_its_letters_is_guessed_right_but_for_two_of_twenty() -> None:
    wrong = [(text, guess(text)) for text in TYPED_KAZAKH if guess(text) != "kk"]
    assert len(TYPED_KAZAKH) == 20
    assert len(wrong) <= 2, wrong


def test_a_kazakh_name_or_none_of_the_known_words_leaves_russian_russian() -> None:
    assert [text for text in RUSSIAN if guess(text) != "ru"] == []
