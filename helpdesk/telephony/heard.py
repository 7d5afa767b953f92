"""What every webhook of a call says, read with suspicion."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.kernel import phones
from helpdesk.telephony.rules import LegState

# What carriers put in place of a number that is hidden, unavailable or restricted.
HIDDEN = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253", "+464"})

_SID = re.compile(r"[A-Za-z0-9]{2,64}")
_KEYS = re.compile(r"[0-9*#]{0,32}")
# In the place of keys: the caller hung up while a message was being recorded.
_HUNG_UP = "hangup"


class Mangled(ValueError):
    """A signed request that makes no sense: something of ours or of the carrier's is broken."""


@dataclass(frozen=True)
class Sound:
    """What was recorded: the carrier's id and the length."""

    sid: str
    seconds: int


@dataclass(frozen=True)
class Heard:
    """One webhook about one leg. `number` is the far end's written number, None when it is hidden or no number.

    `dialled`: how dialling another number ended, "" when nobody was dialled; `recorded`: a message that was left.
    """

    sid: str
    address: str
    number: str | None
    called: str | None
    outbound: bool
    keys: str
    state: LegState | None
    dialled: str = ""
    recorded: Sound | None = None

    @property
    def from_softphone(self) -> bool:
        """Whether an operator's browser is at the far end."""
        return self.address.startswith("client:")


def read(form: Mapping[str, str]) -> Heard:
    """Raises Mangled."""
    sid, status = form.get("CallSid", ""), form.get("CallStatus", "")
    keys = form.get("Digits", "").removeprefix(_HUNG_UP)
    if not _SID.fullmatch(sid):
        raise Mangled("CallSid")
    if not _KEYS.fullmatch(keys):
        raise Mangled("Digits")
    if status and status not in LegState.__members__.values():
        raise Mangled("CallStatus")
    outbound = form.get("Direction", "inbound").startswith("outbound")
    address, called = form.get("From", ""), form.get("To", "")
    if outbound:
        address, called = called, address
    return Heard(
        sid=sid,
        address=address[:100],
        number=person(address),
        called=phones.written(called) if called else None,
        outbound=outbound,
        keys=keys,
        state=LegState(status) if status else None,
        dialled=form.get("DialCallStatus", "")[:20],
        recorded=sound(form),
    )


def sound(form: Mapping[str, str]) -> Sound | None:
    """A recording that a webhook tells of, None when it tells of none. Raises Mangled."""
    sid, seconds = form.get("RecordingSid", ""), form.get("RecordingDuration", "0")
    if not sid:
        return None
    if not _SID.fullmatch(sid):
        raise Mangled("RecordingSid")
    if not seconds.lstrip("-").isascii() or not seconds.lstrip("-").isdigit() or len(seconds) > 6:
        raise Mangled("RecordingDuration")
    return Sound(sid, max(0, int(seconds)))


def person(address: str) -> str | None:
    """The written number of a person, None for hidden callers, softphones and service numbers."""
    if address.strip() in HIDDEN or not address or address.startswith("client:"):
        return None
    number = phones.written(address[:100])
    return number if number is not None and number.startswith("+") else None
