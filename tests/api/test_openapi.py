"""The document of the interface, and the interface held to it."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from helpdesk.api.operations import OPERATIONS
from tests.api.programs import Program, program
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
