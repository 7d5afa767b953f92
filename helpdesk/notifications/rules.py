"""The states of what we send out."""

from enum import StrEnum


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
