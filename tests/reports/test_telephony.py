import random
from datetime import date, timedelta

import pytest

from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.reports.rules import Period
from helpdesk.reports.telephony import PhoneReport, phone_report, staff_names
from helpdesk.reports.telephony_counts import CALLS, REASONS
from helpdesk.reports.telephony_figures import FIGURES, Unit
from helpdesk.reports.telephony_lists import BehindPhone, phone_list
from helpdesk.reports.telephony_rows import PhoneRow
from helpdesk.reports.telephony_slices import PhoneBy, Selection
from helpdesk.routing.rules import Queue
from helpdesk.telephony.rules import Outcome
from tests.conftest import SetClock, counted_statements
from tests.people import Town
from tests.reports.phone_days import call, example_day, menu_call, offer, span
from tests.reports.weeks import almaty, callback, ticket

OUTCOMES = ("handled", "abandoned", "callback", "voicemail", "other")
FRIDAY = Selection(Period(date(2026, 11, 20), date(2026, 11, 20)))


def asking(person: Staff) -> Asker:
    """The rights of a member of staff."""
    found = asker(person.id)
    assert found is not None
    return found


def rows_of(report: PhoneReport) -> dict[str | None, PhoneRow]:
    """The rows of a report by their value, the total under None."""
    return {row.value: row for row in (*report.rows, report.total)}


@pytest.fixture
def day(town: Town, set_clock: SetClock) -> Town:
    """The town after the day that was counted by hand; see `example_day` for its calls."""
    with transaction():
        example_day(town)
    return town


def test_the_total_of_the_example_day_is_what_was_counted_by_hand(day: Town) -> None:
    total = phone_report(asking(day.erlan), FRIDAY, PhoneBy.HOUR).total
    found = {code: figure.value(total) for code, figure in FIGURES.items() if not code.startswith("other_")}
    assert found == {
        "received": 15,
        "unqueued": 2,
        "offered": 13,
        "handled": 6,  # 1 2 3 4 5 13
        "abandoned": 3,  # 6 7 8
        "callback": 1,
        "voicemail": 1,
        "other": 2,  # 11 failed, 12 is still going on
        "short": 1,
        "handled_in_time": 4,  # 1 2 5 13
        "abandoned_in_time": 2,  # 7 8
        "waited_out": 9,
        "judged": 7,
        "served_or_left": 6,
        "served_or_short": 5,
        "gave_up": 2,
        "stayed": 12,
        "transferred": 1,
        "called_back": 2,
        "service_level": 4 / 7,
        "service_level_1": 6 / 9,
        "service_level_2": 4 / 6,
        "service_level_3": 4 / 9,
        "service_level_5": 5 / 9,
        "speed_of_answer": 72.5,  # (10 + 20 + 100 + 300 + 0 + 5) / 6
        "handle_time": 300,  # (1600 talked and held + 200 written) / 6
        "abandonment": 2 / 12,
        "transfer_rate": 1 / 6,
        "told": 4,  # 1 2 3 4
        "bounded": 3,
        "within": 2,  # 1 and 2 were told "less than a minute", 3 "about one minute"
        "endless": 1,
        "error_p50": 30,  # 10 20 40 2100
        "error_p90": pytest.approx(40 + 0.7 * 2060),
        "relative_p50": pytest.approx(1.25),  # 0.4 0.5 2 7
        "relative_p90": pytest.approx(2 + 0.7 * 5),
        "within_share": 2 / 3,
        "endless_share": 1 / 4,
        "occupancy": 4200 / 12000,
        "utilisation": 4200 / 13200,
        "signed_in": 13200,
        "offers": 9,  # 1 2 2 3 4 4 5 13 13
        "accepted": 7,
        "declined": 1,
        "missed": 1,
        "missed_rate": 1 / 9,
        "promised": 6,
        "reached": 2,
        "not_reached": 1,
        "open": 2,
        "withdrawn": 1,
        "settled": 3,
        "kept": 1,
        "overdue": 1,
        "measured": 4,
        "tried": 3,
        "first_reached": 1,
        "announced": 2,
        "announced_kept": 1,  # 60 min after 3400 s were told; 40 min after 600 s were told is too late
        "callback_success": 2 / 3,
        "promise_kept": 1 / 4,
        "first_attempt": 1 / 3,
        "attempts_per_success": 1.5,
        "callback_p50": 3000,
        "callback_p90": pytest.approx(2400 + 0.9 * 1200),
        "callback_level": 1 / 2,
    }
    assert total.calls.reasons == {"failed": 1, "open": 1}


