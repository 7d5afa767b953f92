"""What happened on the network, line by line, for the booth, the shell and a test that wants to look."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Line:
    """`kind`: status, webhook, rest, play, say, gather, key, queue, conference, talk, record, message, alert …"""

    number: int
    at: str
    kind: str
    call_sid: str
    data: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"n": self.number, "at": self.at, "kind": self.kind, "call": self.call_sid, **self.data}


class Trace:
    """The last `keep` lines, and listeners that get each new one. A listener must not block."""

    def __init__(self, keep: int = 5000) -> None:
        self.lines: deque[Line] = deque(maxlen=keep)
        self._listeners: list[Callable[[Line], None]] = []
        self._count = 0

    def add(self, at: str, kind: str, call_sid: str, data: dict[str, Any]) -> None:
        self._count += 1
        line = Line(self._count, at, kind, call_sid, data)
        self.lines.append(line)
        for listener in list(self._listeners):
            listener(line)

    def of(self, call_sid: str, kind: str | None = None) -> list[Line]:
        return [line for line in self.lines if line.call_sid == call_sid and kind in (None, line.kind)]

    def listen(self, listener: Callable[[Line], None]) -> Callable[[], None]:
        """Returns the function that stops listening."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None
