"""What queued callbacks are blamed for in other products; docs/promises.md says what shows each of the others."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from helpdesk.callbacks.rules import AttemptResult, CallbackState
from helpdesk.kernel.db import session
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import EntryState
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rules import Channel
from phonesim import Person
from tests.callbacks.promises import promised
from tests.exchange import HOTLINE, exchange
from tests.factories import filed
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town

__all__ = ["exchange"]

NINE = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
CROWD, OPERATORS, TALK = 6, 2, 30


def test_however_long_a_line_waits_nothing_is_looked_up_at_the_carrier(hotline: Hotline, town: Town) -> None:
    for number in range(5):
        hotline.dial(f"+770900002{number:02d}", "1", "2", talk=None)
    hotline.run(130)
    waiting = select(QueueEntry).where(QueueEntry.state == EntryState.WAITING)
    assert len(session().scalars(waiting).all()) == 5
    asked = [line.data for line in hotline.network.trace.lines if line.kind == "rest"]
    assert [data["path"] for data in asked if data["method"] == "GET"] == []


def test_a_callback_that_is_tried_again_stays_the_same_request_in_the_same_place(exchange, town: Town):
    house = exchange()
    house.network.person(GULNAR_PHONE, Person(rings=["busy", 5.0], keys=["1"], patience=900, talk=30))
    house.network.dial(HOTLINE, from_=GULNAR_PHONE, keys=["1", "2", "1"])
    house.clock.run_for(120)
    [before] = house.callbacks()
    house.sign_in(town.asel)
    house.clock.run_until(lambda: bool(house.ledger.conversations()), limit=1800)
    house.clock.run_for(60)

    [after] = house.callbacks()
    assert after.state is CallbackState.DONE
    assert [one.result for one in house.attempts()] == [AttemptResult.BUSY, AttemptResult.CONNECTED]
    kept = ("id", "ticket_id", "queue", "language", "number", "virtual_at", "origin")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    [ticket] = session().scalars(select(Ticket)).all()
    assert (ticket.id, ticket.channel) == (after.ticket_id, Channel.PHONE)
    ours = session().scalars(select(Call.ticket_id).where(Call.callback_id == after.id)).all()
    assert set(ours) == {ticket.id}


def test_a_crowd_promised_for_nine_is_rung_as_operators_come_free(exchange, town: Town):
    house = exchange(start=NINE - timedelta(minutes=1), cps=1.0, talk=TALK, every=4.0)
    numbers = [f"+770900003{place:02d}" for place in range(CROWD)]
    for number in numbers:
        house.network.person(number, Person(rings=[4.0], keys=["1"], patience=600, talk=120))
        ticket = filed(organization_id=town.district.id, phones=(number,)).ticket
        promised(ticket, number, not_before=NINE)
    house.sign_in(town.aigul, town.svetlana)
    house.clock.run_until(lambda: len(house.ledger.conversations()) == CROWD, limit=900)
    house.clock.run_for(TALK + 10)

    rang = {ring.number: ring.from_at for ring in house.ledger.rings()}
    over = {number: max(talk.to_at for talk in house.ledger.conversations(number)) for number in numbers}
    assert len(rang) == len(house.ledger.rings()) == CROWD
    assert min(rang.values()) >= NINE
    assert max(rang.values()) - min(rang.values()) > timedelta(seconds=(CROWD / OPERATORS - 1) * TALK)
    at_once = [sum(rang[other] <= rang[one] < over[other] for other in numbers) for one in numbers]
    assert max(at_once) <= 2 * OPERATORS, "those who talk, and those for whom an operator is about to be free"
