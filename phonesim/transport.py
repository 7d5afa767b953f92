"""How a webhook reaches the application: in the same process (WSGI) or over HTTP. Both send the URL byte by byte."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol
from urllib.parse import quote_plus, unquote_to_bytes, urldefrag, urljoin, urlsplit

from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Outgoing:
    """One HTTP request of the network. `url` is absolute and already without fragment."""

    method: str
    url: str
    body: bytes
    headers: Mapping[str, str]
    connect_timeout: float = 5.0
    read_timeout: float = 15.0


@dataclass(frozen=True)
class Incoming:
    """Its answer, or `failure` "ct" (not connected) / "rt" (no answer in time) with Twilio's error code."""

    status: int = 0
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""
    error_code: int = 0


class Transport(Protocol):
    base_url: str
    in_process: bool

    def send(self, request: Outgoing) -> Incoming: ...


def outgoing(method: str, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Outgoing:
    """A form POST, or a GET with the fields added to the query, as Twilio sends them."""
    clean = urldefrag(url).url
    if method == "GET":
        if params:
            clean += ("&" if urlsplit(clean).query else "?") + _form(params)
        return Outgoing("GET", clean, b"", dict(headers))
    form = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    return Outgoing(method, clean, _form(params).encode(), {**headers, **form})


def _form(params: Mapping[str, str]) -> str:
    return "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in params.items())


_quoted = lru_cache(maxsize=16_384)(quote_plus)


def target_of(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class WsgiTransport:
    """Calls a WSGI application in this thread. Relative webhook URLs are joined to `base_url`."""

    in_process = True

    def __init__(self, app: WSGIApplication, base_url: str = "http://localhost") -> None:
        self._app = app
        self.base_url = base_url

    def send(self, request: Outgoing) -> Incoming:
        output, status, headers = run_wsgi_app(self._app, self._environ(request), buffered=True)
        return Incoming(int(status.split(" ", 1)[0]), _joined(output), {k.lower(): v for k, v in headers})

    def _environ(self, request: Outgoing) -> WSGIEnvironment:
        parts = urlsplit(request.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(parts.path or "/").decode("latin-1"),
            "QUERY_STRING": parts.query,
            "RAW_URI": target_of(request.url),
            "REQUEST_URI": target_of(request.url),
            "SERVER_NAME": parts.hostname or "localhost",
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": parts.netloc,
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_LENGTH": str(len(request.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": parts.scheme,
            "wsgi.input": io.BytesIO(request.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in request.headers.items():
            key = name.upper().replace("-", "_")
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value
        return environ


def _joined(output: Iterable[bytes]) -> bytes:
    return b"".join(output)


class HttpTransport:
    """Speaks HTTP to the application's own server.

    `base_url` is the address under which the application knows itself: webhook URLs start with it and are signed with
    it. `connect_to` is where the server really listens, when that differs (a public name in front of a local port).
    """

    in_process = False

    def __init__(self, base_url: str, connect_to: str | None = None) -> None:
        self.base_url = base_url
        self._public = urlsplit(base_url)
        self._real = urlsplit(connect_to or base_url)
        self._local = threading.local()

    def send(self, request: Outgoing) -> Incoming:
        parts = urlsplit(request.url)
        place = self._real if (parts.scheme, parts.netloc) == (self._public.scheme, self._public.netloc) else parts
        connection = self._kept(place.scheme, place.netloc)
        fresh = connection is None
        if connection is None:
            connection = _connection(place.scheme, place.netloc, request.connect_timeout)
        try:
            try:
                if fresh:
                    connection.connect()
            except ssl.SSLError:
                return Incoming(failure="ct", error_code=11220)
            except socket.gaierror:
                return Incoming(failure="ct", error_code=11210)
            except OSError:
                return Incoming(failure="ct", error_code=11205)
            return self._exchange(connection, place.scheme, place.netloc, parts.netloc, request)
        except TimeoutError:
            connection.close()
            return Incoming(failure="rt", error_code=11200)
        except (OSError, http.client.HTTPException):
            connection.close()
            if not fresh:
                return self.send(request)  # a kept connection had gone stale; nothing of it was answered
            return Incoming(failure="ct", error_code=11205)

    def _exchange(
        self, connection: http.client.HTTPConnection, scheme: str, netloc: str, host: str, request: Outgoing
    ) -> Incoming:
        if connection.sock is not None:
            connection.sock.settimeout(request.read_timeout)
        connection.putrequest(request.method, target_of(request.url), skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        connection.putheader("Content-Length", str(len(request.body)))
        for name, value in request.headers.items():
            connection.putheader(name, value)
        connection.endheaders(request.body or None)
        response = connection.getresponse()
        body = response.read()
        if response.will_close:
            connection.close()
        else:
            self._connections()[(scheme, netloc)] = connection
        return Incoming(response.status, body, {k.lower(): v for k, v in response.getheaders()})

    def _connections(self) -> dict[tuple[str, str], http.client.HTTPConnection]:
        if not hasattr(self._local, "kept"):
            self._local.kept = {}
        kept: dict[tuple[str, str], http.client.HTTPConnection] = self._local.kept
        return kept

    def _kept(self, scheme: str, netloc: str) -> http.client.HTTPConnection | None:
        return self._connections().pop((scheme, netloc), None)


def _connection(scheme: str, netloc: str, timeout: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(netloc, timeout=timeout)
    return http.client.HTTPConnection(netloc, timeout=timeout)


def absolute(base: str, url: str) -> str:
    """`url` as seen from the document or application at `base`."""
    return urljoin(base, url)
