"""Webhooks to other systems: what is told, how it is signed, where it may go, and how long we try.

Signature, headers and the form of the secret are those of Standard Webhooks 1.0.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import urlsplit


class Event(StrEnum):
    """What another system may want to hear of."""

    TICKET_CREATED = "ticket.created"
    TICKET_WAITING = "ticket.waiting"
    TICKET_RESOLVED = "ticket.resolved"
    TICKET_REOPENED = "ticket.reopened"
    TICKET_BREACHED = "ticket.breached"
    MESSAGE_ADDED = "message.added"
    CALLBACK_REQUESTED = "callback.requested"
    CALLBACK_COMPLETED = "callback.completed"
    CALLBACK_FAILED = "callback.failed"
    TEST = "test"


# What can be subscribed to; a test is sent to whoever asks for it.
EVENTS = tuple(one for one in Event if one is not Event.TEST)
# Kinds of the journal, and what they are called outside.
TOLD: Mapping[str, Event] = {
    "ticket.opened": Event.TICKET_CREATED,
    "ticket.waiting": Event.TICKET_WAITING,
    "ticket.resolved": Event.TICKET_RESOLVED,
    "ticket.reopened": Event.TICKET_REOPENED,
    "ticket.breached": Event.TICKET_BREACHED,
    "ticket.heard": Event.MESSAGE_ADDED,
    "ticket.replied": Event.MESSAGE_ADDED,
    "callback.requested": Event.CALLBACK_REQUESTED,
    "callback.done": Event.CALLBACK_COMPLETED,
    "callback.exhausted": Event.CALLBACK_FAILED,
}


class DeliveryState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"


UNSENT = frozenset({DeliveryState.PENDING, DeliveryState.SENDING})

# Seconds between one try and the next; the last one is repeated for a day.
BACKOFF = (5, 30, 120, 600, 1800, 3600, 7200, 10800)
GIVE_UP_AFTER = timedelta(days=1)
# Whoever began to send and did not come back has died.
LEASE = timedelta(minutes=2)
PATIENCE_SECONDS = 5.0
KEPT_FOR = timedelta(days=30)
SEALED_FOR = "webhook"

_SECRET = "whsec_"  # noqa: S105 - the beginning of every secret
_LONGEST_ADDRESS = 500


def new_secret() -> str:
    """A secret of 256 random bits."""
    return _SECRET + base64.b64encode(secrets.token_bytes(32)).decode()


def headers(message_id: str, at: datetime, body: bytes, secret: str) -> dict[str, str]:
    """What proves that a body is ours and when it left: HMAC-SHA256 over "id.timestamp.body"."""
    moment = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(_SECRET))
    mac = hmac.new(key, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def next_attempt(created_at: datetime, now: datetime, attempts: int) -> datetime | None:
    """When to try again after `attempts` failures, or None when it has been tried for a day."""
    at = now + timedelta(seconds=BACKOFF[min(attempts, len(BACKOFF)) - 1])
    return at if at <= created_at + GIVE_UP_AFTER else None


def is_address(text: str, inside: bool = False) -> bool:
    """Whether webhooks may be sent there, as far as the address itself says: https with a name, nobody's password.

    `inside` allows http and private addresses too, for trying out.
    """
    if len(text) > _LONGEST_ADDRESS or not text.isascii() or not text.isprintable() or any(s in text for s in ' "<>\\'):
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    if parts.scheme not in (("https", "http") if inside else ("https",)) or not host or "@" in parts.netloc:
        return False
    if parts.fragment or port == 0:
        return False
    try:
        return inside or is_public(host)
    except ValueError:
        return inside or (
            "." in host and not host.endswith((".local", ".internal", ".localhost", ".lan", ".home.arpa"))
        )


def is_public(address: str) -> bool:
    """Whether an IP address is anybody's on the internet: not ours, not this machine's, not the cloud's own services.

    Raises ValueError when it is no IP address. What is wrapped into IPv6 counts as what is inside.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        wrapped = _wrapped(found)
        if wrapped is not None:
            return is_public(str(wrapped))
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


def _wrapped(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    # NAT64 (RFC 6052) carries the IPv4 address in its last 32 bits
    if int(address) >> 32 == 0x0064FF9B << 64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None
