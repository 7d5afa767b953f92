"""How mailboxes elsewhere are asked for letters: how often, how patiently, and how one may be written down."""

import re
from datetime import datetime, timedelta
from enum import StrEnum

POLL_SECONDS = 30
# Whoever took a mailbox and did not come back has died; a worker's job may last a minute.
LEASE = timedelta(seconds=90)
# Minutes until a mailbox that could not be read is tried again; the last one is repeated.
BACKOFF = (1, 2, 5, 10, 15)
# One visit takes this many letters at most, so that the five days of one mailbox hold up no other.
LETTERS_A_VISIT = 200

_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
_ADDRESS = re.compile(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;]{1,189}")


class Encryption(StrEnum):
    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


PORTS = {Encryption.TLS: 993, Encryption.STARTTLS: 143, Encryption.NONE: 143}


def next_visit(now: datetime, failures: int, has_more: bool = False) -> datetime:
    """When to look again after this many failures in a row; at once where letters were left."""
    if failures:
        return now + timedelta(minutes=BACKOFF[min(failures, len(BACKOFF)) - 1])
    return now if has_more else now + timedelta(seconds=POLL_SECONDS)


def is_host(text: str) -> bool:
    """A name or an address, nothing that could be more."""
    return _HOST.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """An address as letters are sent to it."""
    return _ADDRESS.fullmatch(text) is not None


def is_plain(text: str) -> bool:
    """Whether a text can be said on one line of a protocol."""
    return text.isprintable()
