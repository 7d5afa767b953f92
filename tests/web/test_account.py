"""One's own way in: the second factor, its step at the sign-in, codes on paper, the password."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk.identity import second_factor, totp
from helpdesk.identity.access_models import RecoveryCode
from helpdesk.identity.models import Staff
from helpdesk.kernel import clock
from helpdesk.kernel.db import session
from tests.conftest import SetClock, counted_statements
from tests.people import PASSWORD, SignIn, Town

NEW = "ұзақ әрі есте қалатын сөйлем"


@pytest.fixture
def visitor(town: Town, client: FlaskClient, set_clock: SetClock) -> FlaskClient:
    """Somebody who has proved nothing yet."""
    return client


def code_of(person: Staff) -> str:
    """What the telephone of this person shows now."""
    session().rollback()
    session().expire_all()
    factor = second_factor.factor_of(person.id)
    assert factor is not None
    return totp.code(second_factor.secret_of(factor), totp.step_of(clock.now()))


def password_of(visitor: FlaskClient, person: Staff, password: str = PASSWORD) -> str:
    """Where the password leads."""
    answer = visitor.post("/sign-in", data={"email": person.email, "password": password})
    return str(answer.headers.get("Location", answer.status_code))


def turned_on(sign_in: SignIn, person: Staff, set_clock: SetClock) -> list[str]:
    """The codes for paper of somebody who set it up just now."""
    own = sign_in(person)
    page = own.get("/account/second-factor").text
    shown = re.search(r"data-secret>([A-Z2-7 ]+)<", page)
    assert shown is not None
    assert shown.group(1).replace(" ", "") in page.replace(" ", "")
    answer = own.post("/account/second-factor", data={"code": code_of(person)})
    assert answer.status_code == 200
    assert own.get("/board").status_code == 200, "this visitor stays signed in"
    set_clock.forward(seconds=60)
    return re.findall(r"<li>([a-z0-9]{5}-[a-z0-9]{5})</li>", answer.text)


def test_after_the_password_the_code_is_asked_for_and_opens_once(
    visitor: FlaskClient, town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    turned_on(sign_in, town.aigul, set_clock)
    assert password_of(visitor, town.aigul).endswith("/sign-in/code")
    assert visitor.get("/board").status_code == 302, "half in is not in"
    good = code_of(town.aigul)
    wrong = "000000" if good != "000000" else "000001"
    assert visitor.post("/sign-in/code", data={"code": wrong}).status_code == 422
    assert visitor.post("/sign-in/code", data={"code": good}).headers["Location"].endswith("/board")
    assert visitor.get("/board").status_code == 200

    other = visitor.application.test_client()
    password_of(other, town.aigul)
    assert other.post("/sign-in/code", data={"code": good}).status_code == 422, "seen over the shoulder"
    set_clock.forward(seconds=30)
    assert other.post("/sign-in/code", data={"code": code_of(town.aigul)}).status_code == 303


def test_a_code_on_paper_opens_once(visitor: FlaskClient, town: Town, sign_in: SignIn, set_clock: SetClock) -> None:
    codes = turned_on(sign_in, town.aigul, set_clock)
    assert len(set(codes)) == 10
    kept = [one.code_hash for one in session().query(RecoveryCode).all()]
    assert not set(kept) & set(codes), "only hashes are kept"
    for expected in (303, 422):
        again = visitor.application.test_client()
        password_of(again, town.aigul)
        assert again.post("/sign-in/code", data={"code": codes[0].upper()}).status_code == expected


def test_after_five_wrong_codes_even_the_right_one_waits(
    visitor: FlaskClient, town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    turned_on(sign_in, town.aigul, set_clock)
    password_of(visitor, town.aigul)
    for _ in range(5):
        assert visitor.post("/sign-in/code", data={"code": "nonsense"}).status_code == 422
    assert visitor.post("/sign-in/code", data={"code": code_of(town.aigul)}).status_code == 422
    set_clock.forward(minutes=15, seconds=1)
    password_of(visitor, town.aigul)
    assert visitor.post("/sign-in/code", data={"code": code_of(town.aigul)}).status_code == 303


def test_the_step_of_the_code_is_closed_to_who_gave_no_password_or_waited_long(
    visitor: FlaskClient, town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    turned_on(sign_in, town.aigul, set_clock)
    assert "/sign-in" in visitor.get("/sign-in/code").headers["Location"]
    assert "/sign-in" in visitor.post("/sign-in/code", data={"code": code_of(town.aigul)}).headers["Location"]
    password_of(visitor, town.aigul)
    set_clock.forward(minutes=11)
    assert "/sign-in" in visitor.post("/sign-in/code", data={"code": code_of(town.aigul)}).headers["Location"]
    assert visitor.get("/board").status_code == 302


def test_turning_it_on_signs_other_browsers_out_and_an_administrator_takes_it_away(
    town: Town, sign_in: SignIn, visitor: FlaskClient, set_clock: SetClock
) -> None:
    elsewhere = sign_in(town.aigul)
    turned_on(sign_in, town.aigul, set_clock)
    assert elsewhere.get("/board").status_code == 302
    assert sign_in(town.admin).post(f"/staff/{town.aigul.id}/second-factor/remove").status_code == 303
    assert password_of(visitor, town.aigul).endswith("/board")


def test_it_is_taken_off_only_with_a_code(town: Town, sign_in: SignIn, set_clock: SetClock) -> None:
    turned_on(sign_in, town.aigul, set_clock)
    session().expire_all()
    own = sign_in(session().get_one(Staff, town.aigul.id))
    assert own.post("/account/second-factor/remove", data={"code": "1"}).status_code == 422
    assert own.post("/account/second-factor/remove", data={"code": code_of(town.aigul)}).status_code == 303
    assert second_factor.factor_of(town.aigul.id) is None
    assert own.get("/account").status_code == 200


def test_where_it_is_required_an_administrator_sets_it_up_first(
    app: Flask, town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    usual = app.extensions["settings"]
    app.extensions["settings"] = usual.model_copy(update={"second_factor_for_administrators": True})
    try:
        irina = sign_in(town.admin)
        for page in ("/staff", "/board", "/administration"):
            assert irina.get(page).headers["Location"].endswith("/account/second-factor")
        assert sign_in(town.aigul).get("/board").status_code == 200
        irina.get("/account/second-factor")
        irina.post("/account/second-factor", data={"code": code_of(town.admin)})
        assert irina.get("/staff").status_code == 200
    finally:
        app.extensions["settings"] = usual


def test_a_changed_password_keeps_this_browser_and_no_other(visitor: FlaskClient, town: Town, sign_in: SignIn) -> None:
    elsewhere = sign_in(town.aigul)
    password_of(visitor, town.aigul)
    form = {"old": PASSWORD, "password": NEW, "again": NEW}
    assert visitor.post("/account/password", data=form | {"old": "another"}).status_code == 422
    assert visitor.post("/account/password", data=form | {"again": "different"}).status_code == 422
    assert visitor.post("/account/password", data=form).status_code == 303
    assert visitor.get("/board").status_code == 200
    assert elsewhere.get("/board").status_code == 302
    again = visitor.application.test_client()
    assert password_of(again, town.aigul) == "422"
    assert password_of(again, town.aigul, NEW).endswith("/board")


@pytest.mark.parametrize(
    "password", ["aigul1450!"[:9], "aigul20261", "1111111111", "qwerty12345", "1234567890", "x" * 201]
)
def test_what_is_easy_to_guess_is_no_password(visitor: FlaskClient, town: Town, password: str) -> None:
    password_of(visitor, town.aigul)
    form = {"old": PASSWORD, "password": password, "again": password}
    answer = visitor.post("/account/password", data=form)
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text


def test_a_page_with_the_second_factor_asks_the_database_no_more_than_without(
    town: Town, sign_in: SignIn, set_clock: SetClock
) -> None:
    own = sign_in(town.aigul)
    own.get("/account")
    with counted_statements() as sent:
        own.get("/account")
    assert len(sent) <= 10, "\n".join(sent)


def test_who_keeps_personal_data_and_no_tickets_begins_at_what_they_keep(client: FlaskClient, town: Town) -> None:
    page = client.post("/sign-in", data={"email": town.dana.email, "password": PASSWORD}, follow_redirects=True)
    assert (page.status_code, page.request.path) == (200, "/administration")
    assert 'href="/privacy"' in page.text
