"""Scenario files: who calls when and does what, who picks up where, and what must have come of it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from phonesim.world import Person

TRAITS = frozenset(trait.name for trait in fields(Person) if trait.init)
"""What may be said of a person, in a scenario as over HTTP."""
NUMBER, SECONDS = "1450", 60.0


class Mistake(Exception):
    """The file is no scenario; says where and why."""


@dataclass(frozen=True)
class Caller:
    """Somebody who dials `to` at `at` seconds; `traits` are those of Person, `expected` what must come of the call."""

    at: float
    number: str
    to: str
    traits: Mapping[str, Any]
    expected: Mapping[str, Any]


@dataclass(frozen=True)
class Scenario:
    """`people` pick up at their numbers. `numbers`: what each of them must have lived `within` seconds of the end."""

    title: str
    callers: tuple[Caller, ...]
    people: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    within: float = SECONDS


OF_CALL = frozenset({"status", "hears", "queue", "talks", "talks_with", "at_least", "at_most"})
OF_NUMBER = frozenset({"rings", "conversations", "message"})


def read(file: Path) -> Scenario:
    """A scenario from a .toml or .json file. Raises Mistake."""
    try:
        text = file.read_text(encoding="utf-8")
        given = tomllib.loads(text) if file.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise Mistake(f"{file}: {error.strerror}") from error
    except ValueError as error:
        raise Mistake(f"{file}: {error}") from error
    try:
        return _scenario(given, file.stem)
    except Mistake as mistake:
        raise Mistake(f"{file}: {mistake}") from None


def _scenario(given: Any, name: str) -> Scenario:
    _only(given, {"title", "to", "within", "call", "person", "expect"}, "the file")
    to = given.get("to", NUMBER)
    callers = tuple(_caller(call, to, place) for place, call in enumerate(given.get("call", ()), 1))
    if not callers:
        raise Mistake("nobody calls: it needs at least one [[call]]")
    people = dict(_named(given.get("person", ()), TRAITS, "person"))
    numbers = dict(_named(given.get("expect", ()), OF_NUMBER, "expect"))
    return Scenario(given.get("title", name), callers, people, numbers, float(given.get("within", SECONDS)))


def _caller(call: Any, to: str, place: int) -> Caller:
    where = f"call {place}"
    _only(call, {"at", "from", "to", "expect"} | TRAITS, where)
    if "from" not in call:
        raise Mistake(f"{where}: from is missing")
    expected = call.get("expect", {})
    _only(expected, OF_CALL, f"{where}, expect")
    traits = {name: value for name, value in call.items() if name in TRAITS}
    return Caller(float(call.get("at", 0)), call["from"], call.get("to", to), {"keys": [], **traits}, expected)


def _named(given: Iterable[Any], known: frozenset[str], what: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, one in enumerate(given, 1):
        where = f"{what} {place}"
        _only(one, {"number"} | known, where)
        if "number" not in one:
            raise Mistake(f"{where}: number is missing")
        yield one["number"], {name: value for name, value in one.items() if name != "number"}


def _only(given: Any, known: Iterable[str], where: str) -> None:
    if not isinstance(given, dict):
        raise Mistake(f"{where}: names with values are expected")
    if unknown := set(given) - set(known):
        raise Mistake(f"{where}: unknown: {', '.join(sorted(unknown))}; known: {', '.join(sorted(known))}")


def short_of(caller: Caller, call: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> list[str]:
    """What of a caller's expectations did not come true, in words. `lines`: the trace of the call."""
    wanted = caller.expected
    heard = [str(line["what"]) for line in lines if line["kind"] in ("play", "say")]
    met = [line["with"] for line in lines if line["kind"] == "talk" and line["what"] == "met"]
    queues = {line["queue"] for line in lines if line["kind"] == "queue"}
    wrong = []
    if wanted.get("status", call["status"]) != call["status"]:
        wrong.append(f"ended as {call['status']}, not {wanted['status']}")
    if (missing := _not_heard(wanted.get("hears", ()), heard)) is not None:
        wrong.append(f"did not hear {missing} (heard: {', '.join(heard) or 'nothing'})")
    if wanted.get("queue", "") not in {"", *queues}:
        wrong.append(f"did not wait in {wanted['queue']}")
    if wanted.get("talks", bool(met)) != bool(met):
        wrong.append("talked with nobody" if wanted["talks"] else f"talked with {', '.join(met)}")
    if wanted.get("talks_with", "") not in {"", *met}:
        wrong.append(f"did not talk with {wanted['talks_with']}")
    if not wanted.get("at_least", 0) <= call["seconds"] <= wanted.get("at_most", call["seconds"]):
        wrong.append(f"took {call['seconds']} s")
    return wrong


def _not_heard(wanted: Iterable[str], heard: Sequence[str]) -> str | None:
    """The first of the wanted words that was not heard behind the one before it."""
    rest = iter(heard)
    for words in wanted:
        if not any(words in what for what in rest):
            return words
    return None


def short_of_number(number: str, wanted: Mapping[str, Any], ledger: Mapping[str, Any], since: int) -> list[str]:
    """What a number has not lived yet, counted in the ledger from its record `since` on."""
    rings = [ring["result"] for ring in ledger["rings"] if ring["number"] == number and ring["id"] > since]
    talks = [t for t in ledger["conversations"] if number in (t["one"], t["other"]) and t["id"] > since]
    bodies = [text["body"] for text in ledger["messages"] if text["to"] == number and text["id"] > since]
    wrong = []
    if wanted.get("rings", rings) != rings:
        wrong.append(f"{number} rang: {', '.join(rings) or 'never'}")
    if wanted.get("conversations", len(talks)) != len(talks):
        wrong.append(f"{number} had {len(talks)} conversations, not {wanted['conversations']}")
    if "message" in wanted and not any(wanted["message"] in body for body in bodies):
        wrong.append(f"{number} got no message with “{wanted['message']}”")
    return wrong
