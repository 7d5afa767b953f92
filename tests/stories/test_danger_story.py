"""A child is in danger: the record, the supervisors, and 112 on the line, counted where 112 rings."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.audit.actor import requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.notifications.models import Letter
from helpdesk.notifications.rules import Medium
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.routing.rules import Priority
from helpdesk.telephony import actions, danger, emergency, queries
from helpdesk.telephony.danger_models import Alarm, ServiceDial
from helpdesk.telephony.danger_rules import Service, ServiceState
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.rules import CallState, Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from phonesim import CallHandle, Person
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town

SCHOOL = "+77272000905"


@pytest.fixture
def caller(hotline: Hotline, town: Town) -> CallHandle:
    """Гүлнар talks to Айгүл; the trunk of the district and its school connects 112, where somebody answers."""
    with transaction():
        session().execute(update(Desk).values(dials_service_numbers=True))
        session().get_one(Staff, town.erlan.id).mobile = "+77010000001"
    desks.forget()
    hotline.network.person("112", Person(rings=[2.0], talk=None))
    hotline.staffed(town.aigul)
    talking = hotline.dial(GULNAR_PHONE, "1", "1", to=SCHOOL, talk=None, patience=9000)
    hotline.until(lambda: talking.in_conversation)
    return talking


def the_call() -> Call:
    Hotline.look_again()
    return session().scalars(select(Call)).one()


def press(town: Town, number: Service | None = Service.RESCUE) -> None:
    """The operator's key, confirmed."""
    with transaction():
        call = queries.locked(the_call().id)
        danger.raise_alarm(call, staff(town.aigul.id))
        if number is not None:
            emergency.call_in(call, number, staff(town.aigul.id))


def states() -> list[ServiceState]:
    Hotline.look_again()
    return list(session().scalars(select(ServiceDial.state).order_by(ServiceDial.id)))


