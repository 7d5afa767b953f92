"""<Dial><Queue>: the caller at the front is taken out, may hear something first, and talks with whoever dialled."""

from __future__ import annotations

from phonesim.calls import Call
from phonesim.interpreter import farewell
from phonesim.legs import LegLeft, LegOver, LegReady, Talk, behind
from phonesim.queues import Arrived, Bridge, Dequeued, Entry, Queue
from phonesim.script import HungUp, Routine, Source, Wait
from phonesim.states import FAILED, NO_ANSWER, RINGING
from phonesim.transport import absolute
from phonesim.twiml import Document, Verb


def from_queue(call: Call, verb: Verb, noun: Verb, document: Document, timeout: float) -> Routine[Source | None]:
    """An empty queue is waited at for `timeout` seconds; one that does not exist is a failure."""
    queue = call.network.queue_named(noun.text)
    if queue is None:
        return behind(verb, document, {"DialCallStatus": FAILED, "DialBridged": "false"})
    until = call.network.clock.seconds() + timeout
    nobody = {"DialCallStatus": NO_ANSWER, "DialBridged": "false", "QueueSid": queue.sid}
    talk: Talk | None = None
    try:
        while talk is None or (talk.left and not talk.seconds):
            entry = yield from _front(call, queue, until - call.network.clock.seconds())
            if entry is None:
                return behind(verb, document, nobody)
            talk = Talk(call, entry.call, verb, document)
            yield from _connected(talk, entry, _whisper(noun, document))
    except HungUp:
        yield from farewell(call, behind(verb, document, talk.fields if talk is not None and talk.seconds else nobody))
        raise
    return behind(verb, document, {**talk.fields, "QueueSid": queue.sid})


def _front(call: Call, queue: Queue, patience: float) -> Routine[Entry | None]:
    entry = queue.front()
    if entry is not None:
        entry.taken_by = call
        return entry
    queue.takers.append(call)
    try:
        arrived: Arrived | None = yield Wait(max(0.0, patience), (Arrived,))
        entry = arrived.entry if arrived is not None else None
        return entry
    finally:
        if call in queue.takers:
            queue.takers.remove(call)
        elif entry is None:
            queue.give_back(call)


def _whisper(noun: Verb, document: Document) -> Source | None:
    url = noun.attributes.get("url")
    return Source(absolute(document.url, url), noun.attributes.get("method", "POST").upper()) if url else None


def _connected(talk: Talk, entry: Entry, whisper: Source | None) -> Routine[None]:
    """The talk with the caller who was taken out, to its end; `left` when it never began."""
    call, other = talk.call, talk.other
    bridge = Bridge(entry, call, whisper)
    other.on_over.append(lambda over: call.signal(LegOver(over)))
    other.signal(Dequeued(bridge))
    try:
        while True:
            event: LegReady | LegOver | LegLeft = yield Wait(None, (LegReady, LegOver, LegLeft))
            if event.call is not other:
                continue
            if isinstance(event, LegReady):
                break
            talk.left = True
            return
        if call.status == RINGING:
            call.pick_up()
        yield from talk.go()
    finally:
        bridge.close()
