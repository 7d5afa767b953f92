"""What goes wrong on purpose: a policy with a seed of its own, and a count of what it did."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

STATUS, DOCUMENT, MEDIA = "status", "document", "media"


@dataclass
class Faults:
    """Chances from 0 to 1; everything is off unless given.

    `duplicate` sends a webhook a second time, `delay` holds a status callback back for `delay_seconds`, `reorder` for a
    few seconds so that a later one overtakes it, `drop` loses a status callback. `slow_document` makes the answer to a
    document take longer than Twilio waits. `rest_429`/`rest_500` refuse a REST request before anything is done;
    `rest_lost` does what was asked and loses the answer. `list_lag` seconds pass before a call shows in lists.
    """

    seed: int = 0
    duplicate: float = 0.0
    delay: float = 0.0
    delay_seconds: tuple[float, float] = (1.0, 30.0)
    reorder: float = 0.0
    drop: float = 0.0
    slow_document: float = 0.0
    rest_429: float = 0.0
    rest_500: float = 0.0
    rest_lost: float = 0.0
    list_lag: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def strikes(self, name: str) -> bool:
        """Throw the dice for one fault by its field name, and count it when it happens."""
        chance: float = getattr(self, name)
        if chance <= 0 or self._random.random() >= chance:
            return False
        self.counts[name] += 1
        return True

    def hold_back(self) -> float:
        """Seconds by which a status callback is late."""
        if self.strikes("delay"):
            return self._random.uniform(*self.delay_seconds)
        if self.strikes("reorder"):
            return self._random.uniform(1.0, 5.0)
        return 0.0

    def jitter(self) -> float:
        return self._random.uniform(0.1, 3.0)
