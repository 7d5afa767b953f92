"""The verbs that a document may be made of, by name."""

from __future__ import annotations

from phonesim.calls import Call
from phonesim.dial import dial
from phonesim.gather import gather
from phonesim.interpreter import hang_up, known, reject
from phonesim.prompts import speak
from phonesim.queues import enqueue, leave
from phonesim.script import Routine, Source
from phonesim.transport import absolute
from phonesim.twiml import Document, Verb
from phonesim.voicemail import record


def prompt(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    yield from speak(call, verb, document.url)
    return None


def redirect(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    yield from ()
    return Source(absolute(document.url, verb.text), verb.attributes.get("method", "POST").upper())


known(
    {
        "Say": prompt,
        "Play": prompt,
        "Pause": prompt,
        "Gather": gather,
        "Enqueue": enqueue,
        "Leave": leave,
        "Dial": dial,
        "Record": record,
        "Redirect": redirect,
        "Reject": reject,
        "Hangup": hang_up,
    }
)