def test_talk_hold_and_wrap_up_are_told_apart(day: Town) -> None:
    calls = phone_report(asking(day.erlan), FRIDAY, PhoneBy.DAY).total.calls
    assert (calls.talk_seconds, calls.hold_seconds, calls.wrapup_seconds) == (1440, 160, 200)


def test_hours_and_half_hours_follow_the_moment_of_joining_the_queue(day: Town) -> None:
    hours = rows_of(phone_report(asking(day.erlan), FRIDAY, PhoneBy.HOUR))
    offered = {value: row.calls.offered for value, row in hours.items() if row.calls.offered}
    assert offered == {"2026-11-20T09:00": 4, "2026-11-20T10:00": 6, "2026-11-20T11:00": 3, None: 13}
    halves = rows_of(phone_report(asking(day.erlan), FRIDAY, PhoneBy.HALF_HOUR))
    offered = {value: row.calls.offered for value, row in halves.items() if row.calls.offered and value}
    assert offered == {
        "2026-11-20T09:00": 3,
        "2026-11-20T09:30": 1,
        "2026-11-20T10:00": 4,
        "2026-11-20T10:30": 2,
        "2026-11-20T11:00": 3,
    }


def test_operators_time_is_cut_at_the_borders_of_hours(day: Town) -> None:
    hours = rows_of(phone_report(asking(day.erlan), FRIDAY, PhoneBy.HOUR))
    there = {value: row.work.operators(3600) for value, row in hours.items() if row.work and value}
    assert there == {
        "2026-11-20T00:00": 0.5,  # Светлана's conversation from Thursday
        "2026-11-20T09:00": pytest.approx(1 + 1 / 6),
        "2026-11-20T10:00": pytest.approx(40 / 60),  # the break is not counted
        "2026-11-20T11:00": 1,
    }


def test_time_beyond_the_borders_of_the_period_is_not_counted(town: Town, set_clock: SetClock) -> None:
    with transaction():
        span(town.aigul, "talking", almaty(19, 22), almaty(20, 1))
        span(town.aigul, "ready", almaty(20, 21), almaty(21, 2))
        span(town.svetlana, "ready", almaty(20, 23), None)
    for by in (PhoneBy.HOUR, PhoneBy.OPERATOR, PhoneBy.QUEUE):
        work = phone_report(asking(town.erlan), FRIDAY, by).total.work
        assert work is not None
        assert (work.busy_seconds, work.idle_seconds) == (3600, 4 * 3600)


def test_rows_by_queue_language_desk_and_operator_divide_the_same_calls(day: Town) -> None:
    person = asking(day.erlan)

    def handled(by: PhoneBy) -> dict[str | None, int]:
        return {row.value: row.calls.handled for row in phone_report(person, FRIDAY, by).rows}

    assert handled(PhoneBy.QUEUE) == {"": 0, "technical": 5, "methodological": 1}
    assert handled(PhoneBy.LANGUAGE) == {"": 0, "kk": 4, "ru": 2}
    assert handled(PhoneBy.DESK) == {str(day.school905.id): 5, str(day.district.id): 1}
    assert handled(PhoneBy.OPERATOR) == {"": 0, str(day.aigul.id): 4, str(day.svetlana.id): 2}


def test_an_operators_row_has_their_offers_and_their_time(day: Town) -> None:
    report = phone_report(asking(day.erlan), FRIDAY, PhoneBy.OPERATOR)
    aigul, svetlana = (rows_of(report)[str(one.id)] for one in (day.aigul, day.svetlana))
    assert (aigul.offers.accepted, aigul.offers.declined, aigul.offers.missed) == (5, 1, 0)
    assert svetlana.offers.missed_rate() == 1 / 3
    assert aigul.work is not None
    assert aigul.work.occupancy() == 2400 / 9600
    assert report.total.promises is None
    names = staff_names([row.value for row in report.rows])
    assert names == {str(day.aigul.id): "Айгүл Қасымова", str(day.svetlana.id): "Светлана Ким"}


