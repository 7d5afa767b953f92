"""Every page in the language of who reads it."""

import pytest
from flask.testing import FlaskClient

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session
from tests.people import SignIn, Town


def test_a_visitor_keeps_the_language_in_the_browser(client: FlaskClient) -> None:
    assert client.post("/language", data={"language": "ru", "next": "/sign-in"}).location == "/sign-in"
    assert "Войти" in client.get("/sign-in").text


def test_the_language_of_a_member_of_staff_stays_with_the_person(sign_in: SignIn, town: Town) -> None:
    sign_in(town.aigul).post("/language", data={"language": "ru", "next": "/board"})
    session().expire_all()
    assert session().get_one(Staff, town.aigul.id).language == "ru"
    assert 'lang="ru"' in sign_in(town.aigul).get("/styleguide").text


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil"])
def test_choosing_a_language_never_leads_to_another_site(client: FlaskClient, target: str) -> None:
    assert client.post("/language", data={"language": "ru", "next": target}).location == "/"


def test_a_language_that_we_do_not_speak_changes_nothing(client: FlaskClient) -> None:
    client.post("/language", data={"language": "xx"})
    assert client.get_cookie("language") is None


def test_a_public_page_offers_itself_in_the_other_languages(client: FlaskClient) -> None:
    page = client.get("/kk/status").text
    assert 'href="/ru/status"' in page
    assert 'href="/en/status"' in page
    assert 'href="/kk/status"' not in page.split("languages")[1]
