"""A letter → Incoming, or the reason why it becomes no ticket."""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from html import unescape

import nh3
from inscriptis import get_text

from helpdesk.intake import quotes
from helpdesk.intake.charsets import readable
from helpdesk.intake.files import recognised, safe_name
from helpdesk.intake.incoming import Incoming, IncomingFile
from helpdesk.intake.language import guess
from helpdesk.intake.machine_letters import Rejection, why_rejected
from helpdesk.intake.mail_parts import FilePart, Parts, addresses, header, parse, parse_headers, parts
from helpdesk.intake.photos import without_story
from helpdesk.kernel.i18n import gettext, spoken
from helpdesk.tickets.rules import Channel, MessageKind, read_ticket_number
from helpdesk.tickets.thread_token import ticket_in

MAX_TOTAL = 25 * 1024 * 1024
MAX_FILES = 20
_HEADERS = 200_000  # bytes at the beginning of a letter in which its headers lie
MAX_TEXT = 100_000
MAX_HTML = 500_000

_KEPT_TAGS = """p br div span b i u s strong em a ul ol li blockquote pre code h1 h2 h3 h4 h5 h6 hr
    table thead tbody tfoot tr td th"""
_TAGS = set(_KEPT_TAGS.split())
_ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_SCHEMES = {"http", "https", "mailto", "tel"}

MAX_NESTING = 2000  # elements left open, which most programs forget to close now and then
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,30})[^<>]{0,5000}>")
_NO_INSIDE = "area base br col embed hr img input link meta p li td tr th source track wbr"
_ALONE = frozenset(_NO_INSIDE.split())

_PREFIX = re.compile(
    r"^\s*(?:(?:re|fwd?|fw|aw|отв|ответ|пер|переслано|жауап|қайта)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<!\d)\d{2}[-–]?\d{6,8}[-–]?\d(?!\d)")


@dataclass(frozen=True)
class PostOffice:
    """What reading a letter needs to know of the house.

    `mailboxes` are the desks by their address, `own_addresses` every address that we write from or take letters for,
    `key` the key of thread tokens; `keep` stores a file and returns its digest.
    """

    mailboxes: Mapping[str, int]
    own_addresses: Collection[str]
    key: str
    keep: Callable[[bytes], str]


def read(
    content: bytes,
    envelope_from: str | None,
    envelope_to: Collection[str],
    received_at: datetime,
    office: PostOffice,
    raw_mail_id: int | None = None,
) -> Incoming | Rejection:
    """What the letter says, or why it becomes no ticket. `language` is empty when the letter does not tell it.

    `joins` is set only by a genuine token of ours; a number in the subject is the caller's to check (`numbers_in`).
    """
    message = parse(content)
    rejected = why_rejected(message, envelope_from, office.own_addresses, office.key)
    if rejected is not None:
        return rejected
    found = parts(message)
    text = _text(found)
    subject = _PREFIX.sub("", header(message, "Subject"))
    if not (text or subject or found.files):
        return Rejection.EMPTY
    body, quoted = quotes.split(text)
    language = guess(body) or guess(subject)
    files, refused = _sorted(found.files, office.keep)
    name, sender = _sender(message, envelope_from)
    return Incoming(
        key=_key(message, content, text, found.files),
        channel=Channel.EMAIL,
        received_at=received_at,
        language=language,
        text=(body or subject)[:MAX_TEXT] + _note(refused, found, len(body) > MAX_TEXT, language),
        subject=(subject or ("" if body else next((safe_name(file.name) for file in found.files), "")))[:200],
        kind=MessageKind.EMAIL,
        name=name,
        emails=(sender,) if sender else (),
        desk_id=next((office.mailboxes[to] for to in envelope_to if to in office.mailboxes), None),
        answer_by="email",
        joins=ticket_in(office.key, header(message, "In-Reply-To"), header(message, "References")),
        raw_mail_id=raw_mail_id,
        quoted=quoted[:MAX_TEXT],
        html=_clean_html(found),
        files=tuple(files),
    )


