"""The bell, the list behind it, and what a person chooses to be told."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.identity.queries import asker
from helpdesk.kernel.db import session, transaction
from helpdesk.notifications.notice_models import Notice
from helpdesk.notifications.notice_queries import wishes
from helpdesk.notifications.notice_rules import NoticeKind, NoticeWay
from helpdesk.tickets import actions
from helpdesk.tickets.models import Ticket
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def svetlana(town: Town, sign_in: SignIn) -> FlaskClient:
    """A browser in Russian."""
    return sign_in(town.svetlana)


def mention(town: Town, times: int = 1) -> list[Ticket]:
    found = [filed(organization_id=town.school905.id).ticket for _ in range(times)]
    with transaction():
        for ticket in found:
            actions.note(session().get_one(Ticket, ticket.id), "@Светлана Ким, посмотрите", staff(town.aigul.id))
    return found


def test_from_the_bell_to_the_ticket_and_it_is_read(
    svetlana: FlaskClient, town: Town, run_jobs: Callable[[], None]
) -> None:
    assert "data-bell-count" not in svetlana.get("/board").text
    assert 'class="empty"' in svetlana.get("/notifications").text
    [ticket] = mention(town)
    run_jobs()
    assert re.search(r"data-bell-count>1<", svetlana.get("/board").text)
    page = svetlana.get("/notifications").text
    assert ("Вас упомянули в заметке" in page, "потому что в ней ваше имя" in page, town.aigul.name in page) == (
        True,
        True,
        True,
    )
    opened = svetlana.get(re.findall(r'href="(/notifications/\d+)"', page)[0])
    assert opened.location == f"/tickets/{ticket.number}"
    assert svetlana.get("/notifications/unread").json["count"] == "0"  # type: ignore[index]
    assert ticket.number in svetlana.get("/notifications?all=1").text


def test_all_read_leaves_what_came_meanwhile(
    svetlana: FlaskClient, town: Town, run_jobs: Callable[[], None], set_clock: object
) -> None:
    mention(town, 2)
    run_jobs()
    until = re.findall(r'name="until" value="([^"]+)"', svetlana.get("/notifications").text)[0]
    set_clock.forward(minutes=1)  # type: ignore[attr-defined]
    mention(town)
    run_jobs()
    svetlana.post("/notifications/read", data={"until": until})
    assert svetlana.get("/notifications/unread").json["count"] == "1"  # type: ignore[index]
    assert svetlana.post("/notifications/read", data={"until": "x"}).status_code == 404


def test_whoever_works_on_the_ticket_has_read_what_is_new_on_it(
    svetlana: FlaskClient, town: Town, run_jobs: Callable[[], None]
) -> None:
    first, second = mention(town, 2)
    run_jobs()
    svetlana.post(f"/tickets/{first.number}/note", data={"note": "смотрю"})
    unread = session().scalars(select(Notice.ticket_id).where(Notice.read_at.is_(None))).all()
    assert unread == [second.id]


def test_watching_is_one_key_and_shown_on_the_ticket(svetlana: FlaskClient, town: Town) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    assert "Следить" in svetlana.get(f"/tickets/{ticket.number}").text
    svetlana.post(f"/tickets/{ticket.number}/watch")
    svetlana.post(f"/tickets/{ticket.number}/watch")
    with counted_statements() as seen:
        page = svetlana.get(f"/tickets/{ticket.number}").text
    assert ("Не следить" in page, len(seen) <= 10) == (True, True), seen
    svetlana.post(f"/tickets/{ticket.number}/unwatch")
    assert "Не следить" not in svetlana.get(f"/tickets/{ticket.number}").text


def test_everybody_chooses_for_themselves_and_nonsense_changes_nothing(svetlana: FlaskClient, town: Town) -> None:
    svetlana.post("/notifications/preferences", data={"heard": "letter", "noted": "nonsense"})
    hers, his = asker(town.svetlana.id), asker(town.aigul.id)
    assert hers is not None
    assert his is not None
    assert (wishes(hers)[NoticeKind.HEARD], wishes(hers)[NoticeKind.NOTED]) == (NoticeWay.LETTER, NoticeWay.PAGES)
    assert wishes(his)[NoticeKind.HEARD] is NoticeWay.PAGES
    assert '<option value="letter" selected>' in svetlana.get("/notifications/preferences").text


def test_somebody_elses_notice_does_not_exist(
    svetlana: FlaskClient, town: Town, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    [ticket] = mention(town)
    run_jobs()
    [notice_id] = session().scalars(select(Notice.id)).all()
    stranger = sign_in(town.bekzat)
    assert stranger.get(f"/notifications/{notice_id}").status_code == 404
    assert stranger.post(f"/notifications/{notice_id}/read").status_code == 404
    assert ticket.number not in stranger.get("/notifications?all=1").text
    assert stranger.get(f"/tickets/{ticket.number}/colleagues?q=").status_code == 404
    assert session().get_one(Notice, notice_id, populate_existing=True).read_at is None


def test_only_those_who_may_read_the_ticket_can_be_named(svetlana: FlaskClient, town: Town) -> None:
    ticket = filed(organization_id=town.school905.id).ticket

    def named(typed: str) -> list[str]:
        rows = svetlana.get(f"/tickets/{ticket.number}/colleagues", query_string={"q": typed}).json or []
        return [row["text"] for row in rows]

    assert named("айг") == [town.aigul.name]
    assert named("мұқ") == [town.erlan.name]
    assert named("бекзат") == []
    with transaction():
        actions.recategorise(session().get_one(Ticket, ticket.id), "T44", staff(town.aigul.id))
    assert named("айг") == []


def test_many_notifications_cost_few_statements_and_come_in_pages(
    svetlana: FlaskClient, town: Town, run_jobs: Callable[[], None]
) -> None:
    mention(town, 6)
    run_jobs()
    with counted_statements() as seen:
        page = svetlana.get("/notifications").text
    assert (page.count("told__one--unread"), len(seen) <= 3) == (6, True), seen
    newest = session().scalars(select(Notice).order_by(Notice.at.desc(), Notice.id.desc())).all()
    cursor = f"{newest[1].at.isoformat()}_{newest[1].id}"
    assert svetlana.get("/notifications", query_string={"before": cursor}).text.count("told__one--unread") == 4
