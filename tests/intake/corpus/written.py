"""How the letters of this corpus are written down: bytes put together by hand, never by the library that reads them."""

import base64
import binascii
from dataclasses import dataclass

CRLF = b"\r\n"
ASEL = "Асель Нурланова <asel@parents.test>"
BOX = "905@1450.test"
# Stands for the Message-ID of a letter of ours about a ticket, and for its number; the reader of the corpus fills them.
TOKEN, NUMBER = b"@@TOKEN@@", b"@@NUMBER@@"


@dataclass(frozen=True)
class Case:
    """One letter and what must become of it.

    `becomes` is filed, joined, or the reason of a rejection; `text` the words that are kept, all of them; `cut` how the
    part that is taken off begins; `note` what the remark of the house below the text names; `after` the letter of which
    this one is a second delivery.
    """

    name: str
    raw: bytes
    becomes: str = "filed"
    text: str = ""
    cut: str = ""
    subject: str = "Вход"
    language: str = "ru"
    sender: str = "asel@parents.test"
    files: tuple[str, ...] = ()
    note: tuple[str, ...] = ()
    envelope_from: str = "asel@parents.test"
    after: str = ""


def word(text: str, charset: str = "utf-8", how: str = "B") -> str:
    """An encoded word of RFC 2047."""
    raw = text.encode(charset)
    if how == "B":
        return f"=?{charset}?B?{base64.b64encode(raw).decode()}?="
    return f"=?{charset}?Q?" + "".join(f"={byte:02X}" for byte in raw) + "?="


def head(
    ident: str | None, subject: str | bytes | None = "Вход", sender: str | bytes | None = ASEL, more: str | bytes = ""
) -> bytes:
    """Header lines as a program writes them; what is None is left out. `ident` becomes the Message-ID."""
    lines = [b"Received: from mx.parents.test by mx.1450.test; Fri, 20 Nov 2026 14:05:00 +0500"]
    if sender is not None:
        lines.append(b"From: " + _bytes(sender))
    lines.append(b"To: " + BOX.encode())
    if subject is not None:
        lines.append(b"Subject: " + _bytes(subject))
    if ident is not None:
        lines.append(f"Message-ID: <{ident}@parents.test>".encode())
    lines.append(b"Date: Fri, 20 Nov 2026 14:04:58 +0500")
    lines += [_bytes(more).strip(b"\r\n")] if more else []
    return CRLF.join(lines) + CRLF + b"MIME-Version: 1.0" + CRLF


def body(text: str | bytes, kind: str = "text/plain; charset=utf-8", how: str = "8bit", more: str = "") -> bytes:
    """One part: its headers, an empty line, its content encoded as `how` says."""
    raw = lines(text)
    encoded = {"base64": b64, "quoted-printable": qp}.get(how, lambda same: same)(raw)
    extra = _bytes(more).strip(b"\r\n") + CRLF if more else b""
    return (
        b"Content-Type: "
        + kind.encode()
        + CRLF
        + b"Content-Transfer-Encoding: "
        + how.encode()
        + CRLF
        + extra
        + (CRLF + encoded + CRLF)
    )


def multi(*parts: bytes, sub: str = "mixed", mark: str = "frontier", more: str = "") -> bytes:
    """A multipart body with its header line."""
    inside = b"".join(f"--{mark}\r\n".encode() + part for part in parts)
    kind = f'Content-Type: multipart/{sub}; boundary="{mark}"{more}\r\n\r\n'.encode()
    return kind + inside + f"--{mark}--\r\n".encode()


def file(name: str, content: bytes, kind: str = "application/octet-stream", how: str = "attachment") -> bytes:
    """A part that is a file."""
    return body(content, kind, "base64", f'Content-Disposition: {how}; filename="{name}"')


def plain(ident: str, text: str, charset: str = "utf-8", how: str = "8bit", **headers: str | bytes | None) -> bytes:
    """A letter of one text."""
    return head(ident, **headers) + body(lines(text, charset), f"text/plain; charset={charset}", how)


def lines(text: str | bytes, charset: str = "utf-8") -> bytes:
    """Text with the line ends of the wire; bytes stay as they are."""
    return text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode(charset)


def b64(raw: bytes) -> bytes:
    """Base64 in lines of 76."""
    text = base64.b64encode(raw)
    return CRLF.join(text[at : at + 76] for at in range(0, len(text), 76))


def qp(raw: bytes) -> bytes:
    """Quoted-printable: whatever is not plain ASCII is written as =XX, with soft line ends."""
    out = []
    for line in raw.split(CRLF):
        row = b""
        for byte in line:
            piece = bytes([byte]) if 32 <= byte < 127 and byte != 61 else f"={byte:02X}".encode()
            if len(row) + len(piece) > 75:
                out.append(row + b"=")
                row = b""
            row += piece
        out.append(row)
    return CRLF.join(out)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def chunk(kind: bytes, content: bytes) -> bytes:
    """A chunk of a PNG file."""
    return len(content).to_bytes(4, "big") + kind + content + binascii.crc32(kind + content).to_bytes(4, "big")


_IHDR = chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\10\0\0\0\0")
_IDAT = chunk(b"IDAT", bytes.fromhex("78da6368000000820081"))
PNG = b"\x89PNG\r\n\x1a\n" + _IHDR + _IDAT + chunk(b"IEND", b"")
PNG_WITH_PLACE = (
    b"\x89PNG\r\n\x1a\n" + _IHDR + chunk(b"tEXt", b"GPS\x0043.238949 76.889709") + _IDAT + chunk(b"IEND", b"")
)
_TIFF = b"MM\0*\0\0\0\10\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"  # turned by 90°
JPEG_WITH_PLACE = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
    + b"\xff\xe1"
    + (2 + 6 + len(_TIFF) + 22).to_bytes(2, "big")
    + b"Exif\0\0"
    + _TIFF
    + b"GPS 43.238949 76.88970"
    + b"\xff\xdb\0\x43\0"
    + bytes(64)
    + b"\xff\xc0\0\x0b\10\0\1\0\1\1\1\x11\0\xff\xc4\0\x14\0\1"
    + bytes(15)
    + b"\0\xff\xda\0\10\1\1\0\0\x3f\0\x37\xff\xd9"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
