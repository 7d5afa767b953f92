"""What was counted over worlds; sums, and the lines of a summary."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from phonesim.ledger import Conversation, Ledger

# Each must have struck more often than this in the whole proof, else it shows nothing.
OFTEN = 100
WILLING_SHARE = 0.95


@dataclass
class Tally:
    """The first five must be 0."""

    doubled: int = 0
    overlapping_rings: int = 0
    overlapping_talks: int = 0
    operators_in_two: int = 0
    open: int = 0
    worlds: int = 0
    promises: int = 0
    conversations: int = 0
    willing: int = 0
    connected: int = 0
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def broken(self) -> int:
        """How much went wrong that may never go wrong."""
        return self.doubled + self.overlapping_rings + self.overlapping_talks + self.operators_in_two + self.open

    def add(self, other: "Tally") -> None:
        """Sum up."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if isinstance(mine, Counter):
                mine.update(value)
            else:
                setattr(self, name, mine + value)

    def keep(self, file: Path) -> None:
        """One line of JSON at the end of a file."""
        with file.open("a") as lines:
            lines.write(json.dumps(vars(self)) + "\n")

    def count_talks(self, ledger: Ledger, numbers: Iterable[str], machines: Collection[str] = ()) -> None:
        """What the far ends lived; legs that a machine answered are conversations of nobody."""
        self.overlapping_rings += len(ledger.overlapping_rings())
        for one, other in ledger.overlapping_conversations():
            shared = {one.one, one.other} & {other.one, other.other}
            self.operators_in_two += any(name.startswith("client:") for name in shared)
            self.overlapping_talks += any(not name.startswith("client:") for name in shared)
        for number in numbers:
            people = [talk for talk in talks_of(ledger, number) if not {talk.one_sid, talk.other_sid} & set(machines)]
            talks = sorted(people, key=lambda talk: talk.from_at)
            self.conversations += len(talks)
            self.doubled += doubled_talks(talks, called_us(ledger, number))

    def summary(self, title: str) -> str:
        """For people."""
        share = self.connected / self.willing if self.willing else 0.0
        lines = [
            f"{title}: {self.worlds:,} runs, {self.promises:,} promises, {self.conversations:,} conversations",
            f"  double conversations      {self.doubled}",
            f"  overlapping rings         {self.overlapping_rings}",
            f"  overlapping conversations {self.overlapping_talks}",
            f"  operators in two          {self.operators_in_two}",
            f"  without terminal state    {self.open}",
            f"  willing and connected     {self.connected:,} of {self.willing:,} ({share:.1%})",
            "  ended: " + ", ".join(f"{name} {count:,}" for name, count in self.states.most_common()),
            "  struck: " + ", ".join(f"{name} {count:,}" for name, count in self.faults.most_common()),
        ]
        return "\n".join(lines)


def read(file: Path) -> Tally:
    """The sum of what was kept."""
    total = Tally()
    for line in file.read_text().splitlines() if file.exists() else ():
        kept = json.loads(line)
        total.add(Tally(**{name: Counter(value) if isinstance(value, dict) else value for name, value in kept.items()}))
    return total


def conclusion(file: Path) -> str:
    """The summary of the whole proof. Raises AssertionError when too little struck, or too few were reached."""
    total = read(file)
    rare = {name: count for name, count in total.faults.items() if count <= OFTEN and not name.startswith("job_failed")}
    if rare:
        raise AssertionError(f"too rare to show anything: {rare}")
    if total.connected < WILLING_SHARE * total.willing:
        raise AssertionError(f"too few connected: {total.connected} of {total.willing}")
    return total.summary("chaos")


def talks_of(ledger: Ledger, number: str) -> Iterable[Conversation]:
    """One for each leg that this telephone talked on."""
    seen = set()
    for talk in ledger.conversations(number):
        sid = talk.one_sid if talk.one == number else talk.other_sid
        if sid not in seen:
            seen.add(sid)
            yield talk


def called_us(ledger: Ledger, number: str) -> set[str]:
    """The legs on which this person called us."""
    return {leg.sid for leg in ledger.legs(number) if leg.direction == "inbound"}


def doubled_talks(talks: list[Conversation], own_calls: set[str]) -> int:
    """Conversations for one promise beyond the first, or after the person's own call was answered."""
    doubled, kept = 0, False
    for talk in talks:
        own = bool({talk.one_sid, talk.other_sid} & own_calls)
        doubled += kept and not own
        kept = True
    return doubled
