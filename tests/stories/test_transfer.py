"""A caller is sent on: to a colleague, to the other queue, to another desk; first in line there, and told so."""

import pytest
from sqlalchemy import select

from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.routing.rules import Queue
from helpdesk.telephony import presence, queries, transfers, wrapup
from helpdesk.telephony.models import Call, Presence, QueueEntry
from helpdesk.telephony.rules import CallState, Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from phonesim import CallHandle
from tests.hotline import Hotline, Operator
from tests.people import ELENA_PHONE, GULNAR_PHONE, Town

OF_905 = "+77272000905"


def call_of(number: str = GULNAR_PHONE) -> Call:
    Hotline.look_again()
    return session().scalars(select(Call).where(Call.from_number == number)).one()


def ticket_of(number: str = GULNAR_PHONE) -> Ticket:
    Hotline.look_again()
    return session().get_one(Ticket, call_of(number).ticket_id)


def where(staff_id: int) -> PresenceState:
    Hotline.look_again()
    return session().get_one(Presence, staff_id).state


def talks(hotline: Hotline, first: Operator) -> CallHandle:
    """Gulnar calls school 905 and talks with this operator, whom no other caller reaches."""
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to=OF_905, talk=None)
    hotline.until(lambda: caller.in_conversation)
    hotline.run(5)
    assert call_of().operator_id == first.staff.id
    return caller


def send_on(staff_id: int, **to: object) -> None:
    with transaction():
        transfers.hand_on(queries.locked(call_of().id), staff_id, **to)  # type: ignore[arg-type]  # one of three


def partners(hotline: Hotline) -> list[str]:
    """Whom Gulnar has talked with, in order."""
    return [
        talk.other if talk.one == GULNAR_PHONE else talk.one
        for talk in hotline.network.ledger.conversations(GULNAR_PHONE)
    ]


def meets(hotline: Hotline, caller: CallHandle, staff_id: int, limit: float = 60) -> None:
    """Time passes until Gulnar talks with this operator."""
    hotline.until(lambda: caller.in_conversation and partners(hotline)[-1] == softphone(staff_id), limit)


def softphone(staff_id: int) -> str:
    return f"client:op_{staff_id}"


def test_a_caller_is_sent_to_a_colleague_who_is_ready(hotline: Hotline, town: Town) -> None:
    [aigul] = hotline.staffed(town.aigul)
    caller = talks(hotline, aigul)
    hotline.staffed(town.svetlana)
    send_on(town.aigul.id, to_staff_id=town.svetlana.id)
    meets(hotline, caller, town.svetlana.id)
    assert partners(hotline) == [softphone(town.aigul.id), softphone(town.svetlana.id)]
    assert any(name.startswith("P38") for name in caller.prompts)
    assert not any(name.startswith("P27") for name in caller.prompts)
    assert aigul.legs[0].over
    assert where(town.aigul.id) is PresenceState.WRAPUP
    caller.hang_up()
    hotline.run(3)
    assert call_of().outcome is Outcome.HANDLED
    assert ticket_of().assignee_id == town.svetlana.id
    assert hotline.network.ledger.overlapping_conversations() == []


def test_a_colleague_on_a_break_is_waited_for_and_then_anybody_serves(hotline: Hotline, town: Town) -> None:
    [aigul] = hotline.staffed(town.aigul)
    caller = talks(hotline, aigul)
    hotline.staffed(town.svetlana)
    with transaction():
        presence.choose(town.svetlana.id, PresenceState.BREAK, "lunch")
    send_on(town.aigul.id, to_staff_id=town.svetlana.id)
    with transaction():
        wrapup.save(town.aigul.id, call_of().id, "passed_on", "")
    hotline.run(100)
    assert call_of().state is CallState.QUEUED
    meets(hotline, caller, town.aigul.id, limit=40)


def test_the_other_queue_takes_the_caller_first_and_the_ticket_too(hotline: Hotline, town: Town) -> None:
    with transaction():
        session().merge(town.svetlana).skills = ["methodological"]
        session().merge(town.aigul).skills = ["technical"]
    [aigul] = hotline.staffed(town.aigul)
    caller = talks(hotline, aigul)
    waits = hotline.dial(ELENA_PHONE, "2", "2", to=OF_905)
    hotline.until(lambda: waits.queue_name is not None)
    hotline.run(20)
    send_on(town.aigul.id, to_queue=Queue.METHODOLOGICAL)
    hotline.staffed(town.svetlana)
    meets(hotline, caller, town.svetlana.id)
    assert not waits.in_conversation
    assert ticket_of().queue is Queue.METHODOLOGICAL
    assert session().scalars(select(QueueEntry).where(QueueEntry.call_id == call_of().id)).one().priority == 0


def test_another_desk_gets_caller_and_ticket(hotline: Hotline, town: Town) -> None:
    [aigul] = hotline.staffed(town.aigul)
    caller = talks(hotline, aigul)
    hotline.staffed(town.asel)
    send_on(town.aigul.id, to_desk_id=town.city.id)
    meets(hotline, caller, town.asel.id)
    assert call_of().desk_id == ticket_of().desk_id == town.city.id
    hotline.run(30)
    assert ticket_of().assignee_id == town.asel.id


def test_a_caller_who_gives_up_after_being_sent_on_is_counted_once(hotline: Hotline, town: Town) -> None:
    [aigul] = hotline.staffed(town.aigul)
    caller = talks(hotline, aigul)
    send_on(town.aigul.id, to_desk_id=town.city.id)
    hotline.run(60)
    caller.hang_up()
    hotline.run(3)
    assert call_of().outcome is Outcome.ABANDONED
    assert session().scalars(select(QueueEntry.left_at)).one() is not None


def test_while_the_carrier_is_away_the_next_operator_fetches_the_caller(hotline: Hotline, town: Town) -> None:
    [aigul] = hotline.staffed(town.aigul)
    caller = talks(hotline, aigul)
    hotline.network.faults.rest_429 = 1.0
    hotline.staffed(town.svetlana)
    send_on(town.aigul.id, to_staff_id=town.svetlana.id)
    hotline.run(8)
    hotline.network.faults.rest_429 = 0.0
    meets(hotline, caller, town.svetlana.id)
    hotline.run(30)
    assert caller.in_conversation
    assert hotline.network.ledger.overlapping_conversations(GULNAR_PHONE) == []


def test_only_the_operator_of_a_conversation_sends_it_on(hotline: Hotline, town: Town) -> None:
    [aigul] = hotline.staffed(town.aigul)
    caller = talks(hotline, aigul)
    with pytest.raises(Refused):
        send_on(town.svetlana.id, to_queue=Queue.METHODOLOGICAL)
    send_on(town.aigul.id, to_queue=Queue.METHODOLOGICAL)
    with pytest.raises(Refused):
        send_on(town.aigul.id, to_queue=Queue.TECHNICAL)
    assert not caller.over
