"""How a person learns that something did not work."""

from collections.abc import Mapping

import structlog
from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from helpdesk.kernel.errors import Conflict, NotFound, Refused
from helpdesk.kernel.i18n import N_, gettext
from helpdesk.web.access import wants_json

log = structlog.get_logger()

_TITLES = {
    400: N_("This request could not be understood"),
    403: N_("This page is not for your role"),
    404: N_("There is no such page"),
    405: N_("There is no such page"),
    409: N_("Somebody else changed this first"),
    413: N_("This is too large to send"),
    422: N_("Please check what you entered"),
    429: N_("Too many requests: please wait a little"),
    500: N_("Something went wrong on our side"),
    503: N_("The service is not available for a moment"),
}


def init_app(app: Flask) -> None:
    """Attach the handlers."""
    app.register_error_handler(NotFound, lambda _error: answer(404))
    app.register_error_handler(Conflict, lambda _error: answer(409))
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(
        CSRFError, lambda _error: answer(400, gettext("The page was open too long: load it again"))
    )
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeout, _database_away)
    app.register_error_handler(HTTPException, _http)


def answer(status: int, detail: str = "", headers: Mapping[str, str] | None = None) -> ResponseReturnValue:
    """The page, or for our scripts the JSON, of an error."""
    title = gettext(_TITLES.get(status, _TITLES[500]))
    if wants_json():
        return jsonify(error=title, detail=detail), status, headers or {}
    staff = "staff_page" in g
    page = render_template("errors/error.html", status=status, title=title, detail=detail, staff=staff)
    return page, status, headers or {}


def _refused(error: Refused) -> ResponseReturnValue:
    return answer(422, gettext(error.message, **error.values))


def _database_away(error: Exception) -> ResponseReturnValue:
    log.error("database away", path=request.path, error=str(error).splitlines()[0])
    return answer(503)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    kept = {key: value for key, value in error.get_headers() if key.lower() in ("allow", "retry-after")}
    return answer(error.code, headers=kept)