def message_id(content: bytes) -> str:
    """The letter's own Message-ID, for the headers of an answer; empty when it has none or a broken one."""
    raw = header(parse_headers(content[:_HEADERS]), "Message-ID")
    return raw if re.fullmatch(r"<[^<>\s]{1,400}>", raw) else ""


def numbers_in(subject: str) -> list[str]:
    """Ticket numbers with a right check digit that a subject names, in their written form."""
    read_ = (read_ticket_number(raw) for raw in _NUMBER.findall(subject))
    return list(dict.fromkeys(number for number in read_ if number))


def _sender(message: EmailMessage, envelope_from: str | None) -> tuple[str, str]:
    name, address = next(iter(addresses(message, "From")), ("", ""))
    if not address and envelope_from and "@" in envelope_from:
        address = envelope_from.strip().lower()
    return ("" if "@" in name else name[:200]), (address if len(address) <= 254 else "")


def _text(found: Parts) -> str:
    text = "\n\n".join(text.strip() for text in found.texts if text.strip())
    return text or "\n\n".join(filter(None, (_from_html(html) for html in found.htmls)))


def _from_html(html: str) -> str:
    html = html[: 4 * MAX_HTML]
    if _is_deep(html):
        text = unescape(_TAG.sub(" ", html))
    else:
        try:
            text = get_text(html)
        except Exception:  # whatever a parser says about somebody's broken HTML, the words in it are kept
            text = nh3.clean(html, tags=set())
    lines = [line.rstrip() for line in readable(text).replace("\u00a0", " ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _is_deep(html: str) -> bool:
    """Whether its elements nest so deep that parsers take minutes over it, or leave its words out."""
    depth = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() not in _ALONE:
            depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > MAX_NESTING:
            return True
    return False


def _clean_html(found: Parts) -> str | None:
    """The HTML without scripts, styles, forms, pictures (they call home) and anything that is no text or table."""
    html = "<hr>".join(found.htmls)
    if not html or len(html) > MAX_HTML or _is_deep(html):
        return None
    return (
        nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")
        or None
    )


def _sorted(found: list[FilePart], keep: Callable[[bytes], str]) -> tuple[list[IncomingFile], list[str]]:
    """Files that are taken over, and the names of those that are not."""
    taken: list[IncomingFile] = []
    refused: list[str] = []
    for file in found:
        name = safe_name(file.name)
        if not file.content:
            continue
        fits = len(taken) < MAX_FILES and sum(one.size for one in taken) + len(file.content) <= MAX_TOTAL
        content_type = recognised(file.content, name) if fits else None
        if content_type is None:
            refused.append(name)
        else:
            content = without_story(file.content, content_type)
            taken.append(IncomingFile(name, content_type, keep(content), len(content)))
    return taken, refused


def _note(refused: list[str], found: Parts, is_cut: bool, language: str) -> str:
    lines = []
    with spoken(language):
        if refused:
            lines.append(gettext("[Files that were not taken over: %(names)s]", names=", ".join(refused)))
        if found.too_deep:
            lines.append(gettext("[Parts of the letter that were not read: %(count)s]", count=found.too_deep))
        if is_cut:
            lines.append(gettext("[The letter is longer; the rest is in the original]"))
    return "\n\n" + "\n".join(lines) if lines else ""


def _key(message: EmailMessage, content: bytes, text: str, files: list[FilePart]) -> str:
    """The same for one letter however often and by however many of our mailboxes it is delivered.

    A Message-ID alone is not enough: broken programs use one again for another letter.
    """
    identity, date = header(message, "Message-ID"), header(message, "Date")
    digest = hashlib.sha256()
    if not (identity or date):
        digest.update(content)
        return f"mail:{digest.hexdigest()}"
    for piece in (identity, header(message, "From"), date, header(message, "Subject"), text):
        digest.update(piece.encode("utf-8", "replace") + b"\0")
    for file in files:
        digest.update(hashlib.sha256(file.content).digest())
    return f"mail:{digest.hexdigest()}"
