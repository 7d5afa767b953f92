"""Enqueue and Leave: a queue of waiting calls, the loop of wait documents, and the ways out of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from phonesim.calls import Call
from phonesim.interpreter import ApplicationError, execute, farewell, load
from phonesim.legs import LegLeft, LegReady
from phonesim.script import HungUp, Interruption, Redirected, Routine, Source, Wait
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
    taken_by: Call | None = None

    @property
    def position(self) -> int:
        return self.queue.entries.index(self) + 1

    @property
    def seconds(self) -> int:
        return int((self.call.network.clock.now() - self.since).total_seconds())


@dataclass(frozen=True)
class Arrived:
    """Somebody came into a queue at which a <Dial> was waiting."""

    entry: Entry


@dataclass(frozen=True)
class BridgeOver:
    """Whoever dialled the queue is gone."""


@dataclass(eq=False)
class Bridge:
    """Between a caller who waited and the leg that dialled the queue; `whisper` is heard by the caller first."""

    entry: Entry
    dialler: Call
    whisper: Source | None
    over: bool = False

    def close(self) -> None:
        """Whoever dialled is gone; a caller who has not noticed anything yet keeps the place."""
        self.over = True
        if self.entry in self.entry.queue.entries:
            self.entry.queue.give_back(self.dialler)
        else:
            self.entry.call.signal(BridgeOver())


class Dequeued(Interruption):
    """<Dial><Queue> takes a call out."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__("dequeued")
        self.bridge = bridge

    def concerns(self, call: Call) -> bool:
        return call.entry is self.bridge.entry and not self.bridge.over

    def missed(self) -> None:
        self.bridge.dialler.signal(LegLeft(self.bridge.entry.call))


@dataclass(eq=False)
class Queue:
    """`takers`: legs whose <Dial><Queue> waits for somebody to come."""

    network: Network
    sid: str
    name: str
    created_at: datetime
    max_size: int = DEFAULT_MAX
    entries: list[Entry] = field(default_factory=list)
    waits: list[int] = field(default_factory=list)
    takers: list[Call] = field(default_factory=list)

    @property
    def average_wait(self) -> int:
        recent = self.waits[-100:]
        return round(sum(recent) / len(recent)) if recent else 0

    def join(self, call: Call) -> Entry:
        entry = call.entry = Entry(self, call, self.network.clock.now())
        self.entries.append(entry)
        call.note("queue", {"queue": self.name, "what": "joined", "position": entry.position})
        self._serve()
        return entry

    def front(self) -> Entry | None:
        """The first who is not being taken out already."""
        return next((entry for entry in self.entries if entry.taken_by is None), None)

    def give_back(self, taker: Call) -> None:
        """A <Dial> ended before it heard that somebody had come for it."""
        for entry in self.entries:
            if entry.taken_by is taker:
                entry.taken_by = None
        self._serve()

    def _serve(self) -> None:
        while self.takers and (entry := self.front()) is not None:
            entry.taken_by = self.takers.pop(0)
            entry.taken_by.signal(Arrived(entry))

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
    except Dequeued as taken:
        waited = queue.leave(entry, "bridged")
        return (yield from _bridged(call, taken.bridge, lambda result: leaving(result, waited), waited))
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


def _bridged(
    call: Call, bridge: Bridge, leaving: Callable[[str], Source | None], waited: int
) -> Routine[Source | None]:
    """Taken out by <Dial><Queue>: the whisper, then the talk, then the <Enqueue>'s action."""
    params = {
        "QueueSid": bridge.entry.queue.sid,
        "QueueTime": str(waited),
        "DequeingCallSid": bridge.dialler.sid,
    }
    source = bridge.whisper
    try:
        while source is not None and not bridge.over:
            asked = Source(source.url, source.method, {**params, **source.params})
            document = yield from load(call, asked, Manner.CONFERENCE_WAIT)
            source = yield from execute(call, document, Manner.CONFERENCE_WAIT)
        if not bridge.over:
            bridge.dialler.signal(LegReady(call))
        while not bridge.over:
            yield Wait(None, (BridgeOver,))
    except ApplicationError:
        bridge.dialler.signal(LegLeft(call))
        return leaving("system-error")
    except Redirected:
        bridge.dialler.signal(LegLeft(call))
        yield from farewell(call, leaving("redirected-from-bridged"))
        raise
    except HungUp:
        yield from farewell(call, leaving("bridged"))
        raise
    return leaving("bridged")


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
