"""Prism between a client and a server: what either of them says must be in Twilio's OpenAPI document."""

import json
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from helpdesk.launcher import processes
from tools.derive_contract import DOCUMENT, FORM, METHODS, PREFIX

PATIENCE = 60.0
STARTED = re.compile(rb"Prism is listening")


def document(modules: Path, paths: set[str]) -> dict[str, Any]:
    """Twilio's document with these paths only, mended where it contradicts Twilio itself or stops Prism."""
    whole: dict[str, Any] = json.loads((modules / DOCUMENT).read_text())
    whole["paths"] = {path: item for path, item in whole["paths"].items() if path.removeprefix(PREFIX) in paths}
    for operation in _operations(whole):
        explode_lists(operation)
        let_pages_be_relative(operation)
        let_be_null(operation, whole["components"]["schemas"])
    name_every_type(whole["components"]["schemas"])
    return whole


def _operations(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for item in whole["paths"].values():
        yield from (item[method] for method in METHODS if method in item)


def explode_lists(operation: dict[str, Any]) -> list[str]:
    """Say of every list in a form that it comes as several fields; the names of the lists.

    The document does not say it, and Prism would read "a=1&a=2" as "2" and miss the list.
    """
    form = operation.get("requestBody", {}).get("content", {}).get(FORM)
    if form is None:
        return []
    lists = [name for name, schema in form["schema"]["properties"].items() if schema.get("type") == "array"]
    form["encoding"] = {name: {"style": "form", "explode": True} for name in lists}
    return lists


def let_pages_be_relative(operation: dict[str, Any]) -> None:
    """The neighbours of a page are absolute addresses in the document, and paths in its own examples."""
    for schema in _answers(operation, "schema"):
        for name, said in schema.get("properties", {}).items():
            if name == "uri" or name.endswith("_page_uri"):
                said.pop("format", None)


def let_be_null(operation: dict[str, Any], schemas: dict[str, Any]) -> None:
    """A choice that is null in an example of the document may be null, though the document forgets to say so."""
    for schema in _answers(operation, "schema"):
        properties = schemas.get(schema.get("$ref", "").rsplit("/", 1)[-1], {}).get("properties", {})
        for example in _answers(operation, "examples"):
            for shown in example.values():
                for name, value in shown["value"].items():
                    choice = schemas.get(properties.get(name, {}).get("$ref", "").rsplit("/", 1)[-1])
                    if value is None and choice is not None:
                        choice["nullable"] = True


def name_every_type(schemas: dict[str, Any]) -> None:
    """What may be null but has no type stops Prism, which then passes the whole answer without a word."""
    for schema in schemas.values():
        for said in schema.get("properties", {}).values():
            if "type" not in said and "$ref" not in said:
                said.pop("nullable", None)


def _answers(operation: dict[str, Any], what: str) -> Iterator[dict[str, Any]]:
    for answer in operation["responses"].values():
        for content in answer.get("content", {}).values():
            if what in content:
                yield content[what]


class Prism:
    """`prism proxy --errors`: 422 for a wrong request, 500 for a wrong answer. `said()` is all that it wrote."""

    def __init__(self, modules: Path, held_to: Path, upstream: str, log: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = log
        program = modules / "@stoplight/prism-cli/dist/index.js"
        command = ["node", program, "proxy", "--errors", "-h", "127.0.0.1", "-p", str(port), held_to, upstream]
        with log.open("wb") as out:
            self._process: subprocess.Popen[bytes] = processes.start(command, log=out)
        ends = time.monotonic() + PATIENCE
        while not STARTED.search(log.read_bytes()):
            if self._process.poll() is not None or time.monotonic() > ends:
                self.stop()
                raise RuntimeError(f"Prism did not start:\n{self.said()}")
            time.sleep(0.1)

    def said(self) -> str:
        """Its output until now, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", self._log.read_text(errors="replace"))

    def unknown_successes(self) -> list[str]:
        """Successful answers with a status that the document does not name: of those Prism only warns."""
        found, answer = [], ""
        for line in self.said().splitlines():
            if "has returned" in line:
                answer = line.partition("The upstream call to ")[2]
            elif "Unable to match the returned status code" in line and " has returned 2" in answer:
                found.append(answer)
        return found

    def stop(self) -> None:
        """End it."""
        processes.stop(self._process)
