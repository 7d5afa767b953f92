"""Photos lose what they tell of the family that took them, and stay the pictures they were."""

from helpdesk.intake.photos import without_story
from tests.intake.corpus.written import JPEG_WITH_PLACE, PNG, PNG_WITH_PLACE

PLACE = b"43.238949"


def box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4, "big") + kind + content


def heic() -> bytes:
    """A photo with two items: the picture, and EXIF that names a place."""
    entry = box(b"infe", b"\2\0\0\0\0\1\0\0hvc1\0") + box(b"infe", b"\2\0\0\0\0\2\0\0Exif\0")
    told, picture = b"\0\0\0\6Exif\0\0II*\0" + PLACE, b"the picture itself"

    def meta(first: int) -> bytes:
        places = b"\0\0\0\0\x44\0\0\2"
        for item, at, size in ((1, first, len(picture)), (2, first + len(picture), len(told))):
            places += item.to_bytes(2, "big") + b"\0\0\0\1" + at.to_bytes(4, "big") + size.to_bytes(4, "big")
        return box(b"meta", b"\0\0\0\0" + box(b"iinf", b"\0\0\0\0\0\2" + entry) + box(b"iloc", places))

    head = box(b"ftyp", b"heic\0\0\0\0mif1heic")
    return head + meta(len(head) + len(meta(0)) + 8) + box(b"mdat", picture + told)


def webp() -> bytes:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return kind + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) % 2)

    inside = b"WEBP" + chunk(b"VP8X", b"\x0c" + bytes(9)) + chunk(b"VP8 ", b"picture") + chunk(b"EXIF", PLACE)
    return b"RIFF" + len(inside).to_bytes(4, "little") + inside


def test_a_jpeg_keeps_only_how_it_lies() -> None:
    lean = without_story(JPEG_WITH_PLACE, "image/jpeg")
    assert PLACE not in lean
    assert b"\x01\x12\0\x03\0\0\0\x01\0\x06" in lean, "it would lie on its side"
    assert lean[lean.index(b"\xff\xdb") :] == JPEG_WITH_PLACE[JPEG_WITH_PLACE.index(b"\xff\xdb") :]


def test_a_png_loses_its_texts_and_nothing_else() -> None:
    assert without_story(PNG_WITH_PLACE, "image/png") == PNG == without_story(PNG, "image/png")


def test_a_webp_loses_its_exif_and_the_flag_that_names_it() -> None:
    lean = without_story(webp(), "image/webp")
    assert PLACE not in lean
    assert lean[20] == 0
    assert int.from_bytes(lean[4:8], "little") == len(lean) - 8
    assert b"picture" in lean


def test_a_heic_has_zeros_where_its_exif_was_and_nothing_moves() -> None:
    lean = without_story(heic(), "image/heic")
    assert PLACE in heic()
    assert PLACE not in lean
    assert len(lean) == len(heic())
    assert b"the picture itself" in lean


def test_a_photo_that_is_cut_off_stays_as_it_came() -> None:
    for content, kind in ((JPEG_WITH_PLACE, "jpeg"), (PNG_WITH_PLACE, "png"), (webp(), "webp"), (heic(), "heic")):
        for size in range(len(content)):
            assert len(without_story(content[:size], f"image/{kind}")) <= size + 40
