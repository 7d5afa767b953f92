"""Bytes of a letter as text, whatever they say they are."""

import re
import unicodedata

# Bytes that kz1048 and windows-1251 read differently, as windows-1251 shows them: none is a letter of Russian.
_ODD_IN_RUSSIAN = frozenset("ЌЋќћЎўЈҐЄЇґєјЅѕї")
# What programs write that know no Cyrillic.
_LATIN = frozenset({"iso-8859-1", "latin1", "latin-1", "windows-1252", "cp1252", "iso8859-1", "iso-8859-15"})
_KAZAKH = frozenset("әғқңөұүһӘҒҚҢӨҰҮҺ")


def decoded(content: bytes, declared: str) -> str:
    """Bytes as text. Never raises: what cannot be read is replaced.

    Kazakh in one byte a letter is kz1048, and programs that do not know it declare windows-1251 (domain: STRK 1048).
    """
    name = declared.strip().strip("\"'").lower()
    if name in ("windows-1251", "cp1251", "win-1251", "1251", "x-cp1251"):
        return _cyrillic(content)
    if name not in ("", "us-ascii", "ascii", "unknown-8bit", "default"):
        try:
            text = content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            pass
        else:
            return _cyrillic(content) if name in _LATIN and _is_no_latin(text) else text
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        if name in ("utf-8", "utf8") and content.decode("utf-8", "replace").count("\ufffd") * 20 < len(content):
            return content.decode("utf-8", "replace")
    cyrillic, koi = _cyrillic(content), content.decode("koi8-r", "replace")
    return koi if _looks_written(koi) > _looks_written(cyrillic) else cyrillic


def readable(text: str) -> str:
    """NFC, without what PostgreSQL cannot keep and people cannot see."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    # and without the mark of byte order that some programs begin with
    unseen = {ord(letter) for letter in set(text) if unicodedata.category(letter) in ("Cc", "Cn") or letter == "\ufeff"}
    unseen -= {ord("\n"), ord("\t")}
    return text.translate(dict.fromkeys(unseen)) if unseen else text


def _cyrillic(content: bytes) -> str:
    text = content.decode("windows-1251", "replace")
    return content.decode("kz1048", "replace") if _ODD_IN_RUSSIAN & set(text) else text


def _is_no_latin(text: str) -> bool:
    """Whether a text in a western charset is Cyrillic under a wrong name: words of nothing but accented letters."""
    words = re.findall(r"[^\W\d_]{3,}", text[:20_000])
    return sum(1 for word in words if all("\u00a8" <= letter <= "\u00ff" for letter in word)) * 2 > len(words) > 0


def _looks_written(text: str) -> int:
    """Small Cyrillic letters speak for a reading, capitals after small letters against it."""
    small = sum(1 for letter in text if "а" <= letter <= "я" or letter in _KAZAKH)
    return small - 2 * len(re.findall(r"[а-я][А-Я]", text))
