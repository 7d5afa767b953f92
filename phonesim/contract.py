"""Holds REST requests to Twilio's contract, more strictly than Twilio: what is not in it is refused, not ignored.

`contract.json` is derived from Twilio's OpenAPI document by tools/derive_contract.py of this project. What stands below
is what Twilio's pages say and its document does not.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from phonesim.kinds import Checker, checker

Fields = Mapping[str, Sequence[str]]

AMENDED: Mapping[tuple[str, str], str] = {
    ("GET /Calls.json", "To"): "endpoint",
    ("GET /Calls.json", "From"): "endpoint",
    ("GET /Messages.json", "From"): "sender",
    ("GET /IncomingPhoneNumbers.json", "PhoneNumber"): "string",
    ("POST /Calls.json", "SendDigits"): "keys",
    ("POST /Calls.json", "RecordingStatusCallback"): "uri",
    ("POST /Calls.json", "MachineDetectionTimeout"): "integer 3..59",
    ("POST /Calls.json", "TimeLimit"): "integer 1..86400",
    ("POST /Calls/{Sid}.json", "Twiml"): "string ..4000",
    ("POST /Calls/{Sid}.json", "TimeLimit"): "integer 1..86400",
    ("POST /Calls/{CallSid}/Recordings/{Sid}.json", "Sid"): "sid RE or Twilio.CURRENT",
    ("POST /Calls/{CallSid}/Recordings/{Sid}.json", "Status"): "one of in-progress|paused|stopped",
    ("POST /Conferences/{ConferenceSid}/Recordings/{Sid}.json", "Sid"): "sid RE or Twilio.CURRENT",
    ("POST /Conferences/{ConferenceSid}/Recordings/{Sid}.json", "Status"): "one of in-progress|paused|stopped",
    ("POST /Conferences/{ConferenceSid}/Participants.json", "MachineDetectionTimeout"): "integer 3..59",
    ("POST /Conferences/{ConferenceSid}/Participants.json", "TimeLimit"): "integer 1..86400",
    ("POST /Messages.json", "From"): "sender",
    ("GET /Queues/{QueueSid}/Members/{CallSid}.json", "CallSid"): "sid CA or Front",
    ("POST /Queues/{QueueSid}/Members/{CallSid}.json", "CallSid"): "sid CA or Front",
}
# The sound of a recording has no operation in the document.
MEDIA = {
    f"GET /Recordings/{{Sid}}{ending}": {
        "path": {"AccountSid": "sid AC", "Sid": "sid RE"},
        "fields": {"RequestedChannels": "integer 1..2", "Download": "boolean"},
        "required": [],
    }
    for ending in ("", ".wav", ".mp3")
}
ONE_OF: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "POST /Calls.json": (("Url", "Twiml", "ApplicationSid"),),
    "POST /Messages.json": (("From", "MessagingServiceSid"), ("Body", "MediaUrl", "ContentSid")),
    "POST /IncomingPhoneNumbers.json": (("PhoneNumber", "AreaCode"),),
}
NOT_BOTH: Mapping[str, tuple[tuple[str, str], ...]] = {
    "POST /Calls.json": (("Twiml", "Url"),),
    "POST /Calls/{Sid}.json": (("Twiml", "Url"),),
}
# (the field with that value) makes no sense without (the other, with that value or any)
WITH: Mapping[str, tuple[tuple[str, str, str, str], ...]] = {
    "POST /Conferences/{ConferenceSid}/Participants.json": (("Coaching", "true", "CallSidToCoach", ""),),
    "POST /Conferences/{ConferenceSid}/Participants/{CallSid}.json": (("Coaching", "true", "CallSidToCoach", ""),),
    "POST /Calls/{CallSid}/Recordings/{Sid}.json": (("PauseBehavior", "", "Status", "paused"),),
    "POST /Conferences/{ConferenceSid}/Recordings/{Sid}.json": (("PauseBehavior", "", "Status", "paused"),),
}
TOGETHER = NOT_BOTH.keys() | WITH.keys()
MISSING = {
    "Calls": {"To": 21201, "From": 21213, "Url": 21205},
    "Participants": {"To": 21201, "From": 21213},
    "Members": {"Url": 21205},
    "Messages": {"To": 21604, "From": 21603, "Body": 21602},
    "Queues": {"FriendlyName": 22001},
}
WRONG = {"To": 21211, "From": 21212, "Body": 21617, "Twiml": 21620}
NOT_FOUND = 20404
INVALID = 20001


@dataclass(frozen=True)
class Violation:
    """One way in which a request breaks the contract, with Twilio's error code; str() says it in words."""

    parameter: str
    said: str
    code: int = INVALID

    def __str__(self) -> str:
        return f"{self.parameter} {self.said}"


