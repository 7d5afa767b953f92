"""What the telephone says, in kk, ru and en, cut into pieces: `texts.json` is the one place where the words stand.

Sections of texts.json:
- `prompts`: whole sentences. Each language holds its own ordered list of literal pieces and `{slots}`, so that the
  order of words is the language's own. A prompt of one piece gives the piece "P00"; of several, "P06.1", "P06.2", …
- `fragments`: what goes into the slots, the same ids in each language ("weekday.0", "state.open").
- `grammar`: pieces that one language alone needs for its numbers and clock ("minute.to.30": «отызға дейін»).
- `sounds`: no words at all (music, a pause); filed under the language "any".
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from helpdesk.kernel.i18n import LANGUAGES

TEXTS = Path(__file__).with_name("texts.json")
ANY = "any"


class UnknownPrompt(LookupError):
    """An id or a language that texts.json or the manifest does not hold."""


@dataclass(frozen=True)
class Slot:
    """A place in a prompt that a value fills."""

    name: str


@cache
def _texts() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(TEXTS.read_text(encoding="utf-8"))
    return loaded


@cache
def _cut(prompt_id: str, language: str) -> tuple[tuple[str | Slot, str], ...]:
    """Each part of a prompt with its text: a piece id or a Slot, in the order of the language."""
    try:
        parts: list[str] = _texts()["prompts"][prompt_id][language]
    except KeyError:
        raise UnknownPrompt(f"no prompt {prompt_id!r} in {language!r} in texts.json") from None
    literals = [part for part in parts if not part.startswith("{")]
    cut: list[tuple[str | Slot, str]] = []
    number = 0
    for part in parts:
        if part.startswith("{"):
            cut.append((Slot(part.strip("{}")), part))
        else:
            number += 1
            cut.append((prompt_id if len(literals) == 1 else f"{prompt_id}.{number}", part))
    return tuple(cut)


def prompt_ids() -> tuple[str, ...]:
    """Every prompt of texts.json: "P00", "P00S", …"""
    return tuple(_texts()["prompts"])


def parts(prompt_id: str, language: str) -> tuple[str | Slot, ...]:
    """Piece ids and slots of one prompt in the order of the language. Raises UnknownPrompt."""
    return tuple(part for part, _ in _cut(prompt_id, language))


@cache
def pieces(language: str) -> dict[str, str]:
    """Every piece that must be recorded in a language, id -> text. `ANY` gives the sounds without words."""
    if language == ANY:
        return dict(_texts()["sounds"])
    if language not in LANGUAGES:
        raise UnknownPrompt(f"no language {language!r} in texts.json")
    found = {part: text for prompt in prompt_ids() for part, text in _cut(prompt, language) if isinstance(part, str)}
    found.update({piece: said[language] for piece, said in _texts()["fragments"].items()})
    found.update(_texts()["grammar"][language])
    return found
