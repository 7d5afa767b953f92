"""Frames around the words: broken MIME, nested letters, bombs, signatures."""

# ruff: noqa: E501

import io
import zipfile

from tests.intake.corpus.written import (
    CRLF,
    PDF,
    PNG,
    Case,
    b64,
    body,
    file,
    head,
    lines,
    multi,
    plain,
)

WORDS = "Журнал не открывается, экран с ошибкой во вложении."
TEXT = body(WORDS)
HTML = body(f"<p>{WORDS}</p>", "text/html; charset=utf-8")

# ── broken MIME ─────────────────────────────────────────────────────────────────────────────────────────────────────

BROKEN = [
    Case("no_boundary_named", head("m1") + b"Content-Type: multipart/mixed\r\n\r\n" + lines(WORDS) + CRLF, text=WORDS),
    Case("never_closed", head("m2") + multi(TEXT).replace(b"--frontier--\r\n", b""), text=WORDS),
    Case(
        "another_boundary",
        head("m3") + multi(TEXT, mark="real").replace(b'boundary="real"', b'boundary="other"'),
        text=f"--real\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{WORDS}\n--real--",
    ),
    Case(
        "headers_without_a_colon",
        head("m4", more="this is no header") + TEXT,
        text=f"this is no header\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{WORDS}",
    ),
    Case(
        "no_empty_line",
        b"From: asel@parents.test\nSubject: x\nContent-Type: text/plain",
        text="x",
        subject="x",
        language="en",
    ),
    Case("no_headers_at_all", b"\r\n" + lines(WORDS) + CRLF, text=WORDS, subject=""),
    Case("lines_end_as_on_a_mac", head("m5").replace(CRLF, b"\r") + TEXT.replace(CRLF, b"\r"), text=WORDS),
    Case("lines_end_as_on_unix", head("m6").replace(CRLF, b"\n") + TEXT.replace(CRLF, b"\n"), text=WORDS),
    Case("type_is_nonsense", head("m7") + TEXT.replace(b"text/plain", b"text plain/////"), text=WORDS),
    Case(
        "file_cut_off_in_the_middle", (head("m8") + multi(TEXT, file("a.pdf", PDF)))[:-40], text=WORDS, files=("a.pdf",)
    ),
    Case(
        "multipart_in_base64",
        head("m9") + multi(TEXT).replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1),
        text=WORDS,
    ),
    Case("boundary_with_itself_inside", head("m10") + multi(multi(TEXT, mark="frontier"), mark="frontier"), text=WORDS),
]

# ── letters in letters ──────────────────────────────────────────────────────────────────────────────────────────────


def letter_inside(inner: bytes, more: str = "") -> bytes:
    """A part that holds a whole letter."""
    return b"Content-Type: message/rfc822" + more.encode() + CRLF * 2 + inner + CRLF


