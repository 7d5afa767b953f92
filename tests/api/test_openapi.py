"""The document of the interface, and the interface held to it."""

import os
from collections.abc import Iterator
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from helpdesk.api.operations import OPERATIONS
from tests.api.programs import program
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import GULNAR_PHONE, Town


def test_the_document_is_open_to_everybody_and_names_every_operation(app: Flask) -> None:
    answer = app.test_client().get("/api/v1/openapi.json")
    assert (answer.status_code, answer.json["openapi"]) == (200, "3.1.0")
    named = {(path, method.upper()) for path, methods in answer.json["paths"].items() for method in methods}
    assert named == {(one.path, one.method) for one in OPERATIONS}
    for methods in answer.json["paths"].values():
        for one in methods.values():
            assert one["summary"]
            assert "Scope: `" in one["description"]


def test_every_reference_of_the_document_leads_somewhere(app: Flask) -> None:
    document = app.test_client().get("/api/v1/openapi.json").json

    def references(part: Any) -> Iterator[str]:
        if isinstance(part, dict):
            yield from [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            part = list(part.values())
        if isinstance(part, list):
            for one in part:
                yield from references(one)

    for reference in set(references(document)):
        found = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]


load_all_checks()
# What a schema cannot say (a number in Kazakhstan, a school of this part, a state that may follow) is refused with 422.
CHECKED = [
    one
    for one in CHECKS.get_all()
    if one.__name__ not in ("positive_data_acceptance", "use_after_free", "ensure_resource_availability")
]


def attack(app: Flask, town: Town, examples: int, dice: int) -> int:
    """Ask every operation `examples` times, by the document and against it; how many requests were made."""
    asks = program(app, town, town.erlan)
    number = filed(organization_id=town.school905.id).ticket.number
    callback = asks.post("/callbacks", {"ticket": number, "phone": GULNAR_PHONE}).json
    known = {"number": number, "callback_id": callback["id"], "organization_id": town.school905.id}
    config = schemathesis.Config(seed=dice)
    config.projects.default.generation.with_security_parameters = False  # the token is ours, below
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app, config=config)
    headers = {"Authorization": f"Bearer {asks.secret}"}
    made = 0
    for found in schema.get_all_operations():
        for mode in GenerationMode:
            made += _ask(found.ok().as_strategy(generation_mode=mode), known, headers, examples, dice)
    return made


def _ask(cases: Any, known: dict[str, Any], headers: dict[str, str], examples: int, dice: int) -> int:
    made = 0

    @seed(dice)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=cases)
    def ask(case: schemathesis.Case) -> None:
        nonlocal made
        made += 1
        if made % 2:  # what is there is asked about as often as what is not
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        case.call_and_validate(headers=headers, checks=CHECKED)

    ask()
    return made


def test_whatever_is_sent_is_answered_as_the_document_says(app: Flask, town: Town, set_clock: SetClock) -> None:
    """A sample; `./run prove api` asks a hundred times as often, each time with other dice."""
    del set_clock
    examples = int(os.environ.get("PROOF_EXAMPLES", "1"))
    assert attack(app, town, examples, int(os.environ.get("PROOF_SEED", "1"))) >= len(OPERATIONS)
