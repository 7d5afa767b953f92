"""Tags on the ticket's page, and put in order by an administrator."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.kernel.db import session, transaction
from helpdesk.search.view_models import SavedView
from helpdesk.tickets import tags
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.tag_models import Tag, TicketTag
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def svetlana(town: Town, sign_in: SignIn) -> FlaskClient:
    """A browser in Russian."""
    return sign_in(town.svetlana)


def ticket_of(town: Town, *words: str) -> Ticket:
    ticket = filed(organization_id=town.school905.id).ticket
    if words:
        with transaction():
            tags.put_on(session().get_one(Ticket, ticket.id), ",".join(words), staff(town.aigul.id))
    return ticket


def test_put_on_shown_found_and_taken_off(svetlana: FlaskClient, town: Town) -> None:
    ticket = ticket_of(town)
    svetlana.post(f"/tickets/{ticket.number}/tag", data={"tag_text": "#Біргеміз, снег"})
    with counted_statements() as seen:
        page = svetlana.get(f"/tickets/{ticket.number}").text
    assert (re.findall(r'class="tags__one"><a [^>]*>([^<]+)<', page), len(seen) <= 10) == (["Біргеміз", "снег"], True)
    assert ticket.number in svetlana.get("/search?q=tag:біргеміз").text
    tag_id = re.findall(r'name="tag_id" value="(\d+)"', page)[0]
    svetlana.post(f"/tickets/{ticket.number}/untag", data={"tag_id": tag_id})
    assert "Біргеміз" not in svetlana.get(f"/tickets/{ticket.number}").text


def test_a_refusal_keeps_what_was_typed_and_shows_the_tags_that_are_there(svetlana: FlaskClient, town: Town) -> None:
    ticket = ticket_of(town, "снег")
    answer = svetlana.post(f"/tickets/{ticket.number}/tag", data={"tag_text": "#!"})
    assert (answer.status_code, "Сначала напишите метку" in answer.text, 'value="#!"' in answer.text) == (
        422,
        True,
        True,
    )
    assert ">снег<" in answer.text


def test_typing_offers_the_tags_of_the_desk(svetlana: FlaskClient, town: Town, sign_in: SignIn) -> None:
    ticket = ticket_of(town, "снег", "Біргеміз")
    rows = svetlana.get(f"/tickets/{ticket.number}/tags", query_string={"q": "бирг"}).json
    assert [row["value"] for row in rows or ()] == ["Біргеміз"]
    stranger = sign_in(town.bekzat)
    assert stranger.get(f"/tickets/{ticket.number}/tags").status_code == 404
    assert stranger.post(f"/tickets/{ticket.number}/untag", data={"tag_id": "1"}).status_code == 404
    assert len(session().scalars(select(TicketTag)).all()) == 2


def test_a_view_of_a_tag_goes_on_after_the_tag_was_renamed(svetlana: FlaskClient, town: Town, sign_in: SignIn) -> None:
    ticket = ticket_of(town, "снег")
    made = svetlana.post("/views/new", data={"name": "Снег", "filter": "tag:снег", "sorted_by": "due", "scope": "own"})
    assert made.status_code == 303, made.text
    [view] = session().scalars(select(SavedView.id)).all()
    [tag] = session().scalars(select(Tag.id)).all()
    sign_in(town.admin).post(f"/tags/{tag}", data={"name": "қар"})
    assert ticket.number in svetlana.get(f"/board?view=saved-{view}").text


def test_an_administrator_puts_tags_in_order_and_sees_why_not(town: Town, sign_in: SignIn) -> None:
    irina = sign_in(town.admin)
    assert 'class="empty"' in irina.get("/tags").text
    ticket_of(town, "снег", "метель")
    snow, storm = session().scalars(select(Tag.id).order_by(Tag.id)).all()
    with counted_statements() as seen:
        page = irina.get("/tags").text
    assert ("снег" in page, "метель" in page, len(seen) <= 3) == (True, True, True), seen
    assert irina.post(f"/tags/{snow}", data={"name": "метель"}).status_code == 422
    assert irina.post(f"/tags/{snow}/merge", data={"into": ""}).status_code == 422
    assert irina.post(f"/tags/{snow}/merge", data={"into": str(storm)}).location == f"/tags/{storm}"
    assert irina.get(f"/tags/{snow}").status_code == 404
    assert sign_in(town.erlan).get("/tags").status_code == 403
