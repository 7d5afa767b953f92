"""Recordings of calls and conferences: begun, paused, stopped, told about, and fetched as a wave file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phonesim.sids import rfc2822
from phonesim.states import StatusCallback
from phonesim.transport import absolute
from phonesim.wave import wave

if TYPE_CHECKING:
    from phonesim.network import Network

IN_PROGRESS, PAUSED, PROCESSING, COMPLETED, ABSENT = "in-progress", "paused", "processing", "completed", "absent"
RECORD_VERB, DIAL_VERB, CONFERENCE = "RecordVerb", "DialVerb", "Conference"
CALL_BY_REST, OUTBOUND_CALL = "StartCallRecordingAPI", "OutboundAPI"
EVENTS = frozenset({IN_PROGRESS, COMPLETED, ABSENT})
SHORTEST = 1.0
"""Seconds below which there is nothing to keep."""
TAKES = 1.0
"""Seconds from the end of a recording until it can be fetched."""


@dataclass(frozen=True)
class Wanted:
    """How something shall be recorded."""

    source: str
    channels: int = 1
    track: str = "both"
    callback: StatusCallback | None = None


@dataclass(eq=False)
class Recording:
    """`call_sid` or `conference_sid` says what is recorded. `parts`: (seconds, whether something is heard)."""

    network: Network
    sid: str
    wanted: Wanted
    call_sid: str = ""
    conference_sid: str = ""
    status: str = IN_PROGRESS
    parts: list[tuple[float, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.created_at = self.updated_at = self.network.clock.now()
        self._since: float | None = None
        self._heard = True

    @property
    def going_on(self) -> bool:
        return self.status in (IN_PROGRESS, PAUSED)

    @property
    def seconds(self) -> int:
        return round(sum(seconds for seconds, _ in self.parts))

    @property
    def audio(self) -> bytes:
        """A µ-law wave file as long as the recording, silent where it was paused."""
        return wave(self.parts, self.wanted.channels)

    def begin(self) -> None:
        if self.status == IN_PROGRESS:
            self._since = self.network.clock.seconds()
            self._tell(IN_PROGRESS)

    def pause(self, skip: bool) -> None:
        """The pause is left out, or it is silence in the recording."""
        if self.status == IN_PROGRESS:
            self._cut()
            self._become(PAUSED)
            self._heard = False
            if skip:
                self._since = None

    def resume(self) -> None:
        if self.status == PAUSED:
            self._cut()
            self._become(IN_PROGRESS)
            self._heard = True
            self._since = self.network.clock.seconds()

    def stop(self) -> None:
        """A while later it can be fetched, or there is nothing to fetch."""
        if self.going_on:
            self._cut()
            self._since = None
            self._become(PROCESSING)
            self.network.clock.after(TAKES, self._processed)

    def _cut(self) -> None:
        now = self.network.clock.seconds()
        if self._since is not None:
            self.parts.append((now - self._since, self._heard))
            self._since = now

    def _processed(self) -> None:
        self._become(COMPLETED if sum(seconds for seconds, _ in self.parts) >= SHORTEST else ABSENT)
        self._tell(self.status)

    def _become(self, status: str) -> None:
        self.status = status
        self.updated_at = self.network.clock.now()
        self.network.note("record", self.call_sid, {"what": status, "seconds": self.seconds, "sid": self.sid})

    def _tell(self, status: str) -> None:
        callback = self.wanted.callback
        if callback is None or status not in callback.events:
            return
        params = {
            "AccountSid": self.network.account_sid,
            "RecordingSid": self.sid,
            "RecordingUrl": self.network.recording_url(self.sid),
            "RecordingStatus": status,
            "RecordingChannels": str(self.wanted.channels),
            "RecordingStartTime": rfc2822(self.created_at) or "",
            "RecordingSource": self.wanted.source,
            "RecordingTrack": self.wanted.track,
            "ErrorCode": "0",
        }
        if status != IN_PROGRESS:
            params["RecordingDuration"] = str(self.seconds)
        if self.conference_sid:
            params["ConferenceSid"] = self.conference_sid
        else:
            params["CallSid"] = self.call_sid
        self.network.tell(self.call_sid, callback.url, params, callback.method)


def recording(network: Network, wanted: Wanted, call_sid: str = "", conference_sid: str = "") -> Recording:
    """A new recording, not yet begun."""
    made = Recording(network, network.sids.new("RE"), wanted, call_sid, conference_sid)
    network.recordings[made.sid] = made
    return made


def callback_of(given: Mapping[str, str], base: str) -> StatusCallback | None:
    """From the attributes of a verb or noun."""
    url = given.get("recordingStatusCallback")
    if not url:
        return None
    events = frozenset(given.get("recordingStatusCallbackEvent", COMPLETED).split())
    return StatusCallback(absolute(base, url), given.get("recordingStatusCallbackMethod", "POST").upper(), events)
