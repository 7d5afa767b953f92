"""Secrets of other systems that must lie in the database and be readable again: sealed under a key that does not.

Counter mode over HMAC-SHA-256 with an HMAC over the whole (encrypt-then-MAC): nothing but the standard library, which
has no cipher.
"""

import base64
import hashlib
import hmac
import os

_NONCE, _MAC = 16, 32


class BrokenSeal(ValueError):
    """It was sealed under another key, or changed since."""


def seal(key: str, purpose: str, text: str) -> str:
    """`text` so that only `key` opens it; another text each time. `purpose` keeps seals of one use from another."""
    nonce, plain = os.urandom(_NONCE), text.encode()
    hidden = nonce + _mixed(_subkey(key, purpose, "hide"), nonce, plain)
    return base64.b64encode(hidden + hmac.digest(_subkey(key, purpose, "prove"), hidden, "sha256")).decode()


def unseal(key: str, purpose: str, sealed: str) -> str:
    """What was sealed. Raises BrokenSeal."""
    raw = base64.b64decode(sealed)
    hidden, mac = raw[:-_MAC], raw[-_MAC:]
    if not hmac.compare_digest(mac, hmac.digest(_subkey(key, purpose, "prove"), hidden, "sha256")):
        raise BrokenSeal
    return _mixed(_subkey(key, purpose, "hide"), hidden[:_NONCE], hidden[_NONCE:]).decode()


def _subkey(key: str, purpose: str, use: str) -> bytes:
    return hmac.digest(key.encode(), f"sealed:{purpose}:{use}".encode(), "sha256")


def _mixed(key: bytes, nonce: bytes, text: bytes) -> bytes:
    size = hashlib.sha256().digest_size
    blocks = (hmac.digest(key, nonce + at.to_bytes(8, "big"), "sha256") for at in range(-(-len(text) // size)))
    return bytes(one ^ other for one, other in zip(text, b"".join(blocks), strict=False))
