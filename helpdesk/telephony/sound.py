"""What a recorded file holds: a WAV of any encoding, as carriers give it. Pure."""

import struct

_CHUNK = struct.Struct("<4sI")


class NoSound(ValueError):
    """These bytes are no WAV file, or end before they said they would."""


def seconds_of(wav: bytes) -> float:
    """The length, by the header's bytes a second and the data that are really there. Raises NoSound."""
    if len(wav) < 12 or wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        raise NoSound("no WAV file")
    place, rate = 12, 0
    while place + _CHUNK.size <= len(wav):
        name, size = _CHUNK.unpack_from(wav, place)
        place += _CHUNK.size
        if name == b"fmt " and place + 12 <= len(wav):
            (rate,) = struct.unpack_from("<I", wav, place + 8)
        if name == b"data":
            if not rate or place + size > len(wav):
                raise NoSound("cut off")
            return float(size) / rate
        place += size + size % 2
    raise NoSound("no data")
