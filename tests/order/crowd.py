"""A crowd in one line, a third of it on the telephone at home, and the order in which operators came to them.

What counts is what the far ends lived: an operator is with somebody from the moment that the operator's own leg for
their conversation began. Against it stands the moment since which their place in the line was held.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime

import redis
from flask import Flask
from sqlalchemy import select

from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import db
from helpdesk.telephony.models import Call, QueueEntry
from phonesim import Person
from phonesim.clock import Timer
from tests.chaos.harness import CALLS
from tests.chaos.misfortune import Killed
from tests.crew import Manned, answers
from tests.exchange import HOTLINE
from tests.people import Town

# A worker dies once at each of these, in the middle: before it asked the carrier, after it, and with the answer kept.
CRASHES = ("callback.claimed", "callback.asked", "callback.placed", "callback.adopted", "reaction.due")


@dataclass(frozen=True)
class Size:
    """`people` who call one after the other, and `operators` who come when all of them wait."""

    people: int
    operators: int
    operator_first: bool
    seed: int = 1


@dataclass(frozen=True)
class Served:
    """Somebody who talked with an operator. `place`: since when they stood in the line; `retried`: not at once."""

    number: str
    place: datetime
    came_at: datetime
    called_back: bool
    retried: bool


@dataclass
class Order:
    """How the line was served."""

    waited: int
    served: list[Served]
    struck: Counter[str] = field(default_factory=Counter)

    def overtaken(self, retried: bool = False) -> list[tuple[Served, Served]]:
        """Pairs (earlier, later) of which the later place was served first. With `retried`: the earlier one's telephone
        had been tried before; else nobody's had."""
        once = sorted((one for one in self.served if not one.retried), key=lambda one: one.place)
        earlier = [one for one in self.served if one.retried] if retried else once
        return [
            (one, other) for one in earlier for other in once if one.place < other.place and one.came_at > other.came_at
        ]

    def lines(self) -> list[str]:
        """The figures, for people."""
        back = [one for one in self.served if one.called_back]
        retried = [one for one in back if one.retried]
        pairs = self.overtaken()
        late = max(((one.came_at - other.came_at).total_seconds() for one, other in pairs), default=0.0)
        return [
            f"waited {self.waited}, served {len(self.served)}, of these called back {len(back)}",
            f"inversions {len(pairs)} (people overtaken {len({one.number for one, _ in pairs})}, "
            f"by {late:.1f} s at most)",
            f"dialled more than once {len(retried)}, overtaken meanwhile "
            f"{len({one.number for one, _ in self.overtaken(retried=True)})}",
            "struck: " + ", ".join(f"{name} {count}" for name, count in self.struck.most_common()),
        ]


class Crowd(Manned):
    """One queue, one language; workers that take their jobs from a Redis which may lose them all."""

    def __init__(self, app: Flask, town: Town, size: Size) -> None:
        self.size = size
        self.struck: Counter[str] = Counter()
        self._queued: list[Timer] = []
        super().__init__(
            app,
            town,
            size.operators,
            size.seed,
            writes=(5, 25),
            cps=2.0,
            every=2.0,
            rounds=CALLS,
            hears_after=0.1,
            looks_every=1.0,
            answers_after=2.0,
        )
        self.enqueue = self._enqueue
        self.ask_operators_first(size.operator_first)

    def live(self) -> Order:
        """Everybody calls, the operators come, and the last one is served."""
        size = self.size
        for number in range(size.people):
            self.clock.after(1.0 + number, self._dials, f"+7701{number:07d}", number % 3 == 2)
        self.clock.run_for(size.people + 150)
        assert not self.ledger.conversations()
        with ExitStack() as stack:
            for place, person in enumerate(self.crew):
                self.clock.after(4.0 * place, self.sign_in, person)
            self.clock.run_until(lambda: self._talks() >= size.people // 3, limit=2400)
            for step in CRASHES:
                stack.enter_context(failpoints.armed(step, self._dies_once_at(step)))
            self.clock.run_until(lambda: self._talks() >= size.people // 2 and self._jobs_wait(), limit=2400)
            self._flush_redis()
            self.clock.run_until(lambda: self._talks() >= size.people, limit=3600)
        return self._order()

    def _talks(self) -> int:
        return len(self.ledger.conversations())

    def _dials(self, number: str, takes: bool) -> None:
        person = Person(
            keys=answers("1", "2", takes),
            rings=[self.dice.uniform(3, 12)],
            talk=self.dice.uniform(20, 60),
            listens=True,
        )
        self.network.person(number, person)
        self.network.dial(HOTLINE, from_=number, person=person)

    # ── workers and Redis ─────────────────────────────────────────────────────────────────────────────────────────

    def _enqueue(self, name: str, ids: list[int]) -> bool:
        self._queued = [timer for timer in self._queued if timer.when > self.clock.seconds()]
        self._queued.append(self.clock.after(self.dice.uniform(0.01, 0.5), self._work, name, ids))
        return True

    def _work(self, name: str, ids: list[int]) -> None:
        with self.app.app_context():
            try:
                JOBS[name](ids)
            except Killed:
                pass
            finally:
                db.session.remove()

    def _dies_once_at(self, step: str) -> Callable[[], None]:
        def strike() -> None:
            if not self.struck[step]:
                self.struck[step] += 1
                raise Killed

        return strike

    def _jobs_wait(self) -> int:
        return sum(timer.when > self.clock.seconds() for timer in self._queued)

    def _flush_redis(self) -> None:
        self.struck["jobs lost with Redis"] += self._jobs_wait()
        self.struck["Redis flushed"] += 1
        for timer in self._queued:
            timer.cancel()
        redis.Redis.from_url(self.app.extensions["settings"].redis_url).flushdb()

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────

    def _order(self) -> Order:
        came = {leg.sid: leg.from_at for leg in self.ledger.legs()}
        with self.app.app_context():
            live = select(Call.from_number, QueueEntry.virtual_at).join(QueueEntry, QueueEntry.call_id == Call.id)
            places = dict(db.session.execute(live.where(Call.direction == "inbound")).all())
            back = dict(db.session.execute(select(Callback.number, Callback.virtual_at)).all())
            tried = Counter(db.session.scalars(select(Attempt.number)))
        served: dict[str, Served] = {}
        for talk in self.ledger.conversations():
            ends = {talk.one: talk.one_sid, talk.other: talk.other_sid}
            number = next(end for end in ends if end.startswith("+"))
            came_at = next(came[sid] for end, sid in ends.items() if end != number)
            place = (places | back)[number]
            served.setdefault(number, Served(number, place, came_at, number in back, tried[number] > 1))
        return Order(self.size.people, list(served.values()), self.struck)
