"""The states of a ticket, the moves between them, and its number."""

from enum import StrEnum


class TicketState(StrEnum):
    NEW = "new"
    OPEN = "open"
    WAITING_REQUESTER = "waiting_requester"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"


# From where to where a ticket may go. The database is asked with the same table: UPDATE … WHERE state IN (…).
MOVES: dict[TicketState, frozenset[TicketState]] = {
    TicketState.NEW: frozenset(
        {TicketState.OPEN, TicketState.WAITING_REQUESTER, TicketState.WAITING, TicketState.RESOLVED, TicketState.CLOSED}
    ),
    TicketState.OPEN: frozenset({TicketState.WAITING_REQUESTER, TicketState.WAITING, TicketState.RESOLVED}),
    TicketState.WAITING_REQUESTER: frozenset({TicketState.OPEN, TicketState.RESOLVED}),
    TicketState.WAITING: frozenset({TicketState.OPEN, TicketState.RESOLVED}),
    TicketState.RESOLVED: frozenset({TicketState.OPEN, TicketState.CLOSED}),
    TicketState.CLOSED: frozenset({TicketState.OPEN}),
}
UNFINISHED = frozenset({TicketState.NEW, TicketState.OPEN, TicketState.WAITING_REQUESTER, TicketState.WAITING})
PAUSED = frozenset({TicketState.WAITING_REQUESTER, TicketState.WAITING})


def sources(target: TicketState) -> frozenset[TicketState]:
    """The states from which `target` can be reached in one move."""
    return frozenset(state for state, targets in MOVES.items() if target in targets)


class TicketType(StrEnum):
    REQUEST = "request"
    APPEAL = "appeal"
    COMPLAINT = "complaint"
    INQUIRY = "inquiry"


class Channel(StrEnum):
    """How somebody reached us. Below the line of machines stand the ways that an operator types in."""

    PHONE = "phone"
    WEB = "web"
    EMAIL = "email"
    MESSENGER = "messenger"
    SOCIAL = "social"
    POST = "post"
    WALK_IN = "walk_in"
    OUTGOING_CALL = "outgoing_call"


class MessageKind(StrEnum):
    PUBLIC = "public"
    NOTE = "note"
    CALL = "call"
    SMS = "sms"
    EMAIL = "email"


class DraftKind(StrEnum):
    """What somebody is writing on a ticket."""

    REPLY = "reply"
    NOTE = "note"


class Resolution(StrEnum):
    """Why a ticket counts as resolved."""

    SOLVED = "solved"
    WORKAROUND = "workaround"
    ANSWERED = "answered"
    REDIRECTED = "redirected"
    DUPLICATE = "duplicate"
    NOT_REACHED = "not_reached"
    WITHDRAWN = "withdrawn"
    SPAM = "spam"


# Damm's quasigroup of order 10 (H. M. Damm, 2004): finds every single wrong digit and every swap of neighbours.
_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)


def check_digit(digits: str) -> str:
    """The digit that makes `digits` checkable."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def ticket_number(year: int, serial: int) -> str:
    """26-000123-4: two digits of the year, the serial of that year, a check digit over both."""
    digits = f"{year % 100:02d}{serial:06d}"
    return f"{digits[:2]}-{digits[2:]}-{check_digit(digits)}"


def read_ticket_number(raw: str) -> str | None:
    """The number in its written form out of what somebody typed or keyed, or None when the check digit disagrees."""
    digits = "".join(filter(str.isdecimal, raw))
    if len(digits) < 9 or check_digit(digits[:-1]) != digits[-1]:
        return None
    return f"{digits[:2]}-{digits[2:-1]}-{digits[-1]}"
