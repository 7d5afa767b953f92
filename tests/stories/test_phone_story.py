"""A call from the first ring to the resolved ticket, and what may go wrong on the way."""

from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.identity.models import StaffRole
from helpdesk.identity.rules import Role
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony.models import Call, Offer, Presence, QueueEntry
from helpdesk.telephony.rules import CallState, OfferState, Outcome, PresenceState
from helpdesk.tickets import actions as tickets
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.queries import timeline
from helpdesk.tickets.rules import Resolution
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town

STRANGER = "+77090000077"


def only_call() -> Call:
    return session().scalars(select(Call)).one()


def kinds(ticket: Ticket) -> list[str]:
    return [entry.event.kind for entry in timeline(ticket) if entry.event is not None]


def test_a_parent_dials_1450_presses_1_and_1_and_is_helped(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=40)
    hotline.until(lambda: caller.in_conversation)
    hotline.until(lambda: caller.over)
    hotline.run(2)

    [talk] = hotline.network.ledger.conversations(GULNAR_PHONE)
    assert {talk.one, talk.other} == {GULNAR_PHONE, f"client:op_{town.asel.id}"}
    assert hotline.network.alerts == []
    call = only_call()
    assert (call.state, call.outcome, call.language) == (CallState.ENDED, Outcome.HANDLED, "kk")
    ticket = session().get_one(Ticket, call.ticket_id)
    assert (ticket.desk_id, ticket.contact_id, ticket.language) == (town.city.id, town.gulnar.id, "kk")
    assert session().get_one(Presence, town.asel.id).state is PresenceState.WRAPUP
    with transaction():
        tickets.resolve(ticket, Resolution.SOLVED, staff(town.asel.id), "Құпиясөз жаңартылды")
    told = kinds(ticket)
    order = ["call.started", "ticket.opened", "call.queued", "call.offered", "call.answered", "call.ended"]
    assert [kind for kind in told if kind in order] == order
    assert told[-1] == "ticket.resolved"


def test_a_caller_who_presses_nothing_is_never_dropped(hotline: Hotline, town: Town) -> None:
    caller = hotline.dial(STRANGER)
    hotline.until(lambda: caller.queue_name is not None)
    assert [name.split("-")[0] for name in caller.prompts if name.startswith("P02")] == ["P02"] * 4
    said = [heard.url.split("/")[-2] for heard in caller.heard if "P02" in heard.what]
    assert said == ["kk", "ru", "kk", "ru"]

    hotline.staffed(town.asel)
    hotline.until(lambda: caller.in_conversation)
    call = only_call()
    assert session().get_one(Ticket, call.ticket_id).language == "kk"


def test_the_language_of_the_last_call_is_offered_first(hotline: Hotline, town: Town) -> None:
    first = hotline.dial(STRANGER, "2", "1", "1", patience=60)
    hotline.until(lambda: first.over)
    second = hotline.dial(STRANGER)
    hotline.run(1)
    assert second.heard[0].url.split("/")[-2] == "ru"
    hotline.until(lambda: second.queue_name is not None)
    assert {heard.url.split("/")[-2] for heard in second.heard if "P02" in heard.what} == {"ru"}


def test_a_caller_who_hangs_up_in_the_line_has_abandoned_and_the_ticket_stays(hotline: Hotline, town: Town) -> None:
    caller = hotline.dial(GULNAR_PHONE, "1", "2", patience=45)
    hotline.until(lambda: caller.over)
    hotline.run(2)
    call = only_call()
    assert (call.state, call.outcome) == (CallState.ENDED, Outcome.ABANDONED)
    assert session().get_one(Ticket, call.ticket_id).queue.value == "methodological"
    assert kinds(session().get_one(Ticket, call.ticket_id))[-1] == "call.ended"

    hotline.staffed(town.asel)
    hotline.run(30)
    assert session().scalars(select(Offer)).all() == []


def test_hanging_up_at_once_is_a_short_abandon(hotline: Hotline, town: Town) -> None:
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.until(lambda: caller.queue_name is not None)
    caller.hang_up()
    hotline.run(2)
    assert only_call().outcome is Outcome.SHORT_ABANDON


