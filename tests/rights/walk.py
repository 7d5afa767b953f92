"""The walk: staff of another district, and those of the desk's own who are not trusted with it, ask for everything."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from helpdesk.identity.models import Staff, StaffPermission
from helpdesk.identity.rules import Permission, Role
from helpdesk.kernel.db import transaction
from tests.people import SignIn, Town, employ
from tests.rights.belongings import Belongings, belongings
from tests.rights.routes import LISTS, OBJECTS, PLACES, Values, nothing

# 422: the thing is there, and what was sent about it is refused in words.
DONE = (200, 204, 302, 303, 422)


class Forward(Protocol):
    """A clock that can be turned."""

    def forward(self, **amount: float) -> object: ...


@dataclass(frozen=True)
class Walk:
    """`strangers` belong to another district; `insiders` to this one, but may not read what is restricted."""

    app: Flask
    has: Belongings
    strangers: dict[str, FlaskClient]
    insiders: dict[str, FlaskClient]

    def rule(self, endpoint: str) -> Rule:
        """The route with this name."""
        return next(self.app.url_map.iter_rules(endpoint))

    def address(self, endpoint: str, values: Values, **more: object) -> str:
        """Where something of the desk's would be."""
        with self.app.test_request_context():
            return url_for(endpoint, **values(self.has), **more)

    def ask(self, browser: FlaskClient, endpoint: str) -> TestResponse:
        """Ask an object's route for it, by the route's own method."""
        way = OBJECTS[endpoint]
        target = self.address(endpoint, way.address)
        if "POST" in (self.rule(endpoint).methods or ()):
            return browser.post(target, data=way.form(self.has))
        return browser.get(target)

    def place(self, endpoint: str) -> str:
        """A page of figures, asked for the desk."""
        values = LISTS[endpoint].asks[0] if endpoint in LISTS else nothing
        return self.address(endpoint, values, place=self.has.desk)

    def trespasses(self) -> Iterator[str]:
        """Each thing that somebody reached who must not, in words."""
        yield from self._at_objects()
        yield from self._at_lists()
        yield from self._at_places()

    def _at_objects(self) -> Iterator[str]:
        for endpoint, way in OBJECTS.items():
            allowed = (404,) if self.rule(endpoint).arguments else (404, 403)
            typed = self.address(endpoint, way.address)
            for name, browser in self.strangers.items():
                answer = self.ask(browser, endpoint)
                if answer.status_code not in allowed:
                    yield f"{endpoint} answered {answer.status_code} to {name}"
                for word in _told(answer, self.has.words, typed):
                    yield f"{endpoint} told {name}: {word}"

    def _at_lists(self) -> Iterator[str]:
        for endpoint, way in LISTS.items():
            for values in way.asks:
                target = self.address(endpoint, values)
                typed = " ".join(str(one) for one in values(self.has).values())
                for name, browser in self.strangers.items():
                    answer = browser.get(target, follow_redirects=True)
                    for word in _told(answer, (*self.has.words, way.shows(self.has)), typed):
                        yield f"{target} told {name}: {word}"
                for name, browser in self.insiders.items():
                    answer = browser.get(target, follow_redirects=True)
                    for word in _told(answer, (self.has.restricted,), typed):
                        yield f"{target} told {name}, who is not trusted with it: {word}"

    def _at_places(self) -> Iterator[str]:
        for endpoint in PLACES:
            target = self.place(endpoint)
            for name, browser in self.strangers.items():
                answer = browser.get(target)
                if answer.status_code not in (404, 403):
                    yield f"{target} answered {answer.status_code} to {name}"


@pytest.fixture
def walk(app: Flask, town: Town, sign_in: SignIn, set_clock: Forward, run_jobs: Callable[[], None]) -> Walk:
    """What school 905 has, a week after it came: letters are written, promises are overdue.

    The strangers: each role and each permission in the other district, and an operator at its school.
    """
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
        clerk = employ("Own administrator", "clerk@1450.test", ["kk"], (Role.ADMINISTRATOR, town.district))
    set_clock.forward(days=7)
    return Walk(
        app,
        has,
        {name: sign_in(person) for name, person in strangers.items()},
        {"own operator": sign_in(town.aigul), "own administrator": sign_in(clerk)},
    )


def text_of(answer: TestResponse) -> str:
    """What a person or a script reads in an answer: JSON without its escapes."""
    return json.dumps(answer.json, ensure_ascii=False) if answer.is_json else answer.text


def _told(answer: TestResponse, words: tuple[str, ...], typed: str) -> list[str]:
    """Which of these words an answer tells that the asker did not type, however numbers are spaced in it."""
    text = text_of(answer)
    close = re.sub(r"[\s()\u2009\u00a0-]", "", text)
    return [word for word in words if word not in typed and (word in text or word.replace("-", "") in close)]
