"""Signing in with an account of another house, which is a real server with keys of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from helpdesk.identity import oidc
from helpdesk.identity.models import Staff
from helpdesk.identity.passkey_models import Passkey
from helpdesk.kernel import clock, settings
from helpdesk.kernel.db import session, transaction
from tests.conftest import SetClock
from tests.identity.provider import CLIENT, SECRET, Provider
from tests.people import Town


@pytest.fixture
def provider(client: FlaskClient, town: Town, set_clock: SetClock) -> Iterator[Provider]:
    """The other house, where Ерлан has an account."""
    other = Provider(email="Erlan@1450.test")
    other.start()
    before = settings.current()
    values = {"oidc_issuer": other.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    settings.install(before.model_copy(update=values | {"oidc_name": "Орта тіркелгі"}))
    oidc.forget()
    yield other
    settings.install(before)
    other.stop()


def come_back(browser: FlaskClient, other: Provider, asked: str = "/sign-in/oidc") -> TestResponse:
    away = browser.get(asked)
    assert away.status_code == 302
    assert away.headers["Location"].startswith(f"{other.issuer}/authorize?")
    return browser.get(f"/sign-in/oidc/back?{other.lets_in(away.headers['Location'])}")


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


def test_whoever_was_invited_comes_in_and_goes_where_they_wanted(client: FlaskClient, provider: Provider) -> None:
    assert "Орта тіркелгі" in client.get("/sign-in").text
    answer = come_back(client, provider, "/sign-in/oidc?next=/account")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account")
    assert is_in(client)
    erlan = session().query(Staff).filter_by(email="erlan@1450.test").one()
    assert erlan.signed_in_at == clock.now()


def test_nobody_is_made_and_who_left_stays_out(client: FlaskClient, provider: Provider, town: Town) -> None:
    before = session().query(Staff).count()
    provider.email = "stranger@1450.test"
    assert come_back(client, provider).status_code == 422
    with transaction():
        session().query(Staff).filter_by(id=town.erlan.id).one().active = False
    provider.email = town.erlan.email
    assert come_back(client, provider).status_code == 422
    assert not is_in(client)
    assert session().query(Staff).count() == before


def _sets(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda claims: claims.update(values)


def _drops(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda claims: claims.__delitem__(name)


@pytest.mark.parametrize(
    "spoil",
    [
        _sets(nonce="another"),
        _drops("nonce"),
        _sets(aud="another program"),
        _sets(azp="another program"),
        _sets(iss="https://evil.example"),
        _sets(exp=1_000_000_000),
        _sets(iat=4_000_000_000),
        _drops("exp"),
        _sets(email_verified=False),
        _drops("email_verified"),
        _drops("email"),
    ],
)
def test_a_claim_that_is_not_right_opens_nothing(
    client: FlaskClient, provider: Provider, spoil: Callable[[dict[str, Any]], None]
) -> None:
    provider.spoil = spoil
    assert come_back(client, provider).status_code == 422
    assert not is_in(client)


def _by_a_stranger(other: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": other.kid})


def _by_our_secret(other: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": other.kid})


def _by_nobody(other: Provider, claims: dict[str, Any]) -> str:
    return jwt.encode(claims, "", algorithm="none", headers={"kid": other.kid})


@pytest.mark.parametrize("signs", [_by_a_stranger, _by_our_secret, _by_nobody, lambda *_: "no token"])
def test_a_signature_that_is_not_the_providers_opens_nothing(
    client: FlaskClient, provider: Provider, signs: Callable[[Provider, dict[str, Any]], str]
) -> None:
    provider.signs = signs
    assert come_back(client, provider).status_code == 422
    assert not is_in(client)


def test_a_way_in_that_began_elsewhere_or_came_back_already_opens_nothing(
    client: FlaskClient, provider: Provider, set_clock: SetClock
) -> None:
    sent = provider.lets_in(client.get("/sign-in/oidc").headers["Location"])
    other_browser = client.application.test_client()
    assert other_browser.get(f"/sign-in/oidc/back?{sent}").status_code == 422
    assert client.get(f"/sign-in/oidc/back?{sent.replace('state=', 'state=x')}").status_code == 422
    assert client.get(f"/sign-in/oidc/back?{sent}").status_code == 422
    sent = provider.lets_in(client.get("/sign-in/oidc").headers["Location"])
    set_clock.forward(minutes=11)
    assert client.get(f"/sign-in/oidc/back?{sent}").status_code == 422
    assert not is_in(client)


def test_the_provider_may_change_its_key(client: FlaskClient, provider: Provider) -> None:
    assert come_back(client, provider).status_code == 303
    provider.key, provider.kid = ec.generate_private_key(ec.SECP256R1()), "two"
    client.post("/sign-out")
    assert come_back(client, provider).status_code == 303
    assert is_in(client)


def test_who_has_a_second_factor_here_is_asked_for_it(client: FlaskClient, provider: Provider, town: Town) -> None:
    device = Passkey(staff_id=town.erlan.id, credential_id=b"x", public_key=b"x", sign_count=0, name="")
    device.made_at = clock.now()
    with transaction():
        session().add(device)
    answer = come_back(client, provider)
    assert answer.headers["Location"] == "/sign-in/code"
    assert not is_in(client)


def test_when_the_other_house_is_away_the_password_is_still_there(client: FlaskClient, provider: Provider) -> None:
    provider.stop()
    answer = client.get("/sign-in/oidc")
    assert answer.status_code == 503
    assert 'name="password"' in answer.text
    provider.start()


def test_without_a_provider_there_is_no_such_way(client: FlaskClient, town: Town) -> None:
    assert client.get("/sign-in/oidc").status_code == client.get("/sign-in/oidc/back").status_code == 404
    assert "/sign-in/oidc" not in client.get("/sign-in").text
