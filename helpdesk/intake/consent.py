"""What people agree to when they send a form: texts by version. A version is never changed, a new one is added."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Consent:
    """One version of the text: its paragraphs by language."""

    version: str
    paragraphs: dict[str, tuple[str, ...]]


@cache
def versions() -> dict[str, Consent]:
    """Every version that was ever shown, oldest first."""
    read = json.loads(Path(__file__).with_name("consent.json").read_text(encoding="utf-8"))
    return {
        one["version"]: Consent(one["version"], {code: tuple(one[code]) for code in ("kk", "ru", "en")}) for one in read
    }


def current() -> Consent:
    """The version that is shown now."""
    return list(versions().values())[-1]


def shown(raw: str) -> str:
    """The version that a form says it has shown; the present one when it is none of ours."""
    return raw if raw in versions() else current().version
