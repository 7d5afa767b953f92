"""What lies in letters beside words: pictures, calendars, Outlook's winmail.dat, wanted and unwanted files."""

# ruff: noqa: E501

from tests.intake.corpus.frames import HTML, TEXT, WORDS
from tests.intake.corpus.written import JPEG_WITH_PLACE, PDF, PNG, PNG_WITH_PLACE, Case, body, file, head, lines, multi

# ── pictures inside the text ────────────────────────────────────────────────────────────────────────────────────────

_WITH_PICTURE = body(f'<p>{WORDS}</p><img src="cid:shot@parents.test">', "text/html; charset=utf-8")
_PICTURE = body(
    PNG,
    'image/png; name="image001.png"',
    "base64",
    'Content-ID: <shot@parents.test>\r\nContent-Disposition: inline; filename="image001.png"',
)
PICTURES = [
    Case(
        "picture_related",
        head("p1") + multi(_WITH_PICTURE, _PICTURE, sub="related"),
        text=WORDS,
        files=("image001.png",),
    ),
    Case(
        "picture_in_alternative",
        head("p2") + multi(TEXT, multi(_WITH_PICTURE, _PICTURE, sub="related", mark="r"), sub="alternative"),
        text=WORDS,
        files=("image001.png",),
    ),
    Case(
        "picture_between_texts",
        head("p3") + multi(TEXT, _PICTURE, body("Это второй экран")),
        text=f"{WORDS}\n\nЭто второй экран",
        files=("image001.png",),
    ),
    Case(
        "picture_without_a_name",
        head("p4") + multi(TEXT, body(PNG, "image/png", "base64")),
        text=WORDS,
        files=("file.png",),
    ),
    Case(
        "picture_in_the_address",
        head("p5") + body(f'<p>{WORDS}</p><img src="data:image/png;base64,iVBORw0KGgo=">', "text/html; charset=utf-8"),
        text=WORDS,
    ),
    Case(
        "photo_from_a_phone",
        head("p6") + multi(TEXT, file("IMG_1.jpg", JPEG_WITH_PLACE, "image/jpeg")),
        text=WORDS,
        files=("IMG_1.jpg",),
    ),
    Case(
        "picture_that_names_a_place",
        head("p7") + multi(TEXT, file("map.png", PNG_WITH_PLACE, "image/png")),
        text=WORDS,
        files=("map.png",),
    ),
]

# ── calendars ───────────────────────────────────────────────────────────────────────────────────────────────────────

_EVENT = (
    "BEGIN:VCALENDAR\nMETHOD:REQUEST\nBEGIN:VEVENT\nSUMMARY:Урок\nDTSTART:20261123T050000Z\nEND:VEVENT\nEND:VCALENDAR"
)
CALENDARS = [
    Case(
        "invitation",
        head("v1") + multi(TEXT, HTML, body(_EVENT, "text/calendar; charset=utf-8; method=REQUEST"), sub="alternative"),
        text=WORDS,
        note=("file.calendar",),
    ),
    Case(
        "invitation_attached",
        head("v2") + multi(TEXT, file("invite.ics", lines(_EVENT), "text/calendar")),
        text=WORDS,
        note=("invite.ics",),
    ),
    Case(
        "invitation_alone",
        head("v3", "Урок") + body(_EVENT, "text/calendar; charset=utf-8; method=REQUEST"),
        text="Урок",
        subject="Урок",
        note=("file.calendar",),
    ),
    Case(
        "business_card",
        head("v4") + multi(TEXT, body("BEGIN:VCARD\nFN:Асель\nEND:VCARD", "text/vcard; charset=utf-8; name=me.vcf")),
        text=WORDS,
        note=("me.vcf",),
    ),
]

# ── Outlook's winmail.dat ───────────────────────────────────────────────────────────────────────────────────────────


def _attribute(level: int, ident: int, data: bytes) -> bytes:
    head_ = bytes([level]) + ident.to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return head_ + data + (sum(data) & 0xFFFF).to_bytes(2, "little")


def winmail(*files: tuple[str, bytes], text: str = "") -> bytes:
    """What Outlook makes of a letter in its rich text."""
    out = (0x223E9F78).to_bytes(4, "little") + b"\1\0" + _attribute(1, 0x00089006, b"\0\0\1\0")
    if text:
        out += _attribute(1, 0x0002800C, text.encode("cp1251") + b"\0")
    for name, content in files:
        out += _attribute(2, 0x00069002, bytes(14))
        out += _attribute(2, 0x00018010, name.encode("cp1251") + b"\0") + _attribute(2, 0x0006800F, content)
    return out


