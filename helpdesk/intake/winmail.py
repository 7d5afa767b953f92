"""What Outlook packs into winmail.dat (TNEF, MS-OXTNEF): files, and sometimes the words of the letter."""

from collections.abc import Iterator
from dataclasses import dataclass, field

_SIGNATURE = (0x223E9F78).to_bytes(4, "little")

# Attributes of the letter and of a file in it.
_BODY, _LETTER = 0x0002800C, 0x00069003
_NEXT_FILE, _NAME, _DATA, _FILE = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
# Properties inside of two of those.
_PLAIN, _RICH, _HTML, _LONG_NAME = 0x1000, 0x1009, 0x1013, 0x3707

_TEXT, _UNICODE, _OBJECT, _BYTES = 0x1E, 0x1F, 0x0D, 0x102
_SIZES = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
MOST_FILES = 100


@dataclass
class Packed:
    """The files by name, and the words: plain, HTML, or neither (`only_rich`: in a form that is not read)."""

    files: list[tuple[bytes | str, bytes]] = field(default_factory=list)
    plain: bytes | str = b""
    html: bytes = b""
    only_rich: bool = False


class Broken(ValueError):
    """It is no winmail.dat, or it is cut off."""


def unpack(content: bytes) -> Packed:
    """What is in it. Raises Broken."""
    if not content.startswith(_SIGNATURE):
        raise Broken
    found, rich = Packed(), False
    for ident, data in _attributes(content):
        if ident == _BODY:
            found.plain = data.rstrip(b"\0")
        elif ident == _LETTER:
            for kind, prop, value in _properties(data):
                if prop == _PLAIN:
                    found.plain = _text(kind, value) or found.plain
                elif prop == _HTML:
                    found.html = value
                rich = rich or prop == _RICH
        elif ident == _NEXT_FILE and len(found.files) < MOST_FILES:
            found.files.append((b"", b""))
        elif found.files:
            found.files[-1] = _filled(found.files[-1], ident, data)
    found.only_rich = rich and not (found.plain or found.html)
    return found


def _filled(one: tuple[bytes | str, bytes], ident: int, data: bytes) -> tuple[bytes | str, bytes]:
    name, content = one
    if ident == _NAME:
        return name or data.rstrip(b"\0"), content
    if ident == _DATA:
        return name, data
    if ident == _FILE:
        for kind, prop, value in _properties(data):
            name = (_text(kind, value) or name) if prop == _LONG_NAME else name
    return name, content


def _attributes(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    while at < len(content):
        size = int.from_bytes(content[at + 5 : at + 9], "little")
        if at + 11 + size > len(content):
            raise Broken
        yield int.from_bytes(content[at + 1 : at + 5], "little"), content[at + 9 : at + 9 + size]
        at += 11 + size


def _properties(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """(type, id, first value) of each property; ends where it does not understand."""
    reader = _Reader(data)
    for _ in range(min(reader.number(4), 2000)):
        kind, prop = reader.number(2), reader.number(2)
        if prop >= 0x8000:  # a property with a name of its own
            reader.take(16)
            reader.take(4 if reader.number(4) == 0 else reader.number(4), padded=True)
        many = reader.number(4) if kind & 0x1000 or kind in (_TEXT, _UNICODE, _OBJECT, _BYTES) else 1
        kind &= 0xFFF
        first = b""
        for number in range(min(many, 1000)):
            size = _SIZES.get(kind) or reader.number(4)
            value = reader.take(size, padded=True)
            first = value if number == 0 else first
        if reader.is_over:
            return
        yield kind, prop, first


@dataclass
class _Reader:
    data: bytes
    at: int = 0

    @property
    def is_over(self) -> bool:
        return self.at > len(self.data)

    def take(self, size: int, padded: bool = False) -> bytes:
        piece = self.data[self.at : self.at + size]
        self.at += size + (-size % 4 if padded else 0)
        return piece

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")


def _text(kind: int, value: bytes) -> bytes | str:
    return value.decode("utf-16-le", "replace").rstrip("\0") if kind == _UNICODE else value.rstrip(b"\0")
