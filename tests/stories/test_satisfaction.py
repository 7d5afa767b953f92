"""After a request is resolved its parent is asked once, answers without an account, and thinks better of it."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.actor import requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.queries import Asker, asker
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound
from helpdesk.notifications.models import Letter
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.opinion_actions import ask
from helpdesk.tickets.opinion_models import Opinion
from helpdesk.tickets.opinion_queries import By, behind, figures
from helpdesk.tickets.queries import token_of
from helpdesk.tickets.rules import Resolution
from tests.conftest import SetClock, counted_statements
from tests.factories import filed
from tests.people import SignIn, Town
from tests.web.forms import press

RunJobs = Callable[[], None]
DAY = date(2026, 11, 23)
LATER = date(2027, 12, 31)


@pytest.fixture
def ticket(town: Town, set_clock: SetClock) -> Ticket:
    return resolved(town)


def resolved(town: Town, resolution: Resolution = Resolution.SOLVED, category: str = "T03") -> Ticket:
    """A request of Елена, who writes letters, settled by Айгүл; committed."""
    made = filed(organization_id=town.school905.id, contact_id=town.elena.id, language="ru", answer_by="email").ticket
    with transaction():
        found = session().get_one(Ticket, made.id)
        by = staff(town.aigul.id)
        if category != found.category_code:
            actions.recategorise(found, category, by)
        actions.resolve(found, resolution, by)
    return made


def who(town: Town, name: str) -> Asker:
    found = asker(getattr(town, name).id)
    assert found is not None
    return found


def letters() -> list[str]:
    query = select(Letter.body).where(Letter.template == "ticket_resolved").order_by(Letter.id)
    return list(session().scalars(query))


def test_the_letter_asks_and_the_answer_reaches_the_timeline_and_the_figures(
    town: Town, ticket: Ticket, client: FlaskClient, run_jobs: RunJobs, sign_in: SignIn, set_clock: SetClock
) -> None:
    run_jobs()
    assert re.search(r"/ru/t/\S+/opinion", letters()[0])
    token = token_of(ticket)
    assert f"/ru/t/{token}/opinion" in client.get(f"/ru/t/{token}").text
    page = client.get(f"/ru/t/{token}/opinion")
    nothing = press(client, page, words="Быстро")
    assert nothing.status_code == 422
    assert "Быстро" in nothing.text
    assert press(client, page, grade="5", words="Быстро").status_code == 303
    set_clock.forward(days=6)
    again = client.get(f"/ru/t/{token}/opinion")
    assert "Быстро" in again.text
    for _ in range(2):
        assert press(client, again, grade="2", words="Не помогло").status_code == 303
    set_clock.forward(days=2)
    late = client.post(f"/ru/t/{token}/opinion", data={"grade": "5", "words": "Поздно"})
    assert late.status_code == 303
    [row] = figures(who(town, "erlan"), By.DESK, DAY, DAY)
    assert (row.asked, row.answered, row.good, row.bad, row.average) == (1, 1, 0, 1, 2.0)
    told = sign_in(town.aigul).get(f"/tickets/{ticket.number}").text
    assert re.search(r"бағасы[^<]*: 5", told)
    assert re.search(r"бағасы[^<]*: 2", told)


def test_the_same_person_is_asked_once_in_thirty_days_whatever_runs_twice(
    town: Town, ticket: Ticket, run_jobs: RunJobs, set_clock: SetClock
) -> None:
    run_jobs()
    resolved(town)
    run_jobs()
    assert session().query(Opinion).count() == 1
    assert ["/opinion" in body for body in letters()] == [True, False]
    set_clock.forward(days=30)
    resolved(town)
    run_jobs()
    assert session().query(Opinion).count() == 2


def test_nobody_is_asked_about_what_is_restricted_or_was_no_request(
    town: Town, set_clock: SetClock, run_jobs: RunJobs
) -> None:
    for category in ("M28", "C01", "C07"):
        resolved(town, category=category)
    resolved(town, Resolution.SPAM)
    run_jobs()
    assert session().query(Opinion).count() == 0
    assert not any("/opinion" in body for body in letters())


def test_while_work_goes_on_again_nothing_is_asked(
    town: Town, ticket: Ticket, client: FlaskClient, run_jobs: RunJobs
) -> None:
    run_jobs()
    with transaction():
        actions.reopen(session().get_one(Ticket, ticket.id), requester(town.elena.id))
    token = token_of(ticket)
    assert "/opinion" not in client.get(f"/kk/t/{token}").text
    assert client.get(f"/kk/t/{token}/opinion").status_code == 302
    assert client.post(f"/kk/t/{token}/opinion", data={"grade": "5"}).status_code == 303
    assert session().scalars(select(Opinion.grade)).all() == [None]
    assert client.get("/kk/t/wrong/opinion").status_code == 404


def test_every_figure_is_the_length_of_its_list_and_no_answer_is_no_zero(
    town: Town, ticket: Ticket, run_jobs: RunJobs, sign_in: SignIn
) -> None:
    run_jobs()
    erlan = who(town, "erlan")
    for by in By:
        [row] = figures(erlan, by, DAY, LATER)
        assert (row.asked, row.answered, row.average) == (1, 0, None)
        for figure in ("asked", "answered", "good", "bad"):
            assert len(behind(erlan, by, row.key, figure, DAY, LATER)) == getattr(row, figure)
    browser = sign_in(town.erlan)
    page = browser.get("/opinions?from=2026-11-23&to=2026-11-23&by=operator")
    assert "нет данных" in page.text
    with counted_statements() as seen:
        assert browser.get(f"/opinions/behind?by=operator&figure=asked&key={town.aigul.id}").status_code == 200
    assert len(seen) <= 10
    with pytest.raises(NotFound):
        behind(erlan, By.DESK, "1", "nothing", DAY, LATER)
    assert figures(who(town, "bekzat"), By.DESK, DAY, LATER) == []


def test_a_reaction_that_runs_again_asks_nothing_new(town: Town, ticket: Ticket, run_jobs: RunJobs) -> None:
    run_jobs()
    opinion = session().scalars(select(Opinion)).one()
    with transaction():
        ask([session().get_one(JournalEntry, opinion.entry_id)])
    assert session().query(Opinion).count() == 1
