"""When a form could not be taken just now: a page that still holds what was typed, with a button to send it again."""

import math
from dataclasses import dataclass

import structlog
from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import TooManyRequests

from helpdesk.kernel import clock, i18n
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.web import errors
from helpdesk.web.turns import Turn

log = structlog.get_logger()

RETRY_SECONDS = 30
# Bytes of one form, photos together; the rest of the site takes less. What is over this is not read at all.
LARGEST_FORM = 64 * 1024 * 1024
# The fields that are shown again to be seen and changed, in this order; all others travel hidden.
TEXTS = ("words", "text")

_NOT_KEPT = frozenset({"csrf_token", "turn"})

_WHY = {
    400: N_("The page was open for a long time. Please send once more."),
    429: N_("Too many requests are coming from your network. Please wait a minute and send once more."),
    503: N_("The service is not available for a moment. Please wait half a minute and send once more."),
}


@dataclass(frozen=True)
class Kept:
    """One field of a form as it was typed."""

    name: str
    value: str


def keep_what_was_typed(door: Blueprint) -> None:
    """Let the forms of `door` answer trouble with their own text instead of a bare error page."""
    door.register_error_handler(CSRFError, lambda _error: _again(400))
    door.register_error_handler(TooManyRequests, lambda _error: _again(429))
    door.register_error_handler(OperationalError, _database_away)
    door.register_error_handler(PoolTimeout, _database_away)
    # before the check of the form's token reads the form
    door.url_value_preprocessor(lambda _endpoint, _values: _allow_photos())


def _allow_photos() -> None:
    request.max_content_length = LARGEST_FORM
    # text fields of a form; a long text in Kazakh takes two bytes a letter
    request.max_form_memory_size = 1024 * 1024


def _database_away(error: Exception) -> ResponseReturnValue:
    log.error("database away", path=request.path, error=str(error).splitlines()[0])
    return _again(503)


def later(turn: Turn) -> Response:
    """Many send from the same network: when this form is taken, with everything typed and its place kept."""
    when = i18n.time_text(turn.at)
    why = gettext(
        "Many requests are coming from your network just now. Yours is taken from this time on: %(time)s", time=when
    )
    answer = make_response(_page(why, turn.word), 429)
    answer.headers["Retry-After"] = str(max(1, math.ceil((turn.at - clock.now()).total_seconds())))
    return answer


def _again(status: int) -> ResponseReturnValue:
    if request.method != "POST":
        return _with_retry(errors.answer(status), status)
    kept = request.form.get("turn", "")
    return _with_retry((_page(gettext(_WHY[status]), kept), status), status)


def _page(why: str, turn: str = "") -> str:
    fields = [Kept(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_KEPT]
    fields += [Kept("turn", turn)] if turn else []
    return render_template(
        "public/again.html",
        why=why,
        texts=[field for field in fields if field.name in TEXTS],
        hidden=[field for field in fields if field.name not in TEXTS],
        lost_photos=any(upload.filename for upload in request.files.getlist("photos")),
    )


def _with_retry(answer: ResponseReturnValue, status: int) -> ResponseReturnValue:
    response = make_response(answer)
    if status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
