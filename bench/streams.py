"""Many open pages at a time: their event streams, read by one thread, and what each page asks because of them."""

import heapq
import itertools
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection

from bench.load import Wrong
from bench.servers import HOST

# Which page, the event's name ("message" for one without), its data, and when it came (time.time()).
Heard = Callable[[int, str, str, float], None]
HEADERS = {"Host": HOST, "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https", "Referer": f"https://{HOST}/"}


class Streams:
    """Opens one stream for each of `pages` (path and cookie) and tells `heard` of every event until it is closed."""

    def __init__(self, port: int, pages: list[tuple[str, str]], heard: Heard) -> None:
        self._heard = heard
        self._selector = selectors.DefaultSelector()
        self._rest = [b""] * len(pages)
        self._closed = False
        self.lost = 0
        for number, (path, cookie) in enumerate(pages):
            connection = socket.create_connection(("127.0.0.1", port))
            lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in HEADERS.items())]
            connection.sendall("\r\n".join([*lines, f"Cookie: session={cookie}", "", ""]).encode())
            self._selector.register(connection, selectors.EVENT_READ, number)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._closed:
            for key, _ in self._selector.select(0.2):
                connection, number = key.fileobj, key.data
                assert isinstance(connection, socket.socket)
                if got := connection.recv(65536):
                    self._take(number, got, time.time())
                else:
                    self.lost += 1
                    self._selector.unregister(connection)

    def _take(self, number: int, got: bytes, at: float) -> None:
        *frames, self._rest[number] = (self._rest[number] + got).split(b"\n\n")
        for frame in frames:
            # what HTTP puts around a frame has no colon and a space after it, or is no field of an event
            fields = dict(line.partition(": ")[::2] for line in frame.decode().splitlines())
            if "data" in fields:
                self._heard(number, fields.get("event", "message"), fields["data"], at)

    def close(self) -> None:
        """Leave all of them."""
        self._closed = True
        self._thread.join()
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
        self._selector.close()


Answered = Callable[[str, float], None]


class Asking:
    """What pages ask, each at its moment, by a few threads over connections that stay open."""

    def __init__(self, port: int, threads: int = 6) -> None:
        self._port = port
        self._due: list[tuple[float, int, str, str, Mapping[str, str], Answered | None]] = []
        self._serial = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self.asked = 0
        self.wrong: list[str] = []
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def ask(
        self, at: float, method: str, path: str, headers: Mapping[str, str], answered: Answered | None = None
    ) -> None:
        """Ask at the moment `at` (time.time()); `answered` gets the page and the moment when it was there."""
        with self._changed:
            heapq.heappush(self._due, (at, next(self._serial), method, path, headers, answered))
            self._changed.notify()

    def _next(self) -> tuple[str, str, Mapping[str, str], Answered | None] | None:
        with self._changed:
            while not self._closed:
                pause = self._due[0][0] - time.time() if self._due else 1.0
                if pause <= 0:
                    return heapq.heappop(self._due)[2:]
                self._changed.wait(pause)
            return None

    def _work(self) -> None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=30)
        while (task := self._next()) is not None:
            method, path, headers, answered = task
            connection.request(method, path, b"" if method == "POST" else None, {**HEADERS, **headers})
            answer = connection.getresponse()
            page = answer.read().decode()
            self.asked += 1
            if answer.status >= 300:
                self.wrong.append(f"{method} {path}: {answer.status} {page[:200]}")
            elif answered is not None:
                answered(page, time.time())
        connection.close()

    def close(self) -> None:
        """Ask no more. Raises Wrong when an answer was."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()
        if self.wrong:
            raise Wrong(self.wrong[0])
