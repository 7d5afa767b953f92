"""<Record>: a voice message after a beep, until silence, a key, the longest time or the end of the call."""

from __future__ import annotations

from phonesim.calls import Call
from phonesim.interpreter import farewell
from phonesim.recordings import RECORD_VERB, SHORTEST, Recording, Wanted, callback_of, recording
from phonesim.script import HungUp, Key, Redirected, Routine, Source, Wait
from phonesim.transport import absolute
from phonesim.twiml import Document, Verb

LONGEST = 3600.0
SILENCE = 5.0
BEEP = 0.5
FINISH_KEYS = "1234567890*#"


def record(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    """Falls through to the next verb when nothing was said."""
    if verb.flag("playBeep", True):
        call.hears("tones", "beep", "", BEEP)
        yield Wait(BEEP)
    clock = call.network.clock
    began = clock.seconds()
    speech = call.far_end.speaks(call)
    finish = verb.attributes.get("finishOnKey", FINISH_KEYS)
    call.note("record", {"what": "began"})
    kept = recording(call.network, Wanted(RECORD_VERB, callback=callback_of(verb.attributes, document.url)), call.sid)
    kept.begin()
    lasts = min(verb.number("maxLength", LONGEST), speech + verb.number("timeout", SILENCE))

    def ended(digits: str) -> Source | None:
        spoken = min(speech, clock.seconds() - began)
        kept.stop()
        kept.parts = [(spoken, True)]
        return _action(call, verb, document, kept, digits) if spoken >= SHORTEST else None

    try:
        key: Key | None = None
        while (left := began + lasts - clock.seconds()) > 0:
            key = yield Wait(left, (Key,))
            if key is None or key.digit in finish:
                break
    except HungUp:
        yield from farewell(call, ended("hangup"))
        raise
    except Redirected:
        ended("")
        raise
    return ended(key.digit if key is not None else "")


def _action(call: Call, verb: Verb, document: Document, kept: Recording, digits: str) -> Source:
    params = {
        "RecordingSid": kept.sid,
        "RecordingDuration": str(kept.seconds),
        "RecordingUrl": call.network.recording_url(kept.sid),
        "Digits": digits,
    }
    action = absolute(document.url, verb.attributes.get("action", ""))
    return Source(action, verb.attributes.get("method", "POST").upper(), params)
