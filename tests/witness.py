"""A page of sequences is drawn from what a witness saw travel: on the network, through the doors, into the journal."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask, has_request_context, request, request_started
from flask.testing import FlaskClient

from helpdesk.audit.journal import Fact
from helpdesk.jobs.announce import announcer
from helpdesk.kernel.db import announce_with
from phonesim import Network
from phonesim.trace import Line

WHO = "witness.who"
TWILIO = "/twilio/"
PROMPT = re.compile(r"^(P\d+[A-Z]?|music)")
NAMELESS = re.compile(r"(?<=/)(?:[A-Z]{2}[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27})")
TELLING = ("Digits", "QueueResult", "DialCallStatus", "AnsweredBy", "RecordingStatus")
ASKING = ("To", "Url", "Status", "Hold", "Muted", "Coaching", "Label", "EndConferenceOnExit")
CARDS = {"call.offered": "staff_id", "callback.offered": "staff_id", "transfer.asked": "to_staff_id"}
ENDS = {"busy": "is busy", "no-answer": "does not answer"}
LONGEST_ROUND = 4


class Witness:
    """`people`: whose telephone each number or client is. `see()` while it matters, then `drawn()`."""

    def __init__(self, app: Flask, network: Network, people: Mapping[str, str]) -> None:
        self._app, self._network, self._people = app, network, people
        self._staff = {address.rpartition("_")[2]: name for address, name in people.items() if "op_" in address}
        self._legs: dict[str, str] = {}
        self._blocks: list[list[str]] = []
        self._open: list[str] | None = None
        self._meetings: set[frozenset[str]] = set()
        self._know(network)

    @contextmanager
    def see(self) -> Iterator[None]:
        """Everything that travels meanwhile is noted, in its order."""
        stop = self._network.trace.listen(self._line)
        announce_with(self._committed)
        request_started.connect(self._asked, self._app)
        try:
            yield
        finally:
            request_started.disconnect(self._asked, self._app)
            announce_with(announcer(self._app.extensions["redis"]))
            stop()

    def _know(self, network: Network) -> None:
        """The legs that are there already, and who talks with whom."""
        for call in network.calls.values():
            self._legs[call.sid] = self._people.get(call.address, "")
            met = (self._people.get(network.calls[sid].address, "") for sid in call.company)
            self._meetings |= {frozenset((self._legs[call.sid], other)) for other in met}

    def browser(self, client: FlaskClient, who: str) -> FlaskClient:
        """The same client, whose requests are known as this person's."""
        client.environ_base[WHO] = who
        return client

    def drawn(self) -> list[str]:
        """The lines of a mermaid diagram; rounds that are the same one after another stand in it once."""
        telephones = [name for address, name in self._people.items() if not address.startswith("client:")]
        consoles = [name for address, name in self._people.items() if address.startswith("client:")]
        standing = ["Twilio", "Web", "PostgreSQL", "Worker"]
        out = ["sequenceDiagram", *(f"  participant {name}" for name in (*telephones, *standing, *consoles))]
        blocks = [block for block in self._blocks if block]
        place = 0
        while place < len(blocks):
            size, times = _rounds(blocks, place)
            lines = [line for block in blocks[place : place + size] for line in block]
            out += (
                [f"  loop {times} times", *(f"    {line}" for line in lines), "  end"]
                if times > 1
                else [f"  {line}" for line in lines]
            )
            place += size * times
        return out

    # ── what is seen ──────────────────────────────────────────────────────────────────────────────────────────────

    def _asked(self, _sender: Flask, **_more: object) -> None:
        """A request has come to one of the doors; what carriers ask is drawn when its answer is known."""
        if request.path.startswith(TWILIO):
            self._open = []
        elif (who := request.environ.get(WHO)) and request.method == "POST":
            given = ", ".join(f"{name}: {_plain(value)}" for name, value in request.form.items())
            self._add(f"{who}->>Web: {request.method} {request.path}" + (f" ({given})" if given else ""))

    def _committed(self, facts: list[Fact]) -> None:
        kinds = ", ".join(fact.kind for fact in facts)
        by = "Web" if has_request_context() else "Worker"
        lines = [f"{by}->>PostgreSQL: {kinds}"]
        lines += [f"Web-){who}: {fact.kind}" for fact in facts for who in self._told_at_once(fact)]
        if has_request_context() and self._open is not None:
            self._open += lines
        else:
            self._add(*lines)

    def _told_at_once(self, fact: Fact) -> list[str]:
        """Whose card this fact draws, by the stream of events that their page keeps open."""
        named = fact.details.get(CARDS.get(fact.kind, ""))
        return [self._staff[str(named)]] if str(named) in self._staff else []

    def _line(self, line: Line) -> None:
        seen = getattr(self, f"_see_{line.kind}", None)
        if seen is not None:
            seen(line, line.data)

    def _see_status(self, line: Line, data: Mapping[str, Any]) -> None:
        if "from" in data:
            calls_us = "queue_ms" not in data
            self._legs[line.call_sid] = self._people.get(data["from"] if calls_us else data["to"], "")
            if calls_us and (who := self._legs[line.call_sid]):
                self._add(f"{who}->>Twilio: dials {data['to']}" if data["to"] else f"{who}->>Twilio: connects")
            return
        who, status = self._legs.get(line.call_sid), data["status"]
        if not who:
            return
        rang = self._network.calls[line.call_sid].direction != "inbound"
        if status == "ringing":
            self._add(f"Twilio->>{who}: rings")
        elif status == "in-progress" and rang:
            self._add(f"{who}->>Twilio: answers")
        elif status in ENDS:
            self._add(f"{who}->>Twilio: {ENDS[status]}")
        elif status == "completed":
            self._add(f"{who}->>Twilio: hangs up" if data["by"] == "far end" else f"Twilio->>{who}: hangs up")

    def _see_key(self, line: Line, data: Mapping[str, Any]) -> None:
        if who := self._legs.get(line.call_sid):
            self._add(f"{who}->>Twilio: key {data['key']}")

    def _see_talk(self, line: Line, data: Mapping[str, Any]) -> None:
        if data["what"] == "parted":
            self._part(line.call_sid)
        else:
            self._meet(line.call_sid)

    def _see_conference(self, line: Line, data: Mapping[str, Any]) -> None:
        if data["what"] == "participant-hold":
            self._part(line.call_sid)
        elif data["what"] == "participant-unhold":
            self._meet(line.call_sid)

    def _part(self, sid: str) -> None:
        self._meetings = {met for met in self._meetings if self._legs.get(sid) not in met}

    def _meet(self, sid: str) -> None:
        """Whoever is heard by each other now and was not before."""
        calls = self._network.calls
        held = {one for one in calls if (member := calls[one].participant) is not None and member.hold}
        for other in sorted(calls[sid].company - held if sid not in held else set(), key=list(calls).index):
            names = [name for name in self._people.values() if name in (self._legs.get(sid), self._legs.get(other))]
            if len(names) == 2 and (both := frozenset(names)) not in self._meetings:
                self._meetings.add(both)
                self._add(f"Note over {names[0]},{names[1]}: {names[0]} and {names[1]} talk")

    def _see_message(self, _line: Line, data: Mapping[str, Any]) -> None:
        if data["status"] == "delivered" and (who := self._people.get(data["to"])):
            self._add(f"Twilio->>{who}: SMS")

    def _see_rest(self, line: Line, data: Mapping[str, Any]) -> None:
        wishes = [f"{name}: {self._wish(name, data['params'][name])}" for name in ASKING if name in data["params"]]
        by = "Web" if has_request_context() and request.path.startswith(TWILIO) else "Worker"
        path = NAMELESS.sub("…", data["path"]).removeprefix("/").removesuffix(".json")
        whose = self._legs.get(line.call_sid)
        said = ", ".join([*([whose] if whose and "To" not in data["params"] else []), *wishes])
        self._add(f"{by}->>Twilio: {data['method']} {path}" + (f" ({said})" if said else ""))

    def _see_webhook(self, line: Line, data: Mapping[str, Any]) -> None:
        inside, self._open = self._open or [], None
        who, params = self._legs.get(line.call_sid), data["params"]
        document = data["what"] == "document"
        if not who or not (inside or document):
            return
        told = [f"{name}: {params[name]}" for name in TELLING if params.get(name)]
        if not document:
            told.append(params.get("StatusCallbackEvent") or params.get("CallStatus") or "")
        said = ", ".join([who, *filter(None, told)])
        block = [f"Twilio{'->>' if document else '-)'}Web: {_step(data['url'])} ({said})", *inside]
        if document:
            block.append(f"Web-->>Twilio: {_verbs(data['body'])}")
        self._add(*block)

    def _wish(self, name: str, value: str) -> str:
        if name == "Url":
            return _step(value)
        return self._people.get(value, _plain(value))

    def _add(self, *lines: str) -> None:
        self._blocks.append(list(lines))


