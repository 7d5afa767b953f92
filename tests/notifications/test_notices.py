"""Staff are told once of what concerns them, by as few letters as they can bear, and of nothing they may not read."""

from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from helpdesk.audit import journal
from helpdesk.audit.actor import SYSTEM, requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import asker
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications import notice_actions, notice_letters, notice_queries, notices
from helpdesk.notifications.models import Letter
from helpdesk.notifications.notice_models import Notice
from helpdesk.notifications.notice_rules import KEPT, NoticeKind, NoticeWay, Why, mentioned
from helpdesk.organizations.queries import desk
from helpdesk.tickets import actions, handovers, watching
from helpdesk.tickets.handover_rules import Way as WayOn
from helpdesk.tickets.handovers import Errand
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import MessageKind, Resolution
from helpdesk.tickets.watch_models import Watcher
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import Town

pytestmark = pytest.mark.usefixtures("set_clock")
RunJobs = Callable[[], None]
PEOPLE = {1: "Айгүл Қасымова", 2: "Светлана Ким", 3: "Светлана Ли"}


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("@Айгүл Қасымова, қараңызшы", {1}),
        ("@айгүл қараңызшы", {1}),
        ("(@Светлана  Ким) и @Айгүл", {1, 2}),
        ("@Светлана кто-нибудь", set()),
        ("Айгүл Қасымова", set()),
        ("пишите на aigul@Айгүл.kz", set()),
        ("@Айгүлім", set()),
        ("@", set()),
    ],
)
def test_a_name_after_the_sign_is_one_person_or_nobody(text: str, whom: set[int]) -> None:
    assert mentioned(text, PEOPLE) == whom


def at_school(town: Town, holder: Staff | None = None) -> Ticket:
    ticket = filed(organization_id=town.school905.id).ticket
    if holder is not None:
        with transaction():
            actions.assign(session().get_one(Ticket, ticket.id), holder.id, staff(holder.id))
    return ticket


def noted(ticket: Ticket, text: str, by: Staff) -> None:
    with transaction():
        actions.note(session().get_one(Ticket, ticket.id), text, staff(by.id))


def heard(ticket: Ticket, words: str = "тағы жаздым") -> None:
    with transaction():
        found = session().get_one(Ticket, ticket.id)
        actions.hear(found, requester(), actions.add_message(found, MessageKind.PUBLIC, words, from_requester=True))


def of(person: Staff) -> list[tuple[NoticeKind, Why, int]]:
    session().expire_all()
    found = session().scalars(select(Notice).where(Notice.staff_id == person.id).order_by(Notice.id)).all()
    return [(one.kind, one.why, one.times) for one in found]


def letters_to(person: Staff) -> list[Letter]:
    query = select(Letter).where(Letter.address == person.email).order_by(Letter.id)
    return list(session().scalars(query))


def test_whoever_is_named_is_told_and_watches_from_then_on(town: Town, run_jobs: RunJobs) -> None:
    ticket = at_school(town, town.aigul)
    noted(ticket, "@Ерлан Мұқанов рұқсат керек", town.aigul)
    run_jobs()
    assert of(town.erlan) == [(NoticeKind.MENTIONED, Why.NAMED, 1)]
    assert session().scalars(select(Watcher.staff_id)).all() == [town.erlan.id]
    noted(ticket, "күтіп отырмын", town.aigul)
    run_jobs()
    assert of(town.erlan)[1:] == [(NoticeKind.NOTED, Why.WATCHER, 1)]
    assert of(town.aigul) == []