@dataclass(frozen=True)
class Field:
    """How a parameter is checked, and whether it may come several times."""

    check: Checker
    several: bool
    code: int


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    name: str
    path: tuple[tuple[str, Checker], ...]
    fields: dict[str, Field]
    required: tuple[tuple[str, ...], ...]
    missing: Mapping[str, int]


@cache
def table() -> dict[str, Any]:
    """The derived table."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("contract.json").read_text())
    return found


def check(method: str, path: str, fields: Fields) -> list[Violation]:
    """What is wrong with a request; nothing when it keeps the contract.

    `path` begins with /2010-04-01. `fields` are those of the query (GET, DELETE) or the form (POST), each with every
    value that was given.
    """
    shape, values = _shape(path)
    operation = _operations().get(f"{method} {shape}")
    if operation is None:
        return [Violation(f"{method} {path}", "is no operation of this interface", NOT_FOUND)]
    found: list[Violation] = []
    for (name, check_value), value in zip(operation.path, values, strict=True):
        if problem := check_value(value):
            found.append(Violation(name, f"in the path {problem}: {value!r}"))
    absent = _absent(operation, fields, found)
    for name, given in fields.items():
        field = operation.fields.get(name)
        if field is None:
            found.append(Violation(name, f"is no parameter of {operation.name}"))
        elif name not in absent:
            if len(given) > 1 and not field.several:
                found.append(Violation(name, f"is given {len(given)} times", field.code))
            for value in given:
                if problem := field.check(value):
                    found.append(Violation(name, f"{problem}: {value[:80]!r}", field.code))
    if operation.name in TOGETHER:
        found.extend(_together(operation.name, fields))
    return found


def _absent(operation: Operation, fields: Fields, found: list[Violation]) -> set[str]:
    """The names of which one is needed and none is given."""
    absent: set[str] = set()
    for group in operation.required:
        for name in group:
            given = fields.get(name)
            if given and given[0]:
                break
        else:
            absent.update(group)
            found.append(Violation(" or ".join(group), "is needed", operation.missing.get(group[0], INVALID)))
    return absent


def _together(operation: str, fields: Fields) -> Iterator[Violation]:
    for one, other in NOT_BOTH.get(operation, ()):
        if _is(fields, one, "") and _is(fields, other, ""):
            yield Violation(one, f"stands beside {other}: only one of them has an effect")
    for name, value, needed, with_value in WITH.get(operation, ()):
        if _is(fields, name, value) and not _is(fields, needed, with_value):
            yield Violation(name, f"has no effect without {needed}{with_value and '=' + with_value}")


def _is(fields: Fields, name: str, value: str) -> bool:
    given = fields.get(name, ())
    return value in given if value else any(given)


def _shape(path: str) -> tuple[str, list[str]]:
    """("/Calls/{}.json", [account, call]) of a path: its names with holes, and what stands in the holes."""
    ending = next((e for e in (".json", ".wav", ".mp3") if path.endswith(e)), "")
    parts = path[: len(path) - len(ending)].split("/")
    values = parts[3::2]
    parts[3::2] = ["{}"] * len(values)
    return "/".join(parts) + ending, values


@cache
def _operations() -> Mapping[str, Operation]:
    prefix = table()["prefix"]
    found = {}
    for name, operation in {**table()["operations"], **MEDIA}.items():
        method, _, path = name.partition(" ")
        found[f"{method} {_shape(prefix + path)[0]}"] = _operation(name, operation)
    return found


def _operation(name: str, derived: Mapping[str, Any]) -> Operation:
    def kind(parameter: str, said: str) -> str:
        return AMENDED.get((name, parameter), said)

    resource = name.split("/")[-1 if "{" not in name.split("/")[-1] else -2].removesuffix(".json")
    groups = ONE_OF.get(name, ())
    return Operation(
        name,
        tuple((p, checker(kind(p, said))) for p, said in derived["path"].items()),
        {f: _field(f, kind(f, said)) for f, said in derived["fields"].items()},
        (*((f,) for f in derived["required"]), *groups),
        MISSING.get(resource, {}),
    )


def _field(name: str, kind: str) -> Field:
    code = WRONG.get(name, INVALID)
    if kind == "uri":
        code = 21205
    if kind.startswith("words of "):
        code = 21626
    return Field(checker(kind), kind.startswith(("words of ", "list of ")), code)
