"""Which text of consent a request came with is kept on it, and no version of the text is ever changed."""

import hashlib
import json

from flask.testing import FlaskClient

from helpdesk.intake import consent
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.tickets.queries import ticket_by_token
from tests.people import Town
from tests.web.forms import press

# A line for each version that was ever shown: add one, never change one.
HASHES = {"2026-11": "e3994ffd9b13c57e"}


def sent(client: FlaskClient, **typed: str) -> str:
    page = press(client, client.get("/kk/"), ("choice", "1"))
    page = press(client, page, ("go", "skip"))
    page = press(client, page, ("go", "next"))
    page = press(client, page, ("go", "next"), words="Kundelik ашылмайды")
    assert "/kk/consent/" in page.text
    answer = press(client, page, ("go", "next"), answer_by="web", **typed)
    return ticket_by_token(answer.location.rsplit("/", 1)[1]).consent_version or ""


def test_the_version_that_was_shown_stands_on_the_ticket(client: FlaskClient, town: Town) -> None:
    assert sent(client) == consent.current().version


def test_a_version_that_is_none_of_ours_is_not_believed(client: FlaskClient, town: Town) -> None:
    assert sent(client, consent="2040-01") == consent.current().version


def test_every_version_can_be_read_in_each_language(client: FlaskClient) -> None:
    for version, text in consent.versions().items():
        for language in LANGUAGES:
            assert text.paragraphs[language][0] in client.get(f"/{language}/consent/{version}").text
    assert client.get("/kk/consent/1999-01").status_code == 404


def test_a_version_is_never_changed() -> None:
    made = {
        version: hashlib.sha256(json.dumps(one.paragraphs, ensure_ascii=False).encode()).hexdigest()[:16]
        for version, one in consent.versions().items()
    }
    assert made == HASHES
