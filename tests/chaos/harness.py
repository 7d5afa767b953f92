"""Promises under misfortune: the real code, a simulated carrier, and everything that may go wrong going wrong.

A world is a number of promises lived through together on virtual time, repeatable by its seed. Workers die at every
step of a dial or sleep through it, jobs are lost, doubled and late, webhooks are lost, doubled, late and out of order,
the carrier refuses, breaks, and loses its answers after doing what it was asked. What came of it is counted in the
ledger of the telephone network, not in our tables; only "did every promise end?" is asked of them.
"""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from flask import Flask
from greenlet import greenlet

from helpdesk.callbacks import actions
from helpdesk.callbacks.rules import ACTIVE, CallbackState
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import db, transaction
from helpdesk.routing.rules import Queue
from phonesim import Faults, Person
from phonesim.ledger import Conversation
from tests.exchange import HOTLINE, Exchange
from tests.factories import filed
from tests.people import Town

log = structlog.get_logger()

STEPS = ("callback.claimed", "callback.placed", "callback.adopted")
RINGS = ("answers", "answers", "answers", "busy", "no-answer", "failed", "machine")
LIMIT = timedelta(hours=9)


class Killed(BaseException):
    """The work-horse is gone, between one statement and the next."""


@dataclass
class Tally:
    """What was counted over worlds; the figures of the first line must all be 0."""

    doubled: int = 0
    overlapping_rings: int = 0
    overlapping_talks: int = 0
    open: int = 0
    promises: int = 0
    conversations: int = 0
    willing: int = 0
    connected: int = 0
    states: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def broken(self) -> int:
        """How much went wrong that may never go wrong."""
        return self.doubled + self.overlapping_rings + self.overlapping_talks + self.open

    def add(self, other: "Tally") -> None:
        """Sum up."""
        for name, value in vars(other).items():
            mine = getattr(self, name)
            if isinstance(mine, Counter):
                mine.update(value)
            else:
                setattr(self, name, mine + value)


@dataclass(frozen=True)
class Odds:
    """Chances of each misfortune of the workers and of Redis."""

    killed: float = 0.12
    asleep: float = 0.06
    job_lost: float = 0.06
    job_doubled: float = 0.12
    redis_away: float = 0.05


@dataclass(frozen=True)
class Callee:
    """Somebody who was promised a call. `willing`: picks up within three tries, and wants an operator."""

    number: str
    person: Person
    willing: bool
    rings_us: bool


