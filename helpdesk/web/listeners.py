"""What an open page hears: at once what concerns it, once a pulse what moved at its desks, shared by all alike."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue
from typing import Any

from helpdesk.telephony.queries import LineNow

# What all pages of the same desks look up because of one pulse is spread to so much a page: fifty questions a second.
SPREAD_MS = 20
# Pages that are told of more tickets than this at once look at their whole list instead.
MANY = 50
# What may change who waits; what a wallboard shows of calls and people.
_LINE = ("call.", "offer.")
_FLOOR = (*_LINE, "presence.", "queue.", "alarm.", "transfer.", "callback.")
# No list of tickets shows these.
_NO_TICKETS = (*_LINE, "presence.", "recording.")

Fact = Mapping[str, Any]
Desks = frozenset[int]


@dataclass(frozen=True, eq=False)
class Listener:
    """One open page: whose, which desks it may hear of, which ticket it shows, and whether it follows others' calls.

    `waiting`: frames that were not written yet. None says: no more.
    """

    staff_id: int
    desks: Desks
    ticket_id: int | None = None
    follows_calls: bool = False
    waiting: SimpleQueue[str | None] = field(default_factory=SimpleQueue)


@dataclass(eq=False)
class Share:
    """The pages with the same desks, and what moved there since they were told last."""

    desks: Desks
    follows_calls: bool
    listeners: set[Listener] = field(default_factory=set)
    tickets: dict[int, None] = field(default_factory=dict)
    calls: bool = False
    line: bool = False
    told: tuple[int, datetime | None] | None = None
    news: tuple[int, datetime | None] | None = None

    def take(self, fact: Fact) -> bool:
        """Remember a fact for the next pulse; False when it is of no interest here."""
        kind: str = fact["kind"]
        here = fact["desk_id"] in self.desks
        self.line |= here and kind.startswith(_LINE)
        # where somebody is belongs to no desk; whose it is, the page asks with its own rights
        self.calls |= self.follows_calls and kind.startswith(_FLOOR) and (here or kind.startswith("presence."))
        if here and fact["ticket_id"] is not None and not kind.startswith(_NO_TICKETS):
            self.tickets[fact["ticket_id"]] = None
        return bool(self.line or self.calls or self.tickets)

    def count(self, line: Mapping[int, LineNow]) -> None:
        """Take what was counted for all desks; the same as before is no news."""
        now = _together(line, self.desks)
        if now != self.told:
            self.told = self.news = now

    def take_frame(self) -> str | None:
        """What moved, as one frame for all of these pages; None when nothing they show did."""
        said: dict[str, Any] = {}
        if self.news is not None:
            waiting, oldest = self.news
            said["line"] = {"waiting": waiting, "since": int(oldest.timestamp()) if oldest else None}
        if self.tickets:
            said["tickets"] = list(self.tickets) if len(self.tickets) <= MANY else None
        if self.calls:
            said["calls"] = True
        self.tickets, self.calls, self.news = {}, False, None
        return frame(said | {"spread": len(self.listeners) * SPREAD_MS}, "desks") if said else None


def _together(line: Mapping[int, LineNow], desks: Desks) -> tuple[int, datetime | None]:
    found = [line[id_] for id_ in desks & line.keys()]
    return sum(one.waiting for one in found), min((one.oldest for one in found if one.oldest), default=None)


def frame(said: Mapping[str, Any], event: str = "") -> str:
    """One frame of a stream."""
    return (f"event: {event}\n" if event else "") + f"data: {json.dumps(said)}\n\n"


def facts_frame(fact: Fact) -> str:
    """The kind and the ids of one fact; of its details only ids: whatever else they say stays in the house."""
    named = {key: value for key, value in fact["details"].items() if key.endswith("_id") and isinstance(value, int)}
    own = {key: fact[key] for key in ("ticket_id", "call_id", "callback_id", "desk_id") if fact.get(key) is not None}
    return frame({"kind": fact["kind"], **named, **own})
