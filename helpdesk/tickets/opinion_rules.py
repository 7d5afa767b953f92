"""Asking whether people are satisfied: whom, how often, and how long an answer may be changed."""

from datetime import datetime, timedelta

from helpdesk.identity.rules import RESTRICTED
from helpdesk.kernel.i18n import N_
from helpdesk.tickets.rules import Resolution

# Grade and what it says, best first.
GRADES: dict[int, str] = {5: N_("very good"), 4: N_("good"), 3: N_("so-so"), 2: N_("bad"), 1: N_("very bad")}
GOOD, BAD = (4, 5), (1, 2)
# The same person is not asked again within this time.
ASKED_AGAIN_AFTER = timedelta(days=30)
# A first answer is taken so long after the question, and may be changed so long after it was given.
ANSWERED_WITHIN = timedelta(days=30)
CHANGED_WITHIN = timedelta(days=7)
LONGEST_WORDS = 2_000
# Who told us of this is never asked for a grade; a child in danger besides.
NEVER_ABOUT = RESTRICTED | {"O05", "O06"}
# There was no help to be graded: no request, or nobody who answered us.
NEVER_AFTER = frozenset({Resolution.SPAM, Resolution.NOT_REACHED})


def may_ask(category_code: str | None, resolution: str, asked_before: datetime | None, now: datetime) -> bool:
    """Whether the person is asked after this resolution; `asked_before` is when they were asked last, if ever."""
    if category_code in NEVER_ABOUT or resolution in NEVER_AFTER:
        return False
    return asked_before is None or now - asked_before >= ASKED_AGAIN_AFTER


def may_answer(asked_at: datetime, answered_at: datetime | None, now: datetime) -> bool:
    """Whether an answer is taken now: the first one, or another instead of it."""
    return now - answered_at < CHANGED_WITHIN if answered_at is not None else now - asked_at < ANSWERED_WITHIN
