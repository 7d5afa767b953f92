"""Server-sent events: a stream that ends when the reader is gone."""

from __future__ import annotations

import json
import queue
from collections.abc import Callable, Iterator
from typing import Any

from flask import Response

HEARTBEAT = 5.0
Put = Callable[[str, dict[str, Any], int | None], None]


def stream(subscribe: Callable[[Put], Callable[[], None]], gone: Callable[[], None] | None = None) -> Response:
    """`subscribe(put)` feeds (event, data, id) from now on and returns what ends that; `gone`: the reader has left."""
    waiting: queue.Queue[str] = queue.Queue()

    def put(event: str, data: dict[str, Any], number: int | None = None) -> None:
        head = f"id: {number}\n" if number is not None else ""
        waiting.put(f"{head}event: {event}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n")

    def lines() -> Iterator[str]:
        stop = subscribe(put)
        try:
            yield "retry: 1000\n\n"
            while True:
                try:
                    yield waiting.get(timeout=HEARTBEAT)
                except queue.Empty:
                    yield ": still here\n\n"
        finally:
            stop()
            if gone is not None:
                gone()

    return Response(lines(), mimetype="text/event-stream", headers={"Cache-Control": "no-store"})
