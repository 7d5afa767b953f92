"""From the school to the district to the city: who may answer whom, and when; and callers who are turned away."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff, StaffRole
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.sla import queries as calendars
from helpdesk.telephony import queries
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.tickets.models import Ticket
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town

OF_905, OF_911 = "+77272000905", "+77272000911"
STRANGER = "+77090000077"


@pytest.fixture
def quick(town: Town) -> Town:
    """Every desk lets its callers go further after half a minute."""
    with transaction():
        for desk in session().scalars(select(Desk)):
            desk.overflow_after_seconds = 30
    desks.forget()
    calendars.forget()
    return town


def overflows(number: str) -> list[int]:
    query = select(JournalEntry).join(Call, Call.id == JournalEntry.call_id)
    found = session().scalars(
        query.where(JournalEntry.kind == "call.overflowed", Call.from_number == number).order_by(JournalEntry.id)
    )
    return [entry.details["to_desk_id"] for entry in found]


def place(number: str) -> QueueEntry:
    return session().scalars(select(QueueEntry).join(Call).where(Call.from_number == number)).one()


def offered() -> set[int]:
    return set(session().scalars(select(Offer.staff_id)))


def works_at(person: Staff, desk_id: int) -> None:
    """Another operator's place of work."""
    with transaction():
        session().add(StaffRole(staff_id=person.id, role=Role.OPERATOR, organization_id=desk_id))


def test_a_school_has_its_half_minute_then_the_district_answers(hotline: Hotline, quick: Town) -> None:
    hotline.staffed(quick.bekzat, answers=None)
    works_at(quick.svetlana, quick.other_district.id)
    hotline.staffed(quick.svetlana)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=OF_911)
    hotline.until(lambda: caller.queue_name is not None)
    joined = place(GULNAR_PHONE).virtual_at
    hotline.run(25)
    assert offered() == {quick.bekzat.id}
    hotline.until(lambda: caller.in_conversation, limit=60)
    assert overflows(GULNAR_PHONE) == [quick.other_district.id]
    assert place(GULNAR_PHONE).virtual_at == joined
    [talk] = hotline.network.ledger.conversations(GULNAR_PHONE)
    assert talk.other == f"client:op_{quick.svetlana.id}"
    assert session().scalars(select(Ticket)).one().desk_id == quick.school911.id


def test_where_nobody_is_at_work_the_call_climbs_at_once_and_once_a_level(hotline: Hotline, quick: Town) -> None:
    hotline.staffed(quick.asel)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=OF_905)
    hotline.until(lambda: caller.in_conversation, limit=60)
    assert overflows(GULNAR_PHONE) == [quick.city.id]
    assert (hotline.clock.now() - place(GULNAR_PHONE).joined_at) < timedelta(seconds=10)


def test_the_last_operator_going_home_lets_the_waiting_climb(hotline: Hotline, quick: Town) -> None:
    [bekzat] = hotline.staffed(quick.bekzat, answers=None)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=OF_911)
    hotline.until(lambda: caller.queue_name is not None)
    bekzat.alive = False
    hotline.staffed(quick.asel)
    hotline.run(70)
    assert caller.in_conversation
    assert overflows(GULNAR_PHONE)[-1] == quick.city.id
    assert len(overflows(GULNAR_PHONE)) == len(set(overflows(GULNAR_PHONE)))


def test_an_operator_of_the_city_serves_overflowed_and_own_callers_in_one_order(hotline: Hotline, quick: Town) -> None:
    hotline.staffed(quick.bekzat, answers=None)
    first = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=OF_911)
    hotline.run(40)
    second = hotline.dial(STRANGER, "1", "1", "1")
    hotline.run(90)
    assert place(GULNAR_PHONE).reach_id == quick.city.id
    hotline.staffed(quick.asel)
    hotline.until(lambda: first.in_conversation, limit=30)
    assert second.queue_name is not None


def test_the_estimate_counts_whom_the_same_operators_serve_before_me(hotline: Hotline, quick: Town) -> None:
    hotline.staffed(quick.asel)
    for number in range(7):
        hotline.dial(f"+7709000010{number}", "1", "1", "1", to=OF_911 if number % 2 else OF_905, talk=None)
    hotline.run(60)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.until(lambda: caller.queue_name is not None)
    hotline.run(3)
    standing = queries.standing(place(GULNAR_PHONE))
    assert standing.position == 1
    assert standing.crew.staffed == 1
    assert (standing.wait_seconds or 0) >= 6 * 240
