"""What we ask of the carrier while people talk: hold, mute, whisper, another participant, recordings.

Every request may be made twice: it says what shall be, not what shall change. False means: that leg, conference or
recording is over, so there is nothing left to do. All raise CarrierRefused and CarrierAway.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twilio.rest import Client

from helpdesk.kernel.settings import Settings
from helpdesk.telephony.carrier_errors import GONE, RETRIES, CarrierRefused, answers

RING_OPERATOR_SECONDS = 25
RECORDING_EVENTS = ["in-progress", "completed", "absent"]
CURRENT = "Twilio.CURRENT"


@dataclass(frozen=True)
class Recorded:
    """A recording as the carrier knows it: "in-progress", "paused", "stopped", "processing", "completed", "absent"."""

    sid: str
    status: str
    seconds: int


class Conferences:
    """What the carrier does with conferences: each is named by its sid, a person in it by the leg's."""

    _client: Client
    _settings: Settings
    _fetch: Callable[[str], bytes]

    def url(self, path: str) -> str:
        """The public address of one of our paths."""
        return self._settings.public_base_url + path

    def find_conference(self, name: str) -> str | None:
        """The sid of a running conference by the name that we gave it."""
        with answers():
            found = self._client.conferences.list(friendly_name=name, status="in-progress", limit=1)
        return str(found[0].sid) if found else None

    def hold(self, conference: str, leg: str, music_path: str | None) -> bool:
        """Take somebody out of the conversation and play the document at `music_path`; None brings them back."""
        if music_path is None:
            return self._participant(conference, leg, hold=False)
        return self._participant(conference, leg, hold=True, hold_url=self.url(music_path), hold_method="POST")

    def mute(self, conference: str, leg: str, muted: bool) -> bool:
        """Whether the others hear somebody."""
        return self._participant(conference, leg, muted=muted)

    def coach(self, conference: str, leg: str, coached: str | None, muted: bool = False) -> bool:
        """Let one participant be heard by the leg `coached` only; None: by everybody, or while `muted` by nobody."""
        if coached is None:
            return self._participant(conference, leg, coaching=False, muted=muted)
        return self._participant(conference, leg, coaching=True, call_sid_to_coach=coached, muted=False)

    def ends_with(self, conference: str, leg: str, ends: bool) -> bool:
        """Whether the conference is over when this participant leaves."""
        return self._participant(conference, leg, end_conference_on_exit=ends)

    def remove(self, conference: str, leg: str) -> bool:
        """Take somebody out of the conference; their leg goes on with what follows it."""
        return _there(lambda: self._client.conferences(conference).participants(leg).delete())

    def dial_into(self, conference: str, number: str, label: str, status_path: str) -> str:
        """Ring `number` (a service number too) and put it into a conference by name or sid; the leg's sid.

        One POST, never repeated.
        """
        with answers():
            made = self._client.conferences(conference).participants.create(
                from_=self._settings.twilio_from,
                to=number,
                label=label,
                timeout=RING_OPERATOR_SECONDS,
                early_media=True,
                beep="false",
                end_conference_on_exit=False,
                status_callback=self.url(status_path) + RETRIES,
                status_callback_event=["initiated", "ringing", "answered", "completed"],
            )
        return str(made.call_sid)

    # ── recordings ────────────────────────────────────────────────────────────────────────────────────────────────

    def record(self, leg: str, status_path: str) -> str | None:
        """Record both sides of a leg, each on a channel of its own; the recording's sid, None when the leg is over."""
        try:
            with answers():
                made = self._client.calls(leg).recordings.create(
                    recording_channels="dual",
                    recording_status_callback=self.url(status_path) + RETRIES,
                    recording_status_callback_event=RECORDING_EVENTS,
                )
        except CarrierRefused as error:
            if error.code in GONE:
                return None
            raise
        return str(made.sid)

    def pause_recording(self, leg: str, paused: bool) -> bool:
        """Leave a silence while somebody says what may not be kept, or go on."""
        changes = {"status": "paused", "pause_behavior": "silence"} if paused else {"status": "in-progress"}
        return _there(lambda: self._client.calls(leg).recordings(CURRENT).update(**changes))

    def stop_recording(self, leg: str) -> bool:
        """Record no more."""
        return _there(lambda: self._client.calls(leg).recordings(CURRENT).update(status="stopped"))

    def recordings_of(self, leg: str) -> list[Recorded]:
        """Every recording of a leg that the carrier has, the newest first."""
        with answers():
            found = self._client.recordings.list(call_sid=leg, limit=20)
        return [Recorded(str(one.sid), str(one.status), int(one.duration or 0)) for one in found]

    def recording_sound(self, recording: str) -> bytes:
        """The recorded sound, a WAV file."""
        account = self._client.account_sid
        with answers():
            return self._fetch(f"/2010-04-01/Accounts/{account}/Recordings/{recording}.wav")

    def delete_recording(self, recording: str) -> bool:
        """Remove a recording at the carrier."""
        return _there(lambda: self._client.recordings(recording).delete())

    def _participant(self, conference: str, leg: str, **changes: Any) -> bool:
        return _there(lambda: self._client.conferences(conference).participants(leg).update(**changes))


def _there(ask: Callable[[], Any]) -> bool:
    try:
        with answers():
            ask()
    except CarrierRefused as error:
        if error.code in GONE:
            return False
        raise
    return True
