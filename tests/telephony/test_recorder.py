"""What somebody recorded becomes what telephones play, or is refused in words."""

import io

import numpy as np
import pytest
import soundfile

from helpdesk.kernel.errors import Refused
from helpdesk.telephony.recorder import LARGEST_FILE, for_telephones
from helpdesk.telephony.sound import seconds_of


def tone(
    hertz: float = 1000, seconds: float = 1.0, rate: int = 44100, loud: float = 0.3, channels: int = 2
) -> "np.ndarray":
    wave = loud * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)
    return np.stack([wave] * channels, axis=1)


def file(sound: "np.ndarray", rate: int = 44100, format: str = "WAV", subtype: str | None = None) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, sound, rate, format=format, subtype=subtype)
    return out.getvalue()


@pytest.mark.parametrize(
    ("format", "subtype"),
    [
        ("WAV", "PCM_16"),
        ("WAV", "PCM_24"),
        ("WAV", "FLOAT"),
        ("WAV", "ULAW"),
        ("MP3", None),
        ("FLAC", None),
        ("OGG", None),
    ],
)
def test_a_recording_of_any_kind_becomes_the_sound_of_a_telephone_line(format: str, subtype: str | None) -> None:
    made = for_telephones(file(tone(), format=format, subtype=subtype))
    with soundfile.SoundFile(io.BytesIO(made.wav)) as heard:
        assert (heard.format, heard.subtype, heard.samplerate, heard.channels) == ("WAV", "ULAW", 8000, 1)
        voice = heard.read()
    assert made.seconds == pytest.approx(1.0, abs=0.1)
    assert seconds_of(made.wav) == pytest.approx(made.seconds, abs=0.01)
    spectrum = np.abs(np.fft.rfft(voice))
    assert np.argmax(spectrum) * 8000 / len(voice) == pytest.approx(1000, abs=5)
    assert np.abs(voice).max() == pytest.approx(0.7, abs=0.05)


def test_what_a_telephone_cannot_carry_does_not_fold_over_into_a_whistle() -> None:
    made = for_telephones(file(tone(1000, channels=1) + tone(7000, channels=1)))
    voice, _ = soundfile.read(io.BytesIO(made.wav))
    spectrum = np.abs(np.fft.rfft(voice))
    # 7,000 Hz would be heard as 1,000: there is one tone, no second beside it
    assert spectrum[: int(900 * made.seconds)].max() < spectrum.max() / 20


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "Choose a file"),
        (b"MZ\x90 a program", "no recording that can be read"),
        (b"<html>not a sound", "no recording that can be read"),
        (b"RIFF\x00\x00\x00\x00WAVE", "no recording that can be read"),
        (b"x" * (LARGEST_FILE + 1), "too large"),
        (file(tone(seconds=61, rate=8000), 8000), "too long"),
        (file(tone(seconds=0.1)), "too short"),
        (file(tone(loud=0.0)), "Nothing is heard"),
    ],
    ids=["nothing", "program", "page", "cut off", "large", "long", "short", "silent"],
)
def test_what_cannot_be_played_is_refused_in_words(content: bytes, says: str) -> None:
    with pytest.raises(Refused) as refused:
        for_telephones(content)
    assert says in refused.value.message
    assert refused.value.field == "file"


@pytest.mark.parametrize("spoilt", range(0, 400, 13))
def test_a_spoilt_file_is_refused_or_read(spoilt: int) -> None:
    content = bytearray(file(tone(seconds=0.5, rate=8000), 8000, "MP3" if spoilt % 2 else "WAV"))
    content[spoilt % len(content)] ^= 0xFF
    try:
        made = for_telephones(bytes(content))
    except Refused:
        return
    assert made.seconds <= 60
