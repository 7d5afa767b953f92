"""One attempt over HTTP: to the address that was looked up, never to one of our own network, never further."""

import socket
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from helpdesk.kernel import clock
from helpdesk.notifications.hook_rules import PATIENCE_SECONDS, headers, is_address, is_public
from helpdesk.notifications.hook_sending import Outcome, Parcel

AGENT = "Helpdesk-1450/1.0"


class NotAllowed(Exception):
    """The name leads to an address that no webhook may be sent to."""


def post(parcel: Parcel, inside: bool) -> Outcome:
    """Send a parcel and say what came of it. `inside` allows http and private addresses.

    The name is looked up once and the connection made to what was found: a name that leads elsewhere a moment later
    gains nothing. A redirection is no success and is not followed.
    """
    if not is_address(parcel.address, inside):
        return Outcome(None, "address not allowed")
    parts = urlsplit(parcel.address)
    secure, host = parts.scheme == "https", parts.hostname or ""
    port = parts.port or (443 if secure else 80)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = headers(parcel.message_id, clock.now(), parcel.body, parcel.secret)
    sent |= {"Content-Type": "application/json", "User-Agent": AGENT, "Host": parts.netloc, "Connection": "close"}
    connection: HTTPConnection | None = None
    try:
        connection = _connection(_look_up(host, port, inside), host, port, secure)
        connection.request("POST", target, parcel.body, sent)
        status = connection.getresponse().status
        return Outcome(status, "" if 200 <= status < 300 else f"HTTP {status}")
    except NotAllowed:
        return Outcome(None, "address not allowed")
    except (OSError, HTTPException, ValueError) as problem:
        return Outcome(None, f"{type(problem).__name__}: {problem}"[:200])
    finally:
        if connection is not None:
            connection.close()


def _look_up(host: str, port: int, inside: bool) -> str:
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not (inside or all(is_public(one) for one in found)):
        raise NotAllowed
    return found[0]


def _connection(address: str, host: str, port: int, secure: bool) -> HTTPConnection:
    """Connected to `address`; the certificate must be the name's."""
    raw = socket.create_connection((address, port), PATIENCE_SECONDS)
    try:
        raw.settimeout(PATIENCE_SECONDS)
        if secure:
            raw = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
    except BaseException:
        raw.close()
        raise
    made = HTTPSConnection(host, port) if secure else HTTPConnection(host, port)
    made.sock = raw
    return made
