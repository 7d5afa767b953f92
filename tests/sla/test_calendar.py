"""Working time, against moments counted by hand and against a walk through every minute."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.sla.calendar import Calendar, Day, Hours, NoWorkingTime, Week

ALMATY = ZoneInfo("Asia/Almaty")
HOUR = 3600


def hours(text: str) -> Day:
    """'09:00-13:00 14:00-18:30' as intervals."""
    pairs = (span.split("-") for span in text.split())
    return tuple(Hours(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in pairs)


def week(workday: str, saturday: str = "", sunday: str = "") -> Week:
    """A week of five equal days and a weekend."""
    day = hours(workday)
    return day, day, day, day, day, hours(saturday), hours(sunday)


def local(text: str, zone: ZoneInfo = ALMATY) -> datetime:
    """A wall-clock moment of the place, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


USUAL = Calendar("usual", ALMATY, week("09:00-18:30"))
LUNCH = Calendar("lunch", ALMATY, week("09:00-13:00 14:00-18:00"))
NIGHT = Calendar("night", ALMATY, week("20:00-06:00"))
NIGHT_OFF = Calendar("night", ALMATY, week("20:00-06:00"), days_off=frozenset({date(2026, 11, 24)}))
TWO_SHIFTS = Calendar("shifts", ALMATY, week("08:00-14:00 14:00-20:00"))
OVERLAPPING = Calendar("overlap", ALMATY, week("08:00-14:00 12:00-20:00"))
INDEPENDENCE = Calendar("december", ALMATY, week("09:00-18:30"), days_off=frozenset({date(2026, 12, 16)}))
NAURYZ = Calendar(
    "nauryz", ALMATY, week("09:00-18:30"), days_off=frozenset(date(2027, 3, day) for day in (21, 22, 23, 24))
)
# in 2024 Wednesday 8 May was off and Saturday 4 May was worked instead
MAY_2024 = Calendar(
    "may",
    ALMATY,
    week("09:00-18:00", saturday="10:00-12:00"),
    days_off=frozenset(date(2024, 5, day) for day in (1, 7, 8, 9)),
    moved_days=frozenset({date(2024, 5, 4)}),
)
FROST = Calendar(
    "frost", ALMATY, week("09:00-18:30"), other_hours={date(2026, 11, 24): hours("07:00-08:00 19:00-20:00")}
)
CLOSED_DAY = Calendar("closed", ALMATY, week("09:00-18:30"), other_hours={date(2026, 11, 24): ()})
ALWAYS = Calendar("always", ALMATY, days_off=frozenset({date(2026, 12, 16)}), around_the_clock=True)
SUMMER = Calendar(
    "summer",
    ALMATY,
    week("09:00-18:30"),
    days_off=frozenset(date(2026, 6, 1) + timedelta(days=n) for n in range(92)),
)
NOVEMBER_23 = "2026-11-23"  # a Monday


