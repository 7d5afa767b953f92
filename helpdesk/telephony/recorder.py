"""A file that somebody recorded, made into what telephones play: WAV, µ-law, 8 kHz, mono."""

import io
from dataclasses import dataclass

import numpy as np
import soundfile

from helpdesk.kernel.errors import Refused
from helpdesk.kernel.i18n import N_

LARGEST_FILE = 10 * 1024 * 1024
LONGEST_SECONDS, SHORTEST_SECONDS = 60.0, 0.2
MOST_CHANNELS, HIGHEST_RATE = 8, 192_000
RATE = 8000
# What a telephone line lets through (Hz).
LOWEST, HIGHEST = 150.0, 3600.0
# The loudest sample afterwards; below QUIETEST nothing was said into the microphone.
PEAK, QUIETEST = 0.7, 0.005
FORMATS = frozenset({"WAV", "WAVEX", "MP3", "FLAC", "OGG"})


@dataclass(frozen=True)
class Sound:
    """A WAV file for telephones and its length."""

    wav: bytes
    seconds: float


def for_telephones(content: bytes) -> Sound:
    """Any WAV, MP3, FLAC or OGG, whatever it is called. Raises Refused naming the field "file"."""
    if not content:
        raise Refused(N_("Choose a file"), "file")
    if len(content) > LARGEST_FILE:
        raise Refused(N_("The recording is too large: at most 10 MB"), "file")
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            if file.format not in FORMATS or file.channels > MOST_CHANNELS or not 0 < file.samplerate <= HIGHEST_RATE:
                raise Refused(N_("This is no recording that can be read: send a WAV or MP3 file"), "file")
            # what the header says of the length need not be true: no more is read than may be
            most = int(file.samplerate * LONGEST_SECONDS)
            frames = file.read(most + 1, dtype="float32", always_2d=True)
            rate = file.samplerate
    except (soundfile.SoundFileError, TypeError, ValueError) as error:
        raise Refused(N_("This is no recording that can be read: send a WAV or MP3 file"), "file") from error
    if len(frames) > most:
        raise Refused(N_("The recording is too long: at most %(n)s seconds"), "file", n=int(LONGEST_SECONDS))
    if len(frames) < rate * SHORTEST_SECONDS:
        raise Refused(N_("The recording is too short"), "file")
    voice = np.nan_to_num(frames.mean(axis=1))
    if float(np.abs(voice).max()) < QUIETEST:
        raise Refused(N_("Nothing is heard in this recording"), "file")
    made = _band(voice, rate)
    made *= PEAK / max(float(np.abs(made).max()), QUIETEST)
    out = io.BytesIO()
    soundfile.write(out, made, RATE, format="WAV", subtype="ULAW")
    return Sound(out.getvalue(), len(made) / RATE)


def _band(voice: "np.ndarray", rate: int) -> "np.ndarray":
    """The same at 8 kHz with the band of a telephone line: cut in the spectrum, so that nothing folds over."""
    length = round(len(voice) * RATE / rate)
    spectrum = np.fft.rfft(voice)
    hertz = np.fft.rfftfreq(len(voice), 1 / rate)
    spectrum[(hertz < LOWEST) | (hertz > HIGHEST)] = 0
    wanted = np.zeros(length // 2 + 1, dtype=spectrum.dtype)
    shared = min(len(wanted), len(spectrum))
    wanted[:shared] = spectrum[:shared]
    return np.fft.irfft(wanted, length)
