"""The reader of letters under spoilt bytes: ten minutes by `./run prove letters`, six seconds in the suite."""

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from helpdesk.intake import bounces, winmail
from helpdesk.intake.email import Incoming, message_id, numbers_in
from helpdesk.intake.files import recognised
from helpdesk.intake.machine_letters import Rejection
from helpdesk.intake.photos import without_story
from tests.intake.corpus.enclosed import winmail as packed
from tests.intake.corpus.written import JPEG_WITH_PLACE, PDF, PNG_WITH_PLACE, Case
from tests.intake.test_corpus import CASES, KEY, Shelf, filled, opened
from tests.intake.test_photos import heic, webp

LETTERS = [file.read_bytes() for file in sorted((Path(__file__).parent / "letters").glob("*.eml"))]
SEEDS = [raw for raw in [*LETTERS, *(filled(case) for case in CASES)] if len(raw) < 60_000]
PIECES = [
    *(
        b"\r\n",
        b"\r\n\r\n",
        b"\n",
        b"\0",
        b"\x80",
        b"\xff\xfe",
        b"=",
        b"=?utf-8?B?",
        b"?=",
        b"=?x?q?=?=",
        b"--frontier",
    ),
    *(b"Content-Type: ", b"multipart/mixed; boundary=", b"message/rfc822", b"charset=utf-7", b"charset=idna", b"*0*="),
    *(b"filename*=utf-16''%00", b"Content-Transfer-Encoding: base64\r\n", b"begin 644 x\n", b"<", b"<div>" * 50),
    *(b"On 20.11.2026 13:40 <a@b>:", b"> > > >", b"From: ", b"References: <t.1.", b"(" * 200, b'"', b";" * 50),
]
FILES = [JPEG_WITH_PLACE, PNG_WITH_PLACE, PDF, heic(), webp(), packed(("a.png", PNG_WITH_PLACE), text="Слова")]
KINDS = ("image/jpeg", "image/png", "image/webp", "image/heic")
SPOILT = Path("test-results/spoilt.eml")
# Of the processor's time: a letter that takes this long holds up the others.
LONGEST_SECONDS = 10.0


def spoilt(raw: bytes, other: bytes, dice: random.Random) -> bytes:
    """The bytes after one to eight misfortunes."""
    letter = bytearray(raw)
    for _ in range(dice.randint(1, 8)):
        at = dice.randrange(len(letter) + 1)
        to = min(len(letter), at + int(dice.paretovariate(0.6)))
        match dice.randrange(8):
            case 0:
                letter[at:to] = b""
            case 1:
                letter[at:at] = dice.choice(PIECES)
            case 2:
                letter[at:to] = dice.randbytes(dice.randint(1, 12))
            case 3:
                start = dice.randrange(len(other) + 1)
                letter[at:to] = other[start : start + dice.randint(1, 400)]
            case 4:
                letter[at:at] = bytes(letter[at : at + 80]) * dice.choice((1, 3, 200))
            case 5 if at < len(letter):
                letter[at] ^= 1 << dice.randrange(8)
            case 6:
                del letter[at + dice.randint(0, 5000) :]
            case 7:
                rows = bytes(letter).split(b"\r\n")
                dice.shuffle(rows)
                letter = bytearray(b"\r\n".join(rows))
    return bytes(letter[:500_000])


def read(raw: bytes) -> str:
    """What became of it; whatever was read can be kept in the database."""
    found = opened(Case("spoilt", raw), Shelf())
    bounces.returned(raw, KEY)
    assert len(message_id(raw)) < 500
    if isinstance(found, Rejection):
        return found.value
    assert isinstance(found, Incoming)
    texts = (found.text, found.subject, found.quoted, found.name, found.html or "", *(one.name for one in found.files))
    for text in (*texts, *found.emails):
        assert "\0" not in text
        text.encode()
    assert len(found.subject) <= 200
    assert len(found.text) < 120_000
    assert all(len(one) <= 254 for one in found.emails)
    assert found.text or found.files or found.subject
    numbers_in(found.subject)
    return "read"


def unpack(raw: bytes) -> str:
    """The readers of files alone, which spoilt base64 never reaches."""
    for kind in KINDS:
        assert len(without_story(raw, kind)) <= len(raw) + 40
    recognised(raw, "a.txt")
    with suppress(winmail.Broken):
        winmail.unpack(raw)
    return "file"


@pytest.mark.timeout(600)
def test_spoilt_letters_are_read_or_rejected_and_never_break_the_reader() -> None:
    seed, seconds = int(os.environ.get("PROOF_SEED", "0")), float(os.environ.get("PROOF_SECONDS", "6"))
    dice, became, until = random.Random(seed), Counter[str](), time.monotonic() + seconds
    while time.monotonic() < until:
        of, reader = _chosen(dice)
        raw = spoilt(dice.choice(of), dice.choice(of), dice)
        began = time.process_time()
        try:
            became[reader(raw)] += 1
        except Exception as error:
            SPOILT.parent.mkdir(exist_ok=True)
            SPOILT.write_bytes(raw)
            raise AssertionError(f"seed {seed}: {raw[:2000]!r}") from error
        assert time.process_time() - began < LONGEST_SECONDS, raw[:2000]
    assert became["read"] > 20, became
    if "PROOF_TALLY" in os.environ:
        with Path(os.environ["PROOF_TALLY"]).open("a") as lines:
            lines.write(json.dumps(became) + "\n")


def _chosen(dice: random.Random) -> tuple[list[bytes], Callable[[bytes], str]]:
    return (FILES, unpack) if dice.random() < 0.2 else (SEEDS, read)


def test_the_spoiler_spoils() -> None:
    dice = random.Random(1)
    raw = CASES[0].raw
    assert len({spoilt(raw, raw, dice) for _ in range(50)}) > 45


def conclusion(counted: Path) -> str:
    """What became of all letters of a proof."""
    became = Counter[str]()
    for line in counted.read_text().splitlines():
        became.update(json.loads(line))
    return f"{became.total():,} spoilt letters and files: " + ", ".join(
        f"{n:,} {what}" for what, n in became.most_common()
    )
