"""Texts of SMS, and how many parts each costs."""

import json
from pathlib import Path

from helpdesk.notifications.rules import Kind

TEXTS: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "sms_texts.json").read_text(encoding="utf-8"))

TEMPLATES = {
    Kind.OPENED: "registered",
    Kind.SECRET: "secret",
    Kind.REPLIED: "replied",
    Kind.NEED_INFO: "need_info",
    Kind.REMINDED: "need_info_reminder",
    Kind.UNANSWERED: "settled_unanswered",
    Kind.RESOLVED: "resolved",
    Kind.CALLBACK_SET: "callback_set",
    Kind.CALLBACK_MISSED: "callback_missed",
    Kind.CALLBACK_FAILED: "callback_failed",
    Kind.VOICEMAIL_RECEIVED: "voicemail_received",
    Kind.ALARM: "alarm",
}

# 3GPP TS 23.038: letters of one septet, and those behind an escape that take two.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_ESCAPED = frozenset("^{}\\[~]|€\f")


def fill(kind: Kind, language: str, **values: str) -> str:
    """The text of `kind` with its values in place. Raises KeyError when a value is missing."""
    return TEXTS[TEMPLATES[kind]][language].format(**values)


def segments(text: str) -> int:
    """Parts of an SMS: 160 septets or 153 each of several; one Kazakh or Russian letter makes it UCS-2, 70 and 67."""
    if all(letter in _GSM or letter in _GSM_ESCAPED for letter in text):
        units, alone, joined = sum(2 if letter in _GSM_ESCAPED else 1 for letter in text), 160, 153
    else:
        units, alone, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if units <= alone else -(-units // joined)
