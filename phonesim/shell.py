"""`dial` and `play` from the shell: scripted callers on a running simulator, told line by line."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from phonesim.scenario import Caller, Scenario, short_of, short_of_number

POLL = 0.25


class Unreachable(Exception):
    """No simulator answers, or it refuses."""


def dial(server: str, to: str, from_: str, keys: list[str], stay: float) -> int:
    """Returns the exit code: 0 when the call was completed."""
    made = _ask(f"{server}/phonesim/dial", {"from": from_, "to": to, "keys": keys, "patience": stay, "talk": stay})
    sid, seen = made["callSid"], 0
    print(f"dialling  {to} from {from_}  {sid}", flush=True)
    try:
        while True:
            call = _ask(f"{server}/phonesim/calls/{sid}?after={seen}")
            for line in call["lines"]:
                seen = line["n"]
                for text in told(line):
                    print(text, flush=True)
            if call["over"]:
                print(f"outcome   {call['status']} after {call['seconds']} s, ended by: {call['endedBy']}", flush=True)
                return 0 if call["status"] == "completed" else 1
            time.sleep(POLL)
    except KeyboardInterrupt:
        _ask(f"{server}/phonesim/calls/{sid}/hangup", {})
        print("outcome   hung up")
        return 130


def play(server: str, scenario: Scenario) -> int:
    """Returns the exit code: 0 when everything came as expected."""
    speed = _ask(f"{server}/phonesim/health")["speed"]
    since = max((record["id"] for kind in _ask(f"{server}/phonesim/ledger").values() for record in kind), default=0)
    for number, traits in scenario.people.items():
        _ask(f"{server}/phonesim/people/{quote(number)}", dict(traits), "PUT")
    print(f"scenario  {scenario.title}", flush=True)
    began = time.monotonic()
    coming, on = sorted(scenario.callers, key=lambda caller: caller.at), list[_OnTheLine]()
    try:
        while coming or not all(line.over for line in on):
            while coming and (time.monotonic() - began) * speed >= coming[0].at:
                on.append(_OnTheLine(server, coming.pop(0)))
            for line in on:
                line.follow()
            time.sleep(POLL)
    except KeyboardInterrupt:
        for line in on:
            line.hang_up()
        return 130
    wrong = [f"{line.caller.number} {said}" for line in on for said in line.wrong]
    wrong += _later(server, scenario, since, time.monotonic() + scenario.within / speed)
    print("outcome   as expected" if not wrong else "outcome   NOT as expected", flush=True)
    for said in wrong:
        print(f"          {said}", flush=True)
    return 1 if wrong else 0


def _later(server: str, scenario: Scenario, since: int, deadline: float) -> list[str]:
    """What the numbers have not lived at the deadline; earlier when they have lived everything."""
    while True:
        ledger = _ask(f"{server}/phonesim/ledger")
        wrong = [
            said
            for number, wanted in scenario.numbers.items()
            for said in short_of_number(number, wanted, ledger, since)
        ]
        if not wrong or time.monotonic() > deadline:
            return wrong
        time.sleep(POLL)


class _OnTheLine:
    """One caller of a scenario during the call."""

    def __init__(self, server: str, caller: Caller) -> None:
        self.caller = caller
        self.over = False
        self.wrong: list[str] = []
        self._server = server
        self._lines: list[dict[str, Any]] = []
        made = _ask(f"{server}/phonesim/dial", {"from": caller.number, "to": caller.to, **caller.traits})
        self._sid = made["callSid"]
        self._say(f"dialling  {caller.to}  {self._sid}")

    def follow(self) -> None:
        if self.over:
            return
        seen = self._lines[-1]["n"] if self._lines else 0
        call = _ask(f"{self._server}/phonesim/calls/{self._sid}?after={seen}")
        for line in call["lines"]:
            self._lines.append(line)
            for text in told(line):
                self._say(text)
        if call["over"]:
            self.over = True
            self.wrong = short_of(self.caller, call, self._lines)
            self._say(f"ended     {call['status']} after {call['seconds']} s, by: {call['endedBy']}")

    def hang_up(self) -> None:
        if not self.over:
            _ask(f"{self._server}/phonesim/calls/{self._sid}/hangup", {})

    def _say(self, text: str) -> None:
        print(f"{self.caller.number}  {text}", flush=True)


def told(line: dict[str, Any]) -> list[str]:
    """One line of the trace in words; documents take several."""
    kind, clock = line["kind"], line["at"][11:19]
    if kind == "webhook":
        url = urlsplit(line["url"])
        target = url.path + (f"?{url.query}" if url.query else "")
        result = line["failure"] or line["status"]
        head = f"{clock}  webhook   {line['method']} {target} -> {result}, {line['ms']} ms"
        body = line.get("body") or ""
        body = body.partition("?>")[2] if body.startswith("<?xml") else body
        return [head, *(f"{'':10}{'document':10}{part}" for part in body.strip().splitlines())]
    words: dict[str, Callable[[], str]] = {
        "rest": lambda: f"{line['method']} {line['path']} -> {line['status']}",
        "play": lambda: f"{line['what']}  {line['seconds']} s",
        "say": lambda: f"“{line['what']}”",
        "pause": lambda: f"{line['seconds']} s",
        "tones": lambda: str(line["what"]),
        "key": lambda: str(line["key"]),
        "gathered": lambda: str(line["digits"] or "(nothing)"),
        "status": lambda: str(line["status"]),
        "queue": lambda: f"{line['queue']}: {line['what']}",
        "conference": lambda: str(line["what"]),
        "talk": lambda: f"{line['what']} {line.get('with', '')}".strip(),
        "record": lambda: str(line["what"]),
        "ringback": lambda: str(line["what"]),
        "amd": lambda: f"{line['what']} after {line['seconds']} s",
        "mute": lambda: "on" if line["muted"] else "off",
        "alert": lambda: f"{line['code']} {line['message']}  {line['url']}",
    }
    return [f"{clock}  {kind:<10}{words[kind]()}"] if kind in words else []


def _ask(url: str, body: dict[str, Any] | None = None, method: str | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method=method)  # noqa: S310  http by the caller
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  the address of our own server
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Unreachable(f"the simulator refuses: {error.read().decode('utf-8', 'replace').strip()}") from error
    except OSError as error:
        raise Unreachable(f"no simulator at {url}: start it first ({error})") from error
    return json.loads(text) if text else None
