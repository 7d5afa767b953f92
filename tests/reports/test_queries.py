import random
from datetime import date, timedelta

import pytest

from helpdesk.callbacks.rules import CallbackState
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Organization
from helpdesk.reports.figures import COUNTS, FIGURES
from helpdesk.reports.queries import Behind, Report, Row, figure_list, sla_report
from helpdesk.reports.rules import By, Period
from tests.conftest import SetClock, counted_statements
from tests.people import Town
from tests.reports.weeks import almaty, callback, example_week, ticket

WEEK = Period(date(2026, 11, 16), date(2026, 11, 22))


def asking(person: Staff) -> Asker:
    """The rights of a member of staff."""
    found = asker(person.id)
    assert found is not None
    return found


def rows_of(report: Report) -> dict[str | None, Row]:
    """The rows of a report by their value, the total under None."""
    return {row.value: row for row in (*report.rows, report.total)}


@pytest.fixture
def week(town: Town, set_clock: SetClock) -> Town:
    """The town after the week that was counted by hand; see `example_week` for its twelve rows."""
    with transaction():
        example_week(town)
    return town


def test_the_total_of_the_example_week_is_what_was_counted_by_hand(week: Town) -> None:
    total = sla_report(asking(week.erlan), WEEK, By.QUEUE).total
    assert {code: total.figure(code) for code in FIGURES} == {
        "tickets": 12,
        # with a term and answered: 1 2 3 4 5 7 9 12; overdue: 6; waiting: 8; time left: 10; no term: 11
        "response_measured": 9,
        "response_kept": 7,
        "response_breached": 2,  # 4 was late, 6 is overdue
        "response_share": 7 / 9,
        # 0 10 20 30 40 50 60 240 300 (11 1 2 3 5 7 9 12 4)
        "responded": 9,
        "response_median": 40,
        "response_p90": pytest.approx(240 + 0.2 * 60),  # place 0.9 × 8 = 7.2
        # with a term and resolved: 1 2 3 4 7 12; overdue: 5 6; waiting: 8; time left: 9 10; no term: 11
        "resolution_measured": 8,
        "resolution_kept": 5,
        "resolution_breached": 3,  # 4 was late, 5 and 6 are overdue
        "resolution_share": 5 / 8,
        # 5 60 120 180 600 1440 2000 (11 1 2 3 7 12 4)
        "resolved": 7,
        "resolution_median": 180,
        "resolution_p90": pytest.approx(1440 + 0.4 * 560),  # place 0.9 × 6 = 5.4
        "callbacks": 3,
        "callbacks_kept": 1,
        "callbacks_late": 1,
        "callbacks_not_reached": 1,
        "callbacks_open": 0,
        "callbacks_withdrawn": 0,
    }


def test_the_rows_by_queue_are_what_was_counted_by_hand(week: Town) -> None:
    rows = rows_of(sla_report(asking(week.erlan), WEEK, By.QUEUE))
    technical, methodological = rows["technical"], rows["methodological"]
    assert technical.counts["tickets"] == 8  # 1 2 3 6 7 10 11 12
    assert technical.figure("response_share") == 5 / 6  # 1 2 3 7 12 of these and 6
    assert technical.figure("response_median") == 25  # 0 10 20 30 50 240
    assert technical.figure("response_p90") == pytest.approx(50 + 0.5 * 190)
    assert technical.figure("resolution_share") == 5 / 6
    assert technical.figure("resolution_median") == 150  # 5 60 120 180 600 1440
    assert technical.figure("callbacks") == 2
    assert methodological.counts["tickets"] == 4  # 4 5 8 9
    assert methodological.figure("response_share") == 2 / 3  # 5 9 of these and 4
    assert methodological.figure("resolution_share") == 0  # 4 was late, 5 is overdue
    assert methodological.figure("resolution_median") == 2000
    assert methodological.figure("callbacks_not_reached") == 1


