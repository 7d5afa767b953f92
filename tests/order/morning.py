"""Thousands who were promised a call at the opening, and one morning in which all of them are called."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median

from flask import Flask

from helpdesk.callbacks import actions
from helpdesk.callbacks.rules import ACTIVE
from helpdesk.kernel import settings
from helpdesk.kernel.db import transaction
from phonesim import Person
from tests.chaos.harness import CALLS
from tests.crew import Manned
from tests.factories import filed
from tests.people import Town

# Monday 23 November 2026, 09:00 in Almaty: the desk opens
OPENS = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
STEP = timedelta(minutes=10)


@dataclass(frozen=True)
class Promised:
    """How many were promised a call, and who is there to talk with them."""

    people: int
    operators: int
    operator_first: bool
    seed: int = 1


@dataclass
class Curve:
    """How the promises were kept. `waits`: seconds from picking up to the operator; rings by steps of ten minutes."""

    promised: int
    reached: int
    open: int
    first_at: datetime
    early: int
    steps: Counter[int] = field(default_factory=Counter)
    rate: float = 1.0
    most_in_a_minute: int = 0
    most_at_once: int = 0
    operators: int = 0
    waits: list[float] = field(default_factory=list)
    in_two_talks: int = 0

    def lines(self) -> list[str]:
        """The figures, for people."""
        waits = sorted(self.waits)
        return [
            f"promised {self.promised}, reached {self.reached}, open {self.open}, in two conversations "
            f"{self.in_two_talks}",
            f"first ring {(self.first_at - OPENS).total_seconds():.1f} s after the opening; earlier than promised "
            f"{self.early}",
            f"most rings in a minute {self.most_in_a_minute} (the account may make {self.rate * 60:.0f}), at once "
            f"{self.most_at_once} ({self.operators} operators)",
            f"from picking up to the operator: median {median(waits):.0f} s, "
            f"p95 {waits[int(len(waits) * 0.95)]:.0f} s, longest {waits[-1]:.0f} s",
            "telephones rung per ten minutes from the opening:",
            *(
                f"  {OPENS + step * STEP + timedelta(hours=5):%H:%M} {count:>4} {'#' * (count // 4)}"
                for step, count in sorted(self.steps.items())
            ),
        ]


class Morning(Manned):
    """The promises lie in the books since eight; the operators come five minutes before the opening."""

    def __init__(self, app: Flask, town: Town, load: Promised) -> None:
        self.load, self.town = load, town
        super().__init__(
            app,
            town,
            load.operators,
            load.seed,
            writes=(20, 70),
            start=OPENS - timedelta(hours=1),
            cps=1.0,
            hears_after=1.0,
            looks_every=4.0,
            rounds=CALLS,
        )
        self.ask_operators_first(load.operator_first)

    def live(self) -> Curve:
        """From the evening until the last promise has ended."""
        numbers = [f"+7701{place:07d}" for place in range(self.load.people)]
        with self.app.app_context():
            self._promise(numbers)
        self.clock.run_for((OPENS - self.clock.now()).total_seconds() - 300)
        self.sign_in(*self.crew)
        # asked once a minute: who is still to be called
        for _ in range(10 * 60):
            self.clock.run_for(60)
            if self.clock.now() > OPENS and not self._open():
                break
        return self._curve()

    def _promise(self, numbers: list[str]) -> None:
        dice = self.dice
        ticket = filed(organization_id=self.town.city.id, contact_id=self.town.gulnar.id).ticket
        with transaction():
            for number in numbers:
                wish = actions.wish_about(ticket, number, "web", not_before=OPENS)
                actions.request(replace(wish, language=dice.choice(["kk", "ru"])))
        for number in numbers:
            first = dice.choices(["busy", "no-answer", dice.uniform(3, 15)], [4, 6, 90])[0]
            talk, answer = min(600.0, dice.lognormvariate(5.0, 0.5)), dice.uniform(3, 15)
            self.network.person(number, Person(rings=[first, answer], keys=["1"], talk=talk, listens=True))

    def _open(self) -> int:
        return sum(callback.state in ACTIVE for callback in self.callbacks())

    def _curve(self) -> Curve:
        rings = sorted(self.ledger.rings(), key=lambda ring: ring.from_at)
        answered = {leg.sid: leg.answered_at for leg in self.ledger.legs()}
        talks = self.ledger.conversations()
        people = {
            end: (sid, talk.from_at)
            for talk in reversed(talks)
            for end, sid in _ends(talk.one, talk.one_sid, talk.other, talk.other_sid)
        }
        curve = Curve(
            promised=self.load.people,
            reached=len(people),
            open=self._open(),
            first_at=rings[0].from_at,
            early=sum(ring.from_at < OPENS for ring in rings),
            rate=settings.current().dials_per_second,
            operators=self.load.operators,
            in_two_talks=len(self.ledger.overlapping_conversations()),
        )
        for ring in rings:
            curve.steps[(ring.from_at - OPENS) // STEP] += 1
        minutes = Counter((ring.from_at - OPENS) // timedelta(minutes=1) for ring in rings)
        curve.most_in_a_minute = max(minutes.values())
        curve.most_at_once = _most_at_once([(ring.from_at, ring.to_at or ring.from_at) for ring in rings])
        curve.waits = [
            (met - picked_up).total_seconds() for sid, met in people.values() if (picked_up := answered[sid])
        ]
        return curve


def _ends(one: str, one_sid: str, other: str, other_sid: str) -> list[tuple[str, str]]:
    """The telephones of a conversation, without the operators'."""
    return [(end, sid) for end, sid in ((one, one_sid), (other, other_sid)) if end.startswith("+")]


def _most_at_once(spans: list[tuple[datetime, datetime]]) -> int:
    """How many spans overlap at most; one that begins where another ends does not."""
    edges = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    now = most = 0
    for _, change in edges:
        now += change
        most = max(most, now)
    return most
