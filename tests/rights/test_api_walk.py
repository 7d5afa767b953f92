"""Every operation of /api/v1, asked by the tokens of every role of another district: what is not theirs is a 404."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import true
from werkzeug.test import TestResponse

from helpdesk.api import organizations
from helpdesk.api.operations import OPERATIONS, Operation
from helpdesk.callbacks import queries as callbacks
from helpdesk.identity import tokens
from helpdesk.identity.models import Staff, StaffPermission
from helpdesk.identity.rules import Permission, Role
from helpdesk.identity.token_rules import Scope
from helpdesk.kernel.db import transaction
from helpdesk.tickets import listing
from helpdesk.tickets import queries as tickets
from tests.api.programs import Program, program
from tests.people import Town, employ
from tests.rights.belongings import PHONE, SECRET, Belongings, belongings
from tests.rights.walk import Forward, text_of

Said = Callable[[Belongings], Any]


@dataclass(frozen=True)
class Way:
    """How an operation is asked for what school 905 has: `address` in the path, `query`, `body`.

    `shows` is a word that the owner reads in a list; without one the operation names an object, or puts one into a
    field, where it is refused with `refused`.
    """

    address: Said = field(default=lambda _: {})
    query: Said = field(default=lambda _: {})
    body: Said = field(default=lambda _: None)
    shows: Said | None = None
    refused: int = 404


def _ticket(has: Belongings) -> dict[str, Any]:
    return {"number": has.ticket}


WAYS: dict[str, Way] = {
    "list_tickets": Way(shows=lambda has: has.ticket),
    "get_ticket": Way(_ticket),
    "create_ticket": Way(body=lambda has: {"text": "x", "organization_id": has.desk}, refused=422),
    "change_ticket": Way(_ticket, body=lambda _: {"queue": "technical"}),
    "list_messages": Way(_ticket),
    "add_message": Way(_ticket, body=lambda _: {"kind": "note", "body": "x"}),
    "list_contacts": Way(query=lambda _: {"phone": PHONE}, shows=lambda _: SECRET),
    "get_contact": Way(lambda has: {"contact_id": has.contact}),
    "list_organizations": Way(shows=lambda has: f'"id": {has.desk},'),
    "get_organization": Way(lambda has: {"organization_id": has.desk}),
    "list_callbacks": Way(shows=lambda has: has.ticket),
    "get_callback": Way(lambda has: {"callback_id": has.callback}),
    "request_callback": Way(body=lambda has: {"ticket": has.ticket, "phone": "+77090000001"}, refused=422),
    "cancel_callback": Way(lambda has: {"callback_id": has.callback}),
    "sla_figures": Way(query=lambda has: {"from": "2026-11-23", "to": "2026-11-29", "place": has.desk}),
}


@dataclass(frozen=True)
class ApiWalk:
    """The owner's program, and those of everybody who has no business with what it finds."""

    has: Belongings
    owner: Program
    strangers: dict[str, Program]

    def ask(self, asking: Program, one: Operation) -> TestResponse:
        """One request for what the desk has."""
        way = WAYS[one.name]
        body = way.body(self.has)
        more = {} if body is None else {"json": body}
        return asking.ask(
            one.method, one.path.format(**way.address(self.has)), query_string=way.query(self.has), **more
        )

    def trespasses(self) -> Iterator[str]:
        """Each thing that somebody reached who must not, in words."""
        for one in OPERATIONS:
            way = WAYS[one.name]
            for name, asking in self.strangers.items():
                answer = self.ask(asking, one)
                wanted = {200} if way.shows else {way.refused, 403} if one.name == "sla_figures" else {way.refused}
                if answer.status_code not in wanted:
                    yield f"{one.name} answered {answer.status_code} to {name}"
                told = text_of(answer)
                words = (*self.has.words, *((way.shows(self.has),) if way.shows else ()))
                for word in words:
                    if word in told and word not in str((way.query(self.has), way.body(self.has))):
                        yield f"{one.name} told {name}: {word}"


@pytest.fixture
def api_walk(app: Flask, town: Town, set_clock: Forward, run_jobs: Callable[[], None]) -> ApiWalk:
    """What school 905 has; strangers of each role and permission, and a token of the city that is bounded elsewhere."""
    has = belongings(town)
    run_jobs()
    strangers: dict[str, Staff] = {"operator of school 911": town.bekzat}
    with transaction():
        for role in Role:
            strangers[role.value] = employ(f"Stranger {role}", f"{role}@1450.test", ["kk"], (role, town.other_district))
        for trust in Permission:
            trusted = employ(f"Trusted {trust}", f"{trust}@1450.test", ["kk"], (Role.OPERATOR, town.other_district))
            trusted.permissions = [StaffPermission(permission=trust, organization_id=town.other_district.id)]
            strangers[trust.value] = trusted
    programs = {name: program(app, town, person, scopes=tuple(Scope)) for name, person in strangers.items()}
    programs["bounded elsewhere"] = program(app, town, town.asel, town.other_district, tuple(Scope))
    return ApiWalk(has, program(app, town, town.erlan), programs)


def test_no_token_reaches_what_is_not_its_own(api_walk: ApiWalk) -> None:
    assert list(api_walk.trespasses()) == []


def test_the_owners_token_reaches_all_of_it(api_walk: ApiWalk) -> None:
    for one in OPERATIONS:
        answer = api_walk.ask(api_walk.owner, one)
        assert answer.status_code == one.status, (one.name, answer.text)
        shows = WAYS[one.name].shows
        assert shows is None or shows(api_walk.has) in text_of(answer), one.name


def test_every_operation_is_in_the_table(app: Flask) -> None:
    del app
    assert {one.name for one in OPERATIONS} == set(WAYS)


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (listing, "visible"),
        (tickets, "visible"),
        (callbacks, "within"),
        (organizations, "organizations_below"),
        (tokens, "narrowed"),
    ],
)
def test_the_walk_notices_when_a_filter_is_forgotten(
    api_walk: ApiWalk, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    monkeypatch.setattr(module, name, lambda person, *_: person if name == "narrowed" else true())
    assert next(api_walk.trespasses(), None) is not None
