"""An IIN is found by its keyed trace alone: the index holds no number that could be read or guessed out of it."""

import hashlib
import hmac
from collections.abc import Collection

from helpdesk.kernel import settings
from helpdesk.kernel.masking import iins


def trace(iin: str) -> str:
    """The word under which an IIN stands in the index: HMAC-SHA256 under TICKET_KEY, 96 bits of it."""
    key = settings.current().ticket_key.encode()
    return "iin" + hmac.new(key, b"iin " + iin.encode(), hashlib.sha256).hexdigest()[:24]


def traces(texts: Collection[str]) -> set[str]:
    """The traces of every IIN in these texts."""
    return {trace(iin) for text in texts for iin in iins(text)}
