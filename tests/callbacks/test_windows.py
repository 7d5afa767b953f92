"""Which stretches of the day are offered to who wants to be called: those that the desk can keep."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from helpdesk.callbacks.hours import DiallingHours
from helpdesk.callbacks.windows import LASTS, MOST, SOONEST, windows
from helpdesk.sla.calendar import Calendar, Hours

ZONE = ZoneInfo("Asia/Almaty")
DAY = (Hours(time(9), time(18, 30)),)
HOURS = DiallingHours(Calendar("desk", ZONE, (DAY, DAY, DAY, DAY, DAY, (), ())), time(9), time(20))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def test_each_is_whole_within_the_hours_and_begins_soon_enough_to_be_kept() -> None:
    now = at("2026-11-27T10:45")
    found = windows(HOURS, now)
    assert [one.begins.astimezone(ZONE) for one in found[:4]] == [
        at("2026-11-27T14:00"),
        at("2026-11-27T16:00"),
        at("2026-11-27T18:00"),
        at("2026-11-30T09:00"),
    ]
    assert all(HOURS.allow(one.begins) and one.ends - one.begins == LASTS for one in found)
    assert all(one.begins - now >= SOONEST for one in found)
    assert len(found) <= MOST


def test_a_desk_that_dials_late_offers_no_morning() -> None:
    late = DiallingHours(HOURS.calendar, time(12), time(18))
    assert {one.begins.astimezone(ZONE).time() for one in windows(late, at("2026-11-23T08:00"))} == {time(14), time(16)}
