"""Renders what the telephone says: texts.json -> µ-law wav files and manifest.json.

    python tools/render_prompts.py                             render what is missing or changed
    python tools/render_prompts.py --adopt kk P00 voice.wav    take a person's recording for one piece

Needs espeak-ng and sox, here only: the files are shipped with the product. A second run changes nothing. A person's
recording is never overwritten: when its text has changed the run says so and fails, until the new text is recorded.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.telephony.prompts import texts
from helpdesk.telephony.prompts.manifest import AUDIO, MANIFEST, Recording

LARGEST_TOTAL = 12_000_000
WORDS_PER_MINUTE = 170
# Ticket numbers and telephone numbers are written down while they are heard.
NUMBERS_PER_MINUTE = 130
PITCH = 45
MU_LAW = ["-t", "wav", "-e", "mu-law", "-r", "8000", "-c", "1"]
# Silence goes at both ends; between sentences a fifth of a second stays. The headroom keeps the filters from clipping.
TRIM = ["gain", "-6", "silence", "-l", "1", "0.01", "0.2%", "-1", "0.2", "0.2%"]
TRIM += ["reverse", "silence", "1", "0.01", "0.2%", "reverse"]
TELEPHONE_BAND = ["highpass", "200", "lowpass", "3400"]
# A little air at both ends: pieces are played one after another.
AIR = ["pad", "0.01", "0.06"]
NUMBER_AIR = ["pad", "0.01", "0.12"]
SPEECH_GAIN = ["gain", "-l", "6"]
PAUSE_SECONDS = 0.25
# A slow walk through four chords, half a second a note (Hz); 48 notes and a rest for the echo make 25 seconds.
CHORDS = (
    (261.63, 329.63, 392.00, 523.25, 392.00, 329.63),
    (220.00, 261.63, 329.63, 440.00, 329.63, 261.63),
    (349.23, 440.00, 523.25, 698.46, 523.25, 440.00),
    (392.00, 493.88, 587.33, 783.99, 587.33, 493.88),
)
NOTE_SECONDS = 0.5
MUSIC_SECONDS = 25.0
# Changing how pieces are made makes them all anew.
RECIPE = hashlib.sha256(
    repr(
        (
            WORDS_PER_MINUTE,
            NUMBERS_PER_MINUTE,
            PITCH,
            TRIM,
            TELEPHONE_BAND,
            AIR,
            NUMBER_AIR,
            SPEECH_GAIN,
            PAUSE_SECONDS,
            CHORDS,
        )
    ).encode()
).hexdigest()[:12]


def sox(*arguments: str | Path) -> None:
    """Runs sox so that the same input always gives the same bytes: no dither, no random seed."""
    subprocess.run(["sox", "-D", "-R", *map(str, arguments)], check=True)


def speak(piece_id: str, text: str, language: str, target: Path) -> None:
    """One piece with the voice of its language."""
    is_number = piece_id.startswith("number.")
    speed, air = (NUMBERS_PER_MINUTE, NUMBER_AIR) if is_number else (WORDS_PER_MINUTE, AIR)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.wav"
        command = ["espeak-ng", "-v", language, "-s", str(speed), "-p", str(PITCH), "-w", str(raw), text]
        subprocess.run(command, check=True)
        sox(raw, *MU_LAW, target, *TRIM, *TELEPHONE_BAND, *SPEECH_GAIN, *air)


def play_music(target: Path) -> None:
    """The tune on hold: soft sine notes with an overtone, well below the level of speech."""
    with tempfile.TemporaryDirectory() as folder:
        notes = []
        for number, hertz in enumerate(note for _ in range(2) for chord in CHORDS for note in chord):
            note = Path(folder) / f"{number:02}.wav"
            length = str(NOTE_SECONDS)
            tone = ["synth", length, "sine", str(hertz), "synth", length, "sine", "mix", str(hertz * 2)]
            sox(
                "-n",
                "-r",
                "8000",
                "-b",
                "16",
                "-c",
                "1",
                note,
                *tone,
                "fade",
                "h",
                "0.03",
                length,
                "0.40",
                "gain",
                "-18",
            )
            notes.append(note)
        length = str(MUSIC_SECONDS)
        echo = ["echos", "0.8", "0.7", "250", "0.25", "500", "0.2"]
        rest = Path(folder) / "rest.wav"
        sox("-n", "-r", "8000", "-b", "16", "-c", "1", rest, "trim", "0", "1")
        sox(*notes, rest, *MU_LAW, target, *echo, "trim", "0", length, "fade", "t", "0.5", length, "0.8")


def make_sound(sound_id: str, target: Path) -> None:
    """A piece without words."""
    if sound_id == "music":
        play_music(target)
    elif sound_id == "pause":
        sox("-n", *MU_LAW, target, "trim", "0", str(PAUSE_SECONDS))
    else:
        raise SystemExit(f"no recipe for the sound {sound_id!r}")


def seconds_of(wav: Path) -> float:
    """Length as sox measures it."""
    measured = subprocess.run(["soxi", "-D", str(wav)], check=True, capture_output=True, text=True)
    return round(float(measured.stdout), 3)


def file_away(
    wav: Path, piece_id: str, language: str, text: str, source: Literal["tts", "human", "generated"]
) -> Recording:
    """Puts a finished file under its name by content and describes it."""
    sha256 = hashlib.sha256(wav.read_bytes()).hexdigest()
    file = f"{language}/{piece_id}-{sha256[:10]}.wav"
    (AUDIO / language).mkdir(parents=True, exist_ok=True)
    (AUDIO / file).write_bytes(wav.read_bytes())
    return Recording(piece_id, language, text, file, sha256, seconds_of(wav), source)


def render(piece_id: str, language: str, text: str) -> Recording:
    """Makes one piece, spoken or without words."""
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "piece.wav"
        if language == texts.ANY:
            make_sound(piece_id, wav)
            return file_away(wav, piece_id, language, text, "generated")
        speak(piece_id, text, language, wav)
        return file_away(wav, piece_id, language, text, "tts")


def adopt(language: str, piece_id: str, voice: Path) -> Recording:
    """A person's recording of one piece, brought to the telephone's format."""
    text = texts.pieces(language).get(piece_id)
    if text is None:
        raise texts.UnknownPrompt(f"no piece {piece_id!r} in {language!r} in texts.json")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "piece.wav"
        sox(voice, *MU_LAW, wav, *TRIM, *TELEPHONE_BAND, "norm", "-4", *AIR)
        return file_away(wav, piece_id, language, text, "human")


def is_whole(row: Recording) -> bool:
    """Whether the file is there with the content that the manifest names."""
    file = AUDIO / row.file
    return file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest() == row.sha256


def read_manifest() -> tuple[str, dict[tuple[str, str], Recording]]:
    """Recipe of the last run and its recordings; empty before the first."""
    if not MANIFEST.exists():
        return "", {}
    stored = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return stored["recipe"], {(row["id"], row["language"]): Recording(**row) for row in stored["recordings"]}


def write_manifest(rows: dict[tuple[str, str], Recording]) -> None:
    """One recording a line, so that a change of one piece is a change of one line."""
    lines = ",\n".join("  " + json.dumps(asdict(row), ensure_ascii=False) for row in rows.values())
    MANIFEST.write_text(f'{{\n "recipe": "{RECIPE}",\n "recordings": [\n{lines}\n ]\n}}\n', encoding="utf-8")


def bring_up_to_date(
    held: dict[tuple[str, str], Recording], recipe: str
) -> tuple[dict[tuple[str, str], Recording], int]:
    """Every piece of texts.json with a recording, and how many had to be made; a person's recordings stay as they are.

    Pieces of the same words share one file of the synthetic voice.
    """
    rows: dict[tuple[str, str], Recording] = {}
    spoken: dict[tuple[str, str], Recording] = {}
    made = 0
    for language in (*LANGUAGES, texts.ANY):
        for piece_id, text in texts.pieces(language).items():
            row = held.get((piece_id, language))
            is_fresh = row is not None and row.text == text and recipe == RECIPE and is_whole(row)
            if row is None or not (is_fresh or row.source == "human"):
                twin = spoken.get((text, language))
                row = replace(twin, id=piece_id) if twin else render(piece_id, language, text)
                made += twin is None
            if row.source == "tts":
                spoken.setdefault((text, language), row)
            rows[piece_id, language] = row
    return {**{key: row for key, row in held.items() if row.source == "human"}, **rows}, made


def stale_voices(rows: dict[tuple[str, str], Recording]) -> list[str]:
    """A person's recordings whose words are no longer those of texts.json, or whose file is gone."""
    return [
        f"{language} {piece_id}: {texts.pieces(language).get(piece_id, 'no such piece any more')}"
        for (piece_id, language), row in rows.items()
        if row.source == "human" and (texts.pieces(language).get(piece_id) != row.text or not is_whole(row))
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description="Render the voice prompts.")
    parser.add_argument("--adopt", nargs=3, metavar=("LANGUAGE", "ID", "WAV"), help="take a person's recording")
    chosen = parser.parse_args()
    recipe, held = read_manifest()
    if chosen.adopt:
        language, piece_id, voice = chosen.adopt
        try:
            held[piece_id, language] = adopt(language, piece_id, Path(voice))
        except texts.UnknownPrompt as unknown:
            parser.error(str(unknown))
    rows, made = bring_up_to_date(held, recipe)
    write_manifest(rows)
    kept = {AUDIO / row.file for row in rows.values()}
    for file in AUDIO.rglob("*.wav"):
        if file not in kept:
            file.unlink()
    total = sum(file.stat().st_size for file in kept if file.exists())
    print(f"{made} made, {len(rows)} pieces, {total:,} bytes, {sum(row.seconds for row in rows.values()):.0f} s")
    for language in LANGUAGES:
        spoken = [row for row in rows.values() if row.language == language]
        print(f"  {language}: {len(spoken)} pieces, {sum(row.seconds for row in spoken):.0f} s")
    complaints = [f"a person's recording must be made again: {voice}" for voice in stale_voices(rows)]
    if total > LARGEST_TOTAL:
        complaints.append(f"more than {LARGEST_TOTAL:,} bytes together")
    print("".join(f"{complaint}\n" for complaint in complaints), end="", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
