"""The token in the Message-ID of each of our letters: an answer to it names its ticket, and nobody can make one up."""

import hashlib
import hmac
import re
from collections.abc import Iterator

# The last line of every letter that may be answered begins so; what stands below it in an answer is our own text.
REPLY_LINE = "── 1450 ──"

_TOKEN = re.compile(r"<t\.(\d{1,18})\.([0-9a-f]{24})\.(\d{1,18})@[^<>@\s]+>")


def message_id(key: str, ticket_id: int, letter_id: int, domain: str) -> str:
    """The Message-ID of a letter about a ticket: `<t.ticket.mac.letter@domain>`, the mac over both ids under `key`."""
    return f"<t.{ticket_id}.{_mac(key, ticket_id, letter_id)}.{letter_id}@{domain}>"


def ticket_in(key: str, *headers: str) -> int | None:
    """The ticket of the first genuine token in these headers (In-Reply-To, References), or None.

    The domain is not compared: it may have changed since the letter was sent, the mac cannot.
    """
    return next((ticket for ticket, _ in _genuine(key, headers)), None)


def letter_in(key: str, *texts: str) -> int | None:
    """The letter of ours that the first genuine token in these texts names, or None."""
    return next((letter for _, letter in _genuine(key, texts)), None)


def _genuine(key: str, texts: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for text in texts:
        for ticket, mac, letter in _TOKEN.findall(text):
            if hmac.compare_digest(mac, _mac(key, int(ticket), int(letter))):
                yield int(ticket), int(letter)


def _mac(key: str, ticket_id: int, letter_id: int) -> str:
    return hmac.new(key.encode(), f"letter:{ticket_id}:{letter_id}".encode(), hashlib.sha256).hexdigest()[:24]
