"""What somebody types into the box."""

from datetime import date, timedelta

import pytest

from helpdesk.kernel.words import lexemes
from helpdesk.routing.rules import Priority, Queue
from helpdesk.search.rules import Asked, Term, is_number, name_query, query_text, read
from helpdesk.tickets.rules import UNFINISHED, Channel, TicketState, ticket_number
from tests.search.pairs import PAIRS

TODAY = date(2026, 11, 23)


def asked(typed: str) -> Asked:
    return read(typed, TODAY, {"T03", "C07"})


def fits(term: Term, found: set[str]) -> bool:
    there = any(one.startswith(stem) if term.begins else one == stem for stem in term.stems for one in found)
    return there is not term.without


@pytest.mark.parametrize(("said", "typed", "finds"), PAIRS)
def test_words_are_found_however_they_are_spelt(said: str, typed: str, finds: bool) -> None:
    terms = asked(typed).terms
    assert terms or typed.startswith("+")
    found = lexemes(said)
    if typed.startswith("+"):
        assert (typed in found) is finds
    else:
        assert all(fits(term, found) for term in terms) is finds


def test_the_filters_of_the_example_are_all_understood() -> None:
    found = asked("пароль queue:technical status:open due<2h school:905 lang:kk")
    assert found.problems == ()
    assert (found.queue, found.states, found.due_within) == (Queue.TECHNICAL, UNFINISHED, timedelta(hours=2))
    assert (found.school, found.language, found.words) == ("905", "kk", "пароль")


@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("queue:method", "queue", Queue.METHODOLOGICAL),
        ("кезек:әдістемелік", "queue", Queue.METHODOLOGICAL),
        ("очередь:тех", "queue", Queue.TECHNICAL),
        ("status:resolved", "states", frozenset({TicketState.RESOLVED})),
        ("күй:ашық", "states", UNFINISHED),
        ("куй:ашык", "states", UNFINISHED),
        ("due>1d", "due_after", timedelta(days=1)),
        ("мерзім<30мин", "due_within", timedelta(minutes=30)),
        ("due:overdue", "overdue", True),
        ("school:№905", "school", "905"),
        ("assignee:me", "assigned_to_me", True),
        ("орындаушы:ешкім", "unassigned", True),
        ("category:т03", "category", "T03"),
        ("from:2026-11-01", "since", date(2026, 11, 1)),
        ("from:1.11.2026", "since", date(2026, 11, 1)),
        ("from:кеше", "since", date(2026, 11, 22)),
        ("before:today", "before", TODAY),
        ("channel:phone", "channel", Channel.PHONE),
        ("priority:р1", "priority", Priority.P1),
    ],
)
def test_each_filter_is_understood_in_each_language(typed: str, name: str, value: object) -> None:
    found = asked(typed)
    assert found.problems == ()
    assert getattr(found, name) == value
    assert found.filtered
    assert found.terms == ()


@pytest.mark.parametrize(
    "typed",
    [
        "queue:third", "queue:t", "status:perhaps", "due<soon", "due:2h", "due<2parsecs", "school:a/b", "lang:fr",
        "assignee:Айгүл", "category:X99", "from:31.02.2026", "before:2026-13-01", "channel:pigeon", "priority:P9",
        "queue<technical", "colour:red", "реңк:қызыл",
    ],
)  # fmt: skip
def test_what_a_filter_cannot_use_is_named_and_nothing_is_guessed(typed: str) -> None:
    found = asked(f"пароль {typed} lang:kk")
    assert [problem.filter for problem in found.problems] == [typed]
    assert found.language == "kk"
    assert found.words == "пароль"
    assert found.typed == f"пароль {typed} lang:kk"


@pytest.mark.parametrize("typed", ["https://kundelik.kz/login", '"colour:red"', "10:30", "7:А", "Re:пароль", "a<b"])
def test_a_colon_alone_makes_no_filter(typed: str) -> None:
    assert asked(typed).problems == ()


def test_the_text_of_a_query_holds_nothing_but_words() -> None:
    nasty = "пароль' | 'x & !(a) \\ <-> :* \"мектеп"
    assert set(query_text(asked(nasty).terms)) <= set("'()|&! абвгдежзиклмнопрстуфхцчшы")
    assert set(name_query(nasty)) <= set("'()|&:* абвгдежзиклмнопрстуфхцчшыkx")


def test_at_most_a_dozen_words_are_looked_for() -> None:
    assert len(asked(" ".join(f"сөз{place}" for place in range(100))).terms) == 12


def test_a_ticket_number_is_known_in_any_spelling_and_a_telephone_is_none() -> None:
    number = ticket_number(2026, 123)
    for typed in (number, number.replace("-", ""), f"№ {number.replace('-', ' ')}", number.replace("-", "–")):
        assert is_number(typed)
    assert not is_number("+77011234567")
    assert not is_number(f"{number} пароль")
    assert not is_number(number[:-1] + str((int(number[-1]) + 1) % 10))