def test_nobody_is_told_of_what_they_may_not_read(town: Town, run_jobs: RunJobs) -> None:
    ticket = at_school(town)
    with transaction():
        watching.watch(session().get_one(Ticket, ticket.id), staff(town.svetlana.id))
        watching.watch(session().get_one(Ticket, ticket.id), staff(town.bekzat.id))
        watching.watch(session().get_one(Ticket, ticket.id), staff(town.erlan.id))
        actions.recategorise(session().get_one(Ticket, ticket.id), "T44", staff(town.aigul.id))
    noted(ticket, "@Бекзат Оспанов @Светлана Ким @Әсел Сейітова", town.erlan)
    heard(ticket)
    run_jobs()
    assert (of(town.bekzat), of(town.svetlana)) == ([], [])
    assert of(town.asel)[0] == (NoticeKind.MENTIONED, Why.NAMED, 1)
    assert of(town.erlan) == [(NoticeKind.HEARD, Why.WATCHER, 1)]


def test_the_list_hides_the_subject_of_what_one_may_no_longer_read(town: Town, run_jobs: RunJobs) -> None:
    ticket = at_school(town, town.aigul)
    heard(ticket)
    run_jobs()

    def subjects() -> list[str]:
        who = asker(town.aigul.id)
        assert who is not None
        return [one.subject for one in notice_queries.told(who)]

    assert subjects() == [ticket.subject]
    with transaction():
        actions.recategorise(session().get_one(Ticket, ticket.id), "T44", staff(town.aigul.id))
    assert subjects() == [""]


def test_what_happens_again_before_it_is_read_counts_and_a_reaction_that_runs_twice_does_not(
    town: Town, run_jobs: RunJobs
) -> None:
    ticket = at_school(town, town.aigul)
    heard(ticket)
    run_jobs()
    heard(ticket)
    run_jobs()
    entries = (
        session()
        .scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.heard").order_by(JournalEntry.id))
        .all()
    )
    assert of(town.aigul) == [(NoticeKind.HEARD, Why.HOLDER, 2)]
    with transaction():
        notices.tell(entries)
    assert of(town.aigul) == [(NoticeKind.HEARD, Why.HOLDER, 2)]
    with transaction():
        notice_actions.read(staff(town.aigul.id))
        notices.tell(entries)
    assert of(town.aigul) == [(NoticeKind.HEARD, Why.HOLDER, 2)]
    heard(ticket)
    run_jobs()
    assert of(town.aigul)[1:] == [(NoticeKind.HEARD, Why.HOLDER, 1)]


def test_ones_own_deeds_are_no_news_and_those_of_others_are(town: Town, run_jobs: RunJobs) -> None:
    ticket = at_school(town, town.aigul)
    with transaction():
        actions.assign(session().get_one(Ticket, ticket.id), town.svetlana.id, staff(town.aigul.id))
        watching.watch(session().get_one(Ticket, ticket.id), staff(town.aigul.id))
    with transaction():
        actions.resolve(session().get_one(Ticket, ticket.id), Resolution.SOLVED, staff(town.svetlana.id))
    run_jobs()
    assert of(town.svetlana) == [(NoticeKind.ASSIGNED, Why.HOLDER, 1)]
    assert of(town.aigul) == [(NoticeKind.CHANGED, Why.WATCHER, 1)]


