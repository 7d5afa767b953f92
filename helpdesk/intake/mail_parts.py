"""Raw bytes of a letter → its headers, text, HTML and files, however broken they are."""

import re
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import EmailPolicy
from email.utils import getaddresses
from functools import lru_cache
from typing import Any, cast

from helpdesk.intake import winmail
from helpdesk.intake.charsets import decoded, readable

# The header parser of the standard library raises any of these on headers that spammers and old programs write.
_BROKEN = (MessageError, ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError)

_ADDRESS = re.compile(r"[^\s<>@\"',;:()]{1,64}@[^\s<>@\"',;:()]{1,254}")

MAX_PARTS = 100
MAX_DEPTH = 12
# Nobody is shown more of one text; the rest is in the original.
MAX_TEXT_BYTES = 2_000_000
# The parser of the standard library holds every line against all frames around it.
MAX_FRAMES = 400
_LONGEST_REMEMBERED = 1_000
# Of a longer header the ends are read: it is a list of Message-IDs, or made to keep its reader busy.
_HEADER_END = 10_000


_NAMES_FILE = frozenset({"content-disposition", "content-type"})
# Parts for programs alone.
_SAYS_NOTHING = frozenset(
    {
        "message/delivery-status",
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    }
)


@dataclass(frozen=True)
class FilePart:
    """A file as it came: its name as the sender wrote it (decoded), and its bytes."""

    name: str
    content: bytes


@dataclass
class Parts:
    """The readable parts in their order. `too_deep` counts parts that were left unread; `spare` is said twice, and
    counts where there are no other words, like `unread`, which nobody here can read."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    files: list[FilePart] = field(default_factory=list)
    too_deep: int = 0
    seen: int = 0
    spare: str = ""
    spare_html: str = ""
    unread: FilePart | None = None


class _Remembering(EmailPolicy):
    """The standard library understands a header anew each time that it is asked for, a part's type dozens of times."""

    def header_fetch_parse(self, name: str, value: str) -> Any:
        """As the standard policy; a header that it raises on stays as it was written."""
        return _remembered(name, value) if len(value) <= _LONGEST_REMEMBERED else _understood(name, value)


def _understood(name: str, value: str) -> Any:
    try:
        return policy.default.header_fetch_parse(name, value)
    except _BROKEN:
        return " ".join(value.split())


_remembered = lru_cache(maxsize=1024)(_understood)


_POLICY = cast("policy.Policy[EmailMessage]", _Remembering())


def parse(content: bytes) -> EmailMessage:
    """The letter as a tree. The parser of the standard library notes defects and does not raise on them."""
    if content.count(b"boundary=") <= MAX_FRAMES:
        try:
            return message_from_bytes(content, policy=_POLICY)
        except RecursionError:
            pass
    # frames in frames without end: the headers, and all the rest as one text
    return parse_headers(content)


def parse_headers(content: bytes) -> EmailMessage:
    """The letter's headers; all the rest is one text."""
    return BytesParser(policy=_POLICY).parsebytes(content, headersonly=True)


def header(message: Message, name: str) -> str:
    """A header, decoded, on one line; an empty string when it is absent."""
    raw = next((str(raw) for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    if len(raw) > 2 * _HEADER_END:
        return " ".join(readable(_unescape(f"{raw[:_HEADER_END]} {raw[-_HEADER_END:]}")).split())
    if "=?" in raw:  # read by us, who know that windows-1251 may be Kazakh
        return " ".join(readable(_unescape(_decoded_words(raw))).split())
    try:
        value = message.get(name)
        text = "" if value is None else str(value)
    except _BROKEN:
        text = "\ufffd"
    if "\ufffd" in text:
        text = raw
    return " ".join(readable(_unescape(text)).split())


def addresses(message: Message, name: str) -> list[tuple[str, str]]:
    """(display name, address in small letters) pairs of an address header; what is no address is left out."""
    written = header(message, name)
    pairs = [(shown.strip(), address.strip().lower()) for shown, address in getaddresses([written])]
    sound = [(shown, address) for shown, address in pairs if _ADDRESS.fullmatch(address)]
    return sound or [("", address.lower()) for address in _ADDRESS.findall(written)[:1]]


def parts(message: EmailMessage) -> Parts:
    """All parts, of alternatives the plain text and the HTML."""
    found = Parts()
    _walk(message, found, 0)
    if not any(text.strip() for text in (*found.texts, *found.htmls)):
        found.texts += [found.spare] if found.spare else []
        found.htmls += [found.spare_html] if found.spare_html else []
        found.files += [found.unread] if found.unread else []
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
    elif kind == "application/ms-tnef" or name.lower() == "winmail.dat":
        _unpack(_content(part), found)
    elif kind not in _SAYS_NOTHING:
        found.files.append(FilePart(name or f"file.{kind.rpartition('/')[2][:8]}", _content(part)))


def _unpack(content: bytes, found: Parts) -> None:
    """Outlook's winmail.dat: its files, and its words when the letter has no others."""
    try:
        packed = winmail.unpack(content)
    except winmail.Broken:
        found.files.append(FilePart("winmail.dat", content))
        return
    found.files += [FilePart(_read(name), inside) for name, inside in packed.files]
    found.spare = _read(packed.plain)
    found.spare_html = decoded(packed.html, "")
    if packed.only_rich:
        found.unread = FilePart("winmail.dat", content)


def _read(raw: bytes | str) -> str:
    return readable(raw if isinstance(raw, str) else decoded(raw, ""))


def text_of(part: Message) -> str:
    """A text part, decoded by what it says and, where that is wrong, by what it holds."""
    charset = part.get_param("charset")
    declared = charset[2] if isinstance(charset, tuple) else str(charset or "")
    return readable(decoded(_content(part)[:MAX_TEXT_BYTES], declared))


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
            return b"?"
    return _content(part)


def _file_name(part: Message) -> str:
    try:
        name = readable(_decoded_words(part.get_filename() or ""))
    except _BROKEN:
        return "file"
    if "\ufffd" in name:  # eight bits that were not declared
        raw = " ".join(str(raw) for key, raw in part.raw_items() if key.lower() in _NAMES_FILE)
        found = re.search(r"\b(?:file)?name\s*=\s*(?:\"([^\"]*)\"|([^\s;]+))", raw, re.IGNORECASE)
        name = readable(_unescape(found[1] or found[2])) if found and (found[1] or found[2]) else name
    return name


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