def _rounds(blocks: Sequence[list[str]], place: int) -> tuple[int, int]:
    """(blocks of a round, how often it comes one after another) at this place."""
    for size in range(1, LONGEST_ROUND + 1):
        first, times = blocks[place : place + size], 1
        while blocks[place + size * times : place + size * (times + 1)] == first:
            times += 1
        if times > 1:
            return size, times
    return 1, 1


def _step(url: str) -> str:
    """The part of an address that says what is done there."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0].split(TWILIO, 1)[-1]
    return NAMELESS.sub("…", bare)


def _plain(value: str) -> str:
    return re.sub(r"\d+$", "…", value) if re.search(r"[:_]\d+$", value) else value


def _verbs(document: str) -> str:
    """The verbs of a document, what they play, and where they lead: "Gather P00 → voice/language"."""
    said = []
    for verb in ET.fromstring(document.encode()):
        sounds = [verb] if verb.tag == "Play" else [child for child in verb if child.tag == "Play"]
        played = [found.group(1) for one in sounds if (found := PROMPT.match((one.text or "").rsplit("/", 1)[-1]))]
        nested = [child.tag for child in verb if child.tag not in ("Play", "Pause")]
        target = verb.get("action") or (verb.text if verb.tag == "Redirect" else "") or ""
        words = " ".join([verb.tag, *dict.fromkeys(nested), *dict.fromkeys(played)])
        if words != "Play":
            said.append(words + (f" → {_step(target)}" if target else ""))
    return ", ".join(dict.fromkeys(said)) or "an empty document"