def test_one_key_makes_the_p0_record_and_tells_every_supervisor_above_the_desk(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    press(town)
    told = select(JournalEntry).where(JournalEntry.kind == "alarm.raised").order_by(JournalEntry.id)
    noted = session().scalars(told).all()
    assert {entry.details["staff_id"] for entry in noted} == {town.erlan.id, town.asel.id}
    assert all(entry.at == hotline.clock.now() for entry in noted), "with the key, not with a job"
    hotline.run(3)
    call = the_call()
    ticket = session().get_one(Ticket, call.ticket_id)
    assert (ticket.category_code, ticket.priority) == ("O05", Priority.P0)
    assert call.danger_at is not None
    letters = session().scalars(select(Letter).where(Letter.template == "alarm_raised")).all()
    assert sorted((letter.medium, letter.address) for letter in letters) == [
        (Medium.EMAIL, town.asel.email),
        (Medium.EMAIL, town.erlan.email),
        (Medium.SMS, "+77010000001"),
    ]
    assert all("Гүлнар" not in letter.body and GULNAR_PHONE not in letter.body for letter in letters)
    assert all(letter.ticket_id == ticket.id for letter in letters)


def test_the_key_pressed_twice_rings_112_once_and_raises_one_alarm(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    press(town)
    press(town)
    hotline.run(5)
    press(town)
    hotline.run(20)
    assert len(hotline.network.ledger.rings("112")) == 1
    assert len(session().scalars(select(Alarm)).all()) == 1
    assert states() == [ServiceState.TALKING]
    assert len(session().scalars(select(Letter).where(Letter.template == "alarm_raised")).all()) == 3


def test_112_hears_caller_and_operator_and_the_operator_stays(hotline: Hotline, caller: CallHandle, town: Town) -> None:
    press(town)
    hotline.run(10)
    heard = hotline.network.ledger.heard_by("112", hotline.clock.now())
    assert heard == {GULNAR_PHONE, f"client:op_{town.aigul.id}"}
    assert the_call().operator_id == town.aigul.id
    assert hotline.network.alerts == []


def test_112_hangs_up_and_the_conversation_goes_on(hotline: Hotline, caller: CallHandle, town: Town) -> None:
    press(town)
    hotline.run(10)
    [leg] = [call for call in hotline.network.calls.values() if call.to == "112"]
    leg.hang_up()
    hotline.run(5)
    assert caller.in_conversation
    assert the_call().state is CallState.CONNECTED
    assert states() == [ServiceState.ENDED]


def test_the_operators_browser_dies_and_the_caller_stays_with_112(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    press(town)
    hotline.run(10)
    [aigul] = hotline.operators
    aigul.alive = False
    aigul.legs[0].hang_up()
    hotline.run(10)
    assert caller.in_conversation
    assert hotline.network.ledger.heard_by("112", hotline.clock.now()) == {GULNAR_PHONE}
    assert not any(name.startswith("P27") for name in caller.prompts)
    assert session().get_one(Presence, town.aigul.id).state is not PresenceState.TALKING
    [leg] = [call for call in hotline.network.calls.values() if call.to == "112"]
    leg.hang_up()
    hotline.until(lambda: caller.queue_name is not None)


def test_an_operator_who_ends_the_call_leaves_the_caller_with_112(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    press(town)
    hotline.run(10)
    with transaction():
        actions.close(queries.locked(the_call().id), town.aigul.id)
    hotline.run(5)
    assert hotline.network.ledger.heard_by("112", hotline.clock.now()) == {GULNAR_PHONE}
    caller.hang_up()
    hotline.run(5)
    call = the_call()
    assert (call.state, call.outcome) == (CallState.ENDED, Outcome.HANDLED)
    assert all(leg.over for leg in hotline.network.calls.values())


def test_the_childs_line_breaks_and_the_operator_goes_on_telling_112(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    press(town)
    hotline.run(10)
    caller.hang_up()
    hotline.run(10)
    operator = f"client:op_{town.aigul.id}"
    assert hotline.network.ledger.heard_by("112", hotline.clock.now()) == {operator}
    assert session().get_one(Presence, town.aigul.id).state is PresenceState.TALKING
    hotline.operators[0].legs[0].hang_up()
    hotline.run(10)
    call = the_call()
    assert (call.state, call.outcome) == (CallState.ENDED, Outcome.HANDLED)
    assert all(leg.over for leg in hotline.network.calls.values())
    assert session().get_one(Presence, town.aigul.id).state is PresenceState.WRAPUP


def test_112_is_busy_and_the_operator_may_ring_it_again(hotline: Hotline, caller: CallHandle, town: Town) -> None:
    hotline.network.person("112", Person(rings=["busy", 1.0], talk=None))
    press(town)
    hotline.run(10)
    assert states() == [ServiceState.FAILED]
    assert caller.in_conversation
    press(town)
    hotline.run(10)
    assert states() == [ServiceState.FAILED, ServiceState.TALKING]
    assert len(hotline.network.ledger.rings("112")) == 2


def test_the_answer_of_the_carrier_is_lost_and_112_still_rings_once(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    hotline.network.faults.rest_lost = 1.0
    press(town)
    hotline.run(20)
    assert len(hotline.network.ledger.rings("112")) == 1
    assert states() == [ServiceState.TALKING]


def test_what_the_carrier_never_told_of_112_is_asked_for(hotline: Hotline, caller: CallHandle, town: Town) -> None:
    press(town)
    hotline.run(10)
    hotline.network.faults.drop = 1.0
    [leg] = [call for call in hotline.network.calls.values() if call.to == "112"]
    leg.hang_up()
    hotline.run(5)
    assert states() == [ServiceState.TALKING], "nobody has told"
    hotline.network.faults.drop = 0.0
    hotline.run(180)
    assert states() == [ServiceState.ENDED]
    assert caller.in_conversation


def test_a_caller_who_hangs_up_while_112_is_being_dialled_leaves_it_alone_with_nobody(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    hotline.network.faults.delay, hotline.network.faults.delay_seconds = 1.0, (3.0, 3.0)
    press(town)
    hotline.run(1)
    caller.hang_up()
    hotline.operators[0].legs[0].hang_up()
    hotline.run(60)
    assert all(call.over for call in hotline.network.calls.values())
    assert states()[0] in (ServiceState.ENDED, ServiceState.FAILED)
    assert the_call().state is CallState.ENDED


def test_where_the_trunk_does_not_connect_112_nothing_is_dialled_and_the_alarm_is_raised(
    hotline: Hotline, caller: CallHandle, town: Town
) -> None:
    with transaction():
        session().execute(update(Desk).values(dials_service_numbers=False))
    desks.forget()
    press(town, number=None)
    with pytest.raises(Refused), transaction():
        emergency.call_in(queries.locked(the_call().id), Service.RESCUE, staff(town.aigul.id))
    hotline.run(5)
    assert hotline.network.ledger.rings("112") == []
    assert len(session().scalars(select(Alarm)).all()) == 1


def test_an_alarm_out_of_the_menu_makes_a_record_for_a_call_that_had_none(
    app: Flask, hotline: Hotline, town: Town, set_aside: Callable[[], Call]
) -> None:
    call = set_aside()
    with transaction():
        danger.raise_alarm(queries.locked(call.id), requester())
    hotline.run(3)
    known = session().get_one(Call, call.id, populate_existing=True)
    ticket = session().get_one(Ticket, known.ticket_id)
    assert (ticket.priority, ticket.category_code, ticket.desk_id) == (Priority.P0, "O05", town.school905.id)
    assert session().scalars(select(Alarm)).one().raised_by is None


@pytest.fixture
def set_aside(hotline: Hotline) -> Callable[[], Call]:
    """A caller who is still asked for a language: no topic, no ticket."""

    def make() -> Call:
        hotline.dial(GULNAR_PHONE, "", "", to=SCHOOL, patience=900)
        hotline.until(lambda: session().scalars(select(Call)).first() is not None)
        return session().scalars(select(Call)).one()

    return make
