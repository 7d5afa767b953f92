"""What is found, by the statements that find it."""

from datetime import timedelta

import pytest

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.i18n import DEFAULT_ZONE
from helpdesk.search import queries
from helpdesk.search.actions import index_tickets
from helpdesk.search.rules import read
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.conftest import SetClock
from tests.people import GULNAR_PHONE, Town
from tests.search.conftest import Said
from tests.search.pairs import PAIRS


def as_asker(staff_id: int) -> Asker:
    found = asker(staff_id)
    assert found is not None
    return found


def found(town: Town, typed: str, clock: SetClock, who: int | None = None) -> list[int]:
    asked = read(typed, clock().date(), {"T03", "T21", "C07"})
    assert asked.problems == ()
    page = queries.tickets(as_asker(who or town.aigul.id), asked, DEFAULT_ZONE)
    return [row.id for row in page.rows]


def test_the_database_finds_what_the_table_of_pairs_says(town: Town, said: Said, set_clock: SetClock) -> None:
    made = {text: said(text).id for text in dict.fromkeys(pair[0] for pair in PAIRS)}
    wrong = []
    for text, typed, finds in PAIRS:
        asked = read(typed, set_clock().date(), set())
        ids = [row.id for row in queries.tickets(as_asker(town.aigul.id), asked, DEFAULT_ZONE, limit=200).rows]
        if (made[text] in ids) is not finds:
            wrong.append((text, typed, finds))
    assert wrong == []


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("queue:technical", {"first", "third"}),
        ("queue:methodological", {"second"}),
        ("lang:kk", {"first"}),
        ("lang:ru", {"second", "third"}),
        ("category:T03", {"first"}),
        ("assignee:me", {"first"}),
        ("assignee:none", {"second", "third"}),
        ("status:waiting", {"second"}),
        ("status:open", {"first", "second", "third"}),
        ("status:finished", set()),
        ("school:905", {"first", "second", "third"}),
        ("channel:web", {"first", "second", "third"}),
        ("channel:phone", set()),
        ("from:today", {"first", "second", "third"}),
        ("from:24.11.2026", set()),
        ("before:today", set()),
        ("due<90d", {"first", "third"}),
        ("due>90d", set()),
        ("due:overdue", set()),
        ("пароль lang:ru queue:technical", {"third"}),
        ("пароль -ноутбук", {"first"}),
    ],
)
def test_each_filter_narrows(town: Town, said: Said, set_clock: SetClock, typed: str, finds: set[str]) -> None:
    first = said("пароль ұмытылды", category_code="T03", language="kk")
    second = said("оценки", choice=9, language="ru")
    third = said("пароль от ноутбука", category_code="T21", language="ru")
    with transaction():
        actions.assign(session().get_one(Ticket, first.id), town.aigul.id, staff(town.aigul.id))
        actions.wait(session().get_one(Ticket, second.id), staff(town.aigul.id))
    names = {first.id: "first", second.id: "second", third.id: "third"}
    assert {names[id_] for id_ in found(town, typed, set_clock)} == finds


def test_a_subject_weighs_more_than_what_was_said_and_the_newer_of_equals_comes_first(
    town: Town, said: Said, set_clock: SetClock
) -> None:
    told = said("Тақырып жоқ", subject="Сұрақ")
    with transaction():
        actions.note(session().get_one(Ticket, told.id), "микрофон істемейді", staff(town.aigul.id))
        index_tickets([told.id])
    older, newer = said("Жоқ", subject="Микрофон"), said("Жоқ", subject="Микрофон")
    assert found(town, "микрофон", set_clock) == [newer.id, older.id, told.id]


def test_pages_follow_each_other_by_cursor_with_nothing_left_out_or_twice(
    town: Town, said: Said, set_clock: SetClock
) -> None:
    made = {said(f"микрофон {place}", subject="Микрофон" if place % 2 else "Сұрақ").id for place in range(7)}
    asked, seen, after = read("микрофон", set_clock().date(), set()), [], None
    for _ in range(4):
        page = queries.tickets(as_asker(town.aigul.id), asked, DEFAULT_ZONE, after, limit=2)
        seen += [row.id for row in page.rows]
        assert page.count == 7
        after = page.next
    assert after is None
    assert len(seen) == 7
    assert set(seen) == made


def test_a_count_stops_above_the_newest_thousand(
    town: Town, said: Said, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "NEWEST", 2)
    monkeypatch.setattr(queries, "FIRST_AMONG", (1, 2))
    made = [said("микрофон", subject="микрофон" if place == 0 else "сұрақ").id for place in range(4)]
    page = queries.tickets(as_asker(town.aigul.id), read("микрофон", set_clock().date(), set()), DEFAULT_ZONE)
    assert page.count == 3
    assert {row.id for row in page.rows} == set(made[1:])


