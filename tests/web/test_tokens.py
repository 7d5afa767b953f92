"""The administrators' page of tokens."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk.identity.token_models import ApiToken
from helpdesk.kernel.db import session, transaction
from tests.api.programs import Program, program
from tests.conftest import counted_statements
from tests.people import SignIn, Town


@pytest.fixture
def irina(town: Town, sign_in: SignIn) -> FlaskClient:
    """The administrator's browser, in Russian."""
    return sign_in(town.admin)


def typed(town: Town, **changes: object) -> dict[str, object]:
    form = {"name": "Портал района", "address": "aigul@1450.test", "organization": str(town.district.id)}
    return form | {"scopes": ["tickets:read", "callbacks:read"], "days": "90"} | changes


def test_an_empty_list_says_what_tokens_are_for(irina: FlaskClient) -> None:
    assert "Токенов пока нет" in irina.get("/tokens").text


def test_a_token_is_made_shown_once_and_works(app: Flask, town: Town, irina: FlaskClient) -> None:
    answer = irina.post("/tokens/new", data=typed(town))
    assert answer.status_code == 200
    [secret] = re.findall(r'value="(h1450_[\w-]{43})"', answer.text)
    page = irina.get("/tokens").text
    assert secret not in page
    assert "Портал района" in page
    assert "никогда" in page
    uses = Program(app, secret, session().query(ApiToken).one().id)
    assert uses.get("/tickets").status_code == 200
    assert uses.get("/contacts?phone=1").status_code == 403
    assert "никогда" not in irina.get("/tokens").text


def test_a_revoked_token_stays_in_the_list_and_opens_nothing(app: Flask, town: Town, irina: FlaskClient) -> None:
    made = program(app, town, town.aigul)
    answer = irina.post(f"/tokens/{made.token_id}/revoke", follow_redirects=True)
    assert "Токен отозван" in answer.text
    assert made.get("/tickets").status_code == 401
    assert f"/tokens/{made.token_id}/revoke" not in irina.get("/tokens").text


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"address": "bekzat@1450.test"}, "address"),
        ({"address": "nobody@1450.test"}, "address"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes"),
        # an administrator who may not read restricted tickets gives that to no program either
        ({"scopes": ["tickets:read", "restricted:read"], "address": "erlan@1450.test"}, "scopes"),
        ({"days": "1000"}, "days"),
        ({"organization": "999999"}, "organization_text"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_typed_is_lost(
    town: Town, irina: FlaskClient, change: dict[str, object], field: str
) -> None:
    answer = irina.post("/tokens/new", data=typed(town, **change))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "h1450_" not in answer.text
    assert 'value="aigul@1450.test"' in answer.text or "address" in change
    assert session().query(ApiToken).count() == 0


def test_the_administrator_of_a_part_sees_and_revokes_only_its_tokens(
    app: Flask, town: Town, irina: FlaskClient
) -> None:
    made = program(app, town, town.asel)
    with transaction():
        for role in town.admin.roles:
            session().merge(role).organization_id = town.district.id
    assert "A portal" not in irina.get("/tokens").text
    assert irina.post(f"/tokens/{made.token_id}/revoke").status_code == 404
    assert made.get("/tickets").status_code == 200


def test_the_list_asks_few_statements_however_long_it_is(app: Flask, town: Town, irina: FlaskClient) -> None:
    for _ in range(52):
        program(app, town, town.aigul)
    with counted_statements() as seen:
        page = irina.get("/tokens").text
    assert len(seen) <= 5
    assert page.count("/revoke") == 50
    assert "before=" in page
