"""A day on which everybody calls: callers with patience, operators who write up, counted by what the far ends lived.

Load of a first remote day (R) in Almaty: 7,440 calls dialled, 1,339 of them in the busy hour, a quarter of them served
by the menu; an operator needs five minutes a contact, writing included. Forty operators serve about 480 an hour: the
rest must become callbacks, or the day is lost.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import quantiles

from flask import Flask
from sqlalchemy import select

from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.identity.models import Staff
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import db, transaction
from helpdesk.telephony import presence
from helpdesk.telephony.models import Call, Presence, PresenceSpan, QueueEntry
from helpdesk.telephony.rules import CallState, EntryKind, Outcome, PresenceState
from helpdesk.tickets.queries import secret_of
from phonesim import Person
from tests.exchange import HOTLINE, Exchange
from tests.factories import filed
from tests.people import Town, employ

# Monday 23 November 2026, 09:00 in Almaty: the desk opens
OPENS = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
# Shares of the day's calls by hour from 09:00; the first is the busy hour of the load model, 18 %.
HOURS = (0.18, 0.15, 0.13, 0.10, 0.07, 0.09, 0.09, 0.08, 0.07, 0.04)
CONTAINED = 0.25
# The announced step as the longest wait in seconds that it promises.
BUCKETS = {"<1": 60, "1": 60, "2": 120, "3": 180, "5": 300, "10": 600, "15": 900, "20": 1200, "30": 1800}
# What is said may be a little late by the time that it takes to say it and to be put through.
GRACE = 30


@dataclass(frozen=True)
class Load:
    """`a_day` calls by the shares of HOURS, lived through for `minutes` from the opening, served by `operators`."""

    a_day: int
    operators: int
    minutes: int
    seed: int = 1


@dataclass
class Lived:
    """What became of a day."""

    dialled: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    without_outcome: int = 0
    other: Counter[str] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    relative: list[float] = field(default_factory=list)
    within: int = 0
    announced: int = 0
    over_half_an_hour: int = 0
    occupancy: float = 0.0
    in_two_talks: int = 0
    overlapping_rings: int = 0
    callbacks: Counter[str] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)
    callback_delays: list[float] = field(default_factory=list)
    late: int = 0

    @property
    def offered(self) -> int:
        """Calls that joined the line."""
        return sum(self.outcomes.values()) - self.outcomes[Outcome.SELF_SERVED] - self.outcomes["left in the menu"]

    def lines(self) -> list[str]:
        """The day in figures, for people."""
        spread = _quantiles(self.relative)
        return [
            f"dialled {self.dialled}, offered to the line {self.offered}, without an outcome {self.without_outcome}",
            "outcomes: " + ", ".join(f"{name} {count}" for name, count in self.outcomes.most_common()),
            f"other: {dict(self.other) or 'none'}",
            f"operators: occupied {self.occupancy:.1%}, in two conversations {self.in_two_talks}",
            f"wait of those answered live: median {_quantiles(self.waits)[0]:.0f} s, "
            f"p90 {_quantiles(self.waits)[1]:.0f} s",
            f"estimate: {self.announced} told; error median {spread[0]:.1%}, p90 {spread[1]:.1%}, "
            f"median {_quantiles(self.errors)[0]:.0f} s; served within the announced step "
            f"{self.within / max(1, self.announced):.1%}; told more than 30 min {self.over_half_an_hour}",
            f"attempts: {dict(self.attempts)}",
            f"callbacks: {dict(self.callbacks)}; from promise to talk median "
            f"{_quantiles(self.callback_delays)[0] / 60:.0f} min; later than promised {self.late}; "
            f"overlapping rings {self.overlapping_rings}",
        ]


class Day(Exchange):
    """The house, forty operators, and a city that calls."""

    def __init__(self, app: Flask, town: Town, load: Load) -> None:
        self.load = load
        self.dice = random.Random(load.seed)
        self._wraps: dict[int, datetime] = {}
        self._hung: set[int] = set()
        super().__init__(app, start=OPENS - timedelta(minutes=1), cps=5.0, seed=load.seed, every=2.0, hears_after=1.0)
        with app.app_context():
            with transaction():
                self.crew = [self._operator(number, town) for number in range(load.operators)]
            known = [filed(organization_id=town.city.id, contact_id=town.gulnar.id).ticket for _ in range(5)]
            self.secrets = [(ticket.number.replace("-", ""), secret_of(ticket)) for ticket in known]
        self._callers = 0

    def _operator(self, number: int, town: Town) -> Staff:
        languages = ["kk", "ru"] if number % 4 else ["kk"] if number % 8 else ["ru"]
        return employ(f"Operator {number}", f"operator{number}@1450.test", languages, (Role.OPERATOR, town.city))

    def live(self) -> Lived:
        """Through the hours of the load, and until nobody is on the line any more."""
        self.sign_in(*self.crew)
        for hour, share in enumerate(HOURS):
            for _ in range(round(self.load.a_day * share)):
                at = hour + self.dice.random()
                if at * 60 < self.load.minutes:
                    self.clock.after(60 + 3600 * at, self._caller_dials)
        self.clock.run_for(60)
        for minute in range(self.load.minutes):
            self.clock.run_for(60)
            if minute % 10 == 9:
                print(f"{minute + 1:>4} min: {self._callers} have called", flush=True)
        until = self.clock.now()
        self.clock.run_until(self._line_is_empty, limit=4 * 3600)
        return self._counted(until)

    def _line_is_empty(self) -> bool:
        return all(call.over for call in reversed(self.network.calls.values()))

    # ── callers ───────────────────────────────────────────────────────────────────────────────────────────────────

    def _caller_dials(self) -> None:
        self._callers += 1
        dice, number = self.dice, f"+7701{self._callers:07d}"
        language = dice.choices(["1", "2", ""], [55, 42, 3])[0]
        if dice.random() < CONTAINED:
            ticket, secret = dice.choice(self.secrets)
            keys = [language or "1", "4", f"{ticket}#", f"{secret}#"]
            self.network.dial(HOTLINE, from_=number, person=Person(keys=keys, patience=38, reaction=1))
            return
        topic, takes = dice.choice("1235"), dice.random() < 0.6
        person = Person(
            keys=self._answers(language, topic, takes),
            rings=[dice.choices(["busy", "no-answer", dice.uniform(3, 15)], [4, 8, 88])[0], dice.uniform(3, 15)],
            patience=max(40.0, dice.expovariate(1 / 600)) + 40,
            talk=dice.lognormvariate(5.3, 0.5),
            reaction=2,
        )
        self.network.person(number, person)
        self.network.dial(HOTLINE, from_=number, person=person)

    @staticmethod
    def _answers(language: str, topic: str, takes: bool):
        """Language, topic, then whatever is asked: a callback where one is offered, 1 when we call back."""

        def keys(turn: int, heard: list[str]) -> str:
            last = " ".join(heard[-12:])
            if "P11" in last:
                return "1"
            if turn == 0:
                return language
            if "P07" in last:
                return "1" if takes else "3"
            if "P03" in last:
                return "1"
            return topic if "P02" in last else ""

        return keys

    # ── operators ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _say_that_they_are_there(self) -> None:
        """Heartbeats; who has written up takes the next call."""
        now = self.clock.now()
        with transaction():
            rows = {
                row.staff_id: row
                for row in db.session.scalars(select(Presence).execution_options(populate_existing=True))
            }
            for person in self.operators:
                presence.heartbeat(person.id)
                row = rows.get(person.id)
                if row is None:
                    continue
                if row.state is PresenceState.WRAPUP:
                    done = self._wraps.setdefault(person.id, now + timedelta(seconds=self.dice.uniform(20, 70)))
                    if now >= done:
                        presence.choose(person.id, PresenceState.READY)
                        self._wraps.pop(person.id)
                elif row.state in (PresenceState.BREAK, PresenceState.OFFLINE):
                    presence.choose(person.id, PresenceState.READY)

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────

    def _counted(self, until: datetime) -> Lived:
        lived = Lived(dialled=self._callers)
        with self.app.app_context():
            calls = {call.id: call for call in db.session.scalars(select(Call).where(Call.direction == "inbound"))}
            entries = list(db.session.scalars(select(QueueEntry)))
            for call in calls.values():
                self._count_call(lived, call)
            for entry in entries:
                if entry.kind is EntryKind.LIVE and entry.call_id in calls:
                    self._count_wait(lived, entry, calls[entry.call_id])
            for callback in db.session.scalars(select(Callback)):
                lived.callbacks[callback.state.value] += 1
                if callback.reached_at is not None:
                    lived.callback_delays.append((callback.reached_at - callback.created_at).total_seconds())
                    lived.late += callback.reached_at > callback.promised_at + timedelta(minutes=2)
            for attempt in db.session.scalars(select(Attempt)):
                lived.attempts[attempt.result.value if attempt.result else attempt.state.value] += 1
            lived.occupancy = _occupancy(list(db.session.scalars(select(PresenceSpan))), OPENS, until)
        lived.overlapping_rings = len(self.ledger.overlapping_rings())
        lived.in_two_talks = len(self.ledger.overlapping_conversations())
        return lived

    @staticmethod
    def _count_call(lived: Lived, call: Call) -> None:
        if call.state is not CallState.ENDED or call.outcome is None:
            lived.without_outcome += 1
            return
        in_menu = call.queued_at is None and call.outcome is Outcome.ABANDONED
        lived.outcomes["left in the menu" if in_menu else call.outcome.value] += 1
        if call.outcome in (Outcome.FAILED, Outcome.SYSTEM_ERROR, Outcome.REJECTED, Outcome.CLOSED):
            lived.other[call.failure or call.outcome.value] += 1

    @staticmethod
    def _count_wait(lived: Lived, entry: QueueEntry, call: Call) -> None:
        if call.connected_at is None:
            return
        wait = (call.connected_at - entry.joined_at).total_seconds()
        lived.waits.append(wait)
        if entry.estimated_seconds is None or entry.announced_bucket is None:
            return
        lived.announced += 1
        lived.errors.append(abs(entry.estimated_seconds - wait))
        lived.relative.append(abs(entry.estimated_seconds - wait) / max(wait, 30.0))
        if entry.announced_bucket == ">30":
            lived.over_half_an_hour += 1
        else:
            lived.within += wait <= BUCKETS[entry.announced_bucket] + GRACE


def _occupancy(spans: list[PresenceSpan], since: datetime, until: datetime) -> float:
    """Share of the time at work that was spent on calls: talking, being rung and writing up."""
    busy = ready = 0.0
    for span in spans:
        seconds = (min(span.until_at or until, until) - max(span.from_at, since)).total_seconds()
        if seconds > 0 and span.state is PresenceState.READY:
            ready += seconds
        elif seconds > 0 and span.state in (PresenceState.TALKING, PresenceState.WRAPUP, PresenceState.RESERVED):
            busy += seconds
    return busy / (busy + ready) if busy else 0.0


def _quantiles(values: list[float]) -> tuple[float, float]:
    """Median and 90th percentile."""
    if len(values) < 2:
        return (values[0], values[0]) if values else (0.0, 0.0)
    cut = quantiles(values, n=10)
    return cut[4], cut[8]
