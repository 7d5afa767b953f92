"""Say, Play and Pause: what is heard and for how long."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from phonesim.calls import Call
from phonesim.faults import MEDIA
from phonesim.script import Answer, Fetch, Routine, Wait
from phonesim.transport import absolute
from phonesim.twiml import Verb

SAY_START = 0.4
SAY_PER_CHARACTER = 0.065
LONGEST_LOOP = 1000
UNKNOWN_AUDIO = 5.0


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


def length_of(audio: bytes) -> float:
    """Seconds of a RIFF wave file of any codec; other formats are taken as 32 kbit/s."""
    if audio[:4] != b"RIFF" or audio[8:12] != b"WAVE":
        return len(audio) / 4000 if audio else UNKNOWN_AUDIO
    place, rate = 12, 0
    while place + 8 <= len(audio):
        name, size = audio[place : place + 4], struct.unpack_from("<I", audio, place + 4)[0]
        if name == b"fmt ":
            rate = struct.unpack_from("<I", audio, place + 16)[0]
        elif name == b"data" and rate:
            return float(min(size, len(audio) - place - 8)) / rate
        place += 8 + size + size % 2
    return UNKNOWN_AUDIO