@pytest.mark.parametrize(
    ("by", "tickets"),
    [
        (By.CHANNEL, {"phone": 6, "web": 3, "email": 2, "walk_in": 1}),
        (By.LANGUAGE, {"kk": 7, "ru": 5}),
    ],
)
def test_the_rows_by_channel_and_language_divide_the_same_tickets(week: Town, by: By, tickets: dict[str, int]) -> None:
    report = sla_report(asking(week.erlan), WEEK, by)
    assert {row.value: row.counts["tickets"] for row in report.rows} == tickets
    assert report.total.counts["tickets"] == 12


def test_the_rows_by_desk_are_those_of_the_askers_part_of_the_tree(week: Town) -> None:
    district = sla_report(asking(week.erlan), WEEK, By.DESK)
    assert {row.value: row.counts["tickets"] for row in district.rows} == {
        str(week.school905.id): 7,
        str(week.district.id): 5,
    }
    city = sla_report(asking(week.asel), WEEK, By.DESK)
    assert {row.value for row in city.rows} == {str(at.id) for at in (week.school905, week.district, week.school911)}


def test_a_place_narrows_the_report_to_the_desks_below_it(week: Town) -> None:
    assert sla_report(asking(week.asel), WEEK, By.QUEUE, week.other_district.id).total.counts["tickets"] == 1
    with pytest.raises(NotFound):
        sla_report(asking(week.erlan), WEEK, By.QUEUE, week.other_district.id)


def test_an_operator_has_no_figures_even_where_they_answer(week: Town) -> None:
    assert sla_report(asking(week.aigul), WEEK, By.QUEUE).total.counts["tickets"] == 0


def test_without_tickets_there_are_no_shares_and_no_minutes_rather_than_zero(week: Town) -> None:
    empty = sla_report(asking(week.erlan), Period(date(2026, 1, 5), date(2026, 1, 11)), By.QUEUE)
    assert empty.rows == []
    known = {code for code in FIGURES if empty.total.figure(code) is not None}
    assert known == {"tickets", "response_measured", "responded", "resolution_measured", "resolved", "callbacks"}
    assert empty.total.figure("tickets") == 0


def test_what_waits_is_overdue_only_when_its_time_had_run_out_before(town: Town, set_clock: SetClock) -> None:
    with transaction():
        ticket(town.district, almaty(17, 10), answer_due=60, resolve_due=600, paused=59)
        ticket(town.district, almaty(17, 10), answer_due=60, resolve_due=600, paused=61)
    total = sla_report(asking(town.erlan), WEEK, By.QUEUE).total
    assert (total.counts["response_measured"], total.counts["response_breached"]) == (1, 1)
    assert total.counts["resolution_measured"] == 0


def test_a_period_is_told_by_the_clock_of_each_desk(town: Town, set_clock: SetClock) -> None:
    with transaction():
        session().get_one(Organization, town.school905.id).zone = "Asia/Tokyo"
    desks.forget()
    with transaction():
        for at in (town.school905, town.district):
            ticket(at, almaty(15, 21), language="kk")  # Monday 01:00 in Tokyo, still Sunday in Almaty
            ticket(at, almaty(22, 21), language="ru")  # Monday again in Tokyo, still Sunday in Almaty
    rows = rows_of(sla_report(asking(town.erlan), WEEK, By.DESK))
    assert rows[str(town.school905.id)].counts["tickets"] == 1
    assert rows[str(town.district.id)].counts["tickets"] == 1
    tokyo = figure_list(asking(town.erlan), WEEK, Behind("tickets", By.DESK, str(town.school905.id)))
    assert [one.language for one in tokyo.tickets] == ["kk"]


def test_restricted_tickets_are_counted_but_listed_only_to_those_who_may_read_them(
    town: Town, set_clock: SetClock
) -> None:
    with transaction():
        ticket(town.district, almaty(17, 10), category="M28")
        ticket(town.district, almaty(17, 11))
    behind = Behind("tickets", By.QUEUE, None)
    for_admin = figure_list(asking(town.admin), WEEK, behind)
    assert (for_admin.count, for_admin.hidden, len(for_admin.tickets)) == (2, 1, 1)
    for_supervisor = figure_list(asking(town.erlan), WEEK, behind)
    assert (for_supervisor.count, for_supervisor.hidden, len(for_supervisor.tickets)) == (2, 0, 2)


