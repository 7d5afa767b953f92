"""A letter that came back: which of ours it was, and whether it can never arrive (RFC 3464, and what others write)."""

import re
from dataclasses import dataclass

from helpdesk.intake.mail_parts import header, parse, parts
from helpdesk.tickets.thread_token import letter_in

# A report is short; whatever stands further down is the letter that came back.
_MOST = 300_000

_ACTION = re.compile(r"^Action:\s*(\w+)", re.IGNORECASE | re.MULTILINE)
_STATUS = re.compile(r"^Status:\s*(\d\.\d{1,3}\.\d{1,3})", re.IGNORECASE | re.MULTILINE)
# "550 5.1.1 <…>: no such user", as servers that send no report quote each other
_QUOTED = re.compile(r"(?<![\d.])(?:5\d\d[ -])?#?([45]\.\d{1,3}\.\d{1,3})(?![\d.])|(?<!\d)(5[0-7]\d)[ -](?=\D)")


@dataclass(frozen=True)
class Returned:
    """One of our letters did not arrive. `status` as the other server gave it ("5.1.1", "550"), empty when it gave
    none; `for_good`: no further try can help."""

    letter_id: int
    status: str
    for_good: bool


def returned(content: bytes, key: str) -> Returned | None:
    """What a bounce says of a letter of ours; None when it names none.

    A letter is ours by the token in its Message-ID, which nobody can make up: a forged bounce marks no address but
    that of somebody who got the letter.
    """
    message, raw = parse(content[:_MOST]), content[:_MOST].decode("latin-1")
    found = parts(message)
    letter_id = letter_in(key, header(message, "In-Reply-To"), header(message, "References"), raw, *found.texts)
    if letter_id is None:
        return None
    action = _ACTION.search(raw)
    if action is not None:
        status = _STATUS.search(raw)
        failed = action[1].lower() == "failed" and not (status is not None and status[1].startswith("4"))
        return Returned(letter_id, status[1] if status else "", failed)
    quoted = next((match[1] or match[2] for match in map(_QUOTED.search, found.texts) if match), "")
    return Returned(letter_id, quoted, quoted.startswith("5"))
