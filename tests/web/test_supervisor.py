import html
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel.db import session, transaction
from helpdesk.routing.rules import Queue
from helpdesk.telephony.models import Call, Presence, QueueEntry
from helpdesk.telephony.rules import EntryKind, PresenceState
from tests.conftest import SetClock, counted_statements
from tests.people import SignIn, Town
from tests.reports.weeks import almaty, callback, ticket

HOUR = 60
DAY = 24 * HOUR


def caller(town: Town, waits: timedelta, now: SetClock) -> None:
    """Somebody in the phone queue of the district since so long."""
    call = Call(to_number="1450", started_at=now.at - waits)
    session().add(call)
    session().flush()
    at = now.at - waits
    session().add(
        QueueEntry(
            kind=EntryKind.LIVE,
            desk_id=town.district.id,
            queue=Queue.TECHNICAL,
            language="kk",
            call_id=call.id,
            virtual_at=at,
            joined_at=at,
        )
    )


@pytest.fixture
def erlan(town: Town, set_clock: SetClock, sign_in: SignIn) -> FlaskClient:
    """The district supervisor's browser on Monday at 10:00: 3 overdue, 2 at risk, 2 on the phone, 1 late callback."""
    d, s = town.district, town.school905
    with transaction():
        ticket(d, almaty(20, 10), answer_due=4 * HOUR, resolve_due=30 * DAY)  # overdue: the response
        ticket(s, almaty(20, 11), answer_due=4 * HOUR, answered=10, resolve_due=DAY)  # overdue: the resolution
        ticket(s, almaty(20, 12), "methodological", answer_due=4 * HOUR)  # overdue
        ticket(d, almaty(23, 9), answer_due=2 * HOUR)  # at risk: one hour left
        ticket(d, almaty(16, 10), answer_due=HOUR, answered=5, resolve_due=9 * DAY)  # at risk: 2 of 9 days left
        ticket(d, almaty(23, 9), answer_due=3 * HOUR)  # calm: two of three hours left
        ticket(d, almaty(17, 10), answer_due=HOUR, paused=30)  # its clock stands still
        promised = ticket(d, almaty(20, 10), answer_due=HOUR, answered=1, resolve_due=1, resolved=1)
        callback(promised, almaty(20, 10), almaty(23, 9, 30))
        ticket(town.school911, almaty(20, 10), answer_due=HOUR)  # another district
        caller(town, timedelta(minutes=3, seconds=40), set_clock)
        caller(town, timedelta(seconds=20), set_clock)
        session().add(Presence(staff_id=town.aigul.id, state=PresenceState.READY, since=almaty(23, 9)))
    return sign_in(town.erlan)


def numbers(page: str) -> list[str]:
    """The big numbers of the board, in their order."""
    return [re.sub(r"<[^>]+>", "", found).strip() for found in re.findall(r'stat__figure">(.*?)</span>\s*<span', page)]


def test_three_numbers_say_what_needs_action(erlan: FlaskClient) -> None:
    assert numbers(erlan.get("/supervisor").text) == ["3", "2", "3 мин"]


def test_each_number_opens_a_list_of_that_length(erlan: FlaskClient) -> None:
    page = erlan.get("/supervisor").text
    hrefs = [html.unescape(href) for href in re.findall(r'href="?([^" >]+)"? class="stat', page)]
    assert [erlan.get(href).text.count('scope="row"') for href in hrefs] == [3, 2, 2]


def test_the_columns_add_up_to_the_numbers(erlan: FlaskClient) -> None:
    page = erlan.get("/supervisor").text
    foot = re.findall(r'<td class="number">(\d+)</td>', page.split("<tfoot>")[1].split("</tfoot>")[0])
    # overdue, at risk, unfinished, nobody's, paused, callers, callbacks, late callbacks
    assert foot == ["3", "2", "7", "7", "1", "2", "1", "1"]


def test_a_place_leaves_only_what_lies_below_it(erlan: FlaskClient, town: Town) -> None:
    assert numbers(erlan.get(f"/supervisor?place={town.school905.id}").text) == ["2", "0", "—"]
    assert erlan.get(f"/supervisor?place={town.school911.id}").status_code == 404


def test_operators_stand_under_what_they_do_now(erlan: FlaskClient) -> None:
    page = erlan.get("/supervisor").text
    ready = re.search(r"на линии:</span> <strong>1</strong>\s*<ul[^>]*><li>([^<]+)", page)
    assert ready is not None
    assert ready[1].strip() == "Айгүл Қасымова"


def test_the_board_takes_at_most_ten_statements(erlan: FlaskClient) -> None:
    for page in ("/supervisor", "/supervisor/list?what=overdue", "/supervisor/list?what=waiting"):
        with counted_statements() as sent:
            assert erlan.get(page).status_code == 200
        assert len(sent) <= 10


def test_a_list_that_there_is_not_is_not_found(erlan: FlaskClient) -> None:
    assert erlan.get("/supervisor/list?what=everything").status_code == 404
    assert erlan.get("/supervisor/list?what=overdue&after=nonsense").status_code == 404
