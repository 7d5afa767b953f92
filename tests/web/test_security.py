from flask import Flask
from flask.testing import FlaskClient

from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from tests.people import PASSWORD, SignIn, Town
from tests.web.forms import without_tokens


def test_every_page_forbids_foreign_scripts_and_frames(client: FlaskClient) -> None:
    headers = client.get("/sign-in").headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_a_post_without_its_token_changes_nothing(app: Flask, town: Town) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = app.test_client().post("/sign-in", data={"email": "aigul@1450.test", "password": PASSWORD})
    app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400


def test_who_has_not_signed_in_is_sent_to_the_door(client: FlaskClient) -> None:
    answer = client.get("/board")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in")


def test_signing_in_leads_where_one_wanted_to_go_but_never_to_another_site(client: FlaskClient, town: Town) -> None:
    pair = {"email": "aigul@1450.test", "password": PASSWORD}
    assert client.post("/sign-in?next=/callbacks", data=pair).location == "/callbacks"
    client.post("/sign-out")
    assert client.post("/sign-in?next=//evil.example", data=pair).location == "/"


def test_a_wrong_password_says_no_more_than_that(client: FlaskClient, town: Town) -> None:
    known = client.post("/sign-in", data={"email": "aigul@1450.test", "password": "x"})
    unknown = client.post("/sign-in", data={"email": "nobody@1450.test", "password": "x"})
    assert known.status_code == unknown.status_code == 422
    assert without_tokens(known).replace("aigul", "nobody") == without_tokens(unknown)


def test_signing_out_everywhere_ends_every_session(sign_in: SignIn, town: Town) -> None:
    browser = sign_in(town.aigul)
    assert browser.get("/board").status_code == 200
    with transaction():
        session().get_one(Staff, town.aigul.id).session_version += 1
    assert browser.get("/board").status_code == 302
