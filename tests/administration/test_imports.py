"""Lists of staff, people and old tickets: tried, read, read again, taken back."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from helpdesk.administration import imports
from helpdesk.administration.models import ImportMark, ImportRun
from helpdesk.administration.rules import ImportState, ListKind
from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.contacts.models import Contact, ContactPhone
from helpdesk.identity.access_models import StaffLink
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.identity.rules import Role
from helpdesk.jobs.imports import read_lists
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.notifications.hook_models import HookDelivery
from helpdesk.notifications.models import Letter
from helpdesk.organizations.models import Organization
from helpdesk.search.models import TicketWords
from helpdesk.tickets import actions
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import MessageKind, TicketState
from tests.administration.test_sheets import workbook
from tests.conftest import SetClock
from tests.people import GULNAR_PHONE, Town, employ

RunJobs = Callable[[], None]
STAFF = "email;name;role;organization;languages"
PEOPLE = "name;phones;emails;role;language;organization"
TICKETS = "number;subject;created_at;state;closed_at;desk;category;name;phone;owner;queue;Mood"

HEADING = ["#", "Title", "State", "Priority", "Group", "Owner", "Customer", "Create Channel", "Created At", "Closed At"]
# by the clock on the wall: a workbook knows no zones
OPENED, SETTLED, LATER = (datetime.fromisoformat(f"2025-09-{at}") for at in ("03 09:15", "03 11:00", "04 10:00"))
ZAMMAD: list[list[object]] = [
    ["2025-09"],
    [],
    [*HEADING],
    ["31001", "Құпиясөз", "closed", "2 normal", "Users", "-", "Гүлнар А.", "phone", OPENED, SETTLED],
    ["31002", "Журнал", "pending reminder", "2 normal", "№ 905 мектеп", "Айгүл Қасымова", "Е.", "email", LATER, None],
    [],
    ["Timezone: Asia/Almaty"],
]
OSTICKET = (
    '"Ticket Number","Date Created","Subject","From","From Email","Priority","Department","Source","Current Status",'
    '"Last Updated","Closed Date","Agent Assigned"\n'
    '"482113","9/3/25 9:15 AM","Пароль","Елена Смирнова","elena@parents.test","Normal","Support","Email","Closed",'
    '"9/3/25 1:00 PM","9/3/25 1:00 PM",""\n'
)


@pytest.fixture
def irina(town: Town, set_clock: SetClock) -> Asker:
    found = asker(town.admin.id)
    assert found is not None
    return found


def checked(who: Asker, kind: ListKind, content: bytes | str | list[str], at: Organization | None = None) -> ImportRun:
    raw = (
        content
        if isinstance(content, bytes)
        else (content if isinstance(content, str) else "\n".join(content)).encode()
    )
    with transaction():
        return imports.check(who, "list", raw, kind, at)


def read(who: Asker, run: ImportRun, letters: bool = False) -> ImportRun:
    with transaction():
        imports.start(who, run.id, letters)
    read_lists([run.id])
    session().expire_all()
    return session().get_one(ImportRun, run.id)


def taken_back(who: Asker, run: ImportRun) -> tuple[int, int]:
    with transaction():
        imports.undo(who, run.id)
    read_lists([run.id])
    session().expire_all()
    after = session().get_one(ImportRun, run.id)
    assert after.state is ImportState.UNDONE
    return after.taken_back, after.kept


def sums(run: ImportRun) -> tuple[int, int, int, int]:
    return run.added, run.changed, run.unchanged, run.failed


def refusals(run: ImportRun) -> list[tuple[int, str]]:
    return [(line, column) for line, column, _, _ in run.refused["lines"]]


# staff


def test_staff_come_from_a_list_and_the_same_list_again_changes_nothing(irina: Asker, town: Town) -> None:
    lines = [
        STAFF,
        f"saule@1450.test;Дана Омарова;operator;#{town.school905.id};kk, ru",
        f"marat@1450.test;Марат Әли;supervisor;#{town.district.id};kk",
        f"svetlana@1450.test;;operator;#{town.district.id};",
    ]
    run = checked(irina, ListKind.STAFF, lines)
    assert sums(run) == (2, 0, 1, 0)
    assert session().query(Staff).filter_by(email="saule@1450.test").count() == 0
    assert sums(read(irina, run)) == (2, 0, 1, 0)
    saule = asker(session().query(Staff).filter_by(email="saule@1450.test").one().id)
    assert saule is not None
    assert saule.roots(Role.OPERATOR) == (town.school905.path,)
    assert sums(checked(irina, ListKind.STAFF, lines)) == (0, 0, 3, 0)


@pytest.mark.parametrize("letters", [True, False])
def test_invitations_are_sent_only_when_it_was_said(irina: Asker, town: Town, letters: bool) -> None:
    run = checked(irina, ListKind.STAFF, [STAFF, f"saule@1450.test;Дана;operator;#{town.school905.id};kk"])
    read(irina, run, letters)
    assert session().query(StaffLink).count() == (1 if letters else 0)


def test_a_refused_line_of_staff_names_its_column(irina: Asker, town: Town) -> None:
    run = checked(
        irina,
        ListKind.STAFF,
        [
            STAFF,
            f"no address;Дана;operator;#{town.school905.id};kk",
            f"a@1450.test;;operator;#{town.school905.id};kk",
            f"b@1450.test;Дана;king;#{town.school905.id};kk",
            "c@1450.test;Дана;operator;NONE;kk",
            "d@1450.test;Дана;operator;;kk",
            f"e@1450.test;Дана;operator;#{town.school905.id};fr",
            f"f@1450.test;Дана;operator;#{town.school905.id};kk",
            f"F@1450.test;Дана;operator;#{town.school905.id};kk",
            f"irina@1450.test;Ирина;supervisor;#{town.city.id};",
        ],
    )
    assert refusals(run) == [
        (2, "email"),
        (3, "name"),
        (4, "role"),
        (5, "organization"),
        (6, "organization"),
        (7, "languages"),
        (9, "email"),
        (10, "email"),
    ]


def test_nobody_of_another_part_of_the_tree_is_changed_or_placed_there(town: Town, set_clock: SetClock) -> None:
    with transaction():
        qanat = employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    who = asker(qanat.id)
    assert who is not None
    lines = [
        STAFF,
        f"bekzat@1450.test;Жаңа аты;operator;#{town.district.id};kk",
        f"saule@1450.test;Дана;operator;#{town.school911.id};kk",
    ]
    run = checked(who, ListKind.STAFF, lines)
    assert refusals(run) == [(2, "email"), (3, "organization")]
    assert sums(read(who, run)) == (0, 0, 0, 2)
    assert session().get_one(Staff, town.bekzat.id).name == "Бекзат Оспанов"


def test_staff_taken_back_are_sent_away_but_for_who_signed_in(irina: Asker, town: Town) -> None:
    lines = [STAFF, *(f"{name}@1450.test;Дана;operator;#{town.school905.id};kk" for name in ("saule", "marat"))]
    run = read(irina, checked(irina, ListKind.STAFF, lines))
    with transaction():
        session().query(Staff).filter_by(email="marat@1450.test").one().signed_in_at = datetime(
            2026, 11, 23, tzinfo=UTC
        )
    assert taken_back(irina, run) == (1, 1)
    assert {one.email: one.active for one in session().query(Staff).filter(Staff.name == "Дана")} == {
        "saule@1450.test": False,
        "marat@1450.test": True,
    }
    assert sums(read(irina, checked(irina, ListKind.STAFF, lines))) == (0, 1, 1, 0)
    assert session().query(Staff).filter_by(email="saule@1450.test").one().active


# people who ask


def test_people_come_from_a_list_and_who_is_known_only_learns_a_number_more(irina: Asker, town: Town) -> None:
    lines = [
        PEOPLE,
        f"Гүлнар Ахметова;{GULNAR_PHONE}, 8 727 250 00 01;;parent;kk;#{town.school905.id}",
        f"Ерсін Болат;+7 701 000 00 09;ersin@parents.test;teacher;ru;#{town.school905.id}",
        f"Ерсін Болат;+7 701 000 00 09;;teacher;ru;#{town.school905.id}",
    ]
    run = checked(irina, ListKind.CONTACTS, lines)
    assert sums(run) == (1, 1, 1, 0)
    assert sums(read(irina, run)) == (1, 1, 1, 0)
    ersin = session().query(Contact).filter_by(name="Ерсін Болат").one()
    assert ersin.region_id == town.city.region_id
    assert {one.number for one in session().query(ContactPhone).filter_by(contact_id=town.gulnar.id)} == {
        GULNAR_PHONE,
        "+77272500001",
    }
    assert sums(checked(irina, ListKind.CONTACTS, lines)) == (0, 0, 3, 0)


def test_a_namesake_at_another_number_and_a_stranger_at_a_known_one_are_people_of_their_own(
    irina: Asker, town: Town
) -> None:
    lines = [PEOPLE, f"Басқа Адам;{GULNAR_PHONE};;parent;kk;", "Гүлнар Ахметова;+77010000077;;parent;kk;"]
    assert sums(read(irina, checked(irina, ListKind.CONTACTS, lines, town.city))) == (2, 0, 0, 0)


def test_a_refused_line_of_people_names_its_column(irina: Asker, town: Town) -> None:
    run = checked(
        irina,
        ListKind.CONTACTS,
        [
            PEOPLE,
            "А;көп;;;kk;",
            "Б;;;;kk;",
            "В;+77010000001;в@;;kk;",
            ";+77010000001;;;kk;",
            "Д;+77010000001;;king;kk;",
        ],
        town.city,
    )
    assert refusals(run) == [(2, "phones"), (3, "phones"), (4, "emails"), (5, "name"), (6, "role")]


def test_people_taken_back_are_forgotten_but_for_who_asked_since(irina: Asker, town: Town) -> None:
    lines = [PEOPLE, "Ерсін;+77010000008;;;kk;", "Болат;+77010000009;;;kk;"]
    run = read(irina, checked(irina, ListKind.CONTACTS, lines, town.city))
    tickets = [TICKETS, f"1;Тақырып;2025-09-03;closed;;#{town.school905.id};;Ерсін;+77010000008;;;"]
    read(irina, checked(irina, ListKind.TICKETS, tickets))
    assert taken_back(irina, run) == (1, 1)
    assert session().query(Contact).filter(Contact.name.in_(["Ерсін", "Болат"])).one().name == "Ерсін"


# old tickets


def old(town: Town, *lines: str) -> list[str]:
    return [TICKETS, *(line.format(desk=f"#{town.school905.id}") for line in lines)]


def test_an_old_ticket_keeps_its_dates_and_starts_no_clock_no_letter_and_no_hook(
    irina: Asker, town: Town, run_jobs: RunJobs
) -> None:
    lines = old(
        town,
        "10023;Құпиясөз;2025-09-03 09:15;closed;2025-09-03 11:40;{desk};T03;Гүлнар Ахметова;"
        + GULNAR_PHONE
        + ";;;ашулы",
    )
    lines += old(town, "10024;Журнал;2025-09-04 10:00;open;;{desk};;Елена Смирнова;+77090000002;;;")[1:]
    run, gulnar = read(irina, checked(irina, ListKind.TICKETS, lines)), town.gulnar.id
    run_jobs()
    run = session().get_one(ImportRun, run.id)
    assert sums(run) == (2, 0, 0, 0)
    settled, still = session().query(Ticket).order_by(Ticket.created_at)
    assert (settled.state, settled.number[:3]) == (TicketState.CLOSED, "25-")
    assert settled.created_at == datetime(2025, 9, 3, 4, 15, tzinfo=UTC)
    assert settled.closed_at == settled.resolved_at == datetime(2025, 9, 3, 6, 40, tzinfo=UTC)
    assert settled.contact_id == gulnar
    for one in (settled, still):
        assert (one.due_at, one.breach_at, one.first_response_due_at, one.resolution_due_at) == (None,) * 4
        assert one.statutory_due_at is one.control_due_at is one.response_breached_at is None
    assert (still.state, still.resolved_at) == (TicketState.OPEN, None)
    assert session().query(Letter).count() == session().query(HookDelivery).count() == 0
    note = session().query(Message).filter_by(ticket_id=settled.id, kind=MessageKind.NOTE).one()
    assert "№ 10023" in note.body
    assert "Mood: ашулы" in note.body
    # found by search, and told to nobody else
    assert session().query(TicketWords).count() == 2
    assert {one.kind for one in session().query(JournalEntry).filter(JournalEntry.ticket_id.is_not(None))} == {
        "ticket.imported"
    }


def test_the_same_old_tickets_again_change_nothing_even_when_the_worker_dies_in_between(
    irina: Asker, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    lines = old(town, *(f"{n};Тақырып {n};2025-09-03;closed;;{{desk}};;;;;;" for n in range(5)))
    run = checked(irina, ListKind.TICKETS, lines)
    with transaction():
        imports.start(irina, run.id)
    with transaction():
        assert imports.go_on(run.id)
    assert sums(read(irina, run)) == (5, 0, 0, 0)
    assert session().query(Ticket).count() == 5
    again = checked(irina, ListKind.TICKETS, lines)
    assert sums(again) == (0, 0, 5, 0)
    assert sums(read(irina, again)) == (0, 0, 5, 0)
    assert session().query(Ticket).count() == 5


def test_a_report_of_zammad_is_read_as_it_is(irina: Asker, town: Town) -> None:
    assert refusals(checked(irina, ListKind.TICKETS, workbook(*ZAMMAD))) == [(4, "desk")]
    run = read(irina, checked(irina, ListKind.TICKETS, workbook(*ZAMMAD), town.city))
    assert sums(run) == (2, 0, 0, 0)
    users, journal = session().query(Ticket).order_by(Ticket.created_at)
    assert (users.desk_id, users.source, users.channel.value) == (town.city.id, "Zammad № 31001", "phone")
    assert users.created_at == datetime(2025, 9, 3, 4, 15, tzinfo=UTC)
    assert (journal.desk_id, journal.state, journal.assignee_id) == (town.school905.id, TicketState.OPEN, town.aigul.id)
    note = session().query(Message).filter_by(ticket_id=users.id, kind=MessageKind.NOTE).one().body
    assert "desk: Users" in note
    assert "Priority: 2 normal" in note


def test_an_exported_queue_of_osticket_is_read_as_it_is(irina: Asker, town: Town) -> None:
    run = read(irina, checked(irina, ListKind.TICKETS, OSTICKET, town.city))
    assert sums(run) == (1, 0, 0, 0)
    ticket = session().query(Ticket).one()
    assert (ticket.source, ticket.channel.value) == ("osTicket № 482113", "email")
    assert (ticket.created_at, ticket.closed_at) == (
        datetime(2025, 9, 3, 4, 15, tzinfo=UTC),
        datetime(2025, 9, 3, 8, 0, tzinfo=UTC),
    )
    assert ticket.contact_id == town.elena.id


def test_a_refused_old_ticket_names_its_column(irina: Asker, town: Town) -> None:
    run = checked(
        irina,
        ListKind.TICKETS,
        old(
            town,
            ";Тақырып;2025-09-03;closed;;{desk};;;;;;",
            "2;;2025-09-03;closed;;{desk};;;;;;",
            "3;Тақырып;кеше;closed;;{desk};;;;;;",
            "4;Тақырып;03/04/2025;closed;;{desk};;;;;;",
            "5;Тақырып;2027-09-03;closed;;{desk};;;;;;",
            "6;Тақырып;2025-09-03;closed;2025-09-01;{desk};;;;;;",
            "7;Тақырып;2025-09-03;қызық;;{desk};;;;;;",
            "8;Тақырып;2025-09-03;closed;;{desk};Q99;;;;;",
            "9;Тақырып;2025-09-03;closed;;NONE;;;;;;",
            "10;Тақырып;2025-09-03;closed;;{desk};;А;көп;;;",
            "11;Тақырып;2025-09-03;closed;;{desk};;;;;fun;",
            "12;Тақырып;31.12.2024;closed;;{desk};;;;;;",
            "12;Тақырып;31.12.2024;closed;;{desk};;;;;;",
        ),
    )
    columns = ["number", "subject", *["created_at"] * 3, "closed_at", "state", "category", "desk", "phone", "queue"]
    assert refusals(run) == [*enumerate(columns, 2), (14, "number")]
    assert run.added == 1


def test_old_tickets_are_not_placed_at_a_desk_of_another_part_of_the_tree(town: Town, set_clock: SetClock) -> None:
    with transaction():
        qanat = employ("Қанат Ибраев", "qanat@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    who = asker(qanat.id)
    assert who is not None
    lines = [TICKETS, f"1;Тақырып;2025-09-03;closed;;#{town.school911.id};;;;;;", "2;Тақырып;2025-09-03;closed;;;;;;;;"]
    run = checked(who, ListKind.TICKETS, lines)
    assert refusals(run) == [(2, "desk"), (3, "desk")]
    assert sums(read(who, run)) == (0, 0, 0, 2)
    assert session().query(Ticket).count() == 0


def test_old_tickets_taken_back_leave_what_somebody_has_worked_with(
    irina: Asker, town: Town, run_jobs: RunJobs
) -> None:
    lines = old(town, *(f"{n};Тақырып {n};2025-09-03;open;;{{desk}};;А{n};+7701000000{n};;;" for n in range(3)))
    run = read(irina, checked(irina, ListKind.TICKETS, lines))
    aigul = town.aigul.id
    run_jobs()
    worked_with = session().query(Ticket).filter_by(subject="Тақырып 1").one()
    with transaction():
        actions.note(session().get_one(Ticket, worked_with.id), "қоңырау шалдым", staff(aigul))
    assert taken_back(irina, run) == (2, 1)
    assert session().query(Ticket).one().subject == "Тақырып 1"
    assert session().query(Contact).filter(Contact.name.like("А_")).one().name == "А1"
    assert session().query(ImportMark).filter(~ImportMark.kept).count() == 0
    # what was taken back by mistake is read again, the rest is known
    assert sums(read(irina, checked(irina, ListKind.TICKETS, lines))) == (2, 0, 1, 0)


def test_the_clock_of_an_old_ticket_stays_still_when_it_is_answered(
    irina: Asker, town: Town, set_clock: SetClock
) -> None:
    read(irina, checked(irina, ListKind.TICKETS, old(town, "1;Тақырып;2025-09-03;open;;{desk};;;;;;")))
    set_clock.forward(hours=1)
    with transaction():
        actions.reply(session().query(Ticket).one(), "Жауап", staff(town.aigul.id))
    with transaction():
        assert actions.mark_breaches() == 0
    assert session().query(Ticket).one().due_at is None


def test_a_list_of_organizations_is_not_taken_back(irina: Asker, town: Town) -> None:
    heading = "code;parent_code;kind;name_kk;name_ru"
    run = checked(irina, ListKind.ORGANIZATIONS, [heading, f"S-1;#{town.district.id};school;Мектеп;Школа"])
    assert sums(read(irina, run)) == (1, 0, 0, 0)
    with transaction(), pytest.raises(Refused):
        imports.undo(irina, run.id)


def test_a_date_may_not_lie_in_the_future_by_the_clock_of_the_desk(
    irina: Asker, town: Town, set_clock: SetClock
) -> None:
    # 10:00 in Almaty
    soon = f"{set_clock.at + timedelta(hours=5, minutes=1):%Y-%m-%d %H:%M}"
    just = f"{set_clock.at + timedelta(hours=4, minutes=59):%Y-%m-%d %H:%M}"
    lines = old(town, f"1;А;{soon};open;;{{desk}};;;;;;", f"2;Б;{just};open;;{{desk}};;;;;;")
    assert refusals(checked(irina, ListKind.TICKETS, lines)) == [(2, "created_at")]


def test_the_zone_of_a_report_counts_more_than_that_of_the_desk(irina: Asker, town: Town) -> None:
    rows = [*ZAMMAD[:-1], ["Timezone: Europe/Berlin"]]
    run = checked(irina, ListKind.TICKETS, workbook(*rows), town.city)
    read(irina, run)
    assert session().query(Ticket).filter_by(subject="Журнал").one().created_at == datetime(2025, 9, 4, 8, tzinfo=UTC)