@pytest.mark.parametrize(
    ("calendar", "start", "seconds", "expected"),
    [
        # within a day; before opening; after closing; over the weekend
        (USUAL, "2026-11-23 10:00", 4 * HOUR, "2026-11-23 14:00"),
        (USUAL, "2026-11-23 07:30", HOUR, "2026-11-23 10:00"),
        (USUAL, "2026-11-23 19:00", HOUR, "2026-11-24 10:00"),
        (USUAL, "2026-11-20 18:00", HOUR, "2026-11-23 09:30"),
        (USUAL, "2026-11-21 12:00", 8 * HOUR, "2026-11-23 17:00"),
        # ends at closing time: due at closing time, one second more is the next morning
        (USUAL, "2026-11-23 17:30", HOUR, "2026-11-23 18:30"),
        (USUAL, "2026-11-23 17:30", HOUR + 1, "2026-11-24 09:00:01"),
        (USUAL, "2026-11-20 09:00", 19 * HOUR, "2026-11-23 18:30"),
        # nothing is due at once, open or closed
        (USUAL, "2026-11-23 10:00", 0, "2026-11-23 10:00"),
        (USUAL, "2026-11-21 12:00", 0, "2026-11-21 12:00"),
        # a lunch break does not count, and an amount may end where it begins
        (LUNCH, "2026-11-23 12:30", HOUR, "2026-11-23 14:30"),
        (LUNCH, "2026-11-23 12:30", HOUR // 2, "2026-11-23 13:00"),
        (LUNCH, "2026-11-23 13:20", HOUR, "2026-11-23 15:00"),
        (LUNCH, "2026-11-23 09:00", 16 * HOUR, "2026-11-24 18:00"),
        # over midnight; Friday's shift ends on Saturday; a day off does not cut the shift before it
        (NIGHT, "2026-11-23 23:00", 2 * HOUR, "2026-11-24 01:00"),
        (NIGHT, "2026-11-24 03:00", 4 * HOUR, "2026-11-24 21:00"),
        (NIGHT, "2026-11-27 20:00", 10 * HOUR, "2026-11-28 06:00"),
        (NIGHT, "2026-11-28 05:00", 2 * HOUR, "2026-11-30 21:00"),
        (NIGHT_OFF, "2026-11-23 23:00", 8 * HOUR, "2026-11-25 21:00"),
        # two shifts that touch or overlap are one stretch of time
        (TWO_SHIFTS, "2026-11-23 08:00", 12 * HOUR, "2026-11-23 20:00"),
        (OVERLAPPING, "2026-11-23 08:00", 12 * HOUR, "2026-11-23 20:00"),
        # holidays: one day; Nauryz with its moved day; New Year comes through the turn of the year
        (INDEPENDENCE, "2026-12-15 18:00", HOUR, "2026-12-17 09:30"),
        (NAURYZ, "2027-03-19 18:00", HOUR, "2027-03-25 09:30"),
        (USUAL, "2026-12-31 18:00", HOUR, "2027-01-01 09:30"),
        # a moved working day is worked like a Monday, not like a short Saturday; the days off around it are not
        (MAY_2024, "2024-05-03 17:00", 10 * HOUR, "2024-05-04 18:00"),
        (MAY_2024, "2024-05-06 17:00", 2 * HOUR, "2024-05-10 10:00"),
        (MAY_2024, "2024-05-10 17:00", 2 * HOUR, "2024-05-11 11:00"),
        # other hours of a single day, and none
        (FROST, "2026-11-24 07:30", HOUR, "2026-11-24 19:30"),
        (CLOSED_DAY, "2026-11-23 18:00", HOUR, "2026-11-25 09:30"),
        # around the clock, holidays too
        (ALWAYS, "2026-12-15 23:00", 30 * HOUR, "2026-12-17 05:00"),
        # a summer without a working day
        (SUMMER, "2026-05-29 18:00", HOUR, "2026-09-01 09:30"),
        # the clocks of Almaty went back an hour at the end of 29 February 2024: a night of 10 hours on the wall is 11
        (USUAL, "2024-02-29 18:00", HOUR, "2024-03-01 09:30"),
        (NIGHT, "2024-02-29 20:00", 10 * HOUR, "2024-03-01 05:00"),
        (NIGHT, "2024-02-29 20:00", 11 * HOUR, "2024-03-01 06:00"),
        # backwards: the latest moment from which so much passes
        (USUAL, "2026-11-23 10:00", -HOUR, "2026-11-23 09:00"),
        (USUAL, "2026-11-23 10:00", -2 * HOUR, "2026-11-20 17:30"),
        (USUAL, "2026-11-22 10:00", -HOUR, "2026-11-20 17:30"),
        (USUAL, "2027-01-01 09:30", -HOUR, "2026-12-31 18:00"),
    ],
)
def test_an_amount_is_due_at_the_moment_counted_by_hand(
    calendar: Calendar, start: str, seconds: int, expected: str
) -> None:
    assert calendar.due(local(start), seconds) == local(expected)
    assert calendar.elapsed(local(start), local(expected)) == seconds


@pytest.mark.parametrize(
    ("zone", "hour_in_utc_before", "hour_in_utc_after"),
    [("Asia/Almaty", 3, 4), ("Asia/Qostanay", 3, 4), ("Asia/Aqtobe", 4, 4), ("Asia/Qyzylorda", 4, 4)],
)
def test_nine_in_the_morning_follows_the_history_of_the_zone(
    zone: str, hour_in_utc_before: int, hour_in_utc_after: int
) -> None:
    calendar = Calendar(zone, ZoneInfo(zone), week("09:00-18:00"))
    thursday, friday = datetime(2024, 2, 28, 20, tzinfo=UTC), datetime(2024, 2, 29, 20, tzinfo=UTC)
    assert calendar.next_opening(thursday) == datetime(2024, 2, 29, hour_in_utc_before, tzinfo=UTC)
    assert calendar.next_opening(friday) == datetime(2024, 3, 1, hour_in_utc_after, tzinfo=UTC)


def test_summer_time_of_another_country_shortens_a_night() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = Calendar("night", berlin, week("22:00-06:00", saturday="22:00-06:00", sunday="22:00-06:00"))
    assert night.elapsed(local("2026-03-28 22:00", berlin), local("2026-03-29 06:00", berlin)) == 7 * HOUR
    assert night.elapsed(local("2026-10-24 22:00", berlin), local("2026-10-25 06:00", berlin)) == 9 * HOUR


def test_a_desk_is_open_from_opening_until_just_before_closing() -> None:
    assert not USUAL.is_open(local("2026-11-23 08:59:59"))
    assert USUAL.is_open(local("2026-11-23 09:00"))
    assert USUAL.is_open(local("2026-11-23 18:29:59.9"))
    assert not USUAL.is_open(local("2026-11-23 18:30"))
    assert ALWAYS.is_open(local("2026-12-16 03:00"))


def test_the_next_opening_is_now_when_open() -> None:
    assert USUAL.next_opening(local("2026-11-23 11:00:30")) == local("2026-11-23 11:00:30")
    assert USUAL.next_opening(local("2026-11-23 18:30")) == local("2026-11-24 09:00")
    assert LUNCH.next_opening(local("2026-11-23 13:00")) == local("2026-11-23 14:00")
    assert INDEPENDENCE.next_opening(local("2026-12-15 20:00")) == local("2026-12-17 09:00")


def test_the_fraction_of_a_second_is_dropped() -> None:
    start = local("2026-11-23 10:00") + timedelta(milliseconds=999)
    assert USUAL.due(start, 60) == local("2026-11-23 10:01")
    assert USUAL.elapsed(start, local("2026-11-23 10:01")) == 60


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        USUAL.due(datetime(2026, 11, 23, 10), 60)  # noqa: DTZ001 - what is refused here


@pytest.mark.parametrize("amount", [1, -1])
def test_a_calendar_without_working_time_is_an_error_that_names_it(amount: int) -> None:
    empty = Calendar("School 901", ALMATY)
    with pytest.raises(NoWorkingTime, match="School 901"):
        empty.due(local("2026-11-23 10:00"), amount)
    with pytest.raises(NoWorkingTime):
        empty.next_opening(local("2026-11-23 10:00"))
    with pytest.raises(NoWorkingTime):
        empty.desk_days_after(local("2026-11-23 10:00"), 1)
    assert empty.elapsed(local("2026-01-01 10:00"), local("2026-11-23 10:00")) == 0
    assert not empty.is_open(local("2026-11-23 10:00"))


def test_a_calendar_whose_working_time_has_ended_is_an_error_too() -> None:
    last_day = Calendar("closing school", ALMATY, other_hours={date(2026, 11, 23): hours("09:00-12:00")})
    assert last_day.due(local("2026-11-23 10:00"), 2 * HOUR) == local("2026-11-23 12:00")
    with pytest.raises(NoWorkingTime, match="closing school"):
        last_day.due(local("2026-11-23 10:00"), 2 * HOUR + 1)


# ── terms in days ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("calendar", "start", "days", "expected"),
    [
        # the day of receipt is not counted
        (USUAL, "2026-11-23 10:00", 1, "2026-11-24 18:30"),
        (USUAL, "2026-11-23 23:50", 1, "2026-11-24 18:30"),
        (USUAL, "2026-11-23 10:00", 15, "2026-12-14 18:30"),
        # received on Saturday: Monday is the first day
        (USUAL, "2026-11-21 10:00", 1, "2026-11-23 18:30"),
        # 16 December is off
        (INDEPENDENCE, "2026-11-30 10:00", 15, "2026-12-22 18:30"),
        # Nauryz, four days of it off
        (NAURYZ, "2027-03-19 10:00", 3, "2027-03-29 18:30"),
        # a moved Saturday counts
        (MAY_2024, "2024-05-03 10:00", 2, "2024-05-06 18:30"),
        # no days: the day of receipt, or the next working day
        (USUAL, "2026-11-23 10:00", 0, "2026-11-23 18:30"),
        (USUAL, "2026-11-21 10:00", 0, "2026-11-23 18:30"),
        # the hours of the desk are no matter: closed on a day of frost, open at night, open always
        (CLOSED_DAY, "2026-11-23 10:00", 1, "2026-11-24 18:30"),
        (NIGHT, "2026-11-23 10:00", 1, "2026-11-24 18:30"),
        (ALWAYS, "2026-12-15 10:00", 1, "2026-12-17 18:30"),
    ],
)
def test_a_term_of_the_law_ends_at_half_past_six_of_its_last_working_day(
    calendar: Calendar, start: str, days: int, expected: str
) -> None:
    assert calendar.working_days_after(local(start), days) == local(expected)


