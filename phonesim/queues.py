"""Enqueue and Leave: a queue of waiting calls, the loop of wait documents, and how a call gets out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from phonesim.calls import Call
from phonesim.interpreter import ApplicationError, execute, farewell, load
from phonesim.script import HungUp, Redirected, Routine, Source, Wait
from phonesim.transport import absolute
from phonesim.twiml import Document, Manner, Verb

if TYPE_CHECKING:
    from phonesim.network import Network

DEFAULT_MAX = 1000
MOST = 5000


class Left(Exception):
    """<Leave> in a wait document."""


@dataclass(eq=False)
class Entry:
    queue: Queue
    call: Call
    since: datetime

    @property
    def position(self) -> int:
        return self.queue.entries.index(self) + 1

    @property
    def seconds(self) -> int:
        return int((self.call.network.clock.now() - self.since).total_seconds())


@dataclass(eq=False)
class Queue:
    network: Network
    sid: str
    name: str
    created_at: datetime
    max_size: int = DEFAULT_MAX
    entries: list[Entry] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)

    @property
    def average_wait(self) -> int:
        recent = self.waits[-100:]
        return round(sum(recent) / len(recent)) if recent else 0

    def join(self, call: Call) -> Entry:
        entry = call.entry = Entry(self, call, self.network.clock.now())
        self.entries.append(entry)
        call.note("queue", {"queue": self.name, "what": "joined", "position": entry.position})
        return entry

    def leave(self, entry: Entry, result: str) -> int:
        """Seconds that the call waited."""
        waited = entry.seconds
        self.entries.remove(entry)
        self.waits.append(waited)
        entry.call.entry = None
        entry.call.note("queue", {"queue": self.name, "what": result, "waited": waited})
        return waited


def enqueue(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    queue = call.network.queue(verb.text or "default")
    action = verb.attributes.get("action")

    def leaving(result: str, waited: int) -> Source | None:
        if action is None:
            return None
        params = {"QueueResult": result, "QueueTime": str(waited), "QueueSid": queue.sid}
        return Source(absolute(document.url, action), verb.attributes.get("method", "POST").upper(), params)

    if len(queue.entries) >= int(verb.number("maxQueueSize", queue.max_size)):
        call.note("queue", {"queue": queue.name, "what": "queue-full"})
        return leaving("queue-full", 0)
    entry = queue.join(call)
    try:
        yield from _waiting(call, verb, document, entry)
        result = "leave"
    except Left:
        result = "leave"
    except ApplicationError:
        result = "system-error"
    except Redirected:
        following = leaving("redirected", queue.leave(entry, "redirected"))
        if call.network.redirects_to_action and following is not None:
            return following
        yield from farewell(call, following)
        raise
    except HungUp:
        yield from farewell(call, leaving("hangup", queue.leave(entry, "hangup")))
        raise
    return leaving(result, queue.leave(entry, result))


def _waiting(call: Call, verb: Verb, document: Document, entry: Entry) -> Routine[None]:
    wait_url = verb.attributes.get("waitUrl")
    if not wait_url:
        yield Wait(None)
        return

    def present() -> dict[str, str]:
        return {
            "QueueSid": entry.queue.sid,
            "QueuePosition": str(entry.position),
            "QueueTime": str(entry.seconds),
            "AvgQueueTime": str(entry.queue.average_wait),
            "CurrentQueueSize": str(len(entry.queue.entries)),
        }

    method = verb.attributes.get("waitUrlMethod", "POST").upper()
    yield from wait_loop(call, absolute(document.url, wait_url), method, present, Manner.QUEUE_WAIT)


def wait_loop(call: Call, url: str, method: str, params: Callable[[], dict[str, str]], manner: Manner) -> Routine[None]:
    """Fetch and execute wait documents again and again; an empty one means silence until something happens."""
    while True:
        began = call.network.clock.seconds()
        source: Source | None = Source(url, method, params())
        while source is not None:
            document = yield from load(call, source, manner)
            if not document.verbs:
                yield Wait(None)
            source = yield from execute(call, document, manner)
            if source is not None and manner is Manner.QUEUE_WAIT:
                source = Source(source.url, source.method, {**params(), **source.params})
        if call.network.clock.seconds() - began < 1:
            yield Wait(1)


def leave(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    yield from ()
    raise Left
