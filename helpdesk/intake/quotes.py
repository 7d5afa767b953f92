"""What somebody wrote, apart from the older letters that their program quoted below it."""

import re

from mailparser_reply.constants import MAIL_LANGUAGES, QUOTED_MATCH_INCLUDE
from mailparser_reply.parser import EmailMessage

from helpdesk.tickets.thread_token import REPLY_LINE


def _headers(*names: str) -> str:
    """The pattern of an Outlook-style block: at least two of these header lines."""
    return rf"((?:(?:^|\n)(?:> ?)*[* ]*(?:{'|'.join(names)}):.*){{2,}})"


# A year and a time of day: nobody writes both before "wrote:" by hand.
_DATED = r"(?=[^\n]{0,250}\d{1,2}[:.]\d{2})(?=[^\n]{0,250}20\d\d)"

# The library knows neither language; clients and their wordings: Gmail, iPhone, Thunderbird, Outlook, Mail.ru, Yandex.
MAIL_LANGUAGES["ru"] = {
    "wrote_header": rf"^({QUOTED_MATCH_INCLUDE}{_DATED}[^\n]{{10,250}} (?:написала?|написал\(а\)|пишет|писал\(а\)):)$",
    "from_header": _headers("От", "Отправлено", "Дата", "Кому", "Копия", "Тема", "От кого"),
    "disclaimers": [],
    "signatures": [],
    "sent_from": r"Отправлено (?:с|из)|Послано с|Отправлено через",
}
MAIL_LANGUAGES["kk"] = {
    "wrote_header": rf"^({QUOTED_MATCH_INCLUDE}{_DATED}[^\n]{{10,250}} жаз(?:ды|ған|ып отыр):)$",
    "from_header": _headers("Кімнен", "Кімге", "Жіберілді", "Жіберілген", "Күні", "Көшірме", "Тақырып", "Тақырыбы"),
    "disclaimers": [],
    "signatures": [],
    "sent_from": r"Менің \w+ жіберілді|Жіберілген құрылғы:|\w+(?:-нан|-нен|-дан|-ден|-тан|-тен) жіберілді",
}

# In any language: a date, a time of day and an address on one line that ends with a colon (Gmail, Yandex, Mail.ru).
# Without the time of day it has to say who "wrote" as well (Gmail's groups and telephones).
_WROTE = r"(?:написала?|написал\(а\)|пишет|(?:мынаны )?жазды|wrote)"
_ATTRIBUTION = re.compile(
    rf"^(?:{_DATED}[^\n]{{10,250}}<[^<>\s]+@[^<>\s]+>[^\n]{{0,20}}:"
    rf"|(?=[^\n]{{0,250}}20\d\d)[^\n]{{10,250}}<[^<>\s]+@[^<>\s]+>,? {_WROTE}:)$"
)
_SEPARATOR = re.compile(
    r"^-{3,} ?(?:original message|исходное сообщение|бастапқы хабар(?:лама)?|конец исходного сообщения) ?-{3,}$",
    re.IGNORECASE,
)
_FORWARD = re.compile(r"forwarded message|пересланн?ое|пересылаемое|қайта жіберілген|бағытталған", re.IGNORECASE)
_TRAILER = re.compile(
    "|".join(rf"^(?:{MAIL_LANGUAGES[code]['sent_from']}).{{0,60}}$" for code in ("kk", "ru", "en")), re.IGNORECASE
)
_RULE = re.compile(r"^[_-]{5,}$")
_SIGNATURE = re.compile(r"^(?:--|__+)$")

# The library's patterns look at pieces of this length only: on longer lines they can take minutes.
_LINE = 300
_LINES = 2000


def split(text: str) -> tuple[str, str]:
    """The letter's own text and what it quotes. When in doubt everything is its own text.

    Doubt is: a forwarded letter, nothing written above the quotation, answers between or below quoted lines.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cut = _first_quoted(lines)
    if cut is None or _is_answered_inside(lines[cut:]):
        return text.strip(), ""
    own, quoted = lines[:cut], lines[cut:]
    while own and (not own[-1].strip() or _TRAILER.match(own[-1].strip()) or _RULE.match(own[-1].strip())):
        quoted.insert(0, own.pop())
    if not "".join(own).strip():
        return text.strip(), ""
    return "\n".join(own).strip(), "\n".join(quoted).strip()


def _first_quoted(lines: list[str]) -> int | None:
    """The line with which the quotation begins, or the end when only a program's trailer is to be taken off."""
    shadow = [line.strip()[:_LINE] for line in lines[:_LINES]]
    found = [number for number, line in enumerate(shadow) if _starts_quotation(shadow, number, line)]
    known = EmailMessage(text="", languages=["kk", "ru", "en"]).HEADER_REGEX.search("\n".join(shadow))
    if known and known.group().strip():
        start = known.start() + len(known.group()) - len(known.group().lstrip())
        found.append("\n".join(shadow).count("\n", 0, start))
    if tail := _quoted_tail(shadow):
        found.append(tail)
    cut = min(found, default=None)
    if cut is not None:
        near = shadow[max(0, cut - 3) : cut + 1]
        return None if any(_FORWARD.search(line) and line.startswith("-") for line in near) else cut
    if any(_TRAILER.match(line) for line in shadow[-1:]):
        return len(lines)
    return None


def _starts_quotation(shadow: list[str], number: int, line: str) -> bool:
    if REPLY_LINE in line or _SEPARATOR.match(line):
        return True
    return _is_attribution(shadow, number) and not _is_attribution(shadow, number + 1)


def _is_attribution(shadow: list[str], number: int) -> bool:
    """Whether a line that says who wrote when begins here; clients fold it over up to three lines."""
    for size in (1, 2, 3):
        piece = shadow[number : number + size]
        if len(piece) < size or not piece[-1]:
            return False
        if _ATTRIBUTION.match(" ".join(piece).lstrip("> ")):
            return True
    return False


def _quoted_tail(shadow: list[str]) -> int | None:
    """Where the block of lines marked with > begins that closes the letter, if one does."""
    end = len(shadow)
    while end and not shadow[end - 1]:
        end -= 1
    start = end
    while start and (shadow[start - 1].startswith(">") or not shadow[start - 1]):
        start -= 1
    while start < end and not shadow[start]:
        start += 1
    return start if start < end else None


def _is_answered_inside(quotation: list[str]) -> bool:
    """Whether somebody wrote between or below lines marked with >."""
    marked = [number for number, line in enumerate(quotation) if line.lstrip().startswith(">")]
    if not marked:
        return False
    for line in quotation[marked[0] :]:
        text = line.strip()
        if _SIGNATURE.match(text):
            return False
        if text and not text.startswith(">") and not _TRAILER.match(text):
            return True
    return False
