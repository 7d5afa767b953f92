"""What comes after a ticket was settled: a thank you, an answer in time, a late one, and one to a merged ticket."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from helpdesk.audit.actor import requester, staff
from helpdesk.intake import mailroom
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.models import Letter
from helpdesk.tickets import actions, merging
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.rules import Resolution, TicketState
from helpdesk.tickets.tie_models import TicketLink
from helpdesk.tickets.tie_rules import LinkKind
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import Town

PARENT = "elena@parents.test"


@pytest.fixture
def settled(town: Town, set_clock: SetClock, run_jobs: Callable[[], None]) -> Ticket:
    """Елена wrote about her son's diary, and was told that it is solved."""
    ticket = filed(
        organization_id=town.school905.id,
        text="Сын не может войти",
        name="Елена Смирнова",
        emails=(PARENT,),
        language="ru",
        answer_by="email",
    ).ticket
    with transaction():
        actions.resolve(
            session().get_one(Ticket, ticket.id), Resolution.SOLVED, staff(town.svetlana.id), "Пароль новый"
        )
    run_jobs()
    return ticket


def letter(number: str, text: str) -> None:
    """A letter of hers that names the ticket."""
    made = EmailMessage()
    made["From"], made["To"] = f"Елена Смирнова <{PARENT}>", "905@1450.test"
    made["Subject"], made["Message-ID"] = f"Re: [{number}]", f"<{abs(hash(text))}@parents.test>"
    made.set_content(text)
    with transaction():
        mailroom.store(made.as_bytes(), PARENT, ["905@1450.test"])


def tickets() -> list[Ticket]:
    session().expire_all()
    return session().query(Ticket).order_by(Ticket.id).all()


def test_a_thank_you_reopens_nothing_starts_no_clock_and_is_kept(
    settled: Ticket, run_jobs: Callable[[], None], set_clock: SetClock
) -> None:
    for days, text in ((1, "Спасибо большое, всё работает!\n\nЕлена Смирнова"), (10, "Спасибо!")):
        set_clock.forward(days=days)
        letter(settled.number, text)
        run_jobs()
        [ticket] = tickets()
        assert (ticket.state, ticket.due_at, ticket.reopened) == (TicketState.RESOLVED, None, 0)
    assert session().query(Message).filter(Message.body.like("Спасибо%")).count() == 2


def test_within_seven_days_an_answer_opens_it_again(
    settled: Ticket, run_jobs: Callable[[], None], set_clock: SetClock
) -> None:
    set_clock.forward(days=6, hours=23)
    letter(settled.number, "Спасибо, но войти всё равно не получается")
    run_jobs()
    [ticket] = tickets()
    assert (ticket.state, ticket.reopened) == (TicketState.OPEN, 1)


def test_later_it_opens_a_new_one_that_names_the_old_and_tells_its_number_once(
    settled: Ticket, run_jobs: Callable[[], None], set_clock: SetClock
) -> None:
    set_clock.forward(days=8)
    letter(settled.number, "Снова не получается войти")
    run_jobs()
    letter(settled.number, "Добавлю: пишет «неверный код»")
    run_jobs()
    old, new = tickets()
    assert (old.state, new.state, new.contact_id) == (TicketState.RESOLVED, TicketState.NEW, old.contact_id)
    link = session().query(TicketLink).one()
    assert (link.kind, link.from_id, link.to_id) == (LinkKind.FOLLOWS, new.id, old.id)
    assert session().query(Message).filter(Message.ticket_id == new.id).count() == 2
    told = session().query(Letter).filter(Letter.ticket_id == new.id, Letter.template == "ticket_opened").one()
    assert new.number in told.subject


def test_a_letter_to_a_merged_ticket_comes_to_the_one_that_stays(
    settled: Ticket, run_jobs: Callable[[], None], town: Town
) -> None:
    by = staff(town.svetlana.id)
    second = filed(organization_id=town.school905.id, text="Опять я", emails=(PARENT,), name="Елена Смирнова").ticket
    with transaction():
        one, other = session().get_one(Ticket, settled.id), session().get_one(Ticket, second.id)
        merging.merge(one, other, by)
        actions.wait(other, by)
    letter(settled.number, "Код пришёл: всё ещё нет")
    run_jobs()
    gone, stays = tickets()
    assert (gone.state, stays.state) == (TicketState.CLOSED, TicketState.OPEN)
    with transaction():
        merging.take_apart(gone, stays, requester())
    assert tickets()[0].state is TicketState.RESOLVED
