"""Lists, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request

T = TypeVar("T")
PAGE, LARGEST = 50, 1000
FORWARD, BACK = "PA", "PB"


def page(key: str, items: Sequence[T], render: Callable[[T], dict[str, Any]]) -> Response:
    """One page of `items` (newest first is the caller's business), with the addresses of its neighbours.

    The token of a neighbour names the item beside which it begins, so that what is new meanwhile moves nothing.
    """
    size = min(LARGEST, max(1, int(request.args.get("PageSize", PAGE))))
    index = max(0, int(request.args.get("Page", 0)))
    start = _start(items, size, index * size)
    shown = items[start : start + size]

    def address(number: int, token: str | None = None) -> str:
        kept = [(k, v) for k, v in request.args.items(multi=True) if k not in ("Page", "PageSize", "PageToken")]
        asked = [*kept, ("PageSize", size), ("Page", number), *([("PageToken", token)] if token else [])]
        return f"{request.path}?{urlencode(asked)}"

    more, before = start + size < len(items), start > 0
    return jsonify(
        {
            key: [render(item) for item in shown],
            "first_page_uri": address(0),
            "next_page_uri": address(index + 1, FORWARD + _sid(shown[-1])) if more else None,
            "previous_page_uri": address(max(0, index - 1), BACK + _sid(items[start])) if before and shown else None,
            "page": index,
            "page_size": size,
            "start": start,
            "end": max(start, start + len(shown) - 1),
            "uri": request.full_path.rstrip("?"),
        }
    )


def _start(items: Sequence[object], size: int, otherwise: int) -> int:
    token = request.args.get("PageToken", "")
    way, sid = token[:2], token[2:]
    for place, item in enumerate(items):
        if sid and _sid(item) == sid:
            return place + 1 if way == FORWARD else max(0, place - size)
    return otherwise


def _sid(item: Any) -> str:
    """A resource's own sid, or that of the call which it is a part of."""
    found: str = item.sid if hasattr(item, "sid") else item.call.sid
    return found
