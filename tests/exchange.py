"""The house with a telephone network around it, in one thread and on virtual time.

Webhooks, REST requests, jobs and rounds all run by the network's clock; what the far ends lived stands in its ledger.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, or_, select, update

from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.callbacks.rules import OPEN_ATTEMPT, WAITING
from helpdesk.identity.models import Staff
from helpdesk.jobs.announce import announcer
from helpdesk.jobs.dispatch import Dispatcher
from helpdesk.jobs.rounds import ROUNDS, Round
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import clock
from helpdesk.kernel.db import announce_with, db, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.organizations.rules import CallbackMode
from helpdesk.sla import queries as calendars
from helpdesk.telephony import actions, gateway, presence, queries
from helpdesk.telephony.models import Offer, Presence
from helpdesk.telephony.rules import OfferState, PresenceState
from phonesim import Faults, Network, VirtualClock, WsgiTransport
from phonesim.transport import Incoming, Outgoing
from tests.carrier import carrier_of
from tests.twilio_rules import assert_kept

# Monday 23 November 2026, 10:00 in Almaty
MORNING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
HOTLINE, CALLER_ID = "1450", "+77272501450"


class Wire(WsgiTransport):
    """The way from the network to the application; cut at the end, whatever calls are left."""

    is_cut = False

    def send(self, request: Outgoing) -> Incoming:
        """As ever, until it is cut."""
        return Incoming(failure="ct", error_code=11205) if self.is_cut else super().send(request)


@dataclass
class Exchange:
    """`enqueue` is what takes jobs; without one they run where they are given, as with Redis away.

    Operators answer `answers_after` seconds after an offer, and say goodbye after `talk` seconds (None: the other side
    does), and look at what they have to do every `looks_every` seconds.
    """

    app: Flask
    start: datetime = MORNING
    faults: Faults | None = None
    cps: float = 5.0
    seed: int = 1
    enqueue: Callable[[str, list[int]], bool] = lambda _name, _ids: False
    every: float = 2.0
    quiet: float = 60.0
    hears_after: float = 0.05
    rounds: Sequence[Round] = ROUNDS
    talk: float | None = None
    answers_after: float = 2.0
    looks_every: float = 10.0
    operators: list[Staff] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    wire_of: Callable[[Flask, str], Wire] = Wire
    _noticed: set[str] = field(default_factory=set)
    _about_to_tick: bool = False
    _seen_at: datetime = MORNING - timedelta(days=365)

    def __post_init__(self) -> None:
        settings = self.app.extensions["settings"]
        self.clock = VirtualClock(self.start)
        self.wire = self.wire_of(self.app, settings.public_base_url)
        self.network = Network(
            self.clock,
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            self.wire,
            cps=self.cps,
            seed=self.seed,
            faults=self.faults,
        )
        self.network.number(
            HOTLINE,
            voice_url="/twilio/voice/incoming",
            fallback_url="/twilio/voice/fallback",
            status_callback="/twilio/voice/status",
        )
        self.network.number(CALLER_ID)
        self.ledger = self.network.ledger
        self._carrier = gateway.carrier()
        gateway.use(self.app, carrier_of(self.network, settings))
        self._stack.enter_context(clock.told_by(self.clock.now))
        for remembering in (desks, calendars, queries):
            remembering.forget()
        self.start_clock_process()
        announce_with(self._woken)
        self._next_turn = self.clock.after(self.every, self.tick)

    def start_clock_process(self) -> None:
        """A fresh one, which knows nothing of what the one before gave away."""
        self.dispatcher = Dispatcher(lambda name, ids: self.enqueue(name, ids), JOBS, self.rounds)

    def _plan_next_turn(self) -> None:
        """As the clock process does, but slower while nothing is promised for the next moment."""
        wait = self._until_next_turn()
        if self._next_turn.when <= self.clock.seconds() or self._next_turn.when > self.clock.seconds() + wait:
            self._next_turn.cancel()
            self._next_turn = self.clock.after(wait, self.tick)

    def _until_next_turn(self) -> float:
        busy = any(not call.over for call in reversed(self.network.calls.values()))
        if busy:
            return self.every
        now = self.clock.now()
        moments = (Callback.next_attempt_at, Callback.promised_at)
        soonest = [func.min(moment).filter(Callback.state.in_(WAITING), moment > now) for moment in moments]
        unsettled = select(Attempt.id).where(Attempt.state.in_(OPEN_ATTEMPT)).exists()
        held_out = select(Offer.id).where(Offer.state == OfferState.OPEN).exists()
        ripe = select(Callback.id).where(Callback.state.in_(WAITING), Callback.next_attempt_at <= now).exists()
        waits = or_(unsettled, held_out, ripe)
        with self.app.app_context():
            *found, waits_for_word = db.session.execute(select(*soonest, select(waits).scalar_subquery())).one()
        left = [max((moment - now).total_seconds(), self.every) for moment in found if moment is not None]
        return min([*left, self.quiet, 10.0 if waits_for_word else self.quiet])

    def _woken(self, _facts: list[Any]) -> None:
        """Something was committed: the clock process hears of it."""
        if not self._about_to_tick:
            self._about_to_tick = True
            self.clock.after(self.hears_after, self.tick)

    def close(self) -> None:
        """Give the clock and the carrier back."""
        self.wire.is_cut = True
        self._stack.close()
        gateway.use(self.app, self._carrier)
        announce_with(announcer(self.app.extensions["redis"]))
        self.network.close()
        assert_kept(self.network)

    def tick(self) -> None:
        """One turn of the clock process."""
        self._about_to_tick = False
        self._operators_work()
        with self.app.app_context():
            self._dispatch()
        self._plan_next_turn()

    def _dispatch(self) -> None:
        self.dispatcher.tick(woken=True)

    def sign_in(self, *people: Staff) -> None:
        """These operators are ready and take every offer after a moment, until they sign out."""
        with self.app.app_context(), transaction():
            for person in people:
                presence.choose(person.id, PresenceState.READY)
        self.operators += [person for person in people if person not in self.operators]

    def ask_operators_first(self, first: bool = True) -> None:
        """From now on every desk shows a callback to an operator before it dials, or dials before it asks one."""
        mode = CallbackMode.OPERATOR_FIRST if first else CallbackMode.CALLER_FIRST
        with self.app.app_context(), transaction():
            db.session.execute(update(Desk).values(callback_mode=mode))
        desks.forget()

    def sign_out(self, person: Staff) -> None:
        """Gone."""
        self.operators.remove(person)
        with self.app.app_context(), transaction():
            presence.choose(person.id, PresenceState.OFFLINE)

    def _operators_work(self) -> None:
        if not self.operators:
            return
        now = self.clock.now()
        with self.app.app_context():
            if (now - self._seen_at).total_seconds() >= self.looks_every:
                self._seen_at = now
                self._say_that_they_are_there()
            open_ones = db.session.scalars(select(Offer).where(Offer.state == OfferState.OPEN)).all()
        for offer in open_ones:
            if offer.token not in self._noticed:
                self._noticed.add(offer.token)
                self.clock.after(self.answers_after, self._take, offer.staff_id, offer.token, offer.expires_at)

    def _take(self, staff_id: int, token: str, until: datetime) -> None:
        """Connect with an offer, as soon as the call before is over, while it stands."""
        if all(person.id != staff_id for person in self.operators) or self.clock.now() >= until:
            return
        phone = self.network.softphone(gateway.identity(staff_id), voice_url="/twilio/voice/operator")
        if phone.active is None:
            phone.connect(offer=token)
        else:
            self.clock.after(1.0, self._take, staff_id, token, until)

    def _say_that_they_are_there(self) -> None:
        ids = [person.id for person in self.operators]
        with transaction():
            there = update(Presence).where(Presence.staff_id.in_(ids), Presence.state != PresenceState.OFFLINE)
            db.session.execute(there.values(heartbeat_at=self.clock.now()))
            rows = db.session.scalars(
                select(Presence).where(Presence.staff_id.in_(ids)).execution_options(populate_existing=True)
            )
            for row in rows.all():
                if row.state in (PresenceState.WRAPUP, PresenceState.BREAK, PresenceState.OFFLINE):
                    presence.choose(row.staff_id, PresenceState.READY)
                if row.state is PresenceState.TALKING and row.call_id is not None and self.talk is not None:
                    self._say_goodbye(row.staff_id, row.call_id, self.talk)

    def _say_goodbye(self, staff_id: int, call_id: int, talk: float) -> None:
        call = queries.locked(call_id)
        if call.connected_at is not None and (self.clock.now() - call.connected_at).total_seconds() >= talk:
            actions.close(call, staff_id)

    # ── what is in the books ──────────────────────────────────────────────────────────────────────────────────────

    def callbacks(self, number: str | None = None) -> list[Callback]:
        """Every callback, as it stands in the database now, oldest first."""
        with self.app.app_context():
            query = select(Callback).order_by(Callback.id)
            return list(db.session.scalars(query if number is None else query.where(Callback.number == number)))

    def attempts(self) -> list[Attempt]:
        """Every attempt, oldest first."""
        with self.app.app_context():
            return list(db.session.scalars(select(Attempt).order_by(Attempt.id)))


@pytest.fixture
def exchange(app: Flask) -> Iterator[Callable[..., Exchange]]:
    """Make an exchange with the settings of a story; it is closed at the end of the test."""
    opened: list[Exchange] = []

    def make(**values: Any) -> Exchange:
        opened.append(Exchange(app, **values))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