class World:
    """`count` promises of one desk and three operators."""

    def __init__(self, app: Flask, town: Town, seed: int, count: int) -> None:
        self.town = town
        self.dice = random.Random(seed)
        self.odds = Odds()
        self.tally = Tally(promises=count)
        self._looks_at = 0.0
        faults = Faults(
            seed=seed,
            duplicate=0.15,
            delay=0.10,
            reorder=0.10,
            drop=0.15,
            rest_429=0.05,
            rest_500=0.05,
            rest_lost=0.12,
            list_lag=self.dice.choice([0.0, 5.0, 20.0]),
        )
        self.house = Exchange(app, faults=faults, cps=2.0, seed=seed, every=8.0, hears_after=0.5, answers_after=1.0)
        self.house.enqueue = self._enqueue
        self.callees = [self._callee(number) for number in range(count)]

    def live(self) -> Tally:
        """Live through the day until every promise has ended, and count."""
        house = self.house
        try:
            with ExitStack() as stack:
                for step in STEPS:
                    stack.enter_context(failpoints.armed(step, self._misfortune))
                house.sign_in(self.town.aigul, self.town.svetlana, self.town.asel)
                for callee in self.callees:
                    house.network.person(callee.number, callee.person)
                    promised_in = self.dice.uniform(1, 900)
                    house.clock.after(promised_in, self._promise, callee)
                    if callee.rings_us:
                        house.clock.after(promised_in + self.dice.uniform(10, 3600), self._ring_us, callee)
                house.clock.run_for(1000)
                house.clock.run_until(self._all_over, limit=LIMIT.total_seconds())
                house.clock.run_for(400)
            self._count()
        finally:
            house.close()
        return self.tally

    # ── who is called ─────────────────────────────────────────────────────────────────────────────────────────────

    def _callee(self, number: int) -> Callee:
        dice = self.dice
        rings: list[str | float] = []
        while len(rings) < 3:
            what = dice.choice(RINGS)
            rings.append(dice.uniform(2, 20) if what == "answers" else what)
            if what == "answers":
                break
        key = dice.choices(["1", "2", "3", ""], [80, 5, 5, 10])[0]
        person = Person(rings=rings, patience=1200, talk=dice.uniform(20, 60), reaction=dice.uniform(0.5, 4))
        # who asks to be called later wants an operator the next time
        person.keys = lambda _turn, _heard: "1" if key == "2" and person.rung > len(rings) else key
        willing = key == "1" and isinstance(rings[-1], float)
        return Callee(f"+7709{number:07d}", person, willing, dice.random() < 0.1)

    def _promise(self, callee: Callee) -> None:
        with self.house.app.app_context():
            ticket = filed(organization_id=self.town.school905.id, contact_id=self.town.gulnar.id).ticket
            with transaction():
                actions.request(
                    callee.number,
                    self.dice.choice(["kk", "ru"]),
                    Queue.TECHNICAL,
                    self.town.school905.id,
                    ticket.id,
                    None,
                    None,
                    self.house.clock.now(),
                    "web",
                )

    def _ring_us(self, callee: Callee) -> None:
        self.house.network.dial(HOTLINE, from_=callee.number, keys=["1", "1", "3"], patience=600, talk=30)

    # ── what goes wrong ───────────────────────────────────────────────────────────────────────────────────────────

    def _enqueue(self, name: str, ids: list[int]) -> bool:
        """Redis and the workers: a job comes late, twice, or never; or nobody is there to take it."""
        if self._strikes("redis_away"):
            self._work(name, ids)
            return True
        if self._strikes("job_lost"):
            return True
        for _ in range(2 if self._strikes("job_doubled") else 1):
            self.house.clock.after(self.dice.uniform(0.01, 2.0), self._work, name, ids)
        return True

    def _work(self, name: str, ids: list[int]) -> None:
        """A work-horse: a fork of its own in the house, here a greenlet that can be put to sleep."""
        horse = greenlet(self._horse)
        horse.switch(name, ids)

    def _horse(self, name: str, ids: list[int]) -> None:
        with self.house.app.app_context():
            try:
                JOBS[name](ids)
            except Killed:
                pass
            except Exception:
                # a job that fails is found again by the rounds
                log.exception("job failed", job=name)
                self.tally.faults["job_failed"] += 1
            finally:
                db.session.remove()

    def _misfortune(self) -> None:
        if self._strikes("killed"):
            raise Killed
        if self._strikes("asleep"):
            me = greenlet.getcurrent()
            self.house.clock.after(self.dice.uniform(1, 150), me.switch)
            me.parent.switch()

    def _strikes(self, name: str) -> bool:
        if self.dice.random() >= getattr(self.odds, name):
            return False
        self.tally.faults[name] += 1
        return True

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────

    def _all_over(self) -> bool:
        now = self.house.clock.seconds()
        if now < self._looks_at:
            return False
        self._looks_at = now + 60
        return not any(callback.state in ACTIVE for callback in self.house.callbacks())

    def _count(self) -> None:
        tally, ledger = self.tally, self.house.ledger
        tally.faults.update(self.house.network.faults.counts)
        tally.overlapping_rings = len(ledger.overlapping_rings())
        tally.overlapping_talks = len(ledger.overlapping_conversations())
        rows = {callback.number: callback for callback in self.house.callbacks()}
        for callee in self.callees:
            talks = sorted(self._talks(callee.number), key=lambda talk: talk.from_at)
            tally.conversations += len(talks)
            tally.doubled += doubled_talks(talks, self._called_us(callee.number))
            callback = rows[callee.number]
            tally.states[callback.state.value] += 1
            tally.open += callback.state in ACTIVE
            if callee.willing:
                tally.willing += 1
                tally.connected += bool(talks) or callback.state is CallbackState.SUPERSEDED

    def _talks(self, number: str) -> Iterator[Conversation]:
        """One for each leg that this telephone talked on."""
        seen = set()
        for talk in self.house.ledger.conversations(number):
            sid = talk.one_sid if talk.one == number else talk.other_sid
            if sid not in seen:
                seen.add(sid)
                yield talk

    def _called_us(self, number: str) -> set[str]:
        return {leg.sid for leg in self.house.ledger.legs(number) if leg.direction == "inbound"}


def doubled_talks(talks: list[Conversation], own_calls: set[str]) -> int:
    """Conversations for one promise beyond the first, or after the person's own call was answered."""
    doubled, kept = 0, False
    for talk in talks:
        own = bool({talk.one_sid, talk.other_sid} & own_calls)
        doubled += kept and not own
        kept = True
    return doubled
