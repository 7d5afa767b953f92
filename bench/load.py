"""A small crowd of clients, each in a process of its own, over connections that stay open; every answer is checked."""

import multiprocessing
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from multiprocessing.synchronize import Barrier
from random import Random
from typing import Any
from urllib.parse import urlencode

# Forked, so that a client is there at once and figures need no pickling.
_PROCESSES = multiprocessing.get_context("fork")


# A client comes over a new connection after so many requests, so that no web worker keeps most of the crowd for itself.
REQUESTS_A_CONNECTION = 50


class Wrong(Exception):
    """An answer that is not what the figure must get."""


@dataclass(frozen=True)
class Sample:
    """One request: which step of the figure, when it began and how long it took, in seconds."""

    step: str
    began: float
    took: float


@dataclass
class Visitor:
    """One client of a server behind a proxy: cookies, an address of its own, and the time of each request."""

    port: int
    host: str
    cookies: dict[str, str] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    # never the same twice: a call or form that came before would be answered out of the books
    dice: Random = field(default_factory=Random)
    token: str = ""
    numbers: list[str] = field(default_factory=list)
    _connection: HTTPConnection | None = None
    _asked: int = 0

    def __post_init__(self) -> None:
        self.address = self.new_address()

    def new_address(self) -> str:
        """Come from elsewhere from now on, as the proxy would say."""
        self.address = "10." + ".".join(str(self.dice.randrange(1, 255)) for _ in range(3))
        return self.address

    def get(self, path: str, step: str = "", status: int = 200, marker: str = "") -> str:
        """The page at `path`. Raises Wrong when status or marker are not there."""
        return self._ask("GET", path, None, {}, step, status, marker)

    def post(
        self,
        path: str,
        form: Mapping[str, str],
        step: str = "",
        status: int = 200,
        marker: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """The answer to a form. With a redirect it is the address that follows. Raises Wrong."""
        return self._ask("POST", path, urlencode(form).encode(), headers or {}, step, status, marker)

    def _ask(
        self, method: str, path: str, body: bytes | None, more: Mapping[str, str], step: str, status: int, marker: str
    ) -> str:
        connection = self._connected()
        headers = {
            "Host": self.host,
            "X-Forwarded-For": self.address,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": self.host,
            "Referer": f"https://{self.host}/",
            "Accept-Language": "ru",
            **more,
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        began = time.perf_counter()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        raw = answer.read()
        took = time.perf_counter() - began
        text = answer.headers.get("Location") or raw.decode()
        if answer.status != status or marker not in text:
            raise Wrong(f"{method} {path}: {answer.status}, not {status} with {marker!r}: {text[:300]}")
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        if step:
            self.samples.append(Sample(step, began, took))
        return text

    def _connected(self) -> HTTPConnection:
        self._asked += 1
        if self._connection is None or self._asked % REQUESTS_A_CONNECTION == 0:
            if self._connection is not None:
                self._connection.close()
            self._connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            self._connection.connect()
        return self._connection


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of a page. Raises Wrong."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    if found is None:
        raise Wrong(f"no field {name} in {page[:300]}")
    return found[1]


Turn = Callable[[Visitor, int], None]
Client = Callable[[Any], list[Sample]]


def measure(
    visitor: Callable[[], Visitor], turn: Turn, clients: int, seconds: float, warm: int, most: int | None = None
) -> list[Sample]:
    """Let `clients` take turns for `seconds` after `warm` turns that do not count; `most`: so many each.

    A quick look counts turns, so that it says the same of a slow machine.
    """

    def client(start: Barrier) -> list[Sample]:
        one = visitor()
        for serial in range(warm):
            turn(one, serial)
        one.samples.clear()
        start.wait()
        deadline, serial = time.perf_counter() + seconds, warm
        while time.perf_counter() < deadline if most is None else serial - warm < most:
            turn(one, serial)
            serial += 1
        return one.samples

    return crowd(client, clients)


def crowd(client: Client, clients: int) -> list[Sample]:
    """The samples of all clients, which begin at the same moment. Raises Wrong when one of them got a wrong answer."""
    start = _PROCESSES.Barrier(clients, timeout=120)
    answers: Any = _PROCESSES.Queue()

    def run() -> None:
        try:
            answers.put(client(start))
        except threading.BrokenBarrierError:
            answers.put(None)
        except Exception as error:
            start.abort()
            answers.put(f"{type(error).__name__}: {error}")

    started = [_PROCESSES.Process(target=run, daemon=True) for _ in range(clients)]
    for process in started:
        process.start()
    found = [answers.get(timeout=600) for _ in started]
    for process in started:
        process.join()
    for answer in found:
        if isinstance(answer, str):
            raise Wrong(answer)
    return [sample for samples in found for sample in samples or ()]
