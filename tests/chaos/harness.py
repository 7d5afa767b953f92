"""Promises under misfortune: the real code, a simulated carrier, and everything that may go wrong going wrong.

A world is a handful of promises lived through together on virtual time, repeatable by its seed: its misfortunes are
drawn anew, and so are the ways of its desks (an operator first, or the telephone first). What came of it is counted in
the ledger of the telephone network, not in our tables; only "did every promise end?" is asked of them.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

import structlog
from flask import Flask
from greenlet import greenlet
from sqlalchemy import func, select, text, update

from helpdesk.callbacks import actions, settle
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import ACTIVE, CallbackState
from helpdesk.jobs.rounds import ROUNDS
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import failpoints
from helpdesk.kernel.db import Base, db, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.organizations.rules import CallbackMode
from helpdesk.routing.rules import Queue
from helpdesk.telephony.models import Call
from phonesim.calls import Call as Leg
from phonesim.clock import Timer
from phonesim.transport import Incoming, Outgoing
from tests.chaos import misfortune, people
from tests.chaos.misfortune import IN_CLOCK, IN_JOBS, IN_TRANSACTIONS, IN_WEB, STEPS, Killed, Misfortune
from tests.chaos.people import Callee
from tests.chaos.tally import Tally
from tests.exchange import HOTLINE, Exchange, Wire
from tests.factories import filed
from tests.people import Town

log = structlog.get_logger()

LIMIT = timedelta(hours=9)
# How many promises a world has: some meet others who need the same operators.
HANDFUL = (1, 1, 2)
MODES = (
    (CallbackMode.OPERATOR_FIRST, CallbackMode.OPERATOR_FIRST),
    (CallbackMode.CALLER_FIRST, CallbackMode.CALLER_FIRST),
    (CallbackMode.OPERATOR_FIRST, CallbackMode.CALLER_FIRST),
)
# What has to do with calls; mail and recordings have proofs of their own.
CALLS = tuple(
    one
    for one in ROUNDS
    if one.name
    in {
        "expire offers",
        "route callers",
        "rejoin callers",
        "watch presence",
        "ask about legs",
        "place",
        "dial",
        "reconcile dials",
    }
)


class BrokenWire(Wire):
    """The web server may die over a request: the network gets no answer, whether the work was done or not."""

    def send(self, request: Outgoing) -> Incoming:
        """The answer, if one comes."""
        try:
            return super().send(request)
        except Killed:
            db.session.remove()
            return Incoming(failure="rt", error_code=11200)


class House(Exchange):
    """A house whose clock process may die, and whose operators may not be there after all."""

    bad: Misfortune
    _down_until: float = 0.0

    def _dispatch(self) -> None:
        if self.clock.seconds() < self._down_until:
            return
        try:
            super()._dispatch()
        except Killed:
            db.session.remove()
            self._down_until = self.clock.seconds() + self.bad.dice.uniform(1, 8)
            self.start_clock_process()
            self.clock.after(self._down_until - self.clock.seconds() + 0.01, self.tick)

    def _take(self, staff_id: int, token: str, until: datetime) -> None:
        if self.bad.strikes("not_taken"):
            return
        super()._take(staff_id, token, until)
        phone = self.network.softphone(f"op_{staff_id}", "/twilio/voice/operator")
        leg = phone.active
        if leg is not None and self.bad.strikes("browser_died"):
            self.clock.after(self.bad.dice.uniform(1, 25), _hang_up, leg)


def _hang_up(leg: Leg) -> None:
    if not leg.over:
        leg.hang_up()


class World:
    """`count` promises of two desks and three operators. `ticket` is one that all of them are about."""

    ways: Sequence[tuple[CallbackMode, CallbackMode]] = MODES
    wire: type[BrokenWire] = BrokenWire
    jobs: Mapping[str, Callable[[list[int]], None]] = JOBS

    def __init__(self, app: Flask, town: Town, seed: int, count: int, ticket_id: int) -> None:
        self.town, self.ticket_id = town, ticket_id
        self.dice = random.Random(seed)
        self.bad = Misfortune(self.dice)
        self.tally = Tally(worlds=1, promises=count)
        self._looks_at = 0.0
        self._queued: list[Timer] = []
        self._horses: list[greenlet] = []
        self.house = House(
            app,
            faults=misfortune.of_the_carrier(seed, self.dice),
            cps=2.0,
            seed=seed,
            every=8.0,
            quiet=3600.0,
            hears_after=0.8,
            answers_after=1.0,
            rounds=CALLS,
            wire_of=self.wire,
        )
        self.house.bad = self.bad
        self.house.enqueue = self._enqueue
        self.callees = [people.drawn(self.dice, f"+7709{number:07d}") for number in range(count)]

    def live(self) -> Tally:
        """Live through the day until every promise has ended, and count."""
        house, dice = self.house, self.dice
        try:
            with ExitStack() as stack:
                self._choose_ways()
                house.sign_in(self.town.aigul, self.town.svetlana, self.town.asel)
                for step in STEPS:
                    stack.enter_context(failpoints.armed(step, self._misfortune_at(step)))
                for callee in self.callees:
                    house.network.person(callee.number, callee.person.watch(house.network, callee.number))
                    promised_in = dice.uniform(1, 60)
                    house.clock.after(promised_in, self._promise, callee)
                    if callee.rings_us:
                        house.clock.after(promised_in + dice.uniform(5, 600), self._ring_us, callee)
                house.clock.every(5.0, self._hang_up_on_machines)
                house.clock.run_for(70)
                house.clock.run_until(self._all_over, limit=LIMIT.total_seconds())
                house.clock.run_for(200)
            self._count()
        finally:
            for horse in filter(None, self._horses):
                horse.throw()  # still asleep: it ends here, not whenever the memory is tidied up
            house.close()
        return self.tally

    # ── who is called ─────────────────────────────────────────────────────────────────────────────────────────────

    def _choose_ways(self) -> None:
        first, second = self.dice.choice(self.ways)
        with self.house.app.app_context(), transaction():
            for desk_id, mode in ((self.town.school905.id, first), (self.town.district.id, second)):
                db.session.execute(update(Desk).where(Desk.id == desk_id).values(callback_mode=mode))
        desks.forget()

    def _promise(self, callee: Callee) -> None:
        at = self.dice.choice([self.town.school905.id, self.town.district.id])
        personal = self.town.aigul.id if self.dice.random() < 0.1 else None
        with self.house.app.app_context(), transaction():
            wish = actions.Wish(
                number=callee.number,
                language=self.dice.choice(["kk", "ru"]) if personal is None else "kk",
                queue=Queue.TECHNICAL,
                desk_id=at,
                ticket_id=self.ticket_id,
                origin="web",
                virtual_at=self.house.clock.now(),
                staff_id=personal,
            )
            actions.request(wish)

    def _ring_us(self, callee: Callee) -> None:
        if callee.person.in_use:
            self.house.clock.after(30, self._ring_us, callee)
            return
        self.house.network.dial(HOTLINE, from_=callee.number, keys=["1", "1", "3"], patience=600, talk=20)

    def _hang_up_on_machines(self) -> None:
        """An operator who hears a machine says so."""
        for leg in self.house.network.calls.values():
            if leg.over or not leg.in_conversation or not _is_machine(leg):
                continue
            with self.house.app.app_context(), self._undisturbed():
                call = db.session.scalars(select(Call).where(Call.sid == leg.sid)).first()
                if call is not None and call.operator_id is not None:
                    self._say_machine(call.id, call.operator_id)

    @staticmethod
    def _say_machine(call_id: int, staff_id: int) -> None:
        try:
            with transaction():
                settle.heard_a_machine(db.session.get_one(Call, call_id, populate_existing=True), staff_id)
        except Refused:
            pass  # it has settled meanwhile, or the operator came to it by the line

    # ── what goes wrong ───────────────────────────────────────────────────────────────────────────────────────────

    def _enqueue(self, name: str, ids: list[int]) -> bool:
        """Redis and the workers: a job comes late, twice, or never; or nobody is there to take it; or all is wiped."""
        bad = self.bad
        if bad.strikes("redis_away"):
            self._work(name, ids)
            return True
        if bad.strikes("redis_wiped"):
            for timer in self._queued:
                timer.cancel()
        if bad.strikes("job_lost"):
            return True
        self._queued = [timer for timer in self._queued if timer.when > self.house.clock.seconds()]
        for _ in range(2 if bad.strikes("job_doubled") else 1):
            self._queued.append(self.house.clock.after(self.dice.uniform(0.01, 2.0), self._work, name, ids))
        return True

    def _work(self, name: str, ids: list[int]) -> None:
        """A work-horse: a fork of its own in the house, here a greenlet that can be put to sleep."""
        horse = greenlet(self._horse)
        self._horses.append(horse)
        horse.switch(name, ids)

    def _horse(self, name: str, ids: list[int]) -> None:
        with self.house.app.app_context():
            try:
                self.jobs[name](ids)
            except Killed:
                pass
            except Exception:
                # a job that fails is found again by the rounds
                log.exception("job failed", job=name)
                self.bad.struck["job_failed"] += 1
            finally:
                db.session.remove()

    def _misfortune_at(self, step: str) -> Callable[[], None]:
        kinds = {IN_JOBS: "killed", IN_TRANSACTIONS: "killed_inside", IN_CLOCK: "killed_clock", IN_WEB: "killed_web"}
        kind = next(kind for steps, kind in kinds.items() if step in steps)

        def strike() -> None:
            if self.bad.strikes(kind):
                self.bad.struck[f"killed at {step}"] += 1
                raise Killed
            if kind == "killed" and self.bad.strikes("asleep"):
                me = greenlet.getcurrent()
                self.house.clock.after(self.dice.uniform(1, 150), me.switch)
                me.parent.switch()

        return strike

    def _undisturbed(self) -> ExitStack:
        """What the harness itself does is no part of the house."""
        stack = ExitStack()
        for step in STEPS:
            stack.enter_context(failpoints.armed(step, lambda: None))
        return stack

    # ── what came of it ───────────────────────────────────────────────────────────────────────────────────────────

    def _all_over(self) -> bool:
        now = self.house.clock.seconds()
        if now < self._looks_at:
            return False
        self._looks_at = now + 60
        with self.house.app.app_context():
            return db.session.scalar(select(func.count()).where(Callback.state.in_(ACTIVE))) == 0

    def _count(self) -> None:
        tally, network = self.tally, self.house.network
        tally.faults.update(network.faults.counts)
        tally.faults.update(self.bad.struck)
        tally.faults["list_lag"] += network.faults.list_lag > 0
        numbers = [callee.number for callee in self.callees]
        machines = {leg.sid for leg in network.calls.values() if _is_machine(leg)}
        tally.count_talks(self.house.ledger, numbers, machines)
        rows = {callback.number: callback for callback in self.house.callbacks()}
        for callee in self.callees:
            callback = rows[callee.number]
            tally.states[callback.state.value] += 1
            tally.open += callback.state in ACTIVE
            if callee.willing:
                tally.willing += 1
                tally.connected += self._was_served(callee.number, callback.state, machines)

    def _was_served(self, number: str, state: CallbackState, machines: set[str]) -> bool:
        talks = self.house.ledger.conversations(number)
        return state is CallbackState.SUPERSEDED or any(not {t.one_sid, t.other_sid} & machines for t in talks)


def _is_machine(leg: Leg) -> bool:
    return leg.far_end.detected(False)[0].startswith("machine")


def tables_to_empty() -> Sequence[str]:
    """What a world leaves behind: every table that is empty in a town where nobody has called yet, and the journal."""
    with db.engine.connect() as connection:
        return [
            name
            for name in Base.metadata.tables
            if name.startswith(("journal", "letter", "presence"))
            or not connection.execute(text(f'SELECT EXISTS (SELECT 1 FROM "{name}")')).scalar()
        ]


def empty(names: Sequence[str]) -> None:
    """Before the next world."""
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in names:
            connection.execute(text(f'DELETE FROM "{name}"'))


def settled_town(town: Town) -> int:
    """A ticket that promises can be about; nothing that happens later makes the town's people be read again."""
    ticket_id = filed(organization_id=town.school905.id, contact_id=town.gulnar.id).ticket.id
    db.session.expunge_all()
    return ticket_id


def worlds(app: Flask, town: Town, seeds: Sequence[int], kind: type[World] = World, must_hold: bool = True) -> Tally:
    """Live through one world after the other in the same town; AssertionError at the first that does not hold."""
    total = Tally()
    ticket_id = settled_town(town)
    names = tables_to_empty()
    for seed in seeds:
        tally = kind(app, town, seed, random.Random(seed).choice(HANDFUL), ticket_id).live()
        if must_hold and tally.broken:
            raise AssertionError(f"world {seed}: {tally}")
        total.add(tally)
        empty(names)
    return total
