"""The states of a leg in Twilio's words, and what a leg is asked to report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

QUEUED, INITIATED, RINGING, IN_PROGRESS, COMPLETED = "queued", "initiated", "ringing", "in-progress", "completed"
BUSY, NO_ANSWER, FAILED, CANCELED = "busy", "no-answer", "failed", "canceled"
TERMINAL = frozenset({COMPLETED, BUSY, NO_ANSWER, FAILED, CANCELED})
INBOUND, OUTBOUND_API, OUTBOUND_DIAL = "inbound", "outbound-api", "outbound-dial"
TELEPHONE = re.compile(r"\+[1-9]\d{6,14}|\d{3,6}")
"""E.164, or a short number of the trunk, as 112 and 1450 are."""
SIP_CODES = {COMPLETED: "200", BUSY: "486", NO_ANSWER: "487", CANCELED: "487", FAILED: "404"}


@dataclass(frozen=True)
class Heard:
    """What the far end heard: `kind` is play, say or pause; `what` the file name or the words."""

    kind: str
    what: str
    url: str
    at: datetime
    seconds: float


@dataclass(frozen=True)
class StatusCallback:
    url: str
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})
