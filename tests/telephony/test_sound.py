"""How long a recorded file is, whatever its encoding, and whether it is whole."""

import struct

import pytest

from helpdesk.telephony.sound import NoSound, seconds_of


def wav(seconds: float, rate: int, channels: int, width: int, extra: bytes = b"") -> bytes:
    """A RIFF file of silence; `extra` stands between format and data."""
    a_second = rate * channels * width
    sound = bytes(int(a_second * seconds))
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, a_second, channels * width, 8 * width)
    body = b"WAVE" + head + extra + struct.pack("<4sI", b"data", len(sound)) + sound
    return struct.pack("<4sI", b"RIFF", len(body)) + body


@pytest.mark.parametrize(("rate", "channels", "width"), [(8000, 1, 1), (8000, 2, 2), (44100, 1, 2)])
def test_the_length_follows_from_the_bytes_a_second(rate: int, channels: int, width: int) -> None:
    assert seconds_of(wav(2.5, rate, channels, width)) == pytest.approx(2.5, abs=0.01)


def test_other_chunks_are_passed_over() -> None:
    odd = struct.pack("<4sI", b"LIST", 3) + b"abc\0"
    assert seconds_of(wav(1.0, 8000, 1, 1, extra=odd)) == 1.0


@pytest.mark.parametrize("bytes_", [b"", b"<html>not found</html>", wav(1, 8000, 1, 1)[:-1], wav(1, 8000, 1, 1)[:40]])
def test_what_is_cut_off_or_no_sound_at_all_is_refused(bytes_: bytes) -> None:
    with pytest.raises(NoSound):
        seconds_of(bytes_)
