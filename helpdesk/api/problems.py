"""How other systems learn that something did not work: RFC 9457, in the language that they accept."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from flask import Blueprint, Response, json, request
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext, language

log = structlog.get_logger()

MEDIA_TYPE = "application/problem+json"

_DETAILS = {
    400: N_("The body is no JSON"),
    401: N_("Send a good token: Authorization: Bearer …"),
    403: N_("This token may not do that"),
    404: N_("There is nothing here, or it is not in the part of the tree of this token"),
    405: N_("This address does not know this method"),
    409: N_("Somebody else changed this first: read it again"),
    413: N_("This is too large to send"),
    415: N_("Send JSON: Content-Type: application/json"),
    422: N_("Some of what was sent cannot be taken: see errors"),
    429: N_("Too many requests: please wait a little"),
    500: N_("Something went wrong on our side"),
    503: N_("The service is not available for a moment"),
}
# What pydantic calls a mistake, and what we say about it.
_MISTAKES = {
    "missing": N_("This is needed"),
    "extra_forbidden": N_("There is no such field"),
    "string_too_short": N_("This is too short"),
    "string_too_long": N_("This is too long"),
    "string_pattern_mismatch": N_("This is not written as it must be"),
    "string_type": N_("A text is needed"),
    "string_unicode": N_("A text is needed"),
    "int_type": N_("A whole number is needed"),
    "int_parsing": N_("A whole number is needed"),
    "int_from_float": N_("A whole number is needed"),
    "bool_type": N_("true or false is needed"),
    "enum": N_("This is none of the values that are known"),
    "literal_error": N_("This is none of the values that are known"),
    "too_long": N_("There are too many values"),
    "repeated": N_("This may be given once only"),
    "moment": N_("Write a moment like 2026-11-24T10:00:00+05:00"),
    "day": N_("Write a day like 2026-11-24"),
}


class Problem(Exception):
    """Raised inside the door; becomes an answer."""

    def __init__(
        self, status: int, message: str = "", fields: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] = {}
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fields = fields
        self.headers = headers


def attach(door: Blueprint) -> None:
    """Every error of this door is told as a problem."""
    door.register_error_handler(Problem, lambda e: answer(e.status, e.message, e.fields, e.headers))
    door.register_error_handler(NotFound, lambda _error: answer(404))
    door.register_error_handler(Conflict, lambda _error: answer(409))
    door.register_error_handler(Refused, _refused)
    door.register_error_handler(OperationalError, _away)
    door.register_error_handler(PoolTimeout, _away)
    door.register_error_handler(HTTPException, _http)


def answer(
    status: int, message: str = "", fields: Sequence[tuple[str, str]] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """A problem document. `message` and the words of `fields` are translated already."""
    known = _DETAILS.get(status)
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": message or (gettext(known) if known else ""),
    }
    if fields:
        found["errors"] = [{"field": field, "detail": words} for field, words in fields]
    told = Response(json.dumps(found, ensure_ascii=False), status, content_type=MEDIA_TYPE)
    told.headers["Content-Language"] = language()
    told.headers.extend(dict(headers or {}))
    return told


def mistakes(error: ValidationError) -> Problem:
    """What pydantic found, field by field."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(one["type"] == "json_invalid" for one in found):
        return Problem(400)
    usual = N_("This is not understood")
    return Problem(
        422, "", [(".".join(map(str, one["loc"])), gettext(_MISTAKES.get(one["type"], usual))) for one in found]
    )


def _refused(error: Refused) -> Response:
    words = gettext(error.message, **error.values)
    return answer(422, words, [(error.field, words)] if error.field else ())


def _away(error: Exception) -> Response:
    log.error("database away", path=request.path, error=str(error).splitlines()[0])
    return answer(503, headers={"Retry-After": "5"})


def _http(error: HTTPException) -> Response:
    kept = {key: value for key, value in error.get_headers() if key.lower() in ("allow", "retry-after")}
    return answer(error.code or 500, headers=kept)
