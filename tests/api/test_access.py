"""Tokens: who gets in, with what, and who does not."""

from typing import Any

import pytest
from flask import Flask

from helpdesk.administration import tokens
from helpdesk.app import create_app
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import asker
from helpdesk.identity.token_models import ApiToken
from helpdesk.identity.token_rules import Scope
from helpdesk.kernel.db import db, session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.web.limits import limiter
from tests.api.programs import ALL, Program, program
from tests.conftest import SetClock, TestServers, settings
from tests.factories import filed
from tests.people import SignIn, Town

PROBLEM = "application/problem+json"


def test_without_a_good_token_nothing_opens(app: Flask, town: Town) -> None:
    good = program(app, town, town.aigul)
    for secret in ("", "h1450_" + "x" * 43, good.secret[:-1] + "ы", "Bearer"):
        answer = Program(app, secret, 0).get("/tickets")
        assert (answer.status_code, answer.content_type) == (401, PROBLEM), secret
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert good.get("/tickets").status_code == 200


def test_a_token_in_the_address_opens_nothing(app: Flask, town: Town) -> None:
    secret = program(app, town, town.aigul).secret
    for name in ("token", "access_token"):
        assert app.test_client().get(f"/api/v1/tickets?{name}={secret}").status_code == 401


def test_a_session_of_the_pages_opens_nothing_and_none_is_begun(app: Flask, town: Town, sign_in: SignIn) -> None:
    assert sign_in(town.aigul).get("/api/v1/tickets").status_code == 401
    answer = program(app, town, town.aigul).get("/tickets")
    assert "Set-Cookie" not in answer.headers


def test_the_secret_is_stored_nowhere(app: Flask, town: Town) -> None:
    made = program(app, town, town.aigul)
    row = session().get_one(ApiToken, made.token_id)
    assert made.secret not in str({key: value for key, value in vars(row).items()})
    assert made.secret.endswith(row.ending)


def test_a_token_does_only_what_its_scopes_say(app: Flask, town: Town) -> None:
    number = filed(organization_id=town.school905.id).ticket.number
    reads = program(app, town, town.aigul, scopes=[Scope.TICKETS_READ])
    assert reads.get(f"/tickets/{number}").status_code == 200
    answer = reads.patch(f"/tickets/{number}", {"queue": "technical"})
    assert (answer.status_code, answer.json["detail"]) == (403, "This token lacks a scope: tickets:write")
    assert reads.get("/contacts?phone=77012345678").status_code == 403


def test_a_revoked_or_old_token_opens_nothing_nor_does_that_of_somebody_who_left(
    app: Flask, town: Town, set_clock: SetClock
) -> None:
    revoked, old, left = (program(app, town, town.aigul) for _ in range(3))
    administrator = asker(town.admin.id)
    assert administrator is not None
    with transaction():
        tokens.revoke(administrator, revoked.token_id)
        session().get_one(ApiToken, old.token_id).expires_at = set_clock()
    assert [one.get("/tickets").status_code for one in (revoked, old, left)] == [401, 401, 200]
    with transaction():
        session().get_one(Staff, town.aigul.id).active = False
    assert left.get("/tickets").status_code == 401


def test_a_token_is_bounded_by_its_place_and_by_its_person(app: Flask, town: Town) -> None:
    here, there = filed(organization_id=town.school905.id).ticket, filed(organization_id=town.school911.id).ticket

    def seen(person: Staff, place: Any = None) -> set[str]:
        return {one["number"] for one in program(app, town, person, place).get("/tickets").json["items"]}

    assert seen(town.asel) == {here.number, there.number}
    assert seen(town.asel, town.district) == {here.number}
    assert seen(town.aigul) == {here.number}
    assert seen(town.bekzat) == {there.number}


def test_restricted_tickets_need_a_scope_of_their_own_beside_the_right(app: Flask, town: Town) -> None:
    ticket = filed(organization_id=town.school905.id).ticket
    with transaction():
        ticket.category_code = "T44"
    address = f"/tickets/{ticket.number}"
    with_scope = (*ALL, Scope.RESTRICTED_READ)
    assert program(app, town, town.erlan).get(address).status_code == 404
    assert program(app, town, town.erlan, scopes=with_scope).get(address).status_code == 200
    assert program(app, town, town.aigul, scopes=with_scope).get(address).status_code == 404
    # the figures of the part stay readable without it
    report = "/reports/sla?from=2026-11-16&to=2026-11-22"
    assert program(app, town, town.erlan).get(report).status_code == 200


def test_a_use_is_written_down_once_a_minute(app: Flask, town: Town, set_clock: SetClock) -> None:
    uses = program(app, town, town.aigul)

    def noted() -> Any:
        uses.get("/tickets")
        session().expire_all()
        return session().get_one(ApiToken, uses.token_id).last_used_at

    first = noted()
    set_clock.forward(seconds=59)
    assert noted() == first
    assert set_clock.forward(seconds=1) == noted()


def test_too_many_requests_are_told_when_to_come_back(
    app: Flask, town: Town, servers: TestServers, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = program(app, town, town.aigul), program(app, town, town.aigul)
    monkeypatch.setattr("helpdesk.api.door.LIMIT", "3 per minute")
    counting = create_app(settings(servers.database_url, servers.redis_url, servers.var, rate_limits=True))
    counting.test_client_class = app.test_client_class
    try:
        for asking in (one, other):
            asking.client = counting.test_client(use_cookies=False)
        # whatever is asked is counted together
        assert [one.get(path).status_code for path in ("/tickets", "/callbacks", "/tickets")] == [200, 200, 200]
        refused = one.get("/organizations")
        assert (refused.status_code, refused.content_type, refused.json["status"]) == (429, PROBLEM, 429)
        assert int(refused.headers["Retry-After"]) > 0
        assert other.get("/tickets").status_code == 200
    finally:
        limiter.enabled = False
        with counting.app_context():
            db.engine.dispose()


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("PUT", "/tickets", 405),
        ("DELETE", "/tickets/26-000001-1", 405),
        ("GET", "/", 404),
        ("GET", "/callbacks/a%0Ab", 404),
    ],
)
def test_what_is_not_there_is_a_problem_too(app: Flask, town: Town, method: str, path: str, status: int) -> None:
    answer = program(app, town, town.aigul).ask(method, path)
    assert (answer.status_code, answer.content_type, answer.json["status"]) == (status, PROBLEM, status)
    assert status != 405 or "GET" in answer.headers["Allow"]


def test_problems_speak_the_language_that_is_accepted(app: Flask, town: Town) -> None:
    asks = program(app, town, town.aigul)
    words = {
        code: asks.post("/callbacks", {"ticket": "26-000001-1"}, headers={"Accept-Language": code}).json["errors"]
        for code in ("kk", "ru", "en")
    }
    assert words["en"] == [{"field": "phone", "detail": "This is needed"}]
    assert len({one[0]["detail"] for one in words.values()}) == 3


def test_a_token_is_for_somebody_who_works_at_its_place(app: Flask, town: Town) -> None:
    administrator = asker(town.admin.id)
    assert administrator is not None
    wanted = tokens.Wanted("A portal", town.bekzat.email, town.district.id, ("tickets:read",), None)
    with pytest.raises(Refused) as refused:
        tokens.make(administrator, wanted)
    assert refused.value.field == "address"
