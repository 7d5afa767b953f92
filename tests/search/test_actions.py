"""What tickets are found by follows what was said, once, whatever comes twice or late."""

import threading
from collections.abc import Callable

from flask import Flask
from sqlalchemy import select, text

from helpdesk.audit.actor import requester, staff
from helpdesk.contacts.models import Contact
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import db, session, transaction
from helpdesk.kernel.i18n import DEFAULT_ZONE
from helpdesk.kernel.words import stems
from helpdesk.organizations.queries import desk
from helpdesk.search import actions as words
from helpdesk.search.models import TicketWords
from helpdesk.search.queries import tickets
from helpdesk.search.rules import read
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import MessageKind, Resolution
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import GULNAR_PHONE, Town


def vector(ticket_id: int) -> str:
    session().rollback()
    return session().scalar(select(TicketWords.words).where(TicketWords.ticket_id == ticket_id)) or ""


def test_everything_said_on_a_ticket_is_found_after_the_reactions(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    ticket = filed(organization_id=town.school905.id, text="Пароль ұмытылды", phones=(GULNAR_PHONE,)).ticket
    assert vector(ticket.id) == ""
    run_jobs()
    assert "'парол'" in vector(ticket.id)
    by = staff(town.aigul.id)
    with transaction():
        mine = session().get_one(Ticket, ticket.id)
        actions.reply(mine, "Сілтеме жібердім", by)
        actions.note(mine, "директорға ескерту", by)
        actions.hear(
            mine, requester(None), actions.add_message(mine, MessageKind.PUBLIC, "рахмет", from_requester=True)
        )
        actions.resolve(mine, Resolution.SOLVED, by, "жаңартылды")
    run_jobs()
    found = vector(ticket.id)
    for word in ("сілтеме", "директор", "рахмет", "пароль", "жаңартылды", "Гульнар"):
        assert any(f"'{stem}'" in found for stem in stems(word)), word


def test_making_the_words_twice_writes_nothing_the_second_time(town: Town, set_clock: SetClock) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    with transaction():
        words.index_tickets([ticket.id, ticket.id])
    place = session().execute(text("SELECT ctid FROM ticket_words")).scalar_one()
    with transaction():
        words.index_tickets([ticket.id])
    assert session().execute(text("SELECT ctid FROM ticket_words")).scalar_one() == place


def test_of_two_at_once_the_later_one_has_read_everything(app: Flask, town: Town, set_clock: SetClock) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    late = threading.Event()

    def second() -> None:
        with app.app_context():
            late.set()
            with transaction():
                words.index_tickets([ticket.id])
            db.session.remove()

    thread = threading.Thread(target=second)
    with transaction():
        words.index_tickets([ticket.id])
        thread.start()
        late.wait(5)
        waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 1451 AND NOT granted")
        while session().execute(waiting).scalar_one() == 0:
            pass
        actions.add_message(session().get_one(Ticket, ticket.id), MessageKind.NOTE, "директор", from_requester=False)
    thread.join(10)
    assert "'директор'" in vector(ticket.id)


def test_a_ticket_that_is_handed_over_is_found_at_its_new_desk(
    town: Town, set_clock: SetClock, run_jobs: Callable[[], None]
) -> None:
    ticket = filed(organization_id=town.school905.id, text="микрофон").ticket
    run_jobs()

    def found(person: Staff) -> list[int]:
        who = asker(person.id)
        assert who is not None
        return [row.id for row in tickets(who, read("микрофон", set_clock().date(), set()), DEFAULT_ZONE).rows]

    assert (found(town.aigul), found(town.bekzat)) == ([ticket.id], [])
    with transaction():
        moved = session().get_one(Ticket, ticket.id)
        actions.hand_over(moved, desk(town.school911.id), staff(town.aigul.id))
    # from the very moment on nobody finds it who may not see it
    assert (found(town.aigul), found(town.bekzat)) == ([], [])
    run_jobs()
    assert (found(town.aigul), found(town.bekzat)) == ([], [ticket.id])


def test_nonsense_and_long_texts_are_written_without_an_error(town: Town, set_clock: SetClock) -> None:
    nasty = "'); DROP TABLE tickets; -- \\ ' \" <-> & | ! :* 😀 İ ﷽ " + " ".join(
        f"сөз{place}" for place in range(20_000)
    )
    ticket = filed(organization_id=town.school905.id, text=nasty).ticket
    with transaction():
        words.index_tickets([ticket.id])
    assert "'drop'" not in vector(ticket.id)
    assert "'дроп'" in vector(ticket.id)


def test_the_words_of_old_tickets_are_made_in_batches_newest_first_and_never_twice(
    town: Town, set_clock: SetClock
) -> None:
    made = [filed(organization_id=town.school905.id).ticket.id for _ in range(5)]
    first = words.missing(limit=2)
    assert list(first) == made[:2:-1]
    with transaction():
        words.index_tickets(first)
    assert list(words.missing(limit=10)) == made[2::-1]
    with transaction():
        words.index_tickets(words.missing())
    assert words.missing() == []
    session().execute(text("UPDATE ticket_words SET edition = 0 WHERE ticket_id = :id"), {"id": made[1]})
    assert list(words.missing()) == [made[1]]
    session().rollback()


def test_people_who_were_there_before_are_given_the_words_of_their_names(town: Town) -> None:
    with transaction():
        session().execute(text("UPDATE contacts SET name_words = ''"))
    above: int | None = 0
    rounds = 0
    while above is not None:
        with transaction():
            above = words.name_people(above, limit=1)
        rounds += 1
    assert rounds == 3
    session().expire_all()
    assert session().get_one(Contact, town.gulnar.id).name_words == "гулнар ахметова"


def test_a_person_who_is_renamed_is_found_by_the_new_name(town: Town) -> None:
    person = Contact(name="Шыңғыс")
    assert person.name_words == "шынгыс"
    person.name = "Өтеген Ұлан"
    assert person.name_words == "отеген улан"
