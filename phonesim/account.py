"""What an account owns and what its debugger shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from phonesim.states import StatusCallback


@dataclass(frozen=True)
class Number:
    """A number of the account and what answers there; without a voice URL it only serves as caller id."""

    sid: str
    number: str
    voice_url: str | None = None
    voice_method: str = "POST"
    fallback_url: str | None = None
    callback: StatusCallback | None = None


@dataclass(frozen=True)
class Alert:
    """What Twilio's debugger would show."""

    at: datetime
    call_sid: str
    code: int
    url: str
    message: str
