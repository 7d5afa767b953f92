"""The application that serves the REST interface of one network."""

from __future__ import annotations

import hmac
import re
import socket
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from phonesim.contract import NOT_FOUND, check
from phonesim.rest.calls import calls_api
from phonesim.rest.conferences import conferences_api
from phonesim.rest.configured import applications_api, numbers_api
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.messages import messages_api
from phonesim.rest.participants import participants_api
from phonesim.rest.queues import queues_api
from phonesim.rest.recordings import recordings_api

if TYPE_CHECKING:
    from phonesim.network import Network

PREFIX = "/2010-04-01/Accounts/<account>"
APIS = (
    calls_api,
    conferences_api,
    participants_api,
    queues_api,
    messages_api,
    recordings_api,
    numbers_api,
    applications_api,
)
LOST = "X-Phonesim-Lost"
LEG = re.compile(r"/(CA\w+)")


class RestApp(Flask):
    """Every request looks at the network and schedules its effects under the clock's lock."""

    network: Network

    def full_dispatch_request(self) -> Response:
        with self.network.clock.lock:
            return super().full_dispatch_request()


def rest_app(network: Network) -> Flask:
    app = RestApp("phonesim.rest", static_folder=None)
    app.network = network
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the provider is Flask's default one
    for api in APIS:
        app.register_blueprint(api(network), url_prefix=PREFIX)

    @app.before_request
    def admitted() -> ResponseReturnValue | None:
        if request.view_args is None:
            _hold_to_contract(network)
            return None
        given = request.authorization
        account = request.view_args.pop("account", None)
        if given is None or given.username != network.account_sid or not _same(given.password, network.auth_token):
            raise RestError(401, 20003, "Authenticate")
        if account != network.account_sid:
            raise not_found(request.path)
        _hold_to_contract(network)
        if network.faults.strikes("rest_429"):
            raise RestError(429, 20429, "Too Many Requests")
        if network.faults.strikes("rest_500"):
            raise RestError(500, 20500, "An internal server error has occurred")
        return None

    @app.after_request
    def noted(response: Response) -> Response:
        path = request.path.removeprefix(f"/2010-04-01/Accounts/{network.account_sid}")
        data = {
            "method": request.method,
            "path": path,
            "params": request.values.to_dict(),
            "status": response.status_code,
            "lost": LOST in response.headers,
        }
        network.note("rest", _leg_of(path, response), data)
        return response

    @app.after_request
    def sometimes_lost(response: Response) -> Response:
        """The request is done, the answer never arrives: the connection breaks."""
        if request.method == "POST" and response.status_code < 400 and network.faults.strikes("rest_lost"):
            response.headers[LOST] = "1"
            connection = request.environ.get("werkzeug.socket")
            if connection is not None:
                connection.shutdown(socket.SHUT_RDWR)
        return response

    @app.errorhandler(RestError)
    def refused(error: RestError) -> Response:
        return error.response()

    @app.errorhandler(HTTPException)
    def unknown(error: HTTPException) -> Response:
        if error.code == 405:
            return RestError(405, 20004, "Method not allowed").response()
        return not_found(request.path).response()

    return app


def _hold_to_contract(network: Network) -> None:
    """Refuse what Twilio's own document does not know, where Twilio itself would be silent."""
    violations = check(request.method, request.path, dict(request.values.lists()))
    if not violations:
        return
    network.violations += violations
    said = "; ".join(str(violation) for violation in violations)
    code = violations[0].code
    network.alert("", code, request.path, said)
    raise RestError(404 if code == NOT_FOUND else 400, code, said)


def _leg_of(path: str, response: Response) -> str:
    """The sid of the leg that a request is about, or that it made."""
    if (named := LEG.search(path)) is not None:
        return named.group(1)
    made = response.get_json(silent=True) if request.method == "POST" else None
    sid = (made.get("call_sid") or made.get("sid") or "") if isinstance(made, dict) else ""
    return sid if sid.startswith("CA") else ""


def _same(given: str | None, token: str) -> bool:
    return given is not None and hmac.compare_digest(given.encode(), token.encode())
