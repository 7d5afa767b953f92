"""What people write: messages of 20 to 150 words, put together from sentences that the product itself knows."""

import json
import re
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path
from random import Random

import helpdesk.demo
from helpdesk.demo.names import person
from helpdesk.kernel.words import lexemes
from helpdesk.seeds.articles import FOLDER, read

SHORTEST, LONGEST, USUAL = 20, 150, 45
# How often somebody is named, and how many people are ever named: enough for words that few tickets share.
NAMED, PEOPLE = 0.3, 20_000
_END = re.compile(r"(?<=[.!?])\s+")
_MARKS = re.compile(r"^(?:[-#*]+|\d+\.)\s+|[*_`]", re.MULTILINE)


@dataclass(frozen=True)
class Sentence:
    """A sentence, how many words it has, and what it is found by."""

    text: str
    words: int
    lexemes: frozenset[str]


@dataclass(frozen=True)
class Text:
    """A message."""

    body: str
    lexemes: frozenset[str]


@cache
def sentences(language: str) -> tuple[Sentence, ...]:
    """Everything that the demo's people say and the articles explain, in one language."""
    stories = json.loads((Path(helpdesk.demo.__file__).parent / "tickets.json").read_text(encoding="utf-8"))
    said = [story["text"] for story in stories if story["language"] == language]
    said += [_MARKS.sub("", read(file).bodies[language]) for file in sorted(FOLDER.glob("*.txt"))]
    # a long sentence is no message yet: the longest message stays below its limit
    found = dict.fromkeys(
        " ".join(part.split()) for text in said for part in _END.split(text) if 2 < len(part.split()) < SHORTEST
    )
    return tuple(map(_sentence, found))


@cache
def people(language: str) -> tuple[Sentence, ...]:
    """People who are named in messages."""
    dice = Random(1450)
    return tuple(_sentence(f"{person(language, dice)} {number}") for number in range(PEOPLE))


def written(language: str, dice: Random, begins: str = "") -> Text:
    """A message that begins with `begins`."""
    # the last sentence may go so far beyond what was wanted
    wanted = min(LONGEST - SHORTEST, max(SHORTEST, dice.lognormvariate(log(USUAL), 0.6)))
    known = sentences(language)
    parts = [_sentence(begins)] if begins else []
    if dice.random() < NAMED:
        parts.append(dice.choice(people(language)))
    words = sum(part.words for part in parts)
    while words < wanted:
        parts.append(dice.choice(known))
        words += parts[-1].words
    return Text(" ".join(part.text for part in parts), frozenset().union(*(part.lexemes for part in parts)))


def _sentence(text: str) -> Sentence:
    return Sentence(text, len(text.split()), frozenset(lexemes(text)))
