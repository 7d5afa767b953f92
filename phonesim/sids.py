"""Twilio's identifiers and its way to write a moment."""

from __future__ import annotations

import random
from datetime import datetime
from email.utils import format_datetime


class Sids:
    """Two letters and 32 hexadecimal digits. With a seed the same run gives the same sids."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)

    def new(self, prefix: str) -> str:
        return f"{prefix}{self._random.getrandbits(128):032x}"


def rfc2822(moment: datetime | None) -> str | None:
    """`Sat, 21 Nov 2026 04:00:00 +0000`, as the REST interface and the callbacks write it."""
    return None if moment is None else format_datetime(moment)
