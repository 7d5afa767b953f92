"""What the far ends lived: every leg, ring, conversation and message.

Proofs count here, not in the application's tables. With a file the ledger survives its own restart: each record is
written as one line of JSON whenever it changes, the last line of a record counts. Records left open by a crash are
closed at the next start with the result "lost".
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO, TypeVar

from phonesim.records import NAMES, Conversation, Leg, R, Ring, Stay, Text, record_of, row_of

__all__ = ["Conversation", "Ledger", "Leg", "Ring", "Stay", "Text"]


class Ledger:
    def __init__(self, now: Callable[[], datetime], file: Path | None = None) -> None:
        self._now = now
        self._ids = itertools.count(1)
        self._legs: dict[str, Leg] = {}
        self._rings: dict[str, Ring] = {}
        self._conversations: dict[int, Conversation] = {}
        self._open: dict[tuple[str, str, str], Conversation] = {}
        self._stays: dict[int, Stay] = {}
        self._staying: dict[str, Stay] = {}
        self._texts: dict[str, Text] = {}
        self._file: TextIO | None = None
        if file is not None:
            if file.exists():
                self._read(file)
            file.parent.mkdir(parents=True, exist_ok=True)
            self._file = file.open("a", encoding="utf-8")
            self._close_lost()

    # -- what the network notes ------------------------------------------------------------------------------------

    def leg_began(self, sid: str, far_end: str, direction: str, status: str) -> None:
        self._legs[sid] = self._keep(Leg(next(self._ids), sid, far_end, direction, self._now(), status=status))

    def leg_changed(self, sid: str, status: str, over: bool = False) -> None:
        leg = self._legs[sid]
        leg.status = status
        if status == "in-progress" and leg.answered_at is None:
            leg.answered_at = self._now()
        if over:
            leg.to_at = self._now()
        self._keep(leg)

    def ring_began(self, sid: str, number: str) -> None:
        self._rings[sid] = self._keep(Ring(next(self._ids), sid, number, self._now()))

    def ring_ended(self, sid: str, result: str) -> None:
        ring = self._rings.get(sid)
        if ring is not None and ring.to_at is None:
            ring.to_at, ring.result = self._now(), result
            self._keep(ring)

    def met(self, one: tuple[str, str], other: tuple[str, str], place: str) -> None:
        """`one` and `other` are (sid, far end)."""
        (one_sid, one_end), (other_sid, other_end) = sorted((one, other))
        key = (place, one_sid, other_sid)
        if key not in self._open:
            talk = Conversation(next(self._ids), one_end, other_end, one_sid, other_sid, place, self._now())
            self._open[key] = self._conversations[talk.id] = self._keep(talk)

    def parted(self, sid: str, place: str) -> None:
        for key in [key for key in self._open if key[0] == place and sid in key[1:]]:
            talk = self._open.pop(key)
            talk.to_at, talk.result = self._now(), "ended"
            self._keep(talk)

    def stay(
        self, sid: str, far_end: str, place: str, muted: bool = False, held: bool = False, coaching: str = ""
    ) -> None:
        """A far end is somewhere in this state from now on; the same state again changes nothing."""
        now = self._staying.get(sid)
        if now is not None and (now.place, now.muted, now.held, now.coaching) == (place, muted, held, coaching):
            return
        self.left(sid)
        stay = Stay(next(self._ids), sid, far_end, place, self._now(), muted, held, coaching)
        self._staying[sid] = self._stays[stay.id] = self._keep(stay)

    def left(self, sid: str) -> None:
        stay = self._staying.pop(sid, None)
        if stay is not None:
            stay.to_at, stay.result = self._now(), "ended"
            self._keep(stay)

    def texted(self, sid: str, from_: str, to: str, body: str) -> None:
        self._texts[sid] = self._keep(Text(next(self._ids), sid, from_, to, body, self._now()))

    def text_changed(self, sid: str, status: str) -> None:
        text = self._texts[sid]
        text.status = status
        self._keep(text)

    # -- what proofs ask -------------------------------------------------------------------------------------------

    def legs(self, number: str | None = None) -> list[Leg]:
        return [leg for leg in self._legs.values() if number in (None, leg.far_end)]

    def rings(self, number: str | None = None) -> list[Ring]:
        return [ring for ring in self._rings.values() if number in (None, ring.number)]

    def conversations(self, number: str | None = None) -> list[Conversation]:
        return [talk for talk in self._conversations.values() if number in (None, talk.one, talk.other)]

    def stays(self, number: str | None = None) -> list[Stay]:
        return [stay for stay in self._stays.values() if number in (None, stay.far_end)]

    def messages(self, number: str | None = None) -> list[Text]:
        return [text for text in self._texts.values() if number in (None, text.to)]

    def heard_by(self, speaker: str, at: datetime | None = None) -> set[str]:
        """The far ends that could hear this one at a moment; without one, at any time so far."""
        heard: set[str] = set()
        for said in self.stays(speaker):
            if said.muted or said.held:
                continue
            heard |= {
                stay.far_end
                for stay in self._stays.values()
                if stay.place == said.place
                and stay.sid != said.sid
                and not stay.held
                and said.coaching in ("", stay.sid)
                and _together(said, stay, at)
            }
        return heard

    def overlapping_rings(self, number: str | None = None) -> list[tuple[Ring, Ring]]:
        """Pairs of rings of one telephone that sounded at the same time; a ring still sounding has no end."""
        return list(_overlaps(self.rings(number), lambda ring: [ring.number]))

    def overlapping_conversations(self, number: str | None = None) -> list[tuple[Conversation, Conversation]]:
        """Pairs of conversations that one far end had at the same time in different places."""
        pairs = _overlaps(self.conversations(number), lambda talk: [talk.one, talk.other])
        return [(a, b) for a, b in pairs if a.place != b.place]

    def as_json(self) -> dict[str, list[dict[str, Any]]]:
        return {
            "legs": [row_of(leg) for leg in self._legs.values()],
            "rings": [row_of(ring) for ring in self._rings.values()],
            "conversations": [row_of(talk) for talk in self._conversations.values()],
            "stays": [row_of(stay) for stay in self._stays.values()],
            "messages": [row_of(text) for text in self._texts.values()],
        }

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    # -- the file --------------------------------------------------------------------------------------------------

    def _keep(self, record: R) -> R:
        if self._file is not None:
            line = {"kind": NAMES[type(record)], **row_of(record)}
            self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
            self._file.flush()
        return record

    def _read(self, file: Path) -> None:
        highest = 0
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                try:
                    row = json.loads(line)
                except ValueError:
                    continue  # the line that a crash cut short
                record = record_of(row)
                highest = max(highest, record.id)
                if isinstance(record, Leg):
                    self._legs[record.sid] = record
                elif isinstance(record, Ring):
                    self._rings[record.sid] = record
                elif isinstance(record, Conversation):
                    self._conversations[record.id] = record
                elif isinstance(record, Stay):
                    self._stays[record.id] = record
                else:
                    self._texts[record.sid] = record
        self._ids = itertools.count(highest + 1)

    def _close_lost(self) -> None:
        for ring in self._rings.values():
            if ring.to_at is None:
                ring.to_at, ring.result = self._now(), "lost"
                self._keep(ring)
        for talk in self._conversations.values():
            if talk.to_at is None:
                talk.to_at, talk.result = self._now(), "lost"
                self._keep(talk)
        for stay in self._stays.values():
            if stay.to_at is None:
                stay.to_at, stay.result = self._now(), "lost"
                self._keep(stay)
        for leg in self._legs.values():
            if leg.to_at is None:
                leg.to_at, leg.status = self._now(), "failed"
                self._keep(leg)


def _together(one: Stay, other: Stay, at: datetime | None) -> bool:
    begins = max(one.from_at, other.from_at)
    ends = [end for end in (one.to_at, other.to_at) if end is not None]
    if at is not None:
        return begins <= at and all(at < end for end in ends)
    return all(begins < end for end in ends)


P = TypeVar("P", Ring, Conversation)


def _overlaps(spans: list[P], names: Callable[[P], Iterable[str]]) -> Iterable[tuple[P, P]]:
    by_name: dict[str, list[P]] = {}
    for span in sorted(spans, key=lambda span: (span.from_at, span.id)):
        for name in names(span):
            by_name.setdefault(name, []).append(span)
    for same in by_name.values():
        still: list[P] = []
        for span in same:
            still = [other for other in still if other.to_at is None or other.to_at > span.from_at]
            yield from ((other, span) for other in still)
            still.append(span)
