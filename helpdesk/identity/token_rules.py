"""What a token of another system may do, and how one looks."""

import hashlib
import re
import secrets
from datetime import timedelta
from enum import StrEnum


class Scope(StrEnum):
    """One thing that a token may do, in its part of the tree."""

    TICKETS_READ = "tickets:read"
    TICKETS_WRITE = "tickets:write"
    CONTACTS_READ = "contacts:read"
    ORGANIZATIONS_READ = "organizations:read"
    CALLBACKS_READ = "callbacks:read"
    CALLBACKS_WRITE = "callbacks:write"
    REPORTS_READ = "reports:read"
    RESTRICTED_READ = "restricted:read"


# The beginning lets scanners of leaked secrets and people know one again.
BEGINNING = "h1450_"
_TOKEN = re.compile(re.escape(BEGINNING) + r"[A-Za-z0-9_-]{43}")
# Days that a token is good for, as they are offered; None is for ever.
LIVES: tuple[int | None, ...] = (30, 90, 365, None)
# A use is written down no more often than this: a busy token would otherwise write a row at every request.
NOTED_EVERY = timedelta(minutes=1)
# So long a key of idempotency gives the same answer again.
ANSWERS_KEPT_FOR = timedelta(hours=24)


def new_token() -> str:
    """A token of 256 random bits."""
    return BEGINNING + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of it, 64 hex digits. Random bits need no salt and no slow hash: there is nothing to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(text: str) -> bool:
    """Whether a text has the form of a token."""
    return _TOKEN.fullmatch(text) is not None
