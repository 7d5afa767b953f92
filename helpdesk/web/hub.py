"""The open pages of one process: each hears at once what concerns it, and once a second what moved at its desks.

Three hundred consoles of one city share their desks. What is none of their business must not wake each of them, and
nobody asks the database for what can be asked once for all.
"""

import json
import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from queue import Empty
from typing import Any, Protocol

import structlog

from helpdesk.audit.journal import CHANNEL
from helpdesk.kernel.redis import Line, RedisError
from helpdesk.telephony.queries import LineNow
from helpdesk.web import edits
from helpdesk.web.listeners import Desks, Fact, Listener, Share, facts_frame

log = structlog.get_logger()

# Also how long the place of a page that was closed stays taken: a closed connection shows when it is written to.
HEARTBEAT_SECONDS = 5.0
# Rights are read when a stream opens: it ends after so long, and the browser opens a new one.
LASTS_SECONDS = 300.0
# A page that does not keep up is told so instead of being remembered for.
QUEUE_LENGTH = 200
# A connection to Redis that was silent for so long is asked whether it still is one.
SILENT_SECONDS = 15
PULSE_SECONDS = 1.0
# Until Redis or a place is there again, a new try sooner is in vain.
RETRY_MS, RETRY_AWAY_MS = 3000, 15000

# Looking at a restricted ticket is noted; telling the pages would make them look again.
_UNTOLD = frozenset({"ticket.viewed"})


class _Subscription(Protocol):
    def get_message(self, timeout: float) -> Mapping[str, Any] | None: ...


def _keys(listener: Listener) -> tuple[tuple[str, int | None], ...]:
    return ("staff", listener.staff_id), ("ticket", listener.ticket_id)


