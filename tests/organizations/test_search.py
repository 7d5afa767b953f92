"""People find their school by whatever they call it."""

import pytest
from flask import Flask
from sqlalchemy import text

from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.rules import Kind
from helpdesk.organizations.search import search_schools, words
from tests.people import Town, organization


@pytest.mark.parametrize(
    "typed",
    ["905", "№905", "№ 905", "мектеп 905", "905-мектеп", "№905мектеп", "школа 905", "в школе 905", "school 905"],
)
def test_a_school_is_found_by_its_number_however_it_is_written(app: Flask, town: Town, typed: str) -> None:
    assert [school.id for school in search_schools(typed)] == [town.school905.id]


def test_the_beginning_of_a_word_without_kazakh_letters_is_enough(app: Flask, town: Town) -> None:
    with transaction():
        made = organization(
            town.district, Kind.SCHOOL, "№ 77 Ғылым қалашығы гимназиясы", "Гимназия № 77 «Гылым»", "Gymnasium 77", "77"
        )
    assert [school.id for school in search_schools("гылым кала")] == [made.id]
    assert [school.id for school in search_schools("ҒЫЛЫМ")] == [made.id]


def test_the_school_with_just_this_number_comes_first(app: Flask, town: Town) -> None:
    with transaction():
        short = organization(town.district, Kind.SCHOOL, "№ 9 мектеп", "Школа № 9", "School 9", "9")
    assert search_schools("9")[0].id == short.id
    assert len(search_schools("9")) == 3


def test_a_department_is_no_school(app: Flask, town: Town) -> None:
    assert search_schools(town.city.name_kk) == []


@pytest.mark.parametrize("typed", ["", "  ", "№", "'); DROP TABLE organizations; --", "& | !", ":*", "\x00", "٣"])
def test_odd_input_finds_nothing_and_breaks_nothing(app: Flask, town: Town, typed: str) -> None:
    assert search_schools(typed) == []


def test_words_are_letters_or_digits() -> None:
    assert words("№ 42а «Қазғым»") == ["42", "а", "казгым"]


def test_the_search_uses_its_index(app: Flask, town: Town) -> None:
    session().execute(text("SET LOCAL enable_seqscan = off"))
    asked = "to_tsvector('simple', organizations.search) @@ to_tsquery('simple', '905:*')"
    plan = session().execute(text(f"EXPLAIN SELECT id FROM organizations WHERE {asked}"))
    assert "ix_organizations_words" in "\n".join(row[0] for row in plan)
