"""Stretches of the day in which somebody can ask to be called: two hours each, within the dialling hours. Pure."""

from datetime import datetime, time, timedelta
from typing import NamedTuple

from helpdesk.callbacks.hours import DiallingHours

# By the wall clock of the desk.
STARTS = (time(9), time(11), time(14), time(16), time(18))
LASTS = timedelta(hours=2)
# What begins sooner cannot be kept in an ordinary line.
SOONEST = timedelta(minutes=30)
DAYS, MOST = 7, 10


class Window(NamedTuple):
    """Called at `begins` or later, not later than `ends`."""

    begins: datetime
    ends: datetime


def windows(hours: DiallingHours, now: datetime) -> list[Window]:
    """The next stretches that are wholly within the dialling hours, soonest first."""
    today = hours.calendar.local_day(now)
    found = []
    for ahead in range(DAYS):
        for start in STARTS:
            begins = hours.calendar.at(today + timedelta(days=ahead), start)
            last = begins + LASTS - timedelta(minutes=1)
            if begins >= now + SOONEST and hours.allow(begins) and hours.allow(last):
                found.append(Window(begins, begins + LASTS))
    return found[:MOST]