@pytest.mark.parametrize("wrong", [("nothing", None), ("tickets", "sideways")])
def test_a_figure_or_value_that_does_not_exist_is_not_found(week: Town, wrong: tuple[str, str | None]) -> None:
    with pytest.raises(NotFound):
        figure_list(asking(week.erlan), WEEK, Behind(wrong[0], By.QUEUE, wrong[1]))


def test_report_and_list_each_take_two_statements(week: Town) -> None:
    person = asking(week.asel)
    sla_report(person, WEEK, By.DESK)
    with counted_statements() as sent:
        sla_report(person, WEEK, By.DESK)
    assert len(sent) == 2
    with counted_statements() as sent:
        figure_list(person, WEEK, Behind("callbacks", By.DESK, None))
    assert len(sent) == 2


def random_week(town: Town, dice: random.Random) -> None:
    """150 tickets and 60 promises with moments in and around the week, at every desk of the city."""
    desks = [town.city, town.district, town.other_district, town.school905, town.school911]
    tickets = []
    for _ in range(150):
        maybe = dice.choice([None, 5, 60, 600])
        created = almaty(15, 0) + timedelta(minutes=dice.randrange(9 * 24 * 60))
        tickets.append(
            ticket(
                dice.choice(desks),
                created,
                dice.choice(["technical", "methodological"]),
                dice.choice(["phone", "web", "email", "messenger"]),
                dice.choice(["kk", "ru", "en"]),
                answer_due=dice.choice([None, 30, 240, 20000]),
                answered=dice.choice([None, 0, 30, 31, 500]),
                resolve_due=dice.choice([None, 60, 1440, 20000]),
                resolved=dice.choice([None, 10, 60, 61, 5000]),
                paused=maybe,
                category=dice.choice([None, "T03", "M28"]),
            )
        )
    for _ in range(60):
        of = dice.choice(tickets)
        promised = of.created_at + timedelta(minutes=dice.randrange(10, 3000))
        reached = dice.choice([None, promised, promised + timedelta(minutes=1), promised - timedelta(minutes=5)])
        state = CallbackState.DONE if reached else dice.choice(list(CallbackState))
        callback(of, of.created_at + timedelta(minutes=dice.randrange(3000)), promised, reached_at=reached, state=state)


def walked(person: Asker, behind: Behind) -> set[int]:
    """The ids of every row of a list, read page by page; the list is as long as it says."""
    seen: list[int] = []
    after, pages = None, 0
    while True:
        page = figure_list(person, WEEK, behind, after=after, limit=20)
        seen += [one.id for one in page.tickets] + [promise.id for promise, _ in page.callbacks]
        after, pages = page.next, pages + 1
        assert pages < 50
        if after is None:
            break
    assert len(seen) == len(set(seen)) == page.count - page.hidden
    return set(seen)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("by", list(By))
def test_rows_add_up_to_the_total_and_every_count_is_the_length_of_its_list(
    town: Town, set_clock: SetClock, by: By, seed: int
) -> None:
    with transaction():
        random_week(town, random.Random(seed))
    person = asking(town.asel)
    report = sla_report(person, WEEK, by)
    assert len(report.rows) > 1
    for code in COUNTS:
        assert sum(row.counts[code] for row in report.rows) == report.total.counts[code], code
        parts = [walked(person, Behind(code, by, row.value)) for row in report.rows]
        whole = walked(person, Behind(code, by, None))
        assert [len(part) for part in parts] == [row.counts[code] for row in report.rows], code
        assert set().union(*parts) == whole, code
        assert len(whole) == report.total.counts[code], code
    for row in rows_of(report).values():
        for measure in ("response", "resolution"):
            kept, broken = row.counts[f"{measure}_kept"], row.counts[f"{measure}_breached"]
            assert kept + broken == row.counts[f"{measure}_measured"]
        ends = ("kept", "late", "not_reached", "open", "withdrawn")
        assert sum(row.counts[f"callbacks_{end}"] for end in ends) == row.counts["callbacks"]
