"""Callers whose own desk does not take calls: the next level, a closed queue, and the desk that opens first."""

from datetime import UTC, datetime, time

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.callbacks.models import Callback
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk, DeskHours
from helpdesk.routing.rules import Queue
from helpdesk.sla import queries as calendars
from helpdesk.telephony import presence, queries, queues
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from phonesim.twiml import Manner
from tests.conftest import SetClock
from tests.people import Town
from tests.webhooks.signed import SID, Carrier, played, verbs

MONDAY_EVENING = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
SATURDAY_NOON = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
OF_905 = {"To": "+77272000905"}


@pytest.fixture
def carrier(app: Flask, town: Town, set_clock: SetClock) -> Carrier:
    queries.forget()
    return Carrier(app)


def at_all_hours(desk_id: int) -> None:
    with transaction():
        session().get_one(Desk, desk_id).around_the_clock = True
    forget()


def open_on_saturday(desk_id: int) -> None:
    with transaction():
        session().add(DeskHours(desk_id=desk_id, weekday=5, opens=time(15), closes=time(18)))
    forget()


def forget() -> None:
    desks.forget()
    calendars.forget()


def calls_905(carrier: Carrier, **last: str) -> list[str]:
    carrier.document("incoming", **OF_905)
    carrier.document("language?n=1", Digits="2", **OF_905)
    document = carrier.document("menu?n=1", Digits="2", **OF_905)
    assert verbs(document)[-1] in ("Enqueue", "Gather")
    return played(document)


def entry() -> QueueEntry:
    session().rollback()
    session().expire_all()
    return session().scalars(select(QueueEntry)).one()


def overflows() -> list[tuple[int | None, int]]:
    session().rollback()
    found = session().scalars(select(JournalEntry).where(JournalEntry.kind == "call.overflowed"))
    return [(one.desk_id, one.details["to_desk_id"]) for one in found]


def test_a_closed_desk_whose_next_level_is_open_is_not_called_closed(
    carrier: Carrier, town: Town, set_clock: SetClock
) -> None:
    set_clock.at = MONDAY_EVENING
    at_all_hours(town.city.id)
    assert calls_905(carrier) == ["ru/P19", "ru/organization.region_department"]
    assert (entry().desk_id, entry().reach_id) == (town.school905.id, town.city.id)
    assert session().scalars(select(Ticket)).one().desk_id == town.school905.id
    assert overflows() == [(town.school905.id, town.city.id)]


def test_where_every_level_is_closed_the_desk_that_opens_first_calls_back(
    carrier: Carrier, town: Town, set_clock: SetClock
) -> None:
    set_clock.at = SATURDAY_NOON
    open_on_saturday(town.city.id)
    carrier.document("incoming", **OF_905)
    said = played(carrier.document("language?n=1", Digits="2", **OF_905))
    assert said[:3] == ["ru/P01N", "ru/P36", "ru/today"]
    assert said[-1] == "ru/P46K"
    carrier.document("closed?n=1", Digits="2", **OF_905)
    made = session().scalars(select(Callback)).one()
    assert (made.desk_id, made.not_before) == (town.city.id, datetime(2026, 11, 28, 10, 0, tzinfo=UTC))
    assert session().get_one(Ticket, made.ticket_id).desk_id == town.school905.id


def test_whose_own_desk_opens_first_hears_its_hours(carrier: Carrier, town: Town, set_clock: SetClock) -> None:
    set_clock.at = SATURDAY_NOON
    carrier.document("incoming", **OF_905)
    said = played(carrier.document("language?n=1", Digits="2", **OF_905))
    assert said[1] == "ru/P46"


def test_somebody_at_work_on_the_own_level_keeps_the_call_there(carrier: Carrier, town: Town) -> None:
    with transaction():
        presence.choose(town.bekzat.id, PresenceState.READY)
    at_911 = {"To": "+77272000911"}
    carrier.document("incoming", **at_911)
    carrier.document("language?n=1", Digits="1", **at_911)
    carrier.document("menu?n=1", Digits="2", **at_911)
    assert (entry().desk_id, entry().reach_id) == (town.school911.id, None)
    assert overflows() == []


def test_where_nobody_of_the_own_level_is_at_work_the_next_one_may_answer_at_once(carrier: Carrier, town: Town) -> None:
    with transaction():
        presence.choose(town.svetlana.id, PresenceState.READY)
    assert calls_905(carrier) == []
    assert entry().reach_id == town.district.id


def test_nobody_joins_a_queue_that_a_supervisor_closed(carrier: Carrier, town: Town) -> None:
    with transaction():
        queues.close(town.city.id, Queue.METHODOLOGICAL, "жөндеу", staff(town.asel.id))
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="2")
    assert played(carrier.document("menu?n=1", Digits="2")) == ["ru/P43", "ru/P46K"]
    assert session().scalars(select(QueueEntry)).all() == []
    assert played(carrier.document("closed?n=1", Digits="2"))[0].startswith("ru/P10")
    session().rollback()
    call = session().scalars(select(Call).where(Call.sid == SID)).one()
    assert call.outcome is Outcome.CALLBACK_REQUESTED
    made = session().scalars(select(Callback)).one()
    assert (made.desk_id, made.queue) == (town.city.id, Queue.METHODOLOGICAL)


def test_the_other_queue_of_the_desk_is_still_open(carrier: Carrier, town: Town) -> None:
    with transaction():
        queues.close(town.city.id, Queue.METHODOLOGICAL, "жөндеу", staff(town.asel.id))
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="1")
    assert verbs(carrier.document("menu?n=1", Digits="3")) == ["Enqueue"]


def test_a_closed_queue_overflows_where_the_next_level_takes_calls(carrier: Carrier, town: Town) -> None:
    with transaction():
        queues.close(town.school905.id, Queue.METHODOLOGICAL, "көшу", staff(town.erlan.id))
    assert calls_905(carrier) == ["ru/P19", "ru/organization.district_department"]
    assert entry().desk_id == town.school905.id


def test_who_waits_for_the_next_level_is_called_back_by_it(carrier: Carrier, town: Town, set_clock: SetClock) -> None:
    set_clock.at = MONDAY_EVENING
    at_all_hours(town.city.id)
    calls_905(carrier)
    carrier.document("wait-key?n=1", Manner.QUEUE_WAIT, Digits="1", **OF_905)
    carrier.document("queue-left", QueueResult="leave", **OF_905)
    made = session().scalars(select(Callback)).one()
    assert (made.desk_id, made.promised_at.date()) == (town.city.id, MONDAY_EVENING.date())
    assert made.entry_id == entry().id
