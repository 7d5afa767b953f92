"""Which file holds which piece: `manifest.json`, written by tools/render_prompts.py, read once."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from helpdesk.telephony.prompts.texts import ANY, UnknownPrompt

AUDIO = Path(__file__).with_name("audio")
MANIFEST = Path(__file__).with_name("manifest.json")


@dataclass(frozen=True)
class Recording:
    """One recorded piece. `file` is relative to AUDIO; `source` tells a synthetic voice from a person's.

    Files are µ-law, 8 kHz, mono; their names carry a part of their content's SHA-256, so they may be cached for ever.
    """

    id: str
    language: str
    text: str
    file: str
    sha256: str
    seconds: float
    source: Literal["tts", "human", "generated"]


@cache
def recordings() -> dict[tuple[str, str], Recording]:
    """Every recording by (id, language)."""
    rows = json.loads(MANIFEST.read_text(encoding="utf-8"))["recordings"]
    return {(row["id"], row["language"]): Recording(**row) for row in rows}


def recording(piece_id: str, language: str) -> Recording:
    """The recording of a piece; a sound without words (music, pause) serves every language. Raises UnknownPrompt."""
    held = recordings()
    found = held.get((piece_id, language)) or held.get((piece_id, ANY))
    if found is None:
        raise UnknownPrompt(f"no recording of {piece_id!r} in {language!r} in the manifest of prompts")
    return found


def file_name(piece_id: str, language: str) -> str:
    """Path of a piece's file below AUDIO, with forward slashes: "kk/P00-1a2b3c4d5e.wav". Raises UnknownPrompt."""
    return recording(piece_id, language).file
