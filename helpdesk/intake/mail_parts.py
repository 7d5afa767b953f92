"""Raw bytes of a letter → its headers, text, HTML and files, however broken they are."""

import re
import unicodedata
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import EmailMessage, Message
from email.utils import getaddresses
from typing import cast

# The header parser of the standard library raises any of these on headers that spammers and old programs write.
_BROKEN = (MessageError, ValueError, LookupError, AttributeError, TypeError, AssertionError)

MAX_PARTS = 100
MAX_DEPTH = 12

# Bytes that kz1048 and windows-1251 read differently, as windows-1251 shows them: none is a letter of Russian.
_ODD_IN_RUSSIAN = frozenset("ЌЋќћЎўЈҐЄЇґєјЅѕї")
_KAZAKH = frozenset("әғқңөұүһӘҒҚҢӨҰҮҺ")


@dataclass(frozen=True)
class FilePart:
    """A file as it came: its name as the sender wrote it (decoded), and its bytes."""

    name: str
    content: bytes


@dataclass
class Parts:
    """The readable parts in their order. `too_deep` counts parts that were left unread."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    files: list[FilePart] = field(default_factory=list)
    too_deep: int = 0
    seen: int = 0


def parse(content: bytes) -> EmailMessage:
    """The letter as a tree. The parser of the standard library notes defects and does not raise on them."""
    return message_from_bytes(content, policy=policy.default)


def header(message: Message, name: str) -> str:
    """A header, decoded, on one line; an empty string when it is absent."""
    try:
        value = message.get(name)
        text = "" if value is None else str(value)
    except _BROKEN:
        text = "\ufffd"
    if "\ufffd" in text:
        raw = next((raw for key, raw in message.raw_items() if key.lower() == name.lower()), "")
        text = _decoded_words(str(raw))
    return " ".join(readable(_unescape(text)).split())


def addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """(display name, address in small letters) pairs of an address header; what is no address is left out."""
    pairs = getaddresses([header(message, name)])
    return [(shown.strip(), address.strip().lower()) for shown, address in pairs if "@" in address]


def parts(message: EmailMessage) -> Parts:
    """All parts, of alternatives the plain text and the HTML."""
    found = Parts()
    _walk(message, found, 0)
    return found


def _walk(part: Message, found: Parts, depth: int) -> None:
    found.seen += 1
    if depth > MAX_DEPTH or found.seen > MAX_PARTS:
        found.too_deep += 1
        return
    kind = part.get_content_type()
    if part.is_multipart() and kind != "message/rfc822":
        for child in cast(list[Message], part.get_payload()):
            _walk(child, found, depth + 1)
        return
    name = _file_name(part)
    if kind.startswith("multipart/"):
        kind = "text/plain"  # its boundary is missing, so that nothing divides the text from the rest
    if kind in ("text/plain", "text/html") and not name and _disposition(part) != "attachment":
        text = text_of(part)
        (found.texts if kind == "text/plain" else found.htmls).append(text)
    elif kind == "message/rfc822":
        found.files.append(FilePart(name or "letter.eml", _attached_letter(part)))
    elif kind not in ("message/delivery-status", "application/pgp-signature", "application/pkcs7-signature"):
        found.files.append(FilePart(name or f"file.{kind.rpartition('/')[2][:8]}", _content(part)))


def text_of(part: Message) -> str:
    """A text part, decoded by what it says and, where that is wrong, by what it holds."""
    charset = part.get_param("charset")
    declared = charset[2] if isinstance(charset, tuple) else str(charset or "")
    return readable(decoded(_content(part), declared))


def decoded(content: bytes, declared: str) -> str:
    """Bytes as text. Never raises: what cannot be read is replaced.

    Kazakh in one byte a letter is kz1048, and programs that do not know it declare windows-1251 (domain: STRK 1048).
    """
    name = declared.strip().strip("\"'").lower()
    if name in ("windows-1251", "cp1251", "win-1251", "1251", "x-cp1251"):
        return _cyrillic(content)
    if name not in ("", "us-ascii", "ascii", "unknown-8bit", "default"):
        try:
            return content.decode(name)
        except (LookupError, UnicodeError, ValueError):
            pass
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
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cn"))


def _cyrillic(content: bytes) -> str:
    text = content.decode("windows-1251", "replace")
    return content.decode("kz1048", "replace") if _ODD_IN_RUSSIAN & set(text) else text


def _looks_written(text: str) -> int:
    """Small Cyrillic letters speak for a reading, capitals after small letters against it."""
    small = sum(1 for letter in text if "а" <= letter <= "я" or letter in _KAZAKH)
    return small - 2 * len(re.findall(r"[а-я][А-Я]", text))


def _content(part: Message) -> bytes:
    try:
        payload = part.get_payload(decode=True)
    except _BROKEN:
        payload = None
    if isinstance(payload, bytes):
        return payload
    raw = part.get_payload()
    return raw.encode("utf-8", "surrogateescape") if isinstance(raw, str) else b""


def _attached_letter(part: Message) -> bytes:
    inner = part.get_payload()
    if isinstance(inner, list) and inner and isinstance(inner[0], Message):
        try:
            return bytes(inner[0].as_bytes(policy=policy.compat32))
        except (*_BROKEN, UnicodeError):
            return b""
    return _content(part)


def _file_name(part: Message) -> str:
    try:
        return readable(_decoded_words(part.get_filename() or ""))
    except _BROKEN:
        return "file"


def _disposition(part: Message) -> str:
    try:
        return part.get_content_disposition() or ""
    except _BROKEN:
        return "attachment"


def _decoded_words(raw: str) -> str:
    if "=?" not in raw:
        return _unescape(raw)
    try:
        pieces = decode_header(raw)
    except _BROKEN:
        return raw
    return "".join(piece if isinstance(piece, str) else decoded(piece, charset or "") for piece, charset in pieces)


def _unescape(text: str) -> str:
    """Eight-bit headers that were not declared at all come as surrogates: read them like a text."""
    if not any("\udc80" <= letter <= "\udcff" for letter in text):
        return text
    return decoded(text.encode("utf-8", "surrogateescape"), "")
