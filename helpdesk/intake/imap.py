"""A mailbox elsewhere, over IMAP (RFC 3501): what is new in it by UID, and the letters themselves. Nothing is marked.

The standard library's client: no other is among our packages, and this needs six commands.
"""

import base64
import imaplib
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date

from helpdesk.intake.mailbox_rules import Encryption

# A mailbox with a hundred thousand letters names them in one line.
imaplib._MAXLINE = 20_000_000  # type: ignore[attr-defined]

PATIENCE_SECONDS = 10.0  # for one answer
VISIT_SECONDS = 40.0  # for all of them, however slowly they trickle
MAX_BYTES = 30 * 1024 * 1024

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - the words of the protocol


class MailboxAway(Exception):
    """The mailbox cannot be read now; the message says why, in the server's words."""


@dataclass(frozen=True)
class Access:
    """Where a mailbox is and how it is opened."""

    host: str
    port: int
    encryption: Encryption
    login: str
    password: str
    folder: str


@contextmanager
def opened(access: Access, visit_seconds: float = VISIT_SECONDS) -> Iterator["Box"]:
    """The mailbox, opened for reading only. Raises MailboxAway, also out of whatever is done with it inside."""
    watch = _Watch()
    timer = threading.Timer(visit_seconds, watch.cut)
    timer.daemon = True
    timer.start()
    client: imaplib.IMAP4 | None = None
    try:
        client = _connected(access, watch)
        yield Box(client, access)
    except (imaplib.IMAP4.error, OSError, EOFError, ValueError) as error:
        raise MailboxAway(_words(error)) from error
    finally:
        if client is not None:
            with suppress(imaplib.IMAP4.error, OSError, EOFError, ValueError):
                client.logout()
        timer.cancel()


@dataclass
class _Watch:
    """Cuts a connection whose time is over: an answer that trickles never exceeds the patience for the next byte."""

    client: imaplib.IMAP4 | None = None

    def cut(self) -> None:
        with suppress(OSError, AttributeError):  # it may not be connected yet, or no more
            self.client.sock.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]


class _Plain(imaplib.IMAP4):
    """Known to its watch from before the greeting on."""

    def __init__(self, watch: _Watch, host: str, port: int) -> None:
        watch.client = self
        super().__init__(host, port, timeout=PATIENCE_SECONDS)


class _Tls(imaplib.IMAP4_SSL):
    def __init__(self, watch: _Watch, host: str, port: int) -> None:
        watch.client = self
        super().__init__(host, port, ssl_context=ssl.create_default_context(), timeout=PATIENCE_SECONDS)


def _connected(access: Access, watch: _Watch) -> imaplib.IMAP4:
    if access.encryption is Encryption.TLS:
        return _Tls(watch, access.host, access.port)
    client = _Plain(watch, access.host, access.port)
    if access.encryption is Encryption.STARTTLS:
        client.starttls(ssl.create_default_context())
    return client


class Box:
    """An opened folder. `validity` names the numbering, `next_uid` the number that the next letter will get."""

    def __init__(self, client: imaplib.IMAP4, access: Access) -> None:
        self._client = client
        self._log_in(access)
        answer, counted = client.select(_quoted(_utf7(access.folder)), readonly=True)
        if answer != "OK":
            raise imaplib.IMAP4.error(counted[0])
        self.count = int(counted[0] or b"0")
        self.validity = self._told("UIDVALIDITY")
        self.next_uid = self._told("UIDNEXT")

    def _log_in(self, access: Access) -> None:
        if "AUTH=PLAIN" in self._client.capabilities:
            told = f"\0{access.login}\0{access.password}".encode()
            self._client.authenticate("PLAIN", lambda _challenge: told)
        else:
            self._client.login(_quoted(access.login), access.password)

    def _told(self, name: str) -> int:
        _, values = self._client.response(name)
        return int(values[-1]) if values and values[-1] else 0

    def above(self, uid: int) -> list[int]:
        """Numbers of the letters above this one, lowest first."""
        # "n:*" always names the last letter, also when it lies below n
        return [one for one in self._search(f"UID {uid + 1}:*") if one > uid]

    def first_since(self, day: date) -> int | None:
        """The lowest number of the letters that arrived on this day or later."""
        return min(self._search(f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"), default=None)

    def _search(self, what: str) -> list[int]:
        answer, found = self._client.uid("SEARCH", what)
        if answer != "OK":
            raise imaplib.IMAP4.error(found[0])
        return sorted(int(one) for line in found if line for one in line.split())

    def letter(self, uid: int) -> bytes | None:
        """The letter byte for byte, up to MAX_BYTES of it; None when it is gone."""
        answer, found = self._client.uid("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{MAX_BYTES}>)")
        if answer != "OK":
            raise imaplib.IMAP4.error(found[0])
        # a server may tell of other letters meanwhile
        for piece in found:
            if isinstance(piece, tuple) and b"BODY[]" in piece[0].upper():
                return bytes(piece[1])
        return None


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(folder: str) -> str:
    """A folder's name as IMAP writes it (RFC 3501, 5.1.3)."""

    def coded(match: re.Match[str]) -> str:
        raw = base64.b64encode(match[0].encode("utf-16-be")).rstrip(b"=").decode()
        return f"&{raw.replace('/', ',')}-"

    return re.sub(r"[^ -~]+", coded, folder.replace("&", "&-"))


def _words(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(error)
    name = "" if isinstance(error, imaplib.IMAP4.error) else f"{type(error).__name__}: "
    return "".join(letter for letter in name + text if letter.isprintable())[:300]