def _winmail_part(content: bytes) -> bytes:
    return file("winmail.dat", content, "application/ms-tnef")


WINMAIL = [
    Case(
        "winmail_with_a_picture",
        head("w1") + multi(TEXT, _winmail_part(winmail(("Экран.png", PNG)))),
        text=WORDS,
        files=("Экран.png",),
    ),
    Case(
        "winmail_with_two_files",
        head("w2") + multi(TEXT, _winmail_part(winmail(("a.png", PNG), ("b.pdf", PDF)))),
        text=WORDS,
        files=("a.png", "b.pdf"),
    ),
    Case(
        "winmail_with_a_program",
        head("w3") + multi(TEXT, _winmail_part(winmail(("a.exe", b"MZ" + bytes(200))))),
        text=WORDS,
        note=("a.exe",),
    ),
    Case("winmail_without_files", head("w4") + multi(TEXT, _winmail_part(winmail())), text=WORDS),
    Case(
        "winmail_cut_off",
        head("w5") + multi(TEXT, _winmail_part(winmail(("a.png", PNG))[:60])),
        text=WORDS,
        note=("winmail.dat",),
    ),
    Case("winmail_that_is_none", head("w6") + multi(TEXT, _winmail_part(b"hello")), text=WORDS, note=("winmail.dat",)),
    Case("winmail_that_holds_the_words", head("w7") + multi(_winmail_part(winmail(text=WORDS))), text=WORDS),
]

# ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────────

_MZ = b"MZ\x90\0\3" + bytes(300)
FILES = [
    Case(
        "program",
        head("a1") + multi(TEXT, file("photo.jpg.exe", _MZ, "image/jpeg")),
        text=WORDS,
        note=("photo.jpg.exe",),
    ),
    Case(
        "program_called_a_picture",
        head("a2") + multi(TEXT, file("photo.jpg", _MZ, "image/jpeg")),
        text=WORDS,
        note=("photo.jpg",),
    ),
    Case(
        "page_called_a_text",
        head("a3") + multi(TEXT, file("list.txt", b"<html><script>x</script>", "text/plain")),
        text=WORDS,
        note=("list.txt",),
    ),
    Case(
        "drawing_with_a_script",
        head("a4") + multi(TEXT, file("a.svg", b"<svg onload='x()'/>", "image/svg+xml")),
        text=WORDS,
        note=("a.svg",),
    ),
    Case(
        "archive",
        head("a5") + multi(TEXT, file("a.zip", b"PK\3\4" + bytes(50), "application/zip")),
        text=WORDS,
        note=("a.zip",),
    ),
    Case(
        "text_and_paper",
        head("a6")
        + multi(TEXT, file("list.csv", "Алия;5 Б".encode(), "text/csv"), file("a.pdf", PDF, "application/pdf")),
        text=WORDS,
        files=("list.csv", "a.pdf"),
    ),
    Case(
        "name_in_two_pieces",
        head("a7")
        + multi(
            TEXT,
            body(
                PDF,
                "application/pdf",
                "base64",
                "Content-Disposition: attachment;\r\n filename*0*=utf-8''%D0%A1%D0%BF;\r\n filename*1*=%D0%B8%D1%81%D0%BE%D0%BA.pdf",
            ),
        ),
        text=WORDS,
        files=("Список.pdf",),
    ),
    Case(
        "name_that_climbs",
        head("a8") + multi(TEXT, file("../../etc/passwd.pdf", PDF)),
        text=WORDS,
        files=("passwd.pdf",),
    ),
    Case(
        "name_in_raw_1251",
        head("a9") + multi(TEXT, file("x.pdf", PDF).replace(b"x.pdf", "Список.pdf".encode("cp1251"))),
        text=WORDS,
        files=("Список.pdf",),
    ),
    Case("empty_file", head("a10") + multi(TEXT, file("a.pdf", b"")), text=WORDS),
    Case(
        "files_in_uuencode",
        head("a11") + body(f"{WORDS}\n\nbegin 644 a.txt\n#0V%T\n`\nend"),
        text=f"{WORDS}\n\nbegin 644 a.txt\n#0V%T\n`\nend",
    ),
]

KINDS = {"inline pictures": PICTURES, "calendars": CALENDARS, "winmail.dat": WINMAIL, "files": FILES}
