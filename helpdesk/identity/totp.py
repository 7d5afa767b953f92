"""Codes of an authenticator (RFC 6238: HMAC-SHA-1, 30 seconds, six digits), and codes on paper."""

import base64
import hashlib
import hmac
import re
import secrets
import struct
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
# A telephone's clock may be half a minute off (RFC 6238, 5.2: at most one step).
DRIFT = 1

RECOVERY_CODES = 10
_PAPER = "abcdefghjkmnpqrstuvwxyz23456789"  # without what is misread: l 1 i 0 o


def secret(key: str, staff_id: int, nonce: str) -> str:
    """The 160-bit secret of somebody's authenticator in base 32: derived, so that no table holds it."""
    mac = hmac.new(key.encode(), f"second-factor:{staff_id}:{nonce}".encode(), hashlib.sha256).digest()
    return base64.b32encode(mac[:20]).decode()


def code(base32: str, step: int) -> str:
    """The code of a time step (RFC 4226, 5.3)."""
    mac = hmac.new(base64.b32decode(base32), struct.pack(">Q", step), hashlib.sha1).digest()
    at = mac[-1] & 15
    number = struct.unpack(">I", mac[at : at + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(moment: datetime) -> int:
    """The time step of a moment."""
    return int(moment.timestamp()) // STEP_SECONDS


def matching_step(base32: str, given: str, moment: datetime, after: int) -> int | None:
    """The time step whose code this is, later than the step `after` that was used last; None when it is none."""
    digits = re.sub(r"\s", "", given)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    now = step_of(moment)
    steps = range(max(now - DRIFT, after + 1), now + DRIFT + 1)
    return next((step for step in steps if hmac.compare_digest(code(base32, step), digits)), None)


def address(base32: str, email: str) -> str:
    """What an authenticator reads: otpauth://totp/1450:…"""
    return f"otpauth://totp/1450:{quote(email)}?secret={base32}&issuer=1450&digits={DIGITS}&period={STEP_SECONDS}"


def grouped(text: str, size: int = 4) -> str:
    """In groups, to be typed from a screen."""
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


def recovery_code() -> str:
    """Ten signs in two groups: 49 bits."""
    signs = "".join(secrets.choice(_PAPER) for _ in range(10))
    return f"{signs[:5]}-{signs[5:]}"


def recovery_hash(key: str, staff_id: int, given: str) -> str:
    """What is kept of a code on paper; spaces, hyphens and capitals do not matter."""
    plain = re.sub(r"[\s-]", "", given).lower()
    return hmac.new(key.encode(), f"recovery:{staff_id}:{plain}".encode(), hashlib.sha256).hexdigest()
