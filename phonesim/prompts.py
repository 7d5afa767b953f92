"""Say, Play and Pause: what is heard and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from phonesim.calls import Call
from phonesim.faults import MEDIA
from phonesim.script import Answer, Fetch, Routine, Wait
from phonesim.transport import absolute
from phonesim.twiml import Verb
from phonesim.wave import length_of

SAY_START = 0.4
SAY_PER_CHARACTER = 0.065
LONGEST_LOOP = 1000


@dataclass(frozen=True)
class Piece:
    kind: str
    what: str
    url: str
    seconds: float


def pieces(call: Call, verb: Verb, base: str) -> Routine[list[Piece]]:
    """What one prompt verb sounds like, repeated as its loop asks (0 = as long as anybody listens)."""
    loops = int(verb.number("loop", 1)) or LONGEST_LOOP
    if verb.name == "Pause":
        return [Piece("pause", "", "", verb.number("length", 1))]
    if verb.name == "Say":
        return [Piece("say", verb.text, "", SAY_START + SAY_PER_CHARACTER * len(verb.text))] * loops
    if keys := verb.attributes.get("digits"):
        return [Piece("tones", keys, "", 0.25 * len(keys))]
    url = absolute(base, verb.text)
    seconds = yield from audio_length(call, url)
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return [Piece("play", name, url, seconds)] * loops if seconds is not None else []


def speak(call: Call, verb: Verb, base: str) -> Routine[None]:
    for piece in (yield from pieces(call, verb, base)):
        call.hears(piece.kind, piece.what, piece.url, piece.seconds)
        yield Wait(piece.seconds)


def audio_length(call: Call, url: str) -> Routine[float | None]:
    """Seconds of an audio file, fetched once; None (and an alert) when it cannot be had."""
    lengths = call.network.audio_lengths
    url = urldefrag(url).url
    if url not in lengths:
        answer: Answer = yield Fetch(url, "GET", {}, MEDIA)
        if answer.failure:
            return None
        lengths[url] = length_of(answer.body)
    return lengths[url]