def test_a_missed_offer_goes_to_the_next_operator_and_the_place_is_kept(hotline: Hotline, town: Town) -> None:
    city_too(town)
    hotline.staffed(town.asel, answers=None)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.until(lambda: caller.queue_name is not None)
    joined = session().scalars(select(QueueEntry)).one().virtual_at
    hotline.run(5)
    hotline.staffed(town.svetlana)
    hotline.until(lambda: caller.in_conversation)

    missed, taken = session().scalars(select(Offer).order_by(Offer.id)).all()
    assert (missed.staff_id, missed.state) == (town.asel.id, OfferState.EXPIRED)
    assert (taken.staff_id, taken.state) == (town.svetlana.id, OfferState.ACCEPTED)
    assert 14 <= (missed.settled_at - missed.created_at).total_seconds() <= 17
    entry = session().scalars(select(QueueEntry)).one()
    assert (entry.virtual_at, entry.priority) == (joined, 5)
    assert session().get_one(Presence, town.asel.id).state is PresenceState.READY


def test_two_missed_offers_send_an_operator_on_a_break(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.asel, answers=None)
    hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.run(60)
    presence = session().get_one(Presence, town.asel.id)
    assert (presence.state, presence.reason) == (PresenceState.BREAK, "missed")
    assert session().scalars(select(Offer.state)).all() == [OfferState.EXPIRED] * 2


def test_when_the_operators_leg_dies_the_caller_is_first_in_the_line_again(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", talk=300)
    hotline.until(lambda: caller.in_conversation)
    waiting = hotline.dial(STRANGER, "1", "1", "1")
    hotline.run(20)
    asel.alive = False
    asel.legs[0].hang_up()
    hotline.run(12)

    assert caller.queue_name is not None
    assert any(name.startswith("P27") for name in caller.prompts)
    first = session().scalars(select(Call).where(Call.from_number == GULNAR_PHONE)).one()
    assert (first.state, first.outcome) == (CallState.QUEUED, None)
    places = select(QueueEntry.call_id).order_by(QueueEntry.priority, QueueEntry.id.desc())
    assert session().scalars(places).first() == first.id
    city_too(town)
    hotline.staffed(town.svetlana)
    hotline.until(lambda: caller.in_conversation)
    assert not waiting.in_conversation
    hotline.until(lambda: caller.over)
    hotline.run(2)
    assert only_calls_of(GULNAR_PHONE).outcome is Outcome.HANDLED
    assert len(hotline.network.ledger.conversations(GULNAR_PHONE)) == 2


def test_a_dead_browser_is_offline_after_half_a_minute_and_gets_no_calls(hotline: Hotline, town: Town) -> None:
    [asel] = hotline.staffed(town.asel)
    hotline.run(5)
    asel.alive = False
    hotline.run(50)
    assert session().get_one(Presence, town.asel.id).state is PresenceState.OFFLINE
    hotline.dial(GULNAR_PHONE, "1", "1", "1")
    hotline.run(30)
    assert session().scalars(select(Offer)).all() == []


def test_a_number_of_a_school_reaches_its_desk(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to="+77272000905")
    hotline.until(lambda: caller.in_conversation)
    assert session().get_one(Ticket, only_call().ticket_id).desk_id == town.school905.id


def test_a_russian_speaker_is_not_offered_to_somebody_who_speaks_kazakh_alone(hotline: Hotline, town: Town) -> None:
    hotline.staffed(town.aigul)
    caller = hotline.dial(STRANGER, "2", "1", "1", to="+77272000905")
    hotline.run(40)
    assert caller.queue_name is not None
    assert not caller.in_conversation
    hotline.staffed(town.svetlana)
    hotline.until(lambda: caller.in_conversation)


def city_too(town: Town) -> None:
    """Svetlana helps out at the city's desk."""
    with transaction():
        session().add(StaffRole(staff_id=town.svetlana.id, role=Role.OPERATOR, organization_id=town.city.id))


def only_calls_of(number: str) -> Call:
    return session().scalars(select(Call).where(Call.from_number == number)).one()
