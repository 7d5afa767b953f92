"""Words as search compares them."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

import helpdesk.demo
from helpdesk.kernel import kazakh, russian
from helpdesk.kernel.db import session
from helpdesk.kernel.words import lexemes, name_words, plain, read, stems

STORIES = json.loads((Path(helpdesk.demo.__file__).parent / "tickets.json").read_text(encoding="utf-8"))


def test_russian_stems_are_those_of_postgresql(app: Flask) -> None:
    words = sorted(
        {
            word
            for story in STORIES
            for word in "".join(sign if sign.isalpha() else " " for sign in story["text"].lower()).split()
            if set(word) <= set("абвгдежзийклмнопрстуфхцчшщъыьэюя")
        }
        | set(
            "прочитавшись сделавши красивейший длинные учащиеся подключающимися важность новости телефонистка "
            "расписанию проверенными открывшую забывают забыла забыли обучаемый общественности единственными я ось "
            "ейше программа конференциями стараясь подключаешься всё-таки нежнейше высланный".replace("ё", "е")
            .replace("-", " ")
            .split()
        )
    )
    rows = session().execute(
        text("SELECT word, (ts_lexize('russian_stem', word))[1] FROM unnest(CAST(:words AS text[])) AS word"),
        {"words": words},
    )
    # PostgreSQL drops its stop words there and says nothing of them
    theirs = {word: stem for word, stem in rows if stem is not None}
    assert len(theirs) > 300
    assert {word: russian.stem(word) for word in theirs} == theirs


@pytest.mark.parametrize(
    "forms",
    [
        "мектеп мектептің мектепке мектепті мектепте мектептен мектеппен мектебі мектебім мектебіміз мектебіне "
        "мектептер мектептерде мектебіміздегі мектебінің",
        "бала баланың балаға баланы балада баладан баламен балам баламның баласы баласына баласынан балалар "
        "балаларымыз балаларымызға",
        "оқушы оқушының оқушыға оқушыны оқушыдан оқушылар оқушыларға оқушысы оқушыларымен",
        "мұғалім мұғалімнің мұғалімге мұғалімді мұғалімде мұғалімнен мұғаліммен мұғалімдер мұғалімдеріміз мұғалімі",
        "ашылмайды ашылмады ашылмай ашылды ашылған ашылу ашылып ашылады",
        "құрылғы құрылғының құрылғыға құрылғыны құрылғылар құрылғысы құрылғымен",
        "нөмір нөмірі нөмірін нөмірге нөмірден нөмірлер нөміріңіз",
    ],
)
def test_a_kazakh_word_and_its_forms_have_one_stem_with_and_without_its_letters(forms: str) -> None:
    found = {stems(form)[0] for form in forms.split()}
    typed = {kazakh.stem(plain(form)) for form in forms.split()}
    assert len(found | typed) == 1, found | typed


@pytest.mark.parametrize("word", ["тегі", "я", "не", "мен", "ке", "и", "в"])
def test_words_that_say_nothing_find_nothing(word: str) -> None:
    assert stems(word) == ()


def test_a_word_is_cut_to_no_less_than_three_letters() -> None:
    for word in ("ата", "ана", "су", "үй", "сын", "аты", "оқу"):
        assert len(kazakh.stem(plain(word))) >= min(3, len(plain(word)))


def test_numbers_stay_as_they_are_and_telephones_have_one_form() -> None:
    assert lexemes("№905, 8 (701) 123-45-67") >= {"905", "+77011234567"}


def test_names_of_both_spellings_have_the_same_words() -> None:
    assert name_words("Шыңғыс Өтегенов") == name_words("Чингиз Утегенов")
    assert name_words("Нұрпейісова Ләззат") == name_words("НУРПЕИСОВА Ляззат")


def test_words_know_where_they_stand() -> None:
    said = "«Kundelik»-ке, 7А!"
    assert [said[word.start : word.end] for word in read(said)] == ["Kundelik", "ке", "7А"]


@pytest.mark.parametrize("rubbish", ["", "\x00", "'", "\\", "a'b\\c", "😀😀", "İ" * 300, "ʼ", "﷽", "x" * 10_000])
def test_rubbish_is_read_without_an_error(rubbish: str) -> None:
    assert all("'" not in one and "\\" not in one for one in lexemes(rubbish))
