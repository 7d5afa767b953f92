"""The items of a HEIC photo (ISO/IEC 23008-12): EXIF and XMP are blanked where they lie, so that nothing moves."""

from collections.abc import Iterator

_TOLD = frozenset({b"Exif", b"mime"})


def without_story(content: bytes) -> bytes:
    """The same photo with zeros where it tells place, time and telephone. Raises ValueError when it is broken."""
    lean = bytearray(content)
    for kind, start, end in _boxes(content, 0, len(content)):
        if kind == b"meta":
            inside = {name: (at, until) for name, at, until in _boxes(content, start + 4, end)}
            told = _items(content, *inside.get(b"iinf", (0, 0)))
            for item, at, size in _places(content, *inside.get(b"iloc", (0, 0))):
                if item in told and at + size <= len(content):
                    lean[at : at + size] = bytes(size)
    return bytes(lean)


def _number(content: bytes, at: int, size: int) -> int:
    return int.from_bytes(content[at : at + size], "big")


def _boxes(content: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(type, where its content begins, where it ends) of each box."""
    while at + 8 <= end:
        size, head = _number(content, at, 4), 8
        if size == 1:
            size, head = _number(content, at + 8, 8), 16
        size = size or end - at
        if size < head or at + size > end:
            raise ValueError("a box is longer than its file")
        yield content[at + 4 : at + 8], at + head, at + size
        at += size


def _items(content: bytes, start: int, end: int) -> set[int]:
    """Ids of the items that tell something of the photo."""
    if start == end:
        return set()
    found = set()
    for _, at, _end in _boxes(content, start + (6 if content[start] == 0 else 8), end):
        wide = 4 if content[at] >= 3 else 2
        if content[at + 6 + wide : at + 10 + wide] in _TOLD:
            found.add(_number(content, at + 4, wide))
    return found


def _places(content: bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(item, offset in the file, length) of every piece of every item that lies in the file itself."""
    if start == end:
        return
    version, sizes = content[start], _number(content, start + 4, 2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    wide = 4 if version >= 2 else 2
    at = start + 6 + wide
    for _ in range(_number(content, start + 6, wide)):
        item, at = _number(content, at, wide), at + wide
        in_file = version == 0 or _number(content, at, 2) & 15 == 0
        at += 2 if version == 0 else 4  # where it lies, and in which file
        base, at = _number(content, at, base_size), at + base_size
        pieces, at = _number(content, at, 2), at + 2
        for _ in range(pieces):
            at += index_size if version else 0
            offset, length = _number(content, at, offset_size), _number(content, at + offset_size, length_size)
            at += offset_size + length_size
            if at > end:
                raise ValueError("the list of places is cut off")
            if in_file:
                yield item, base + offset, length
