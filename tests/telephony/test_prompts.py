"""The build fails when a piece is missing, when its text was changed without a new rendering, or when files grow."""

import hashlib
import json
import re
import struct
from itertools import pairwise

import pytest

from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.telephony.prompts import manifest, texts

LARGEST_TOTAL = 12_000_000
MU_LAW = 7
SPOKEN = [*LANGUAGES, texts.ANY]
MENU_KEYS = {
    "kk": ["бір", "екі", "үш", "төрт", "бес", "нөл", "жұлдызша"],
    "ru": ["один", "два", "три", "четыре", "пять", "ноль", "звёздочка"],
    "en": ["one", "two", "three", "four", "five", "zero", "star"],
}


@pytest.mark.parametrize("language", SPOKEN)
def test_every_piece_is_recorded_with_todays_text(language: str) -> None:
    recorded = {row.id: row.text for row in manifest.recordings().values() if row.language == language}
    assert recorded == texts.pieces(language)


def test_every_file_is_what_the_manifest_says() -> None:
    for row in manifest.recordings().values():
        content = (manifest.AUDIO / row.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row.sha256, row.file
        assert row.sha256[:10] in row.file


def test_every_file_is_mu_law_at_8_khz_in_one_channel() -> None:
    for row in manifest.recordings().values():
        content = (manifest.AUDIO / row.file).read_bytes()
        riff, _, wave, fmt, _, encoding, channels, rate = struct.unpack_from("<4sI4s4sIHHI", content)
        assert (riff, wave, fmt) == (b"RIFF", b"WAVE", b"fmt "), row.file
        assert (encoding, channels, rate) == (MU_LAW, 1, 8000), row.file
        assert abs(len(content) / 8000 - row.seconds) < 0.01, row.file


def test_nothing_is_silent_but_the_pause() -> None:
    for row in manifest.recordings().values():
        loud = len({*(manifest.AUDIO / row.file).read_bytes()[58:]}) > 40
        assert loud == (row.id != "pause"), row.file


def test_all_files_together_stay_small_and_none_is_left_over() -> None:
    files = {file.relative_to(manifest.AUDIO).as_posix(): file.stat().st_size for file in manifest.AUDIO.rglob("*.wav")}
    assert files.keys() == {row.file for row in manifest.recordings().values()}
    assert sum(files.values()) <= LARGEST_TOTAL


@pytest.mark.parametrize("prompt_id", texts.prompt_ids())
def test_each_prompt_has_the_same_slots_in_every_language(prompt_id: str) -> None:
    slots = [
        sorted(part.name for part in texts.parts(prompt_id, language) if isinstance(part, texts.Slot))
        for language in LANGUAGES
    ]
    assert slots[0] == slots[1] == slots[2]


@pytest.mark.parametrize("prompt_id", texts.prompt_ids())
def test_kazakh_words_before_a_value_end_the_phrase(prompt_id: str) -> None:
    """A value stands after a colon, so that no ending depends on it."""
    parts = texts.parts(prompt_id, "kk")
    for before, after in pairwise(parts):
        if isinstance(after, texts.Slot):
            assert isinstance(before, str)
            assert texts.pieces("kk")[before].endswith(":")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_main_menu_names_every_key_in_order(language: str) -> None:
    words = re.findall(r"– ([^\s,.]+)", texts.pieces(language)["P02"])
    assert words == MENU_KEYS[language]


def test_a_kazakh_caller_is_in_the_queue_within_half_a_minute() -> None:
    before_the_queue = sum(manifest.recording(piece, "kk").seconds for piece in ("P00", "P01N", "P02"))
    assert before_the_queue < 27


def test_the_tune_on_hold_lasts_25_seconds_in_every_language() -> None:
    assert {manifest.recording("music", language).file for language in LANGUAGES} == {
        manifest.file_name("music", "kk"),
    }
    assert manifest.recording("music", "kk").seconds == 25.0


def test_an_unknown_piece_is_named_in_the_error() -> None:
    with pytest.raises(texts.UnknownPrompt, match=r"'P99' in 'kk'"):
        manifest.file_name("P99", "kk")


def test_every_fragment_has_every_language() -> None:
    fragments = json.loads(texts.TEXTS.read_text(encoding="utf-8"))["fragments"]
    assert [piece for piece, said in fragments.items() if list(said) != list(LANGUAGES)] == []
