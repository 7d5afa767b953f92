"""Photos without what they tell of their maker: place, time, telephone. The picture itself is not touched."""

from collections.abc import Iterator
from typing import Literal

from helpdesk.intake import heic

# Of EXIF only this stays: without it a photo taken sideways would lie on its side.
_ORIENTATION = 0x0112

# Text, time and EXIF beside the picture (PNG, third edition; WebP container).
_PNG_TOLD = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"})
_WEBP_TOLD = frozenset({b"EXIF", b"XMP "})


def without_story(content: bytes, content_type: str) -> bytes:
    """The same picture without EXIF, XMP, IPTC and comments; other kinds of file, and broken ones, as they came."""
    try:
        match content_type:
            case "image/jpeg":
                return b"".join(_jpeg(content))
            case "image/png":
                return b"".join(_png(content))
            case "image/webp":
                return _webp(content)
            case "image/heic":
                return heic.without_story(content)
    except (IndexError, ValueError):
        pass
    return content


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield content[:2]
    at = 2
    while content[at] == 0xFF and content[at + 1] != 0xDA:
        kind, size = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        segment = content[at : at + 2 + size]
        if size < 2 or len(segment) < 2 + size:
            raise ValueError
        if kind == 0xE1:
            yield _turned(segment)
        elif kind not in (0xED, 0xFE):  # IPTC, comment
            yield segment
        at += 2 + size
    yield content[at:]


def _turned(segment: bytes) -> bytes:
    """An EXIF segment that says how the photo lies and nothing else; nothing when it lies straight."""
    if segment[4:10] != b"Exif\0\0":
        return b""
    tiff = segment[10:]
    order: Literal["little", "big"] = "little" if tiff[:2] == b"II" else "big"
    start = int.from_bytes(tiff[4:8], order)
    for number in range(int.from_bytes(tiff[start : start + 2], order)):
        entry = tiff[start + 2 + 12 * number : start + 14 + 12 * number]
        if int.from_bytes(entry[:2], order) == _ORIENTATION and 1 < int.from_bytes(entry[8:10], order) < 9:
            way = int.from_bytes(entry[8:10], order)
            lean = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0" + bytes([way]) + b"\0\0\0\0\0\0"
            return b"\xff\xe1" + (8 + len(lean)).to_bytes(2, "big") + b"Exif\0\0" + lean
    return b""


def _png(content: bytes) -> Iterator[bytes]:
    yield content[:8]
    at = 8
    while at < len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        if at + 12 + size > len(content):
            raise ValueError
        if kind not in _PNG_TOLD:
            yield content[at : at + 12 + size]
        if kind == b"IEND":
            return
        at += 12 + size


def _webp(content: bytes) -> bytes:
    chunks, at = [], 12
    while at + 8 <= len(content):
        kind, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        chunk = content[at : at + 8 + size + size % 2]
        if len(chunk) < 8 + size:
            raise ValueError
        if kind == b"VP8X":  # its flags say that EXIF and XMP follow
            chunk = chunk[:8] + bytes([chunk[8] & ~0x0C]) + chunk[9:]
        if kind not in _WEBP_TOLD:
            chunks.append(chunk)
        at += len(chunk)
    inside = b"WEBP" + b"".join(chunks)
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside
