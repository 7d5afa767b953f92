from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from helpdesk.kernel import settings
from tests.conftest import counted_statements
from tests.factories import filed
from tests.people import GULNAR_PHONE, SignIn, Town

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def aigul(town: Town, sign_in: SignIn) -> FlaskClient:
    """An operator's browser, in English."""
    browser = sign_in(town.aigul)
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def test_letters_and_sms_are_shown_newest_first_with_working_links(
    town: Town, aigul: FlaskClient, run_jobs: Callable[[], None]
) -> None:
    first = filed(phones=(GULNAR_PHONE,), desk_id=town.school905.id).ticket
    run_jobs()
    second = filed(emails=("new@parents.test",), answer_by="email", desk_id=town.school905.id).ticket
    run_jobs()
    page = aigul.get("/outbox").text
    assert page.index(second.number) < page.index(first.number)
    assert "+7 (709) 000-00-01" in page
    link = page.split('<a href="http://1450.test')[1].split('"')[0]
    assert aigul.get(link).status_code == 200


def test_one_medium_alone_can_be_seen(town: Town, aigul: FlaskClient, run_jobs: Callable[[], None]) -> None:
    filed(phones=(GULNAR_PHONE,), desk_id=town.school905.id)
    filed(emails=("new@parents.test",), answer_by="email", desk_id=town.school905.id)
    run_jobs()
    only_sms = aigul.get("/outbox?medium=sms").text
    assert "+7 (709) 000-00-01" in only_sms
    assert "new@parents.test" not in only_sms


def test_letters_about_another_districts_tickets_are_not_shown(
    town: Town, sign_in: SignIn, run_jobs: Callable[[], None]
) -> None:
    ticket = filed(phones=(GULNAR_PHONE,), desk_id=town.school905.id).ticket
    run_jobs()
    assert ticket.number not in sign_in(town.bekzat).get("/outbox").text


def test_the_list_goes_on_page_by_page(town: Town, aigul: FlaskClient, run_jobs: Callable[[], None]) -> None:
    numbers = [filed(emails=(f"p{n}@parents.test",), desk_id=town.school905.id).ticket.number for n in range(35)]
    run_jobs()
    page = aigul.get("/outbox").text
    following = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0]
    second = aigul.get(following).text
    assert all((number in page) != (number in second) for number in numbers)
    with counted_statements() as sent:
        aigul.get("/outbox")
    assert len(sent) <= 10, "\n".join(sent)


def test_where_letters_are_really_sent_there_is_no_such_page(aigul: FlaskClient) -> None:
    house = settings.current()
    settings.install(house.model_copy(update={"mail_kept": False}))
    try:
        assert aigul.get("/outbox").status_code == 404
    finally:
        settings.install(house)


def test_a_visitor_is_asked_to_sign_in(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/outbox").headers["Location"]
