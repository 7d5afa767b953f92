"""Letters that a machine wrote: they open no ticket and are never answered, or two machines would write for ever."""

import re
from collections.abc import Collection
from email.message import EmailMessage
from enum import StrEnum

from helpdesk.intake.mail_parts import addresses, header
from helpdesk.kernel.i18n import N_
from helpdesk.tickets.thread_token import ticket_in


class Rejection(StrEnum):
    """Why a letter became no ticket. Kept with the raw letter."""

    AUTOMATIC = "automatic"
    BULK = "bulk"
    LIST = "list"
    BOUNCE = "bounce"
    MACHINE = "machine"
    OWN = "own"
    EMPTY = "empty"
    DUPLICATE = "duplicate"


LABELS = {
    Rejection.AUTOMATIC: N_("An automatic answer"),
    Rejection.BULK: N_("A bulk letter"),
    Rejection.LIST: N_("A letter of a mailing list"),
    Rejection.BOUNCE: N_("A letter that came back as undeliverable"),
    Rejection.MACHINE: N_("The sender is a machine that reads no answers"),
    Rejection.OWN: N_("A letter of our own"),
    Rejection.EMPTY: N_("An empty letter"),
    Rejection.DUPLICATE: N_("The same letter came before"),
}

_BOUNCERS = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|mdaemon|bounces?(?:[+=-].*)?)@", re.IGNORECASE)
_DEAF = re.compile(r"^(?:no-?_?reply|do-?_?not-?_?reply|donotreply)(?:[+-][^@]*)?@", re.IGNORECASE)
_ANSWERED_BY_ITSELF = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "X-OTRS-Loop", "X-Mailru-Autoreply")
_BULK = frozenset({"bulk", "junk", "auto_reply"})


def why_rejected(
    message: EmailMessage, envelope_from: str | None, own_addresses: Collection[str], key: str
) -> Rejection | None:
    """The reason why a machine must have written this, or None.

    `envelope_from` is what the sending server said (empty for the null sender `<>`, None when nobody knows);
    `own_addresses` are our mailboxes, `key` tells our own Message-IDs. The mail domain alone proves nothing: teachers
    have mailboxes there too.
    """
    senders = [address for _, address in addresses(message, "From")]
    if any(address in own_addresses for address in senders):
        return Rejection.OWN
    if ticket_in(key, header(message, "Message-ID")) is not None:
        return Rejection.OWN
    if any(str(value).strip().lower() in own_addresses for value in message.get_all("X-Loop", [])):
        return Rejection.OWN  # a forwarder between us and somebody else has seen it before
    if envelope_from == "" or message.get_content_type() == "multipart/report":
        return Rejection.BOUNCE
    if any(_BOUNCERS.match(address) for address in (*senders, envelope_from or "")):
        return Rejection.BOUNCE
    submitted = header(message, "Auto-Submitted").split(";")[0].strip().lower()
    if submitted not in ("", "no") or _says(message, *_ANSWERED_BY_ITSELF):
        return Rejection.AUTOMATIC
    precedence = header(message, "Precedence").lower()
    if precedence == "list" or _says(message, "List-Id"):
        return Rejection.LIST
    if precedence in _BULK:
        return Rejection.BULK
    return Rejection.MACHINE if any(_DEAF.match(address) for address in senders) else None


def _says(message: EmailMessage, *names: str) -> bool:
    return any(header(message, name).lower() not in ("", "no", "none") for name in names)
