"""What we send out, by which medium, in which states, and how long we try."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Medium(StrEnum):
    EMAIL = "email"
    SMS = "sms"


class LetterState(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    KEPT = "kept"
    FAILED = "failed"
    DOUBLED = "doubled"  # the same text had just left to the same number


# What may still leave. One that is being sent may have left already, when its sender died.
UNSENT = frozenset({LetterState.PENDING, LetterState.SENDING})
# It has left, or is just leaving.
LEFT = frozenset({LetterState.SENDING, LetterState.SENT, LetterState.DELIVERED, LetterState.KEPT})


class Kind(StrEnum):
    """Why we write; the names of the templates."""

    OPENED = "ticket_opened"
    SECRET = "ticket_secret"  # noqa: S105 - the name of a template
    REPLIED = "ticket_replied"
    NEED_INFO = "need_info"
    REMINDED = "need_info_reminder"
    UNANSWERED = "settled_unanswered"
    RESOLVED = "ticket_resolved"
    CALLBACK_SET = "callback_set"
    CALLBACK_MISSED = "callback_missed"
    CALLBACK_FAILED = "callback_failed"
    VOICEMAIL_RECEIVED = "voicemail_received"
    ALARM = "alarm_raised"


# Only an operator's own words are no machine's letter.
AUTOMATIC = frozenset(Kind) - {Kind.REPLIED}

# A machine that answers each of our automatic letters without saying that it is one is stopped here.
MOST_AUTOMATIC_AN_HOUR = 10

# Minutes between one try and the next; the last one is repeated until GIVE_UP_AFTER.
BACKOFF = (1, 5, 15, 60, 180, 360)
GIVE_UP_AFTER = timedelta(days=2)
# A letter that somebody began to send this long ago is sent again: its sender is dead.
LEASE = timedelta(minutes=5)
# The same words to the same number within this time are one SMS.
SAME_TEXT_WITHIN = timedelta(minutes=10)

_MOBILE = re.compile(r"^\+77(?:0\d|47|6\d|7\d)\d{7}$")


def is_mobile(number: str) -> bool:
    """Whether a written number is a mobile one of Kazakhstan: the only ones that get SMS."""
    return bool(_MOBILE.match(number))


def medium(wishes: Sequence[str], channel: str, has_email: bool, has_mobile: bool) -> Medium | None:
    """How to reach somebody: the first wish ("email", "phone", "sms") that can be met, else the way they came, else
    any way there is; None when there is none."""
    possible = [kind for kind, there in ((Medium.EMAIL, has_email), (Medium.SMS, has_mobile)) if there]
    meant = {"email": Medium.EMAIL, "phone": Medium.SMS, "sms": Medium.SMS, "outgoing_call": Medium.SMS}
    wanted = [meant[wish] for wish in (*wishes, channel) if wish in meant]
    return next((one for one in (*wanted, *possible) if one in possible), None)


def quiet_until(now: datetime, zone: ZoneInfo, begins: time, ends: time) -> datetime:
    """When an SMS may leave that may only leave between two moments of the wall clock: now, or when it is time."""
    local = now.astimezone(zone)
    if begins <= local.time() < ends:
        return now
    day = local.date() if local.time() < begins else local.date() + timedelta(days=1)
    return datetime.combine(day, begins, zone).astimezone(UTC)


def next_attempt(created_at: datetime, now: datetime, attempts: int) -> datetime | None:
    """When to try again after `attempts` failures, or None when it has been tried long enough."""
    at = now + timedelta(minutes=BACKOFF[min(attempts, len(BACKOFF)) - 1])
    return at if at <= created_at + GIVE_UP_AFTER else None
