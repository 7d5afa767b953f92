"""Record: a voice message, its callbacks, and a wave file of the right length to fetch it as."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime

from phonesim.calls import Call
from phonesim.interpreter import farewell
from phonesim.script import HungUp, Key, Routine, Source, Wait
from phonesim.sids import rfc2822
from phonesim.transport import absolute
from phonesim.twiml import Document, Verb

LONGEST = 3600.0
SILENCE = 5.0
BEEP = 0.5
FINISH_KEYS = "1234567890*#"
RATE = 8000


@dataclass
class Recording:
    sid: str
    call_sid: str
    created_at: datetime
    seconds: int
    status: str

    @property
    def audio(self) -> bytes:
        """A µ-law wave file of silence, as long as the recording."""
        return wave_of_silence(self.seconds)


def record(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    """Falls through to the next verb when nothing was said."""
    if verb.flag("playBeep", True):
        call.hears("tones", "beep", "", BEEP)
        yield Wait(BEEP)
    clock = call.network.clock
    began = clock.seconds()
    speech = call.far_end.speaks(call)
    longest = verb.number("maxLength", LONGEST)
    finish = verb.attributes.get("finishOnKey", FINISH_KEYS)
    call.note("record", {"what": "began"})
    lasts = min(longest, speech + verb.number("timeout", SILENCE))
    try:
        key: Key | None = None
        while (left := began + lasts - clock.seconds()) > 0:
            key = yield Wait(left, (Key,))
            if key is None or key.digit in finish:
                break
        digits = key.digit if key is not None else ""
    except HungUp:
        saved = _save(call, verb, document, min(speech, clock.seconds() - began))
        yield from farewell(call, _action(call, verb, document, saved, "hangup"))
        raise
    saved = _save(call, verb, document, min(speech, clock.seconds() - began))
    return _action(call, verb, document, saved, digits)


def _save(call: Call, verb: Verb, document: Document, seconds: float) -> Recording | None:
    network = call.network
    status = "completed" if seconds >= 1 else "absent"
    recording = Recording(network.sids.new("RE"), call.sid, network.clock.now(), round(seconds), status)
    call.note("record", {"what": status, "seconds": recording.seconds, "sid": recording.sid})
    if status == "completed":
        network.recordings[recording.sid] = recording
    wanted = verb.attributes.get("recordingStatusCallbackEvent", "completed").split()
    url = verb.attributes.get("recordingStatusCallback")
    if url and status in wanted:
        params = {
            "AccountSid": network.account_sid,
            "CallSid": call.sid,
            "RecordingSid": recording.sid,
            "RecordingUrl": network.recording_url(recording.sid),
            "RecordingStatus": status,
            "RecordingDuration": str(recording.seconds),
            "RecordingChannels": "1",
            "RecordingStartTime": rfc2822(recording.created_at) or "",
            "RecordingSource": "RecordVerb",
            "RecordingTrack": "both",
        }
        method = verb.attributes.get("recordingStatusCallbackMethod", "POST").upper()
        network.clock.after(1, network.tell, call.sid, absolute(document.url, url), params, method)
    return recording if status == "completed" else None


def _action(call: Call, verb: Verb, document: Document, recording: Recording | None, digits: str) -> Source | None:
    if recording is None:
        return None
    params = {
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.seconds),
        "RecordingUrl": call.network.recording_url(recording.sid),
        "Digits": digits,
    }
    action = absolute(document.url, verb.attributes.get("action", ""))
    return Source(action, verb.attributes.get("method", "POST").upper(), params)


def wave_of_silence(seconds: float) -> bytes:
    sound = b"\xff" * int(RATE * seconds)
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 7, 1, RATE, RATE, 1, 8)
    body = head + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body
