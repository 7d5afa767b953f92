"""Ways for the real `twilio.rest.Client` to talk to the simulator: inside the process, or over HTTP."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from requests.exceptions import ReadTimeout
from twilio.http import HttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from werkzeug.test import Client

from phonesim.rest.app import LOST

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

log = logging.getLogger("phonesim.client")


class InProcessHttpClient(HttpClient):  # type: ignore[misc]  # twilio ships no types
    """`Client(account, token, http_client=InProcessHttpClient(network.rest_app))`.

    An answer that the network lost arrives as `requests.exceptions.ReadTimeout`, as it would over a wire.
    """

    def __init__(self, rest_app: WSGIApplication) -> None:
        super().__init__(log, False)
        self._client = Client(rest_app)

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        parts = urlsplit(uri)
        query = "&".join(part for part in (parts.query, _form(params)) if part)
        answer = self._client.open(
            parts.path,
            method=method.upper(),
            query_string=query,
            data=_form(data),
            content_type="application/x-www-form-urlencoded",
            auth=auth,
        )
        if LOST in answer.headers:
            raise ReadTimeout("the answer was lost")
        return Response(answer.status_code, answer.get_data(as_text=True), dict(answer.headers))


class RebasedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """Sends every request to `base_url` instead of https://*.twilio.com."""

    def __init__(self, base_url: str, timeout: float = 10.0) -> None:
        super().__init__(timeout=timeout)
        self._base_url = base_url.rstrip("/")

    def request(
        self,
        method: str,
        url: str,
        params: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        parts = urlsplit(url)
        rebased = self._base_url + parts.path + (f"?{parts.query}" if parts.query else "")
        return super().request(method, rebased, params, data, headers, auth, timeout, allow_redirects)


def _form(fields: dict[str, Any] | None) -> str:
    return urlencode({key: value for key, value in (fields or {}).items() if value is not None}, doseq=True)