class Hub:
    """The one subscriber of a process. Its threads start with the first listener and end when Redis goes away.

    `line_of_desks` is asked for callers who wait, by desk, at most once a second and only after something moved.
    """

    def __init__(self, line: Line, line_of_desks: Callable[[], Mapping[int, LineNow]], places: int) -> None:
        self._line, self._line_of_desks, self._places = line, line_of_desks, places
        self._lock, self._pulsing = threading.Lock(), threading.Lock()
        self._stirred = threading.Event()
        self._thread: threading.Thread | None = None
        self._listeners: set[Listener] = set()
        self._index: defaultdict[tuple[str, int | None], set[Listener]] = defaultdict(set)
        self._shares: dict[tuple[Desks, bool], Share] = {}

    def join(self, listener: Listener) -> bool:
        """Let a page listen; False when Redis is away or all places are taken."""
        with self._lock:
            if len(self._listeners) >= self._places or not (self._thread or self._subscribe()):
                return False
            self._listeners.add(listener)
            for key in _keys(listener):
                self._index[key].add(listener)
            same = (listener.desks, listener.follows_calls)
            share = self._shares.setdefault(same, Share(*same))
            share.listeners.add(listener)
            share.told = None  # what the newcomer has seen of the line nobody knows
            return True

    def leave(self, listener: Listener) -> None:
        """The page was closed. Twice is once."""
        with self._lock:
            self._forget(listener)

    def tell(self, facts: list[Fact]) -> None:
        """Hand facts to the pages that they concern, and keep for the others what moved at their desks."""
        stirred = False
        edits.forget(fact["kind"] for fact in facts)
        with self._lock:
            for fact in facts:
                if fact["kind"] in _UNTOLD:
                    continue
                if concerned := self._concerned(fact):
                    self._put(concerned, facts_frame(fact))
                for share in self._shares.values():
                    stirred |= share.take(fact)
        if stirred:
            self._stirred.set()

    def pulse(self) -> None:
        """Tell everybody what moved at their desks since the last pulse. The line is counted once for all."""
        with self._pulsing:
            self._stirred.clear()
            with self._lock:
                moved = [share for share in self._shares.values() if share.line]
                for share in moved:
                    share.line = False  # what moves while we count is counted next time
            line = self._counted() if moved else None
            with self._lock:
                for share in moved:
                    if line is None:
                        share.line = True
                    else:
                        share.count(line)
                for share in list(self._shares.values()):
                    if (frame := share.take_frame()) is not None:
                        self._put(share.listeners, frame)

    def _concerned(self, fact: Fact) -> set[Listener]:
        """Pages of the people whom the fact names, and pages that show its ticket with a right to its desk."""
        named = [value for key, value in fact["details"].items() if key.endswith("staff_id")]
        found = set().union(*(self._index.get(("staff", id_), ()) for id_ in named))
        ticket_id = fact["ticket_id"]
        showing = self._index.get(("ticket", ticket_id), ()) if ticket_id is not None else ()
        return found.union(one for one in showing if fact["desk_id"] in one.desks)

    def _put(self, listeners: set[Listener], frame: str) -> None:
        for listener in list(listeners):
            if listener.waiting.qsize() < QUEUE_LENGTH:
                listener.waiting.put(frame)
            else:
                self._dismiss(listener)

    def _dismiss(self, listener: Listener) -> None:
        self._forget(listener)
        listener.waiting.put(None)

    def _forget(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        same = (listener.desks, listener.follows_calls)
        if (share := self._shares.get(same)) is not None:
            share.listeners.discard(listener)
            if not share.listeners:
                del self._shares[same]
        for key in _keys(listener):
            self._index[key].discard(listener)
            if not self._index[key]:
                del self._index[key]

    def _counted(self) -> Mapping[int, LineNow] | None:
        try:
            return self._line_of_desks()
        except Exception:
            log.exception("the line cannot be counted now")
            return None

    def _subscribe(self) -> bool:
        try:
            heard = self._line.client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
            heard.subscribe(self._line.channel(CHANNEL))
        except RedisError:
            return False
        over = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(heard, over), name="events", daemon=True)
        self._thread.start()
        threading.Thread(target=self._beat, args=(over,), name="pulse", daemon=True).start()
        return True

    def _beat(self, over: threading.Event) -> None:
        """A pulse right after something moved in a quiet house, then no other one for a second."""
        while True:
            self._stirred.wait()
            if over.is_set():
                return
            self.pulse()
            over.wait(PULSE_SECONDS)

    def _listen(self, heard: _Subscription, over: threading.Event) -> None:
        silent = 0
        while True:
            try:
                message = heard.get_message(timeout=1.0)
                silent = 0 if message else silent + 1
                # a connection that was cut somewhere on the way stays silent for ever: ask on another one
                if silent >= SILENT_SECONDS and not self._line.alive():
                    break
                if message:
                    self.tell(json.loads(message["data"]))
            except (RedisError, OSError):
                break
            except (ValueError, KeyError, TypeError):
                log.exception("an announcement that cannot be read")
        over.set()
        self._stirred.set()
        with self._lock:
            self._thread = None
            log.warning("events stopped: Redis is away", pages=len(self._listeners))
            for listener in list(self._listeners):
                self._dismiss(listener)


def stream(hub: Hub, listener: Listener, heartbeat: float = HEARTBEAT_SECONDS) -> Iterator[str]:
    """What is written to the page. Ends with `event: away` when the page has to ask by itself from now on.

    Nothing is repeated after a gap (Redis keeps no past): a page asks once by itself whenever a stream opens.
    """
    if not hub.join(listener):
        yield _away()
        return
    try:
        # not all pages at once: they opened together when the server came back
        yield f"retry: {_about(RETRY_MS)}\nevent: ready\ndata: {{}}\n\n"
        until = time.monotonic() + LASTS_SECONDS * random.uniform(0.8, 1.2)  # noqa: S311  (no secret)
        while time.monotonic() < until:
            try:
                frame = listener.waiting.get(timeout=heartbeat)
            except Empty:
                yield ": still here\n\n"
                continue
            if frame is None:
                yield _away()
                return
            yield frame
    finally:
        hub.leave(listener)


def _away() -> str:
    return f"retry: {_about(RETRY_AWAY_MS)}\nevent: away\ndata: {{}}\n\n"


def _about(milliseconds: int) -> int:
    return round(milliseconds * random.uniform(0.7, 1.3))  # noqa: S311  (no secret)
