"""The house with a telephone network around it, in one thread and on virtual time.

Webhooks, REST requests, jobs and rounds all run by the network's clock; what the far ends lived stands in its ledger.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.callbacks.models import Attempt, Callback
from helpdesk.callbacks.rules import WAITING
from helpdesk.identity.models import Staff
from helpdesk.jobs.announce import announcer
from helpdesk.jobs.dispatch import Dispatcher
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import clock
from helpdesk.kernel.db import announce_with, db, transaction
from helpdesk.organizations import queries as desks
from helpdesk.sla import queries as calendars
from helpdesk.telephony import actions, gateway, presence, queries
from helpdesk.telephony.models import Offer
from helpdesk.telephony.rules import OfferState, PresenceState
from phonesim import Faults, InProcessHttpClient, Network, VirtualClock, WsgiTransport

# Monday 23 November 2026, 10:00 in Almaty
MORNING = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
HOTLINE, CALLER_ID = "1450", "+77272501450"


@dataclass
class Exchange:
    """`enqueue` is what takes jobs; without one they run where they are given, as with Redis away.

    Operators answer `answers_after` seconds after an offer, and say goodbye after `talk` seconds (None: the other side
    does).
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
    talk: float | None = None
    answers_after: float = 2.0
    operators: list[Staff] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)
    _about_to_tick: bool = False
    _seen_at: datetime = MORNING - timedelta(days=365)

    def __post_init__(self) -> None:
        settings = self.app.extensions["settings"]
        self.clock = VirtualClock(self.start)
        self.network = Network(
            self.clock,
            settings.twilio_account_sid,
            settings.twilio_auth_token,
            WsgiTransport(self.app, settings.public_base_url),
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
        http_client = InProcessHttpClient(self.network.rest_app)
        gateway.use(self.app, gateway.Carrier(settings, http_client=http_client))
        self._stack.enter_context(clock.told_by(self.clock.now))
        for remembering in (desks, calendars, queries):
            remembering.forget()
        self.dispatcher = Dispatcher(lambda name, ids: self.enqueue(name, ids), JOBS)
        announce_with(self._woken)
        self.clock.after(self.every, self._turn)

    def _turn(self) -> None:
        """As the clock process does, but slower while nothing is promised for the next moment."""
        self.clock.after(self._until_next_turn(), self._turn)
        self.tick()

    def _until_next_turn(self) -> float:
        busy = any(not call.over for call in reversed(self.network.calls.values()))
        if busy:
            return self.every
        now, moments = self.clock.now(), []
        with self.app.app_context():
            for column in (Callback.next_attempt_at, Callback.promised_at):
                moments.append(
                    db.session.scalar(select(func.min(column)).where(Callback.state.in_(WAITING), column > now))
                )
        left = [(moment - now).total_seconds() for moment in moments if moment is not None]
        return min([*(max(seconds, self.every) for seconds in left), self.quiet])

    def _woken(self, _facts: list[Any]) -> None:
        """Something was committed: the clock process hears of it."""
        if not self._about_to_tick:
            self._about_to_tick = True
            self.clock.after(self.hears_after, self.tick)

    def close(self) -> None:
        """Give the clock and the carrier back."""
        self._stack.close()
        gateway.use(self.app, self._carrier)
        announce_with(announcer(self.app.extensions["redis"]))
        self.network.close()

    def tick(self) -> None:
        """One turn of the clock process."""
        self._about_to_tick = False
        self._operators_work()
        with self.app.app_context():
            self.dispatcher.tick(woken=True)

    def sign_in(self, *people: Staff) -> None:
        """These operators are ready and take every offer after a moment, until they sign out."""
        with self.app.app_context(), transaction():
            for person in people:
                presence.choose(person.id, PresenceState.READY)
        self.operators += [person for person in people if person not in self.operators]

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
            if (now - self._seen_at).total_seconds() >= 10:
                self._seen_at = now
                self._say_that_they_are_there()
            offers = {
                offer.staff_id: offer
                for offer in db.session.scalars(select(Offer).where(Offer.state == OfferState.OPEN))
                if (now - offer.created_at).total_seconds() >= self.answers_after
            }
        for person in self.operators:
            phone = self.network.softphone(gateway.identity(person.id), voice_url="/twilio/voice/operator")
            if person.id in offers and phone.active is None:
                phone.connect(offer=offers[person.id].token)

    def _say_that_they_are_there(self) -> None:
        with transaction():
            for person in self.operators:
                presence.heartbeat(person.id)
                row = presence.presence_of(person.id)
                if row.state in (PresenceState.WRAPUP, PresenceState.BREAK, PresenceState.OFFLINE):
                    presence.choose(person.id, PresenceState.READY)
                if row.state is PresenceState.TALKING and row.call_id is not None and self.talk is not None:
                    self._say_goodbye(person, row.call_id, self.talk)

    def _say_goodbye(self, person: Staff, call_id: int, talk: float) -> None:
        call = queries.locked(call_id)
        if call.connected_at is not None and (self.clock.now() - call.connected_at).total_seconds() >= talk:
            actions.close(call, person.id)

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
