"""Lists, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request

from phonesim.rest.errors import RestError

T = TypeVar("T")
PAGE, LARGEST = 50, 1000


def page(key: str, items: Sequence[T], render: Callable[[T], dict[str, Any]]) -> Response:
    """One page of `items` (newest first is the caller's business), with the addresses of its neighbours."""
    try:
        size = min(LARGEST, max(1, int(request.args.get("PageSize", PAGE))))
        index = max(0, int(request.args.get("Page", 0)))
    except ValueError:
        raise RestError(400, 20006, "Page and PageSize are integers") from None
    start = index * size
    shown = items[start : start + size]

    def address(number: int | None) -> str | None:
        if number is None:
            return None
        kept = [(k, v) for k, v in request.args.items(multi=True) if k not in ("Page", "PageSize", "PageToken")]
        return f"{request.path}?{urlencode([*kept, ('PageSize', size), ('Page', number)])}"

    return jsonify(
        {
            key: [render(item) for item in shown],
            "first_page_uri": address(0),
            "next_page_uri": address(index + 1 if start + size < len(items) else None),
            "previous_page_uri": address(index - 1 if index else None),
            "page": index,
            "page_size": size,
            "start": start,
            "end": max(start, start + len(shown) - 1),
            "uri": request.full_path.rstrip("?"),
        }
    )
