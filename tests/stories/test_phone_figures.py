"""A morning on the simulated network, and what the telephone report makes of it: the far ends lived the same."""

from datetime import date

import pytest

from helpdesk.identity.queries import asker
from helpdesk.reports.rules import Period
from helpdesk.reports.telephony import phone_report
from helpdesk.reports.telephony_now import lines_now
from helpdesk.reports.telephony_slices import PhoneBy, Selection
from tests.hotline import MONDAY_TEN, Hotline
from tests.people import Town

MONDAY = Selection(Period(date(2026, 11, 23), date(2026, 11, 23)))


def number(place: int) -> str:
    return f"+7701000{place:04d}"


def test_the_report_says_what_the_far_ends_lived(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel, town.svetlana)
    # Әсел alone serves the city's line: the others wait for the first, and the fourth gives up
    lives = [{"talk": 120.0}, {"talk": 60.0}, {"talk": 40.0}, {"patience": 75.0}, {"talk": 30.0}]
    callers = []
    for place, life in enumerate(lives):
        callers.append(hotline.dial(number(place), "1", "1", "1", **life))
        hotline.run(5)
    gone = hotline.dial(number(8))
    hotline.run(3)
    gone.hang_up()
    hotline.until(lambda: all(caller.over for caller in callers), limit=1800)
    hotline.run(200)

    person = asker(town.asel.id)
    assert person is not None
    total = phone_report(person, MONDAY, PhoneBy.HALF_HOUR).total
    talked = [hotline.network.ledger.conversations(number(place)) for place in range(len(lives))]
    handled = [one for one in talked if one]
    calls = total.calls
    assert total.counts["received"] == 6
    assert (calls.offered, calls.handled, calls.abandoned, calls.other) == (5, len(handled), 5 - len(handled), 0)
    assert calls.abandoned == 1
    spans = [talk.to_at - talk.from_at for talks in handled for talk in talks if talk.to_at is not None]
    lived = sum(span.total_seconds() for span in spans)
    assert calls.talk_seconds + calls.hold_seconds == pytest.approx(lived, abs=4)
    assert calls.wait_seconds > 0
    assert total.offers.accepted == calls.handled
    assert total.estimates.told == calls.handled
    assert total.work is not None
    since = (hotline.clock.now() - MONDAY_TEN).total_seconds()
    # both work in the city, Светлана at a district of it: ready, talking or writing all the time
    assert total.work.paid_seconds == pytest.approx(2 * since, abs=15)
    assert total.work.busy_seconds >= calls.talk_seconds - 1


def test_the_wallboards_line_is_the_line_that_callers_stand_in(hotline: Hotline, town: Town) -> None:
    waiting = [hotline.dial(number(place), "1", "1", "1", patience=900.0) for place in range(3)]
    hotline.until(lambda: all(caller.queue_name is not None for caller in waiting))
    hotline.run(30)
    person = asker(town.asel.id)
    assert person is not None
    [line] = lines_now(person)
    assert (line.desk_id, line.waiting) == (town.city.id, 3)
    longest = line.longest_wait(hotline.clock.now())
    assert longest is not None
    assert 30 <= longest < 90