def test_operators_time_is_not_divided_by_queue_or_desk(day: Town) -> None:
    report = phone_report(asking(day.erlan), FRIDAY, PhoneBy.QUEUE)
    assert {row.work for row in report.rows} == {None}
    assert report.total.work is not None


def test_a_chosen_queue_and_language_leave_their_calls_and_operators(day: Town) -> None:
    person = asking(day.erlan)
    technical = phone_report(person, Selection(FRIDAY.period, queue=Queue.TECHNICAL), PhoneBy.DAY).total
    assert technical.calls.offered == 11
    assert technical.promises is not None
    assert technical.promises.promised == 6
    russian = phone_report(person, Selection(FRIDAY.period, language="ru"), PhoneBy.DAY).total
    assert russian.calls.offered == 4
    assert russian.promises is not None
    assert russian.promises.promised == 0
    assert russian.work is not None
    assert russian.work.paid_seconds == 2400  # Светлана alone


def test_a_language_that_was_remembered_counts_as_chosen(town: Town, set_clock: SetClock) -> None:
    with transaction():
        call(town.school905, almaty(20, 9), language=None, keys={"remembered": "ru"})
    assert phone_report(asking(town.erlan), Selection(FRIDAY.period, language="ru"), PhoneBy.DAY).total.calls.handled
    assert [row.value for row in phone_report(asking(town.erlan), FRIDAY, PhoneBy.LANGUAGE).rows] == ["ru"]


def test_a_report_of_one_place_has_only_its_calls(day: Town) -> None:
    school = Selection(FRIDAY.period, place=day.school905.id)
    total = phone_report(asking(day.erlan), school, PhoneBy.DAY).total
    assert total.calls.offered == 9
    assert total.work is not None
    assert total.work.occupancy() is None  # the district's operators are not the school's


def test_another_district_is_not_found(day: Town) -> None:
    foreign = Selection(FRIDAY.period, place=day.other_district.id)
    with pytest.raises(NotFound):
        phone_report(asking(day.erlan), foreign, PhoneBy.DAY)
    with pytest.raises(NotFound):
        phone_list(asking(day.erlan), foreign, BehindPhone("offered", PhoneBy.DAY, None))
    assert phone_report(asking(day.aigul), FRIDAY, PhoneBy.DAY).total.counts["received"] == 0


def test_hours_of_a_long_period_are_refused(town: Town, set_clock: SetClock) -> None:
    long = Selection(Period(date(2026, 10, 1), date(2026, 11, 1)))
    with pytest.raises(Refused) as refused:
        phone_report(asking(town.erlan), long, PhoneBy.HALF_HOUR)
    assert refused.value.field == "to"
    assert phone_report(asking(town.erlan), long, PhoneBy.DAY).rows == []


def test_without_calls_there_is_no_figure_rather_than_zero(town: Town, set_clock: SetClock) -> None:
    total = phone_report(asking(town.erlan), FRIDAY, PhoneBy.DAY).total
    assert {figure.value(total) for figure in FIGURES.values() if figure.unit is not Unit.COUNT} == {None}
    assert total.calls.offered == 0


@pytest.mark.parametrize("by", list(PhoneBy))
def test_every_figure_opens_a_list_of_exactly_its_length(day: Town, by: PhoneBy) -> None:
    person = asking(day.erlan)
    report = phone_report(person, FRIDAY, by)
    for row in (*report.rows, report.total):
        for code in {figure.of for figure in FIGURES.values() if figure.of}:
            page = phone_list(person, FRIDAY, BehindPhone(code, by, row.value), limit=100)
            shown = len(page.calls) + len(page.offers) + len(page.promises)
            if FIGURES[code].value(row) is not None:
                assert (page.count, shown) == (row.counts[code], row.counts[code]), (code, row.value)


