"""Who is offered to whom: first come first served, the longest idle first, and never the same one twice."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.actor import CARRIER
from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations.models import Organization
from helpdesk.routing.rules import Queue
from helpdesk.telephony import actions, line, moves, offers, presence, queries
from helpdesk.telephony.models import Call, Offer, Presence, QueueEntry
from helpdesk.telephony.rules import CallState, EntryKind, EntryState, OfferState, PresenceState
from helpdesk.telephony.turns import HeldOut
from tests.conftest import SetClock
from tests.people import Town

Wait = Callable[..., Call]


@pytest.fixture
def waits(app: Flask, town: Town, set_clock: SetClock) -> Wait:
    """waits("CA1"): somebody joins the line of school 905, a second after the one before."""

    def one(sid: str, language: str = "kk", queue: Queue = Queue.TECHNICAL, at: Organization | None = None) -> Call:
        set_clock.forward(seconds=1)
        with transaction():
            desk_id = (at or town.school905).id
            call = actions.begin(sid, "+77090000001", "1450", desk_id, None, language)
            line.join(call, queue, language, CARRIER)
        return call

    return one


def ready(*people: Staff) -> None:
    for person in people:
        with transaction():
            presence.choose(person.id, PresenceState.READY)


def route() -> list[tuple[str, int]]:
    """(sid of the call, operator) of every open offer, after routing."""
    with transaction():
        offers.route_waiting()
    open_ones = session().execute(
        select(Call.sid, Offer.staff_id).join(Call, Call.id == Offer.call_id).where(Offer.state == OfferState.OPEN)
    )
    return sorted((str(sid), staff_id) for sid, staff_id in open_ones)


def test_the_longest_idle_operator_gets_the_first_caller(waits: Wait, town: Town, set_clock: SetClock) -> None:
    ready(town.svetlana)
    set_clock.forward(seconds=5)
    ready(town.aigul)
    waits("CA1")
    waits("CA2")
    assert route() == [("CA1", town.svetlana.id), ("CA2", town.aigul.id)]
    assert route() == [("CA1", town.svetlana.id), ("CA2", town.aigul.id)]


def test_language_queue_and_desk_must_fit(waits: Wait, town: Town) -> None:
    with transaction():
        session().merge(town.svetlana).skills = ["methodological"]
    ready(town.aigul, town.svetlana, town.bekzat)
    waits("CA1", language="ru")
    waits("CA2", language="en")
    assert route() == []
    waits("CA3", language="ru", queue=Queue.METHODOLOGICAL)
    waits("CA4", at=town.school911)
    assert route() == [("CA3", town.svetlana.id), ("CA4", town.bekzat.id)]


def test_an_operator_of_a_school_takes_no_calls_of_the_city(waits: Wait, town: Town) -> None:
    ready(town.aigul)
    waits("CA1", at=town.city)
    assert route() == []
    with transaction():
        session().add(StaffRole(staff_id=town.aigul.id, role=Role.OPERATOR, organization_id=town.city.id))
    assert route() == [("CA1", town.aigul.id)]


def test_a_long_line_that_nobody_can_serve_hides_no_other(waits: Wait, town: Town) -> None:
    with transaction():
        for place in range(220):
            call = actions.begin(f"CA{place}", "+77090000001", "1450", town.school911.id, None, "kk")
            line.join(call, Queue.TECHNICAL, "kk", CARRIER)
    waits("CAlate")
    ready(town.aigul)
    assert route() == [("CAlate", town.aigul.id)]


def test_live_callers_and_called_back_ones_stand_in_one_order(waits: Wait, town: Town, set_clock: SetClock) -> None:
    first = waits("CA1")
    waits("CA2")
    with transaction():
        entry = line.entry_of(first.id)
        assert entry is not None
        line.keep_place(entry.id, 77, None)
        actions.end(queries.locked(first.id))
    with transaction():
        again = actions.begin("CA3", "+77090000001", "1450", town.school905.id, None, "kk")
        line.take_place(entry.id, again)
    ready(town.aigul)
    assert route() == [("CA3", town.aigul.id)]
    session().expire_all()
    assert (entry.kind, entry.state) == (EntryKind.CALLBACK, EntryState.OFFERED)


def test_only_the_operator_who_was_asked_can_answer_and_only_once(waits: Wait, town: Town) -> None:
    ready(town.aigul)
    call = waits("CA1")
    route()
    token = session().scalars(select(Offer.token)).one()
    with transaction():
        assert offers.accept_offer(token, town.svetlana.id, "CAx") is None
    with transaction():
        assert offers.accept_offer(token, town.aigul.id, "CAa") is not None
    with transaction():
        again = offers.accept_offer(token, town.aigul.id, "CAa")
        assert again is not None
        assert again.id == call.id
        assert offers.accept_offer(token, town.aigul.id, "CAb") is None
    session().expire_all()
    assert session().get_one(Call, call.id).state is CallState.CONNECTED
    assert session().get_one(Presence, town.aigul.id).state is PresenceState.TALKING


def test_an_expired_offer_cannot_be_answered(waits: Wait, town: Town, set_clock: SetClock) -> None:
    ready(town.aigul)
    waits("CA1")
    route()
    offer = session().scalars(select(Offer)).one()
    set_clock.forward(seconds=14)
    with transaction():
        assert not offers.expire(offer.id)
    set_clock.forward(seconds=1)
    with transaction():
        assert offers.expire(offer.id)
        assert not offers.expire(offer.id)
    with transaction():
        assert offers.accept_offer(offer.token, town.aigul.id, "CAa") is None


def test_a_lost_race_changes_nothing(waits: Wait, town: Town) -> None:
    ready(town.aigul)
    waits("CA1")
    with transaction():
        entry = session().scalars(select(QueueEntry)).one()
        assert not moves.move(entry, EntryState.CONNECTED)
        assert entry.state is EntryState.WAITING
        busy = presence.presence_of(town.aigul.id)
        assert moves.move(busy, PresenceState.BREAK)
        assert offers.hold_out(entry.id, entry.call_id or 0, town.aigul.id) is HeldOut.BUSY
    session().expire_all()
    assert session().scalars(select(Offer)).all() == []
    assert session().scalars(select(Call.state)).all() == [CallState.QUEUED]


def test_the_place_counts_everybody_before_and_promises_only_when_due(
    waits: Wait, town: Town, set_clock: SetClock
) -> None:
    with transaction():
        later = set_clock.at.replace(hour=8)
        line.promise_place(town.school905.id, Queue.TECHNICAL, "kk", 5, set_clock.at, later)
    waits("CA1", language="ru")
    waits("CA2", queue=Queue.METHODOLOGICAL)
    last = waits("CA3")
    entry = line.entry_of(last.id)
    assert entry is not None
    assert queries.standing(entry).position == 2
    set_clock.at = later
    assert queries.standing(entry).position == 3
