"""`dial` from the shell: a scripted caller on a running simulator, told line by line."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

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
        "alert": lambda: f"{line['code']} {line['message']}  {line['url']}",
    }
    return [f"{clock}  {kind:<10}{words[kind]()}"] if kind in words else []


def _ask(url: str, body: dict[str, Any] | None = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310  http by the caller
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310  the address of our own server
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Unreachable(f"the simulator refuses: {error.read().decode('utf-8', 'replace').strip()}") from error
    except OSError as error:
        raise Unreachable(f"no simulator at {url}: start it first ({error})") from error
    return json.loads(text) if text else None
