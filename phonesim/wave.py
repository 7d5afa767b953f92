"""Wave files: how long one lasts, and one that lasts as long as it should."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

RATE = 8000
SILENCE = 0xFF
TONE_SECONDS = 0.2
TONE_HERTZ = 425
UNKNOWN = 5.0


def wave_of_silence(seconds: float) -> bytes:
    """A µ-law wave file, mono."""
    return wave([(seconds, False)])


def wave(parts: Sequence[tuple[float, bool]], channels: int = 1) -> bytes:
    """A µ-law wave file of (seconds, whether something is heard); what is heard is a short tone every second."""
    sound = b"".join(
        _heard(round(RATE * seconds)) if heard else _silence(round(RATE * seconds)) for seconds, heard in parts
    )
    if channels == 2:
        sound = bytes(byte for byte in sound for _ in range(2))
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 7, channels, RATE, RATE * channels, channels, 8)
    body = head + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI4s", b"RIFF", 4 + len(body), b"WAVE") + body


def length_of(audio: bytes) -> float:
    """Seconds of a RIFF wave file of any codec; other formats are taken as 32 kbit/s."""
    if audio[:4] != b"RIFF" or audio[8:12] != b"WAVE":
        return len(audio) / 4000 if audio else UNKNOWN
    place, rate = 12, 0
    while place + 8 <= len(audio):
        name, size = audio[place : place + 4], struct.unpack_from("<I", audio, place + 4)[0]
        if name == b"fmt ":
            rate = struct.unpack_from("<I", audio, place + 16)[0]
        elif name == b"data" and rate:
            return float(min(size, len(audio) - place - 8)) / rate
        place += 8 + size + size % 2
    return UNKNOWN


def _silence(samples: int) -> bytes:
    return bytes([SILENCE]) * samples


def _heard(samples: int) -> bytes:
    return (_SECOND * (samples // RATE + 1))[:samples]


def _mu_law(sample: float) -> int:
    """One sample from -1 to 1 as G.711 µ-law."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(32635, abs(int(sample * 32767))) + 132
    exponent = max(0, magnitude.bit_length() - 8)
    return ~(sign | exponent << 4 | (magnitude >> (exponent + 3)) & 0x0F) & 0xFF


_TONE = bytes(_mu_law(0.25 * math.sin(2 * math.pi * TONE_HERTZ * n / RATE)) for n in range(int(RATE * TONE_SECONDS)))
_SECOND = _TONE + _silence(RATE - len(_TONE))
