"""A ticket goes up and down the tree, comes back, and never loses a day of the requester's."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from helpdesk.audit.actor import requester, staff
from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.identity.queries import Asker, asker
from helpdesk.identity.rules import Role
from helpdesk.kernel import clock
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import NotFound, Refused
from helpdesk.organizations.models import Organization
from helpdesk.organizations.queries import desk
from helpdesk.sla.queries import calendar_of
from helpdesk.sla.rules import APPEAL_DAYS
from helpdesk.tickets import actions, handover_queries, handovers
from helpdesk.tickets.board import BoardFilter, board
from helpdesk.tickets.handover_models import Handover
from helpdesk.tickets.handover_rules import Way, leads, level_of
from helpdesk.tickets.handovers import Errand
from helpdesk.tickets.models import Message, Ticket
from helpdesk.tickets.queries import ticket_for
from helpdesk.tickets.rules import Resolution, TicketState
from tests.conftest import SetClock
from tests.factories import filed
from tests.people import Town, employ

pytestmark = pytest.mark.usefixtures("set_clock")


@pytest.fixture
def teacher(town: Town) -> Staff:
    """Works at school 905 alone."""
    with transaction():
        return employ("Марат Ли", "marat@1450.test", ["ru"], (Role.OPERATOR, town.school905))


def who(person: Staff) -> Asker:
    found = asker(person.id)
    assert found is not None
    return found


def at_school(town: Town, **changes: object) -> Ticket:
    return filed(organization_id=town.school905.id, **changes).ticket


def handed_on(ticket: Ticket, by: Staff, to: Organization | None, way: Way = Way.UP, **values: object) -> int:
    errand = Errand(way, "Мектеп шеше алмайды", desk(to.id) if to else None, **values)  # type: ignore[arg-type]
    with transaction():
        return handovers.hand_on(session().get_one(Ticket, ticket.id), errand, staff(by.id)).id


def fresh(ticket: Ticket) -> Ticket:
    session().expire_all()
    return session().get_one(Ticket, ticket.id)


def arrived(person: Staff) -> list[int]:
    return [row.id for row in board(who(person), BoardFilter(view="arrived")).rows]


@pytest.mark.parametrize(
    ("way", "there", "may"),
    [
        (Way.UP, "/1/2/", True),
        (Way.UP, "/1/", True),
        (Way.UP, "/1/2/3/4/", False),
        (Way.UP, "/1/5/", False),
        (Way.DOWN, "/1/2/3/4/", True),
        (Way.DOWN, "/1/2/", False),
        (Way.REDIRECT, "/1/5/", True),
        (Way.REDIRECT, "/1/2/3/", False),
    ],
)
def test_up_is_up_the_own_branch_and_a_redirect_goes_anywhere_else(way: Way, there: str, may: bool) -> None:
    assert leads(way, "/1/2/3/", there) is may


def test_a_level_up_keeps_the_requesters_clock_and_gives_the_desk_a_term(town: Town, teacher: Staff) -> None:
    ticket = at_school(town)
    with transaction():
        actions.assign(session().get_one(Ticket, ticket.id), teacher.id, staff(teacher.id))
    promised = ticket.resolution_due_at, ticket.due_at, ticket.created_at
    sent = session().get_one(Handover, handed_on(ticket, teacher, town.district))
    now = fresh(ticket)
    assert (now.desk_id, now.level, now.assignee_id) == (town.district.id, level_of(town.district.kind), None)
    assert (now.resolution_due_at, now.due_at, now.created_at) == promised
    assert sent.due_at == now.resolution_due_at
    assert now.acknowledge_by is not None
    assert arrived(town.aigul) == [ticket.id]
    assert "Мектеп шеше алмайды" in session().scalars(select(Message.body).where(Message.ticket_id == ticket.id)).all()


def test_whoever_works_on_it_has_acknowledged_it_once(town: Town, teacher: Staff) -> None:
    ticket = at_school(town)
    sent_id = handed_on(ticket, teacher, town.district)
    for _ in range(2):
        with transaction():
            actions.assign(session().get_one(Ticket, ticket.id), town.aigul.id, staff(town.aigul.id))
            actions.acknowledge(session().get_one(Ticket, ticket.id), staff(town.aigul.id))
    sent = session().get_one(Handover, sent_id)
    assert (sent.acknowledged_by, arrived(town.aigul)) == (town.aigul.id, [])
    noted = session().scalars(select(JournalEntry).where(JournalEntry.kind == "ticket.acknowledged")).all()
    assert [one.details["sender_staff_id"] for one in noted] == [teacher.id]


def test_whoever_handed_it_down_does_not_acknowledge_it_for_those_below(town: Town, teacher: Staff) -> None:
    ticket = filed(desk_id=town.district.id).ticket
    assert ticket.desk_id == town.district.id
    handed_on(ticket, town.aigul, town.school905, Way.DOWN)
    with transaction():
        actions.acknowledge(session().get_one(Ticket, ticket.id), staff(town.aigul.id))
    assert fresh(ticket).acknowledge_by is not None
    with transaction():
        actions.acknowledge(session().get_one(Ticket, ticket.id), staff(teacher.id))
    assert fresh(ticket).acknowledge_by is None


def test_who_handed_it_on_keeps_reading_and_nobody_elses_school_does(town: Town, teacher: Staff) -> None:
    ticket = at_school(town)
    sent_id = handed_on(ticket, teacher, town.district)
    with pytest.raises(NotFound):
        ticket_for(who(teacher), ticket.id)
    assert handover_queries.sent_one(who(teacher), sent_id).ticket.id == ticket.id
    assert [one.handover.id for one in handover_queries.sent(who(teacher))] == [sent_id]
    with pytest.raises(NotFound):
        handover_queries.sent_one(who(town.bekzat), sent_id)
    assert handover_queries.sent(who(town.bekzat)) == []
    with transaction():
        actions.recategorise(session().get_one(Ticket, ticket.id), "T44", staff(town.aigul.id))
    with pytest.raises(NotFound):
        handover_queries.sent_one(who(teacher), sent_id)


def test_it_comes_back_for_rework_with_its_reason_and_stands_in_the_list_again(town: Town, teacher: Staff) -> None:
    ticket = at_school(town)
    sent_id = handed_on(ticket, teacher, town.district)
    with pytest.raises(Refused) as refused, transaction():
        handovers.send_back(session().get_one(Ticket, ticket.id), " ", staff(town.aigul.id))
    assert refused.value.field == "return_reason"
    with transaction():
        handovers.send_back(session().get_one(Ticket, ticket.id), "Сынып көрсетілмеген", staff(town.aigul.id))
    with pytest.raises(Refused), transaction():
        handovers.send_back(session().get_one(Ticket, ticket.id), "тағы", staff(town.aigul.id))
    sent = session().get_one(Handover, sent_id)
    assert (fresh(ticket).desk_id, sent.return_reason) == (town.school905.id, "Сынып көрсетілмеген")
    assert arrived(teacher) == [ticket.id]
    with transaction():
        actions.acknowledge(session().get_one(Ticket, ticket.id), staff(teacher.id))
    assert arrived(teacher) == []


def test_a_mistake_is_taken_back_until_somebody_has_acknowledged_it(town: Town, teacher: Staff) -> None:
    ticket = at_school(town)
    handed_on(ticket, teacher, town.district)
    with transaction():
        handovers.take_back(session().get_one(Ticket, ticket.id), staff(teacher.id))
    assert (fresh(ticket).desk_id, fresh(ticket).acknowledge_by) == (town.school905.id, None)
    handed_on(ticket, teacher, town.district)
    with transaction():
        actions.acknowledge(session().get_one(Ticket, ticket.id), staff(town.aigul.id))
    with pytest.raises(Refused), transaction():
        handovers.take_back(session().get_one(Ticket, ticket.id), staff(teacher.id))
    assert fresh(ticket).desk_id == town.district.id


def test_the_law_counts_three_working_days_from_receipt_and_the_new_body_starts_its_own_term(
    town: Town, set_clock: SetClock
) -> None:
    """Domain trap 3: redirected on day 3, the day counter continues for the applicant."""
    ticket = at_school(town, category_code="O07")
    due, term = handovers.redirect_due(ticket), ticket.statutory_due_at
    assert due == calendar_of(desk(ticket.desk_id)).working_days_after(ticket.created_at, 3)
    set_clock.forward(seconds=(due - clock.now()).total_seconds() - 60)
    told = "Өтінішіңіз Медеу ауданына жіберілді"
    sent_id = handed_on(ticket, town.aigul, town.other_district, Way.REDIRECT, told=told)
    sent, now = session().get_one(Handover, sent_id), fresh(ticket)
    assert (sent.late, now.statutory_due_at, now.desk_id) == (False, term, town.other_district.id)
    assert sent.due_at == calendar_of(desk(town.other_district.id)).working_days_after(clock.now(), APPEAL_DAYS)
    assert told in session().scalars(select(Message.body).where(Message.ticket_id == ticket.id)).all()


def test_a_late_redirect_is_marked_and_one_without_a_word_to_the_requester_is_refused(
    town: Town, set_clock: SetClock
) -> None:
    ticket = at_school(town)
    with pytest.raises(Refused) as refused:
        handed_on(ticket, town.aigul, town.other_district, Way.REDIRECT)
    assert refused.value.field == "told"
    set_clock.forward(days=14)
    sent_id = handed_on(ticket, town.aigul, town.other_district, Way.REDIRECT, told="жіберілді")
    assert session().get_one(Handover, sent_id).late


def test_what_a_body_without_a_desk_decides_is_settled_as_passed_on(town: Town) -> None:
    ticket = at_school(town)
    handed_on(ticket, town.aigul, None, Way.REDIRECT, addressee="Денсаулық сақтау басқармасы", told="жіберілді")
    now = fresh(ticket)
    assert (now.state, now.resolution, now.desk_id) == (
        TicketState.RESOLVED,
        Resolution.REDIRECTED,
        town.school905.id,
    )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": None}, "to"),
        ({"to": "other_district"}, "to"),
        ({"reason": " "}, "reason"),
        ({"until": -1}, "until"),
        ({"until": 200}, "until"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_has_moved(town: Town, changes: dict[str, object], field: str) -> None:
    ticket = at_school(town)
    to = changes.get("to", "district")
    until = changes.get("until")
    errand = Errand(
        Way.UP,
        reason=str(changes.get("reason", "себеп")),
        to=desk(getattr(town, str(to)).id) if to else None,
        until=clock.now() + timedelta(days=int(str(until))) if until else None,
    )
    with pytest.raises(Refused) as refused, transaction():
        handovers.hand_on(session().get_one(Ticket, ticket.id), errand, staff(town.aigul.id))
    assert (refused.value.field, fresh(ticket).desk_id) == (field, town.school905.id)


def test_a_settled_ticket_is_opened_again_first_and_one_that_waited_goes_on(town: Town) -> None:
    waits, settled = at_school(town), at_school(town)
    with transaction():
        actions.wait(session().get_one(Ticket, waits.id), staff(town.aigul.id))
        actions.resolve(session().get_one(Ticket, settled.id), Resolution.SOLVED, requester())
    handed_on(waits, town.aigul, town.district)
    assert (fresh(waits).state, fresh(waits).paused_at) == (TicketState.OPEN, None)
    with pytest.raises(Refused):
        handed_on(settled, town.aigul, town.district)


def test_a_term_that_passed_leaves_a_working_day(town: Town, set_clock: SetClock) -> None:
    ticket = at_school(town)
    set_clock.forward(days=60)
    sent = session().get_one(Handover, handed_on(ticket, town.aigul, town.district))
    assert isinstance(sent.due_at, datetime)
    assert clock.now() < sent.due_at <= clock.now() + timedelta(days=4)
