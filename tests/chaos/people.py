"""Those who are called back: what they do when it rings, and what they want."""

import random
from dataclasses import dataclass, field

from phonesim import Network, Person

RINGS = ("answers", "answers", "answers", "busy", "no-answer", "failed", "machine")


class Somebody(Person):
    """A person whose telephone is busy while it is in use, as one telephone is."""

    def watch(self, network: Network, number: str) -> "Somebody":
        """`network`: where to see whether it is in use."""
        self._network, self._number = network, number
        return self

    @property
    def in_use(self) -> bool:
        """Whether this telephone is in somebody's hand."""
        legs = self._network.ledger.legs(self._number)
        return any(leg.to_at is None and (leg.answered_at is not None or leg.direction == "inbound") for leg in legs)

    def next_ring(self) -> str | float:
        """What is in use is busy; that is no turn of the script."""
        return "busy" if self.in_use else super().next_ring()


@dataclass(frozen=True)
class Callee:
    """Somebody who was promised a call. `willing`: picks up within three tries, and wants an operator."""

    number: str
    person: Somebody = field(compare=False)
    willing: bool
    rings_us: bool
    cuts_off: bool = False


def drawn(dice: random.Random, number: str) -> Callee:
    """A person by the dice."""
    rings: list[str | float] = []
    while len(rings) < 3:
        what = dice.choice(RINGS)
        rings.append(dice.uniform(2, 20) if what == "answers" else what)
        if what == "answers":
            break
    key = dice.choices(["1", "2", "3", ""], [80, 5, 5, 10])[0]
    person = Somebody(rings=rings, patience=1200, talk=dice.uniform(15, 40), reaction=dice.uniform(0.5, 4))
    # who asks to be called later wants an operator the next time
    person.keys = lambda _turn, _heard: "1" if key == "2" and person.rung > len(rings) else key
    return Callee(number, person, key == "1" and isinstance(rings[-1], float), dice.random() < 0.12)
