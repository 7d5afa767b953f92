"""What a ledger is made of, and how a record becomes a line of JSON and back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar


@dataclass
class Leg:
    """One telephone in one call. `status` is the last one of Twilio's call statuses."""

    id: int
    sid: str
    far_end: str
    direction: str
    from_at: datetime
    answered_at: datetime | None = None
    to_at: datetime | None = None
    status: str = "queued"


@dataclass
class Ring:
    """The bell of one far end. `result`: answered, busy, no-answer, failed, canceled, lost."""

    id: int
    sid: str
    number: str
    from_at: datetime
    to_at: datetime | None = None
    result: str = ""


@dataclass
class Conversation:
    """Two far ends that could hear each other, in a conference or a bridge."""

    id: int
    one: str
    other: str
    one_sid: str
    other_sid: str
    place: str
    from_at: datetime
    to_at: datetime | None = None
    result: str = ""


@dataclass
class Stay:
    """A far end in a conference or bridge, as long as its state there is the same.

    `coaching` is the sid of the only leg that hears it; a muted one is heard by nobody, a held one neither hears nor
    is heard.
    """

    id: int
    sid: str
    far_end: str
    place: str
    from_at: datetime
    muted: bool = False
    held: bool = False
    coaching: str = ""
    to_at: datetime | None = None
    result: str = ""


@dataclass
class Text:
    """One short message. `status`: queued, sent, delivered, undelivered, failed."""

    id: int
    sid: str
    from_: str
    to: str
    body: str
    at: datetime
    status: str = "queued"


Record = Leg | Ring | Conversation | Stay | Text
R = TypeVar("R", Leg, Ring, Conversation, Stay, Text)
KINDS: dict[str, type[Leg] | type[Ring] | type[Conversation] | type[Stay] | type[Text]] = {
    "leg": Leg,
    "ring": Ring,
    "conversation": Conversation,
    "stay": Stay,
    "message": Text,
}
NAMES = {kind: name for name, kind in KINDS.items()}


def row_of(record: Record) -> dict[str, Any]:
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(record).items()}


def record_of(row: dict[str, Any]) -> Record:
    kind = KINDS[row.pop("kind")]
    values: dict[str, Any] = {
        key: datetime.fromisoformat(value) if value and (key == "at" or key.endswith("_at")) else value
        for key, value in row.items()
    }
    return kind(**values)
