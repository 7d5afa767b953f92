"""What an account owns and what its debugger shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from phonesim.script import Source
from phonesim.states import StatusCallback


@dataclass(eq=False)
class Configured:
    """Something that answers calls. `settings` are the fields of its REST resource, by their names there."""

    sid: str
    created_at: datetime
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.updated_at = self.created_at

    @property
    def voice_url(self) -> str | None:
        return self.settings.get("VoiceUrl") or None

    @property
    def source(self) -> Source | None:
        """The first document of a call."""
        if self.voice_url is None:
            return None
        return Source(self.voice_url, self._method("VoiceMethod"))

    @property
    def fallback(self) -> tuple[str | None, str]:
        """(URL, method) of the document in need."""
        return self.settings.get("VoiceFallbackUrl") or None, self._method("VoiceFallbackMethod")

    @property
    def callback(self) -> StatusCallback | None:
        url = self.settings.get("StatusCallback")
        return StatusCallback(url, self._method("StatusCallbackMethod")) if url else None

    def _method(self, name: str) -> str:
        return (self.settings.get(name) or "POST").upper()


@dataclass(eq=False)
class Application(Configured):
    """A TwiML application: what numbers, softphones and outgoing calls may name instead of a URL."""

    @property
    def name(self) -> str:
        return self.settings.get("FriendlyName", "")


@dataclass(eq=False)
class Number(Configured):
    """A number of the account. Without a voice URL or an application it only serves as caller id."""

    number: str = ""

    @property
    def name(self) -> str:
        return self.settings.get("FriendlyName") or self.number


@dataclass(frozen=True)
class Alert:
    """What Twilio's debugger would show."""

    at: datetime
    call_sid: str
    code: int
    url: str
    message: str