@pytest.mark.parametrize(
    ("calendar", "start", "days", "expected"),
    [
        (LUNCH, "2026-11-23 10:00", 1, "2026-11-24 18:00"),
        (MAY_2024, "2024-05-10 10:00", 1, "2024-05-11 12:00"),
        (NIGHT, "2026-11-23 10:00", 1, "2026-11-25 06:00"),
        (LUNCH, "2026-11-23 13:30", 0, "2026-11-23 18:00"),
        (LUNCH, "2026-11-23 18:00", 0, "2026-11-24 18:00"),
        (LUNCH, "2026-11-21 13:30", 0, "2026-11-23 18:00"),
        (ALWAYS, "2026-12-15 10:00", 1, "2026-12-17 00:00"),
    ],
)
def test_a_term_in_desk_days_ends_when_the_desk_closes(
    calendar: Calendar, start: str, days: int, expected: str
) -> None:
    assert calendar.desk_days_after(local(start), days) == local(expected)


# ── against a walk through every minute ───────────────────────────────────────────────────────────────────────────

# Closings and openings keep away from the hour that Almaty lived through twice: there the wall alone does not tell.
WALLS = st.builds(time, st.integers(0, 22), st.sampled_from([0, 7, 30, 59]))
DAYS = st.lists(st.builds(Hours, WALLS, WALLS), max_size=3).map(tuple)
DATES = st.dates(date(2024, 2, 20), date(2024, 3, 12))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = (draw(DAYS) for _ in range(7))
    return Calendar(
        "random",
        draw(st.sampled_from([ALMATY, ZoneInfo("Asia/Aqtau"), ZoneInfo("UTC")])),
        (monday, tuesday, wednesday, thursday, friday, saturday, sunday),
        draw(st.frozensets(DATES, max_size=4)),
        draw(st.frozensets(DATES, max_size=2)),
        draw(st.dictionaries(DATES, DAYS, max_size=2)),
    )


