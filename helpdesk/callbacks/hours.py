"""When a desk may dial and what it may promise. Pure: calendars and moments in, moments out."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from helpdesk.sla.calendar import SIGHT, Calendar, NoWorkingTime


@dataclass(frozen=True)
class DiallingHours:
    """A desk dials between two wall-clock times on days on which it opens; around the clock where `always`."""

    calendar: Calendar
    opens: time
    closes: time
    always: bool = False

    def allow(self, at: datetime) -> bool:
        """Whether a telephone may ring at this moment; at `closes` it no longer may."""
        return self.next(at) == at

    def next(self, at: datetime) -> datetime:
        """`at` itself when dialling is allowed, else the next moment when it is, in UTC. Raises NoWorkingTime."""
        if self.always:
            return at
        day = self.calendar.local_day(at)
        for _ in range(SIGHT.days):
            if self.calendar.hours_on(day):
                begins, ends = self.calendar.at(day, self.opens), self.calendar.at(day, self.closes)
                if at < ends:
                    return max(at, begins)
            day += timedelta(days=1)
        raise NoWorkingTime(self.calendar.name, at)

    def next_day(self, at: datetime) -> datetime:
        """The first allowed moment of a later day."""
        tomorrow = self.calendar.local_day(at) + timedelta(days=1)
        return self.next(self.calendar.at(tomorrow, time(0)))

    def day_began(self, at: datetime) -> datetime:
        """Local midnight before `at`: dials are counted by day."""
        return self.calendar.at(self.calendar.local_day(at), time(0)).astimezone(UTC)


@dataclass(frozen=True)
class Promise:
    """What is said to the person: dialled from `earliest` on, not later than `latest`."""

    earliest: datetime
    latest: datetime


def promise(hours: DiallingHours, now: datetime, within: timedelta, not_before: datetime | None) -> Promise:
    """The promise that can be made now.

    An appointment (`not_before`) is kept at its own moment. Otherwise the person is called `within` the desk's time,
    counted from now or from the next opening of a closed desk; what would end after the dialling hours moves to the
    next opening.
    """
    if not_before is not None and not_before > now:
        at = hours.next(not_before)
        return Promise(at, at)
    if hours.always:
        return Promise(now, now + within)
    earliest = hours.next(hours.calendar.next_opening(now))
    if earliest <= now:
        earliest = now
    latest = earliest + within
    if not hours.allow(latest):
        tomorrow = hours.next_day(earliest)
        earliest = hours.next(hours.calendar.next_opening(tomorrow))
        latest = earliest + within
    return Promise(earliest, latest)