def test_who_handed_a_ticket_on_hears_once_that_nobody_has_acknowledged_it_and_what_became_of_it(
    town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    ticket = at_school(town)
    with transaction():
        errand = Errand(WayOn.UP, "себеп", desk(town.district.id))
        handovers.hand_on(session().get_one(Ticket, ticket.id), errand, staff(town.bekzat.id))
    run_jobs()
    assert of(town.bekzat) == []
    set_clock.forward(days=4)
    run_jobs()
    run_jobs()
    assert of(town.bekzat) == [(NoticeKind.UNACKNOWLEDGED, Why.SENDER, 1)]
    with transaction():
        handovers.send_back(session().get_one(Ticket, ticket.id), "толықтырыңыз", staff(town.aigul.id))
    run_jobs()
    assert of(town.bekzat)[1:] == [(NoticeKind.SENT_BACK, Why.SENDER, 1)]


def wish(person: Staff, way: NoticeWay, kind: NoticeKind = NoticeKind.HEARD) -> None:
    with transaction():
        notice_actions.wish(staff(person.id), {kind: way})


def test_a_flood_is_one_letter_in_a_quarter_of_an_hour_and_nothing_is_lost_in_the_list(
    town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    wish(town.aigul, NoticeWay.LETTER)
    tickets = [at_school(town, town.aigul) for _ in range(25)]
    for ticket in tickets[:24]:
        heard(ticket)
        heard(ticket)
    run_jobs()
    assert letters_to(town.aigul) == []  # gathers its company
    set_clock.forward(minutes=2)
    run_jobs()
    run_jobs()
    [letter] = letters_to(town.aigul)
    assert tickets[0].number in letter.body
    assert "Тағы да: 4" in letter.body
    heard(tickets[24])
    heard(tickets[0])
    set_clock.forward(minutes=3)
    run_jobs()
    assert len(letters_to(town.aigul)) == 1
    set_clock.forward(minutes=15)
    run_jobs()
    second = letters_to(town.aigul)[1]
    assert (tickets[24].number in second.body, tickets[0].number in second.body) == (True, False)
    assert len(of(town.aigul)) == 25


def test_what_is_read_in_time_or_not_wished_for_needs_no_letter(
    town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    wish(town.aigul, NoticeWay.LETTER)
    wish(town.svetlana, NoticeWay.OFF)
    for person in (town.aigul, town.svetlana):
        heard(at_school(town, person))
    run_jobs()
    assert of(town.svetlana) == []
    with transaction():
        notice_actions.read(staff(town.aigul.id))
    set_clock.forward(minutes=2)
    run_jobs()
    assert letters_to(town.aigul) == []


def test_no_letter_leaves_at_night_and_one_comes_in_the_morning(
    town: Town, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    wish(town.aigul, NoticeWay.LETTER)
    ticket = at_school(town, town.aigul)
    night = clock.now().replace(hour=17, minute=0)  # 22:00 in Almaty
    set_clock.forward(seconds=(night - clock.now()).total_seconds() % 86400)
    heard(ticket)
    run_jobs()
    set_clock.forward(hours=9, minutes=59)
    assert notice_letters.due() == []
    set_clock.forward(minutes=2)
    assert notice_letters.due() == [town.aigul.id]


def test_two_workers_write_one_letter(town: Town, run_jobs: RunJobs, set_clock: SetClock) -> None:
    wish(town.aigul, NoticeWay.LETTER)
    heard(at_school(town, town.aigul))
    run_jobs()
    with transaction():
        first = notice_letters.write(town.aigul.id)
    heard(at_school(town, town.aigul))
    run_jobs()
    with transaction():
        second = notice_letters.write(town.aigul.id)
    assert (first, second, len(letters_to(town.aigul))) == (True, False, 1)


def test_ten_thousand_broken_promises_cost_few_statements(town: Town) -> None:
    tickets = [at_school(town, town.aigul) for _ in range(12)]
    with transaction():
        for ticket in tickets:
            journal.note("ticket.breached", by=SYSTEM, ticket_id=ticket.id, desk_id=ticket.desk_id)
    entries = session().scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.breached")).all()
    with counted_statements() as seen, transaction():
        notices.tell(entries)
    assert len(seen) <= 8, seen
    assert session().scalar(select(func.count()).select_from(Notice)) == 12


def test_the_bell_counts_in_the_statement_that_every_page_asks_anyway(town: Town, run_jobs: RunJobs) -> None:
    heard(at_school(town, town.aigul))
    run_jobs()
    with counted_statements() as seen:
        found = asker(town.aigul.id)
    assert found is not None
    assert (found.unread, len(seen)) == (1, 1)


def test_what_was_read_long_ago_is_dropped(town: Town, run_jobs: RunJobs) -> None:
    ticket = at_school(town, town.aigul)
    heard(ticket)
    run_jobs()
    with transaction():
        session().execute(update(Notice).values(read_at=clock.now() - KEPT * 2))
        assert notice_actions.forget() == 1
        assert notice_actions.forget() == 0
