"""Categories as they are looked up and typed for."""

import pytest
from flask import Flask

from helpdesk.kernel import i18n
from helpdesk.kernel.errors import NotFound
from helpdesk.routing import queries
from helpdesk.routing.rules import REASONS
from tests.conftest import counted_statements


def test_a_category_is_read_once(app: Flask) -> None:
    assert queries.category("T03").name("kk") == "Логин немесе құпиясөз ұмытылды"
    with counted_statements() as seen:
        assert len(queries.categories()) == 98
        assert queries.category("C12").profile == "CONTROL"
    assert seen == []


def test_an_unknown_category_is_not_found(app: Flask) -> None:
    with pytest.raises(NotFound):
        queries.category("T99")


@pytest.mark.parametrize(
    "typed", ["пароль", "Құпиясөз", "купиясоз", "куписоз", "parol", "pasword", "PASSWORD", "t03", "забыл пар"]
)
def test_the_forgotten_password_is_found_however_somebody_types_it(app: Flask, typed: str) -> None:
    assert "T03" in {one.code for one in queries.matching(typed)}


def test_only_categories_with_every_typed_word_are_found(app: Flask) -> None:
    assert queries.matching("пароль трактор") == []
    assert [one.code for one in queries.matching("жалоба оператор")] == ["C05"]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_twelve_choices_and_the_reasons_are_translated(language: str) -> None:
    assert list(queries.choices()) == list(range(1, 13))
    with i18n.spoken(language):
        for text in (*queries.choices().values(), *REASONS.values()):
            assert i18n.gettext(text) != text
