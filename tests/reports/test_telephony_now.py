from datetime import timedelta

import pytest

from helpdesk.callbacks.rules import CallbackState
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.db import transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.reports.telephony_now import lines_now, team_now
from helpdesk.routing.rules import Queue
from helpdesk.telephony.rules import PresenceState
from tests.conftest import SetClock, counted_statements
from tests.people import Town
from tests.reports.phone_days import call, present
from tests.reports.weeks import almaty, callback, ticket


def asking(person: Staff) -> Asker:
    """The rights of a member of staff."""
    found = asker(person.id)
    assert found is not None
    return found


@pytest.fixture
def morning(town: Town, set_clock: SetClock) -> Town:
    """Monday 23 November, 10:00: calls of today at school 905 and its district, two of them waiting."""
    with transaction():
        school, district = town.school905, town.district
        call(school, almaty(23, 9), waited=5, talked=200, by=town.aigul)
        call(school, almaty(23, 9, 5), waited=20, talked=200, by=town.aigul)
        call(school, almaty(23, 9, 10), waited=21, talked=200, by=town.svetlana)
        call(school, almaty(23, 9, 20), "abandoned", waited=60)
        call(school, almaty(23, 9, 30), "short_abandon", waited=3)
        call(school, almaty(22, 10), "abandoned", waited=60)  # yesterday
        call(school, almaty(23, 9, 58), None)
        call(school, almaty(23, 9, 59), None)
        call(district, almaty(23, 9, 40), "callback_requested", waited=30, queue="methodological")
        call(town.school911, almaty(23, 9, 30), None)
        present(town.aigul, "ready", almaty(23, 9, 50))
        present(town.svetlana, "talking", almaty(23, 9, 55))
        present(town.asel, "break", almaty(23, 9, 55))
        present(town.bekzat, "ready", almaty(23, 9, 55))
        asked = ticket(district, almaty(23, 9), queue="methodological")
        callback(asked, almaty(23, 9), almaty(23, 9, 45), state=CallbackState.DUE)
        callback(asked, almaty(23, 9), almaty(23, 12))
        callback(asked, almaty(23, 9), almaty(23, 9, 30), reached_at=almaty(23, 9, 20))
    return town


def test_a_line_shows_what_the_wallboard_needs(morning: Town, set_clock: SetClock) -> None:
    line = lines_now(asking(morning.erlan))[0]
    assert (line.desk_id, line.queue) == (morning.school905.id, Queue.TECHNICAL)
    assert line.calls.service_level() == 2 / 4  # three answered, one abandoned late; the short one left in time
    assert line.waiting == 2
    assert line.longest_wait(set_clock()) == 120
    assert line.operators == {PresenceState.READY: 1, PresenceState.TALKING: 1, PresenceState.BREAK: 1}


def test_promises_are_counted_as_open_due_and_late(morning: Town) -> None:
    line = lines_now(asking(morning.erlan))[1]
    assert (line.desk_id, line.queue) == (morning.district.id, Queue.METHODOLOGICAL)
    assert (line.callbacks, line.callbacks_due, line.callbacks_late) == (2, 1, 1)
    assert line.calls.service_level() is None
    assert line.waiting_since is None


def test_lines_are_those_of_the_askers_part_of_the_tree(morning: Town) -> None:
    assert {line.desk_id for line in lines_now(asking(morning.erlan))} == {morning.school905.id, morning.district.id}
    assert {line.desk_id for line in lines_now(asking(morning.asel))} > {morning.school911.id}
    school = lines_now(asking(morning.erlan), morning.school905.id)
    assert [line.desk_id for line in school] == [morning.school905.id]
    for ask in (lines_now, team_now):
        with pytest.raises(NotFound):
            ask(asking(morning.erlan), morning.other_district.id)


def test_operators_of_another_district_are_not_counted(morning: Town) -> None:
    assert sum(team_now(asking(morning.erlan)).values()) == 3
    assert sum(team_now(asking(morning.asel)).values()) == 4


def test_an_operator_serves_only_lines_below_their_place(morning: Town) -> None:
    lines = {line.desk_id: line.operators for line in lines_now(asking(morning.asel)) if line.queue is Queue.TECHNICAL}
    assert lines[morning.school905.id] == {PresenceState.READY: 1, PresenceState.TALKING: 1, PresenceState.BREAK: 1}
    assert lines[morning.school911.id] == {PresenceState.READY: 1, PresenceState.BREAK: 1}  # Бекзат, and the city's


def test_an_operator_serves_only_lines_of_a_known_skill(morning: Town) -> None:
    with transaction() as session:
        session.get_one(Staff, morning.aigul.id).skills = ["methodological"]
    technical, methodological = lines_now(asking(morning.erlan))
    assert PresenceState.READY not in technical.operators
    assert methodological.operators[PresenceState.READY] == 1


def test_an_operator_who_left_is_nowhere(morning: Town, set_clock: SetClock) -> None:
    with transaction():
        present(morning.erlan, "ready", set_clock())  # no operator
    before = team_now(asking(morning.erlan))
    with transaction() as session:
        session.get_one(Staff, morning.aigul.id).active = False
    assert sum(team_now(asking(morning.erlan)).values()) == sum(before.values()) - 1


def test_the_wallboard_takes_four_statements_however_many_lines(morning: Town, set_clock: SetClock) -> None:
    person = asking(morning.erlan)
    lines_now(person)
    with transaction():
        for minute in range(20):
            call(morning.district, almaty(23, 9, minute), None, queue="technical")
    set_clock.forward(minutes=1)
    lines_now(person)
    with counted_statements() as sent:
        assert len(lines_now(person)) == 3
    assert len(sent) == 4


def test_tomorrow_begins_without_data(morning: Town, set_clock: SetClock) -> None:
    set_clock.at += timedelta(days=1)
    assert all(line.calls.service_level() is None for line in lines_now(asking(morning.erlan)))
