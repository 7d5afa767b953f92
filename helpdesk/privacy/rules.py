"""Why somebody is erased, how long each kind of data is kept, and what a breach is."""

from dataclasses import dataclass
from enum import StrEnum

from helpdesk.kernel.i18n import N_


class Basis(StrEnum):
    """Why a person is erased. A choice, not words: the act holds no personal data."""

    DEMAND = "demand"
    WITHDRAWN = "withdrawn"
    COURT = "court"
    MISTAKE = "mistake"


BASES = {
    Basis.DEMAND: N_("The person demands it"),
    Basis.WITHDRAWN: N_("Consent was withdrawn"),
    Basis.COURT: N_("Decision of a court or of the authority"),
    Basis.MISTAKE: N_("Collected by mistake or without a basis"),
}


class ErasureState(StrEnum):
    """RUNNING until the last file is gone, however often a worker dies in between."""

    RUNNING = "running"
    DONE = "done"


# What an act counts, in its order.
COUNTED = {
    "tickets": N_("Tickets"),
    "messages": N_("Messages"),
    "letters": N_("Letters and SMS of ours"),
    "raw_mails": N_("Letters as they came"),
    "attachments": N_("Files"),
    "recordings": N_("Recordings"),
    "calls": N_("Calls"),
    "callbacks": N_("Callbacks"),
    "drafts": N_("Drafts"),
    "opinions": N_("Words beside grades"),
    "search_rows": N_("Rows of the search index"),
    "phones": N_("Telephone numbers"),
    "emails": N_("E-mail addresses"),
    "pupils": N_("Pupils"),
}


class Kept(StrEnum):
    """Kinds of data with a term of their own."""

    TICKETS = "tickets"
    APPEALS = "appeals"
    CALLS = "calls"
    REJECTED_MAIL = "rejected_mail"
    LISTS = "lists"
    JOURNAL = "journal"


@dataclass(frozen=True)
class Term:
    """How long a kind is kept when nobody decided otherwise, the fewest days that may be set, and what happens then."""

    days: int
    least: int
    words: str
    then: str


TERMS = {
    Kept.TICKETS: Term(
        3 * 365,
        30,
        N_("Tickets, after they were settled"),
        N_("Words, files, letters and recordings go; numbers, states and terms stay for the reports"),
    ),
    Kept.APPEALS: Term(
        5 * 365,
        5 * 365,
        N_("Registered appeals and complaints, after they were settled"),
        N_("The same; the law asks for five years at least"),
    ),
    Kept.CALLS: Term(
        365,
        30,
        N_("Whose number called"),
        N_("Numbers go; moments, outcomes and durations stay for the reports"),
    ),
    Kept.REJECTED_MAIL: Term(
        30, 1, N_("Letters that became no ticket"), N_("Content and addresses go; the ledger still counts them")
    ),
    Kept.LISTS: Term(
        30, 1, N_("Lists of people that were read in"), N_("The lines go; how many were added and changed stays")
    ),
    Kept.JOURNAL: Term(5 * 365, 365, N_("The journal"), N_("Older entries are deleted")),
}
LONGEST_TERM = 100 * 365


class BreachState(StrEnum):
    """SUSPECTED until somebody has judged it; the clock of the law runs from the moment it was noticed."""

    SUSPECTED = "suspected"
    CONFIRMED = "confirmed"
    REPORTED = "reported"
    DISMISSED = "dismissed"
    CLOSED = "closed"


BREACH_MOVES: dict[BreachState, frozenset[BreachState]] = {
    BreachState.SUSPECTED: frozenset({BreachState.CONFIRMED, BreachState.DISMISSED}),
    BreachState.CONFIRMED: frozenset({BreachState.REPORTED, BreachState.DISMISSED}),
    BreachState.REPORTED: frozenset({BreachState.CLOSED}),
    BreachState.DISMISSED: frozenset({BreachState.CONFIRMED}),
    BreachState.CLOSED: frozenset(),
}
# The authority does not know of it yet, and might have to.
UNREPORTED = frozenset({BreachState.SUSPECTED, BreachState.CONFIRMED})

BREACH_WORDS = {
    BreachState.SUSPECTED: N_("to be judged"),
    BreachState.CONFIRMED: N_("to be reported"),
    BreachState.REPORTED: N_("reported to the authority"),
    BreachState.DISMISSED: N_("no breach"),
    BreachState.CLOSED: N_("closed"),
}