def test_a_list_says_what_the_report_counted(day: Town) -> None:
    page = phone_list(asking(day.erlan), FRIDAY, BehindPhone("handled", PhoneBy.DAY, None))
    rows = [(one.operator, one.waited, one.talked, one.held, one.wrapped_up, one.told) for one in page.calls]
    assert rows == [
        ("Айгүл Қасымова", 5, 100, 0, 0, None),
        ("Айгүл Қасымова", 0, 100, 0, 0, None),
        ("Светлана Ким", 300, 400, 100, 0, 2400),
        ("Светлана Ким", 100, 400, 0, 100, 60),
        ("Айгүл Қасымова", 20, 240, 60, 60, 30),
        ("Айгүл Қасымова", 10, 200, 0, 40, 30),
    ]


def test_a_restricted_tickets_number_is_not_shown_to_whom_may_not_read_it(town: Town, set_clock: SetClock) -> None:
    with transaction():
        about = ticket(town.school905, almaty(20, 9), category="C07")
        call(town.school905, almaty(20, 9), ticket_id=about.id)
    listed = BehindPhone("handled", PhoneBy.DAY, None)
    assert [one.ticket_number for one in phone_list(asking(town.erlan), FRIDAY, listed).calls] == [about.number]
    assert [one.ticket_number for one in phone_list(asking(town.admin), FRIDAY, listed).calls] == [None]


def test_a_long_list_goes_on_at_its_cursor(town: Town, set_clock: SetClock) -> None:
    with transaction():
        for minute in range(7):
            call(town.school905, almaty(20, 9, minute))
            call(town.school905, almaty(20, 9, minute))
    seen: list[int] = []
    after: str | None = None
    while after or not seen:
        page = phone_list(asking(town.erlan), FRIDAY, BehindPhone("offered", PhoneBy.DAY, None), after, limit=4)
        seen += [one.Call.id for one in page.calls]
        after = page.next
    assert len(seen) == len(set(seen)) == 14


@pytest.mark.parametrize(
    ("figure", "by", "value"),
    [
        ("weather", PhoneBy.DAY, None),
        ("occupancy", PhoneBy.DAY, None),
        ("offered", PhoneBy.QUEUE, "kitchen"),
        ("offered", PhoneBy.OPERATOR, "x"),
        ("offered", PhoneBy.HOUR, "noon"),
        ("offered", PhoneBy.HOUR, "2026-11-20T09:00+05:00"),
    ],
)
def test_what_the_report_does_not_have_is_not_found(town: Town, figure: str, by: PhoneBy, value: str | None) -> None:
    with pytest.raises(NotFound):
        phone_list(asking(town.erlan), FRIDAY, BehindPhone(figure, by, value))


def test_a_cursor_that_says_nothing_is_not_found(town: Town) -> None:
    with pytest.raises(NotFound):
        phone_list(asking(town.erlan), FRIDAY, BehindPhone("offered", PhoneBy.DAY, None), after="yesterday")


def test_the_report_takes_four_statements_and_a_list_two(day: Town) -> None:
    person = asking(day.erlan)
    phone_report(person, FRIDAY, PhoneBy.DAY)
    with counted_statements() as sent:
        phone_report(person, FRIDAY, PhoneBy.HALF_HOUR)
    assert len(sent) == 4
    with counted_statements() as sent:
        phone_list(person, FRIDAY, BehindPhone("offered", PhoneBy.HALF_HOUR, "2026-11-20T09:00"))
    assert len(sent) == 2