def test_what_is_older_than_the_first_window_is_found_too(
    town: Town, said: Said, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "FIRST_AMONG", (1, 2))
    old = said("микрофон")
    said("бірдеңе"), said("бірдеңе")
    assert found(town, "микрофон", set_clock) == [old.id]


@pytest.mark.parametrize("few", [0.0, 1.1])
def test_those_with_few_desks_and_with_many_find_the_same(
    town: Town, said: Said, set_clock: SetClock, monkeypatch: pytest.MonkeyPatch, few: float
) -> None:
    monkeypatch.setattr(queries, "FEW_DESKS", few)
    here, there = said("микрофон"), said("микрофон", organization_id=town.school911.id)
    assert found(town, "микрофон", set_clock) == [here.id]
    assert found(town, "микрофон", set_clock, town.bekzat.id) == [there.id]


def test_another_desks_and_restricted_tickets_are_found_by_nobody_who_may_not_see_them(
    town: Town, said: Said, set_clock: SetClock
) -> None:
    elsewhere = said("микрофон", organization_id=town.school911.id)
    bullying = said("микрофон", category_code="C07")
    assert found(town, "микрофон", set_clock) == []
    assert found(town, "микрофон", set_clock, town.bekzat.id) == [elsewhere.id]
    assert found(town, "микрофон", set_clock, town.erlan.id) == [bullying.id]
    assert set(found(town, "микрофон", set_clock, town.asel.id)) == {elsewhere.id, bullying.id}
    assert found(town, "category:C07", set_clock) == []
    # nor does a count tell of them
    for typed in ("микрофон", "category:C07", "due<90d"):
        page = queries.tickets(as_asker(town.aigul.id), read(typed, set_clock().date(), {"C07"}), DEFAULT_ZONE)
        assert (page.rows, page.count) == ((), 0), typed
    rows = queries.tickets(as_asker(town.erlan.id), read("микрофон", set_clock().date(), set()), DEFAULT_ZONE).rows
    assert queries.said_on(as_asker(town.erlan.id), rows) == {}


def test_a_telephone_finds_its_peoples_tickets_and_those_that_mention_it(
    town: Town, said: Said, set_clock: SetClock
) -> None:
    hers = said("сұрақ", phones=(GULNAR_PHONE,))
    mentioned = said("Маған 8 709 000-00-01 нөміріне қоңырау шалыңыз")
    said("басқа 8 709 000-00-09")
    for typed in ("+7 (709) 000-00-01", "87090000001", "7090000001", "8-709-000-00-01"):
        assert set(found(town, typed, set_clock)) == {hers.id, mentioned.id}, typed


@pytest.mark.parametrize("typed", ["Гульнар Ахметова", "ахметова гүлнар", "гулнар", "Ахметов", "ГУЛЬНАР"])
def test_people_are_found_in_both_spellings_by_those_whom_they_asked(
    town: Town, said: Said, set_clock: SetClock, typed: str
) -> None:
    hers = said("сұрақ", phones=(GULNAR_PHONE,))
    (person,) = queries.people(as_asker(town.aigul.id), typed)
    assert (person.name, person.newest) == ("Гүлнар Ахметова", hers.number)
    assert queries.people(as_asker(town.bekzat.id), typed) == []
    assert queries.people(as_asker(town.aigul.id), "Гүлмира") == []


def test_people_stand_in_the_order_of_the_kazakh_alphabet(town: Town, said: Said, set_clock: SetClock) -> None:
    for place, name in enumerate(("Яна Пак", "Әлия Пак", "Ілияс Пак", "Зарина Пак", "Қайрат Пак", "Абай Пак")):
        said("сұрақ", name=name, phones=(f"+7709000100{place}",))
    names = [person.name.split()[0] for person in queries.people(as_asker(town.aigul.id), "пак")]
    assert names == ["Абай", "Әлия", "Зарина", "Қайрат", "Ілияс", "Яна"]


def test_a_whole_number_finds_a_person_who_asked_elsewhere_but_none_of_the_tickets(
    town: Town, said: Said, set_clock: SetClock
) -> None:
    said("сұрақ", phones=(GULNAR_PHONE,))
    (person,) = queries.people(as_asker(town.bekzat.id), GULNAR_PHONE)
    assert (person.name, person.newest) == ("Гүлнар Ахметова", None)
    assert found(town, GULNAR_PHONE, set_clock, town.bekzat.id) == []


def test_a_due_time_is_counted_from_now(town: Town, said: Said, set_clock: SetClock) -> None:
    ticket = said("сұрақ", category_code="T21")
    assert ticket.due_at is not None
    set_clock.at = ticket.due_at - timedelta(hours=1)
    assert found(town, "due<2h", set_clock) == [ticket.id]
    assert found(town, "due<30m", set_clock) == []
    assert found(town, "due>30m", set_clock) == [ticket.id]
    set_clock.forward(hours=2)
    assert found(town, "due:overdue", set_clock) == [ticket.id]