INNER = plain("inner", "Слова внутреннего письма", subject="Внутри")
NESTED = [
    Case("letter_attached", head("n1") + multi(TEXT, letter_inside(INNER)), text=WORDS, note=("letter.eml",)),
    Case(
        "letter_in_letter_in_letter",
        head("n2") + multi(TEXT, letter_inside(head("n2b") + multi(TEXT, letter_inside(INNER), mark="second"))),
        text=WORDS,
        note=("letter.eml",),
    ),
    Case("letter_alone", head("n3") + letter_inside(INNER), text="Вход", note=("letter.eml",)),
    Case(
        "letter_in_base64",
        head("n4") + multi(TEXT, file("a.eml", INNER, "message/rfc822")),
        text=WORDS,
        note=("a.eml",),
    ),
    Case(
        "letter_with_a_broken_frame",
        head("n5") + multi(TEXT, letter_inside(b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x")),
        text=WORDS,
        note=("letter.eml",),
    ),
    Case(
        "digest",
        head("n6") + multi(TEXT, multi(letter_inside(INNER), letter_inside(INNER), sub="digest", mark="d")),
        text=WORDS,
        note=("letter.eml",),
    ),
]

# ── bombs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def deep(levels: int) -> bytes:
    """Multiparts in multiparts."""
    inside = TEXT
    for level in range(levels):
        inside = multi(inside, mark=f"level{level}")
    return multi(TEXT, inside, mark="top")


def zipped(size: int) -> bytes:
    """A file that grows by a thousand when somebody unpacks it."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(size))
    return held.getvalue()


BOMBS = [
    Case("fifty_levels", head("b1") + deep(50), text=WORDS, note=("1",)),
    Case("two_hundred_levels", head("b2") + deep(200), text=WORDS, note=("1",)),
    Case("two_thousand_parts", head("b3") + multi(*[TEXT] * 2000), text="\n\n".join([WORDS] * 99), note=("1901",)),
    Case(
        "two_hundred_files",
        head("b4") + multi(TEXT, *[file(f"{n}.png", PNG, "image/png") for n in range(90)]),
        text=WORDS,
        files=tuple(f"{n}.png" for n in range(20)),
        note=("20.png", "89.png"),
    ),
    Case(
        "twenty_thousand_headers", head("b5", more=CRLF.join(b"X-%d: y" % n for n in range(20_000))) + TEXT, text=WORDS
    ),
    Case("one_header_of_a_megabyte", head("b6", more=b"X-Long: " + b"y" * 1_000_000) + TEXT, text=WORDS),
    Case("references_without_end", head("b7", more=b"References: " + b"<a@b> " * 50_000) + TEXT, text=WORDS),
    Case(
        "document_that_unpacks_to_much",
        head("b8") + multi(TEXT, file("a.docx", zipped(50_000_000))),
        text=WORDS,
        files=("a.docx",),
    ),
    Case(
        "letters_in_letters_without_end",
        head("b9") + multi(TEXT, (b"Content-Type: message/rfc822\r\n\r\n" * 500) + TEXT),
        text=WORDS,
        note=("letter.eml",),
    ),
    Case(
        "html_deep",
        head("b10") + multi(TEXT, body("<div>" * 20_000, "text/html; charset=utf-8"), sub="alternative"),
        text=WORDS,
    ),
    Case("html_deep_alone", head("b11") + body("<div>" * 20_000 + WORDS, "text/html; charset=utf-8"), text=WORDS),
    Case("quotes_deep", head("b12") + body(WORDS + "\n\n" + ">" * 5000 + " x"), text=WORDS, cut=">>>"),
]

# ── signed and enciphered ───────────────────────────────────────────────────────────────────────────────────────────

_OPAQUE = b"0\x80\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x02\xa0\x80" + bytes(40)
_ARMOUR = "-----BEGIN PGP SIGNATURE-----\n\niQEzBAEBCAAdFiEE\n=abcd\n-----END PGP SIGNATURE-----"
_SIGNED = '; protocol="application/pkcs7-signature"; micalg=sha-256'
SIGNED = [
    Case(
        "smime_detached",
        head("s1") + multi(TEXT, file("smime.p7s", _OPAQUE, "application/pkcs7-signature"), sub="signed", more=_SIGNED),
        text=WORDS,
    ),
    Case(
        "smime_detached_old_name",
        head("s2") + multi(TEXT, file("smime.p7s", _OPAQUE, "application/x-pkcs7-signature"), sub="signed"),
        text=WORDS,
    ),
    Case(
        "smime_opaque",
        head("s3") + body(_OPAQUE, 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"', "base64"),
        text="Вход",
        note=("smime.p7m",),
    ),
    Case(
        "pgp_mime",
        head("s4")
        + multi(
            TEXT,
            body(_ARMOUR, "application/pgp-signature; name=signature.asc"),
            sub="signed",
            more='; protocol="application/pgp-signature"',
        ),
        text=WORDS,
    ),
    Case(
        "pgp_inline",
        head("s5") + body(f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{WORDS}\n{_ARMOUR}"),
        text=f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{WORDS}\n{_ARMOUR}",
    ),
    Case(
        "pgp_encrypted",
        head("s6")
        + multi(
            body("Version: 1", "application/pgp-encrypted"),
            body("-----BEGIN PGP MESSAGE-----", 'application/octet-stream; name="encrypted.asc"'),
            sub="encrypted",
        ),
        text="Вход",
        note=("encrypted.asc",),
    ),
    Case(
        "signed_with_a_file",
        head("s7")
        + multi(
            multi(TEXT, file("a.png", PNG, "image/png"), mark="inner"),
            file("smime.p7s", _OPAQUE, "application/pkcs7-signature"),
            sub="signed",
        ),
        text=WORDS,
        files=("a.png",),
    ),
]

KINDS = {"broken MIME": BROKEN, "nested letters": NESTED, "bombs": BOMBS, "signed letters": SIGNED}


def huge() -> list[Case]:
    """Letters of 30 MB, made when they are read: nobody keeps these in a repository."""
    paper = PDF + bytes(22 * 1024 * 1024)
    rows = (WORDS + "\n") * 300_000
    return [
        Case(
            "thirty_megabytes_of_file",
            head("h1") + multi(TEXT, file("scan.pdf", paper, "application/pdf")),
            text=WORDS,
            files=("scan.pdf",),
        ),
        Case("thirty_megabytes_of_text", head("h2") + body(rows), note=("…",)),
        Case(
            "thirty_megabytes_of_html",
            head("h3") + body(rows.replace("\n", "<br>\n"), "text/html; charset=utf-8"),
            note=("…",),
        ),
        Case(
            "thirty_megabytes_without_an_end_of_line", head("h4") + body("x" * 29_000_000), language="en", note=("…",)
        ),
        Case(
            "thirty_megabytes_of_small_files",
            head("h5") + multi(TEXT, *[b"Content-Type: image/png\r\n\r\n" + b64(bytes(240_000)) + CRLF] * 90),
            text=WORDS,
            note=("file.png",),
        ),
    ]
