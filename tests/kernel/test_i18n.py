from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.kernel import clock, i18n


def test_the_alphabet_has_forty_two_letters_in_the_order_of_the_dictionary() -> None:
    assert len(i18n.ALPHABET) == len(set(i18n.ALPHABET)) == 42
    words = [
        "Ізтілеуов",
        "Яковлев",
        "Құдай",
        "Кәрім",
        "Ахмет",
        "Әбдір",
        "Ғабит",
        "Гүл",
        "Өтеген",
        "Оспан",
        "Ёлкин",
        "Ехал",
    ]
    expected = [
        "Ахмет",
        "Әбдір",
        "Гүл",
        "Ғабит",
        "Ехал",
        "Ёлкин",
        "Кәрім",
        "Құдай",
        "Оспан",
        "Өтеген",
        "Ізтілеуов",
        "Яковлев",
    ]
    assert sorted(words, key=i18n.sort_key) == expected


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("кайрат", "Қайрат"), ("курылгы", "құрылғы"), ("мугалим", "мұғалім"), ("омир", "өмір"), ("ел", "ЁЛ")],
)
def test_words_typed_without_kazakh_letters_fold_to_the_same(typed: str, meant: str) -> None:
    assert i18n.fold(typed) == i18n.fold(meant)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert i18n.fold(i18n.fold(text)) == i18n.fold(text)


@pytest.mark.parametrize(("code", "one", "few", "many"), [("en", 1, 2, 5), ("kk", 1, 2, 5), ("ru", 21, 22, 25)])
def test_numbers_take_the_form_of_their_language(code: str, one: int, few: int, many: int) -> None:
    with i18n.spoken(code):
        texts = [i18n.ngettext("%(num)s ticket", "%(num)s tickets", n) for n in (one, few, many)]
    assert [text.split()[0] for text in texts] == [str(one), str(few), str(many)]


def test_dates_are_written_as_officials_write_them() -> None:
    day = date(2026, 11, 21)
    written = {}
    for code in i18n.LANGUAGES:
        with i18n.spoken(code):
            written[code] = i18n.date_text(day)
    assert written == {"kk": "2026 жылғы 21 қараша", "ru": "21 ноября 2026 г.", "en": "21 November 2026"}


def test_a_moment_is_told_by_the_wall_clock_of_the_place() -> None:
    noon = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
    with clock.told_by(lambda: noon), i18n.spoken("ru", ZoneInfo("Asia/Almaty")):
        assert i18n.moment_text(noon) == "сегодня 12:00"
        assert i18n.moment_text(datetime(2026, 11, 24, 5, 0, tzinfo=UTC)) == "завтра 10:00"
        assert i18n.moment_text(datetime(2020, 4, 6, 4, 0, tzinfo=UTC)) == "06.04.2020 10:00", "Almaty was at +6 then"


def test_an_unknown_language_falls_to_kazakh() -> None:
    with i18n.spoken("de"):
        assert i18n.language() == "kk"


def test_a_language_is_spoken_inside_its_block_only() -> None:
    with i18n.spoken("ru"):
        with i18n.spoken("en"):
            assert i18n.language() == "en"
        assert i18n.language() == "ru"