def is_open_by_the_wall(calendar: Calendar, moment: datetime) -> bool:
    """Whether the wall clock shows a time inside an interval of today, or of yesterday over midnight."""
    wall = moment.astimezone(calendar.zone)
    today, now = wall.date(), wall.time()
    for opens, closes in calendar.hours_on(today):
        if opens <= now and (now < closes or closes <= opens):
            return True
    yesterday = calendar.hours_on(today - timedelta(days=1))
    return any(closes <= opens and now < closes for opens, closes in yesterday)


MOMENTS = st.builds(
    lambda minute: datetime(2024, 2, 26, tzinfo=UTC) + timedelta(minutes=minute), st.integers(0, 8 * 24 * 60)
)


@settings(max_examples=150, deadline=None)
@given(calendars(), MOMENTS, st.integers(1, 1500))
def test_due_is_where_a_walk_through_the_minutes_ends(calendar: Calendar, start: datetime, minutes: int) -> None:
    moment, counted = start, 0
    while counted < minutes and moment < start + timedelta(days=12):
        counted += is_open_by_the_wall(calendar, moment)
        moment += timedelta(minutes=1)
    assert calendar.elapsed(start, moment) == counted * 60
    if counted == minutes:
        assert calendar.due(start, minutes * 60) == moment


@settings(max_examples=150, deadline=None)
@given(calendars(), MOMENTS, st.integers(-5000, 90_000))
def test_amounts_there_and_back_are_the_same(calendar: Calendar, start: datetime, seconds: int) -> None:
    try:
        due = calendar.due(start, seconds)
    except NoWorkingTime:
        return
    assert calendar.elapsed(start, due) == seconds
    middle = start + (due - start) / 2
    assert calendar.elapsed(start, middle) + calendar.elapsed(middle, due) == seconds
