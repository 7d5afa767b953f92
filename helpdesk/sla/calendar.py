"""Working time of a desk: when it is open, how much working time lies between two moments, and when an amount ends.

Local wall-clock hours outside, UTC inside. Time is counted in whole seconds and a begun second counts from its start:
the fraction of every moment is dropped. With that, one sentence defines everything: an amount is due at the earliest
moment at which that much working time has passed. So an amount that ends at closing time is due at closing time, and
an amount of nothing is due at once, open or closed.

An interval belongs to the day on which it opens: the small hours of a night shift that began before a holiday count.
A wall time that the zone's history repeats means its first occurrence.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

# Code of administrative procedures, art. 76: terms run in working days, the day of receipt is not counted. The hour at
# which the last day ends is the customer's choice; the hotline's own day ends then.
STATUTORY_HOUR = time(18, 30)

MIDNIGHT = time(0)
MONDAY_TO_FRIDAY = frozenset(range(5))

# Nothing that a desk promises lies further away; where no working time comes within it, there is none in sight.
SIGHT = timedelta(days=3660)

# Intervals are computed in stretches of 364 days counted from 1970: long enough that most questions need one.
_STRETCH_DAYS = 364
_STRETCH = _STRETCH_DAYS * 86_400
_EPOCH = date(1970, 1, 1)


class Hours(NamedTuple):
    """One opening interval in wall-clock time; it closes on the next day when `closes` is not after `opens`."""

    opens: time
    closes: time


Day = tuple[Hours, ...]
Week = tuple[Day, Day, Day, Day, Day, Day, Day]
ALL_DAY: Day = (Hours(MIDNIGHT, MIDNIGHT),)


class NoWorkingTime(Exception):
    """The calendar has no working time (or no working day) in sight; the message names the calendar."""

    def __init__(self, calendar: str, start: datetime) -> None:
        super().__init__(f"no working time in sight: calendar {calendar!r} from {start.isoformat()}")
        self.calendar = calendar
        self.start = start


class _Stretch(NamedTuple):
    """Open intervals of 364 days: seconds since 1970 UTC, apart and in order; `before` is the open time before each."""

    starts: list[int]
    ends: list[int]
    before: list[int]
    total: int

    def worked(self, moment: int) -> int:
        """Open seconds of this stretch before `moment`."""
        place = bisect_right(self.starts, moment) - 1
        if place < 0:
            return 0
        return self.before[place] + min(moment, self.ends[place]) - self.starts[place]


@dataclass(frozen=True, eq=False)
class Calendar:
    """The hours of one desk; two kinds of day are told apart.

    Desk days are those on which the desk opens. Working days are the law's: Monday to Friday without `days_off`, with
    the `moved_days` that are worked on a weekend; an around-the-clock desk has no more of them than others.
    `other_hours` replace the hours of single days, whatever day it is, and do not change whether it is a working day.
    """

    name: str
    zone: ZoneInfo
    week: Week = ((), (), (), (), (), (), ())
    days_off: frozenset[date] = frozenset()
    moved_days: frozenset[date] = frozenset()
    other_hours: Mapping[date, Day] = field(default_factory=dict)
    around_the_clock: bool = False
    _stretches: dict[int, _Stretch] = field(default_factory=dict, init=False, repr=False)

    # ── days ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def is_working_day(self, day: date) -> bool:
        """Whether the law counts this local day as a working day."""
        if day in self.moved_days:
            return True
        return day not in self.days_off and day.weekday() in MONDAY_TO_FRIDAY

    def hours_on(self, day: date) -> Day:
        """The intervals that open on this local day. A moved working day is worked like the first day of the week."""
        if self.around_the_clock:
            return ALL_DAY
        if day in self.other_hours:
            return self.other_hours[day]
        if day in self.moved_days:
            return next((hours for hours in self.week if hours), ())
        return () if day in self.days_off else self.week[day.weekday()]

    def local_day(self, moment: datetime) -> date:
        """The day on the wall of the place."""
        return moment.astimezone(self.zone).date()

    # ── working time ──────────────────────────────────────────────────────────────────────────────────────────────

    def due(self, start: datetime, seconds: int) -> datetime:
        """The earliest moment at which `seconds` of working time have passed since `start`, in UTC.

        A negative amount counts backwards: the latest moment from which that much passes until `start`.
        Raises NoWorkingTime.
        """
        moment = _second(start)
        if seconds == 0 or self.around_the_clock:
            return _moment(moment + seconds)
        number = moment // _STRETCH
        stretch = self._stretch(number)
        target = stretch.worked(moment) + seconds
        if seconds < 0:
            return self._before(start, number, target)
        while target > stretch.total:
            target -= stretch.total
            number += 1
            self._stay_in_sight(start, number)
            stretch = self._stretch(number)
        place = bisect_left(stretch.before, target) - 1
        return _moment(stretch.starts[place] + target - stretch.before[place])

    def _before(self, start: datetime, number: int, target: int) -> datetime:
        stretch = self._stretch(number)
        while target < 0:
            number -= 1
            self._stay_in_sight(start, number)
            stretch = self._stretch(number)
            target += stretch.total
        place = bisect_right(stretch.before, target) - 1
        return _moment(stretch.starts[place] + target - stretch.before[place])

    def elapsed(self, begin: datetime, end: datetime) -> int:
        """Seconds of working time between two moments; negative when `end` lies before `begin`."""
        first, last = _second(begin), _second(end)
        if self.around_the_clock:
            return last - first
        if last < first:
            return -self._between(last, first)
        return self._between(first, last)

    def _between(self, first: int, last: int) -> int:
        low, high = first // _STRETCH, last // _STRETCH
        passed = sum(self._stretch(number).total for number in range(low, high))
        return passed + self._stretch(high).worked(last) - self._stretch(low).worked(first)

    def is_open(self, at: datetime) -> bool:
        """Whether working time passes at this moment; at closing time it no longer does."""
        return self.elapsed(at, at + timedelta(seconds=1)) > 0

    def next_opening(self, at: datetime) -> datetime:
        """`at` itself (to the second) when open, else the next opening. Raises NoWorkingTime."""
        return self.due(at, 1) - timedelta(seconds=1)

    def open_until(self, at: datetime) -> datetime | None:
        """When the desk, open at this moment, closes next; None when it does not in sight. Raises NoWorkingTime.

        Closed at this moment, it is `at` itself (to the second).
        """
        moment = _second(at)
        for _ in range(SIGHT.days // _STRETCH_DAYS):
            stretch = self._stretch(moment // _STRETCH)
            place = bisect_right(stretch.starts, moment) - 1
            if place < 0 or stretch.ends[place] <= moment:
                return _moment(moment)
            moment = stretch.ends[place]
        return None

    # ── terms in days ─────────────────────────────────────────────────────────────────────────────────────────────

    def working_days_after(self, start: datetime, days: int) -> datetime:
        """End (18:30 local) of the n-th working day after the day of `start`, which is not counted.

        For terms of the law (Code of administrative procedures). No days: the day of receipt itself, or the next
        working day when that is none. Raises NoWorkingTime.
        """
        received = self.local_day(start)
        coming = self._days_from(start, received if days == 0 else received + timedelta(days=1))
        working = (day for day in coming if self.is_working_day(day))
        return self.at(next(islice(working, max(days, 1) - 1, None)), STATUTORY_HOUR)

    def desk_days_after(self, start: datetime, days: int) -> datetime:
        """Closing time of the n-th day on which the desk opens after the day of `start`, which is not counted.

        No days: closing time of the day of `start`, or of the next desk day when nothing is left of it.
        Raises NoWorkingTime.
        """
        today = self.local_day(start)
        coming = self._days_from(start, today if days == 0 else today + timedelta(days=1))
        closings = (max(end for _, end in spans) for day in coming if (spans := self._spans(day)))
        ahead = (closing for closing in closings if closing > _second(start))
        return _moment(next(islice(ahead, max(days, 1) - 1, None)))

    def at(self, day: date, wall: time) -> datetime:
        """A wall-clock time of a local day, in UTC."""
        return datetime.combine(day, wall, tzinfo=self.zone).astimezone(UTC)

    def _days_from(self, start: datetime, first: date) -> Iterator[date]:
        for number in range(SIGHT.days):
            yield first + timedelta(days=number)
        raise NoWorkingTime(self.name, start)

    # ── precomputed intervals ─────────────────────────────────────────────────────────────────────────────────────

    def _stay_in_sight(self, start: datetime, number: int) -> None:
        if abs(number - _second(start) // _STRETCH) * _STRETCH > SIGHT.total_seconds():
            raise NoWorkingTime(self.name, start)

    def _spans(self, day: date) -> list[tuple[int, int]]:
        """The intervals that open on `day`, as seconds since 1970; without those that the zone's history swallows."""
        spans = []
        for opens, closes in self.hours_on(day):
            closing_day = day if closes > opens else day + timedelta(days=1)
            begin, end = _second(self.at(day, opens)), _second(self.at(closing_day, closes))
            if end > begin:
                spans.append((begin, end))
        return spans

    def _stretch(self, number: int) -> _Stretch:
        known = self._stretches.get(number)
        if known is None:
            # two threads may both compute it: they store the same
            known = self._stretches[number] = self._computed(number)
        return known

    def _computed(self, number: int) -> _Stretch:
        floor, ceiling = number * _STRETCH, (number + 1) * _STRETCH
        first = _EPOCH + timedelta(days=number * _STRETCH_DAYS)
        # local days of neighbouring stretches reach into this one: by the zone's offset and by night shifts
        days = (first + timedelta(days=offset) for offset in range(-3, _STRETCH_DAYS + 3))
        spans = sorted(span for day in days for span in self._spans(day))
        merged: list[list[int]] = []
        for begin, end in spans:
            begin, end = max(begin, floor), min(end, ceiling)
            if begin >= end:
                continue
            if merged and begin <= merged[-1][1]:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([begin, end])
        before, total = [], 0
        for begin, end in merged:
            before.append(total)
            total += end - begin
        return _Stretch([begin for begin, _ in merged], [end for _, end in merged], before, total)


def _second(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    return int(moment.timestamp() // 1)


def _moment(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