@pytest.mark.parametrize("seed", range(4))
def test_any_day_balances_to_the_unit_and_its_lists_have_the_lengths_of_its_figures(
    town: Town, set_clock: SetClock, seed: int
) -> None:
    dice = random.Random(seed)
    with transaction():
        _some_day(town, dice)
    person = asking(town.erlan)
    report = phone_report(person, FRIDAY, PhoneBy(dice.choice([by.value for by in PhoneBy])))
    for row in (*report.rows, report.total):
        calls, counts = row.calls, row.counts
        assert counts["offered"] == calls.offered
        assert counts["received"] == counts["offered"] + counts["unqueued"]
        assert counts["offered"] == sum(
            counts[name] for name in ("handled", "abandoned", "callback", "voicemail", "other")
        )
        assert counts["other"] == sum(counts[f"other_{reason}"] for reason in REASONS)
        assert counts["offers"] == row.offers.made
        if row.promises is not None:
            assert counts["promised"] == row.promises.promised
        for figure in FIGURES.values():
            if figure.part is not None and figure.of is not None:
                whole = counts[figure.of]
                assert figure.value(row) == (counts[figure.part] / whole if whole else None), figure.code
    for code in CALLS:
        assert sum(row.counts[code] for row in report.rows) == report.total.counts[code], code
    for code in dice.sample(sorted({figure.of for figure in FIGURES.values() if figure.of}), 8):
        row = dice.choice([*report.rows, report.total])
        if FIGURES[code].value(row) is not None:
            page = phone_list(person, FRIDAY, BehindPhone(code, report.by, row.value), limit=1000)
            assert len(page.calls) + len(page.offers) + len(page.promises) == row.counts[code], code


def _some_day(town: Town, dice: random.Random) -> None:
    """Calls, offers, presence and promises as the dice fall."""
    people = (town.aigul, town.svetlana, town.asel)
    begins = almaty(19, 23)
    for _ in range(60):
        outcome = dice.choice([*Outcome, None])
        at = dice.choice((town.school905, town.district, town.school911))
        joined = begins + timedelta(seconds=dice.randint(0, 25 * 3600))
        if dice.random() < 0.2 and outcome is not None:
            menu_call(at, joined, outcome)
            continue
        made = call(
            at,
            joined,
            outcome,
            waited=dice.choice((0, 3, 5, 19, 20, 21, 90, 700)),
            talked=dice.randint(0, 900),
            queue=dice.choice(list(Queue)),
            language=dice.choice(("kk", "ru", "en", None)),
            told=dice.choice((None, 30, 60, 89, 150, 1800, 3600)),
            by=dice.choice((*people, None)),
        )
        for _ in range(dice.randint(0, 2)):
            offer(made, dice.choice(people), dice.choice(("accepted", "declined", "expired", "cancelled")))
    moment = begins
    while moment < almaty(21, 1):
        until = moment + timedelta(minutes=dice.randint(1, 200))
        span(town.aigul, dice.choice(("ready", "talking", "wrapup", "break", "reserved", "offline")), moment, until)
        moment = until
    asked = ticket(town.school905, almaty(20, 9))
    for _ in range(8):
        created = begins + timedelta(minutes=dice.randint(0, 25 * 60))
        late = dice.choice((None, timedelta(minutes=dice.randint(1, 90))))
        callback(asked, created, created + timedelta(hours=1), reached_at=created + late if late else None)
    session().flush()


def test_spans_by_day_and_by_half_hour_are_the_same_seconds(town: Town, set_clock: SetClock) -> None:
    with transaction():
        _some_day(town, random.Random(7))
    person = asking(town.erlan)
    whole = phone_report(person, FRIDAY, PhoneBy.DAY).total.work
    assert whole is not None
    assert whole.paid_seconds > 0
    for by in (PhoneBy.DAY, PhoneBy.HOUR, PhoneBy.HALF_HOUR, PhoneBy.OPERATOR):
        report = phone_report(person, FRIDAY, by)
        assert report.total.work == whole
        assert sum(row.work.paid_seconds for row in report.rows if row.work) == pytest.approx(whole.paid_seconds)


def test_a_call_counts_by_the_wall_clock_of_its_desk(town: Town, set_clock: SetClock) -> None:
    with transaction():
        call(town.school905, almaty(20, 0), waited=1)
        call(town.school905, almaty(20, 23, 59), waited=1)
        call(town.school905, almaty(21, 0), waited=1)
    report = phone_report(asking(town.erlan), FRIDAY, PhoneBy.HOUR)
    assert [row.value for row in report.rows] == ["2026-11-20T00:00", "2026-11-20T23:00"]
    assert report.total.calls.handled == 2
