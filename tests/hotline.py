"""The hotline on a simulated phone network: the real application, the real protocol, a clock that tests turn."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from helpdesk.identity.models import Staff
from helpdesk.jobs.dispatch import Dispatcher
from helpdesk.jobs.work import JOBS
from helpdesk.kernel import clock as house_clock
from helpdesk.kernel import settings
from helpdesk.kernel.db import db, session, transaction
from helpdesk.telephony import gateway, presence, queries
from helpdesk.telephony.rules import PresenceState
from phonesim import CallHandle, Network, Person, Softphone, VirtualClock, WsgiTransport
from phonesim.clock import Repetition
from phonesim.transport import Incoming, Outgoing
from tests.carrier import carrier_of
from tests.twilio_rules import assert_kept

MONDAY_TEN = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


class Wire(WsgiTransport):
    """The way from the network to the application; cut when the test is over, whatever calls are left."""

    is_cut = False

    def send(self, request: Outgoing) -> Incoming:
        """As ever, until it is cut."""
        return Incoming(failure="ct", error_code=11205) if self.is_cut else super().send(request)


@dataclass
class Operator:
    """Somebody at a desk with a browser: says that it is there, and takes offers `answers` seconds after they came."""

    staff: Staff
    softphone: Softphone
    answers: float | None
    alive: bool = True
    seen: dict[str, CallHandle | None] = field(default_factory=dict)

    @property
    def legs(self) -> list[CallHandle]:
        """The calls that this browser placed to take offers."""
        return [leg for leg in self.seen.values() if leg is not None]


@dataclass
class Hotline:
    """Dial it, staff it, let time pass; `network.ledger` counts what far ends lived."""

    app: Flask
    clock: VirtualClock
    network: Network
    operators: list[Operator] = field(default_factory=list)
    _turns: Repetition | None = None

    def dial(self, from_: str, *keys: str, to: str = "1450", **person: Any) -> CallHandle:
        """Somebody calls; one entry of `keys` a question, an empty one waits it out."""
        return self.network.dial(to, from_=from_, person=Person(keys=list(keys), **person))

    def staffed(self, *people: Staff, answers: float | None = 2.0) -> list[Operator]:
        """These operators are ready; their softphones connect to what is offered unless `answers` is None."""
        came = []
        for person in people:
            softphone = self.network.softphone(gateway.identity(person.id), "/twilio/voice/operator")
            came.append(Operator(person, softphone, answers))
            with self.app.app_context(), transaction():
                presence.choose(person.id, PresenceState.READY)
        self.operators += came
        return came

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.run_for(seconds)
        self.look_again()

    def until(self, goal: Callable[[], bool], limit: float = 600) -> None:
        """Let time pass until something is so; fails when it never is."""

        def reached() -> bool:
            self.look_again()
            return goal()

        assert self.clock.run_until(reached, limit), "it never came to that"

    @staticmethod
    def look_again() -> None:
        """What the test asks the database next is not answered from memory."""
        session().rollback()
        session().expire_all()

    def turn(self) -> None:
        """What the clock process does each moment, here and now; browsers say that they are there."""
        with self.app.app_context():
            for operator in self.operators:
                if operator.alive:
                    with transaction():
                        presence.heartbeat(operator.staff.id)
                    self._answer(operator)
            db.session.remove()
            self.dispatcher.tick(woken=True)

    def _answer(self, operator: Operator) -> None:
        offer = queries.open_offer(operator.staff.id)
        if offer is None or operator.answers is None or offer.token in operator.seen:
            return
        operator.seen[offer.token] = None
        self.clock.after(operator.answers, self._connect, operator, offer.token)

    def _connect(self, operator: Operator, token: str) -> None:
        if operator.alive:
            operator.seen[token] = operator.softphone.connect(offer=token)

    def __post_init__(self) -> None:
        self.dispatcher = Dispatcher(lambda _name, _ids: False, JOBS)
        self.turn_every(2)

    def turn_every(self, seconds: float) -> None:
        """How often the clock process has its turn. In life each commit wakes it; few stories need that."""
        if self._turns is not None:
            self._turns.cancel()
        self._turns = self.clock.every(seconds, self.turn)


@pytest.fixture
def hotline(app: Flask) -> Iterator[Hotline]:
    """1450 and the numbers of both schools, Monday 10:00 in Almaty."""
    virtual = VirtualClock(MONDAY_TEN)
    known = settings.current()
    wire = Wire(app, known.public_base_url)
    network = Network(virtual, known.twilio_account_sid, known.twilio_auth_token, wire, seed=1450, cps=0)
    for number in ("1450", "+77272000905", "+77272000911"):
        network.number(
            number, "/twilio/voice/incoming", "/twilio/voice/fallback", status_callback="/twilio/voice/status"
        )
    network.number(known.twilio_from)
    before = app.extensions["carrier"]
    gateway.use(app, carrier_of(network, known))
    queries.forget()
    with house_clock.told_by(virtual.now):
        yield Hotline(app, virtual, network)
    wire.is_cut = True
    network.close()
    gateway.use(app, before)
    assert_kept(network)
