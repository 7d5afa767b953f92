"""Server-sent events: open pages hear what was committed. Kinds and ids only; the page asks for what it may see."""

import json
import queue
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import structlog
from flask import Blueprint, Response, current_app
from flask.blueprints import BlueprintSetupState

from helpdesk.audit.journal import CHANNEL
from helpdesk.identity.queries import Asker
from helpdesk.kernel.db import db
from helpdesk.kernel.redis import Line, RedisError
from helpdesk.organizations.queries import desks
from helpdesk.web.access import current, staff_only

log = structlog.get_logger()
door = Blueprint("events", __name__)

HEARTBEAT_SECONDS = 15.0
# Rights are read when a stream opens: it ends after so long, and the browser opens a new one.
LASTS_SECONDS = 300.0
# A page that does not keep up is told so instead of being remembered for.
QUEUE_LENGTH = 200
# Each open page holds a thread of its process; the others poll.
STREAMS = 48
# Until Redis or a place is there again, a new try sooner is in vain.
RETRY_MS, RETRY_AWAY_MS = 3000, 15000

# Looking at a restricted ticket is noted; telling the pages would make them look again.
_UNTOLD = frozenset({"ticket.viewed"})

Fact = Mapping[str, Any]


class _Subscription(Protocol):
    def get_message(self, timeout: float) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True)
class Listener:
    """One open page: whose, which desks it may hear of, and what it has not been sent yet. None says: no more."""

    staff_id: int
    desks: frozenset[int]
    waiting: queue.Queue[Fact | None] = field(default_factory=lambda: queue.Queue(QUEUE_LENGTH))

    def may_hear(self, fact: Fact) -> bool:
        """Whether the fact is of a desk in this person's part of the tree, or addressed to this person."""
        return fact.get("desk_id") in self.desks or fact["details"].get("staff_id") == self.staff_id


class Hub:
    """The one subscriber of a process. Its thread starts with the first listener and ends when Redis goes away."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._lock = threading.Lock()
        self._listeners: dict[int, Listener] = {}
        self._thread: threading.Thread | None = None

    def join(self, listener: Listener) -> bool:
        """Let a page listen; False when Redis is away or all places are taken."""
        with self._lock:
            if len(self._listeners) >= STREAMS or not (self._thread or self._subscribe()):
                return False
            self._listeners[id(listener)] = listener
            return True

    def leave(self, listener: Listener) -> None:
        """The page was closed. Twice is once."""
        with self._lock:
            self._listeners.pop(id(listener), None)

    def tell(self, facts: list[Fact]) -> None:
        """Hand facts to everybody who may hear them; who does not keep up hears no more."""
        with self._lock:
            listeners = list(self._listeners.values())
        for fact in facts:
            if fact["kind"] in _UNTOLD:
                continue
            for listener in listeners:
                if not listener.may_hear(fact):
                    continue
                try:
                    listener.waiting.put_nowait(fact)
                except queue.Full:
                    self._dismiss([listener])

    def _subscribe(self) -> bool:
        try:
            heard = self._line.client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
            heard.subscribe(CHANNEL)
        except RedisError:
            return False
        self._thread = threading.Thread(target=self._listen, args=(heard,), name="events", daemon=True)
        self._thread.start()
        return True

    def _listen(self, heard: _Subscription) -> None:
        silent = 0
        while True:
            try:
                message = heard.get_message(timeout=1.0)
                silent = 0 if message else silent + 1
                # a connection that was cut somewhere on the way stays silent for ever: ask on another one
                if silent >= HEARTBEAT_SECONDS and not self._line.alive():
                    break
                if message:
                    self.tell(json.loads(message["data"]))
            except (RedisError, OSError):
                break
            except (ValueError, KeyError, TypeError):
                log.exception("an announcement that cannot be read")
        with self._lock:
            self._thread = None
            listeners = list(self._listeners.values())
        log.warning("events stopped: Redis is away", pages=len(listeners))
        self._dismiss(listeners)

    def _dismiss(self, listeners: list[Listener]) -> None:
        for listener in listeners:
            self.leave(listener)
            while True:
                try:
                    listener.waiting.put_nowait(None)
                    break
                except queue.Full:
                    listener.waiting.get_nowait()


@door.record_once
def _open_hub(state: BlueprintSetupState) -> None:
    state.app.extensions["events"] = Hub(state.app.extensions["redis"])


@door.get("/events")
@staff_only()
def events() -> Response:
    """The stream of the person who is signed in."""
    listener = Listener(current().id, desks_of(current()))
    hub = cast(Hub, current_app.extensions["events"])
    db.session.remove()  # a stream lives for minutes: it must not keep a connection to the database
    answer = Response(stream(hub, listener), mimetype="text/event-stream")
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def desks_of(asker: Asker) -> frozenset[int]:
    """The desks in the asker's part of the tree. Costs no statement while desks are remembered."""
    roots = asker.roots()
    return frozenset(one.id for one in desks().values() if one.organization.path.startswith(roots))


def stream(hub: Hub, listener: Listener, heartbeat: float = HEARTBEAT_SECONDS) -> Iterator[str]:
    """What is written to the page. Ends with `event: away` when the page has to ask by itself from now on.

    Nothing is repeated after a gap (Redis keeps no past): a page asks once by itself whenever a stream opens.
    """
    if not hub.join(listener):
        yield f"retry: {RETRY_AWAY_MS}\nevent: away\ndata: {{}}\n\n"
        return
    try:
        yield f"retry: {RETRY_MS}\nevent: ready\ndata: {{}}\n\n"
        number, until = 0, time.monotonic() + LASTS_SECONDS
        while time.monotonic() < until:
            try:
                fact = listener.waiting.get(timeout=heartbeat)
            except queue.Empty:
                yield ": still here\n\n"
                continue
            if fact is None:
                yield f"retry: {RETRY_AWAY_MS}\nevent: away\ndata: {{}}\n\n"
                return
            number += 1
            yield f"id: {number}\ndata: {json.dumps(_ids(fact))}\n\n"
    finally:
        hub.leave(listener)


def _ids(fact: Fact) -> dict[str, Any]:
    """The kind and the ids of a fact; of its details only ids: whatever else they say stays in the house."""
    named = {key: value for key, value in fact["details"].items() if key.endswith("_id") and isinstance(value, int)}
    own = {key: fact[key] for key in ("ticket_id", "call_id", "callback_id", "desk_id") if fact.get(key) is not None}
    return {"kind": fact["kind"], **named, **own}
