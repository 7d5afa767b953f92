"""Programs of other systems, each with a token of its own."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from helpdesk.administration import tokens
from helpdesk.administration.tokens import Wanted
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import asker
from helpdesk.identity.rules import Permission
from helpdesk.identity.token_rules import Scope
from helpdesk.kernel.db import transaction
from helpdesk.organizations.models import Organization
from tests.people import Town

ALL = tuple(one for one in Scope if one is not Scope.RESTRICTED_READ)


class Program:
    """Asks /api/v1 with a token, in English unless told otherwise."""

    def __init__(self, app: Flask, secret: str, token_id: int) -> None:
        self.client = app.test_client(use_cookies=False)
        self.secret = secret
        self.token_id = token_id

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        """One request."""
        sent = {"Authorization": f"Bearer {self.secret}", "Accept-Language": "en"} | (headers or {})
        return self.client.open(f"/api/v1{path}", method=method, headers=sent, **more)

    def get(self, path: str, **more: Any) -> TestResponse:
        """Read."""
        return self.ask("GET", path, **more)

    def post(self, path: str, body: Any = None, key: str = "", **more: Any) -> TestResponse:
        """Make, with a key of idempotency where one is given."""
        headers = more.pop("headers", {}) | ({"Idempotency-Key": key} if key else {})
        return self.ask("POST", path, headers, **({"json": body} if body is not None else {}), **more)

    def patch(self, path: str, body: Any, **more: Any) -> TestResponse:
        """Change."""
        return self.ask("PATCH", path, json=body, **more)


def program(
    app: Flask, town: Town, person: Staff, place: Organization | None = None, scopes: Iterable[str] = ALL
) -> Program:
    """A program that acts for somebody, in the whole city unless a place is named; made by an administrator who is
    trusted with restricted tickets."""
    found = asker(town.admin.id)
    assert found is not None
    administrator = replace(found, paths=found.paths | {Permission.DATA_OFFICER.value: (town.city.path,)})
    wanted = Wanted("A portal", person.email, (place or town.city).id, tuple(scopes), None)
    with transaction():
        made, secret = tokens.make(administrator, wanted)
    return Program(app, secret, made.id)
