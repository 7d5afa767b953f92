"""Secrets of other systems that must lie in the database and be readable again: sealed under a key that does not."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class BrokenSeal(ValueError):
    """It was sealed under another key, or changed since."""


def seal(key: str, purpose: str, text: str) -> str:
    """`text` so that only `key` opens it; another text each time. `purpose` keeps seals of one use from another."""
    return _lock(key, purpose).encrypt(text.encode()).decode()


def unseal(key: str, purpose: str, sealed: str) -> str:
    """What was sealed. Raises BrokenSeal."""
    try:
        return _lock(key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise BrokenSeal from None


def _lock(key: str, purpose: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=f"sealed:{purpose}".encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
