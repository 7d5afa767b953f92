"""A supervisor in somebody else's conversation, counted where the far ends live: who heard whom, and when."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from helpdesk.audit.models import JournalEntry
from helpdesk.identity.models import Staff
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.telephony import gateway, presence, queries, supervision, transfers
from helpdesk.telephony.conversation_models import Supervision
from helpdesk.telephony.conversation_rules import SupervisionMode, SupervisionState
from helpdesk.telephony.models import Call, Presence
from helpdesk.telephony.rules import CallState, Outcome, PresenceState
from phonesim import CallHandle
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, Town


@dataclass
class Talk:
    """A parent and an operator who talk for as long as it takes."""

    hotline: Hotline
    caller: CallHandle
    operator: str
    call: Call

    def heard(self, person: Staff) -> set[str]:
        """Who hears this person's softphone now."""
        return self.hotline.network.ledger.heard_by(f"client:op_{person.id}", self.hotline.clock.now())


@pytest.fixture
def talk(hotline: Hotline, town: Town) -> Talk:
    """Гүлнар talks to Айгүл about school 905; Ерлан supervises the district, Әсел the city."""
    hotline.staffed(town.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to="+77272000905", talk=None, patience=9000)
    hotline.until(lambda: caller.in_conversation)
    return Talk(hotline, caller, f"client:op_{town.aigul.id}", session().scalars(select(Call)).one())


Supervise = Callable[..., CallHandle]


def supervise(talk: Talk, person: Staff, mode: SupervisionMode) -> CallHandle:
    """Ask for a token and connect with it, as the wallboard's page does."""
    with transaction():
        row = supervision.start(queries.locked(talk.call.id), mode, person.id)
    softphone = talk.hotline.network.softphone(gateway.identity(person.id), "/twilio/voice/operator")
    leg = softphone.connect(supervision=row.token)
    talk.hotline.run(3)
    return leg


def change(talk: Talk, person: Staff, mode: SupervisionMode) -> None:
    """Press another button in the page."""
    with transaction():
        row = supervision.of_staff(person.id)
        assert row is not None
        supervision.switch(row, mode, person.id)
    talk.hotline.run(3)


def told(call: Call) -> list[str]:
    query = select(JournalEntry.kind).where(JournalEntry.call_id == call.id, JournalEntry.kind.like("call.superv%"))
    return list(session().scalars(query.order_by(JournalEntry.id)))


def test_a_supervisor_who_listens_is_heard_by_nobody_and_hears_both(talk: Talk, town: Town) -> None:
    supervise(talk, town.erlan, SupervisionMode.LISTEN)
    assert talk.heard(town.erlan) == set()
    both = talk.heard(town.aigul)
    assert both == {GULNAR_PHONE, f"client:op_{town.erlan.id}"}
    assert supervision.present(talk.call.id) == [(town.erlan.name, SupervisionMode.LISTEN)]
    assert told(talk.call) == ["call.supervision_asked", "call.supervised"]


def test_a_whisper_reaches_the_operator_only(talk: Talk, town: Town) -> None:
    supervise(talk, town.erlan, SupervisionMode.WHISPER)
    assert talk.heard(town.erlan) == {talk.operator}
    assert talk.hotline.network.alerts == []


def test_who_barges_in_is_heard_by_all(talk: Talk, town: Town) -> None:
    supervise(talk, town.erlan, SupervisionMode.BARGE)
    assert talk.heard(town.erlan) == {talk.operator, GULNAR_PHONE}


def test_a_supervisor_changes_between_listening_whispering_and_speaking_while_in(talk: Talk, town: Town) -> None:
    leg = supervise(talk, town.erlan, SupervisionMode.LISTEN)
    for mode, heard in (
        (SupervisionMode.WHISPER, {talk.operator}),
        (SupervisionMode.LISTEN, set()),
        (SupervisionMode.BARGE, {talk.operator, GULNAR_PHONE}),
        (SupervisionMode.WHISPER, {talk.operator}),
    ):
        change(talk, town.erlan, mode)
        assert talk.heard(town.erlan) == heard, mode
    assert not leg.over
    stays = talk.hotline.network.ledger.stays(f"client:op_{town.erlan.id}")
    loud = [stay for stay in stays if not stay.muted and not stay.coaching]
    assert len(loud) == 1, "the caller heard the supervisor only while it was meant"


def test_the_end_of_a_supervisors_visit_changes_nothing_for_those_who_talk(talk: Talk, town: Town) -> None:
    leg = supervise(talk, town.erlan, SupervisionMode.BARGE)
    leg.hang_up()
    talk.hotline.run(20)
    assert talk.caller.in_conversation
    call = session().get_one(Call, talk.call.id)
    assert (call.state, call.operator_id) == (CallState.CONNECTED, town.aigul.id)
    assert session().get_one(Presence, town.aigul.id).state is PresenceState.TALKING
    assert session().scalars(select(Supervision.state)).all() == [SupervisionState.ENDED]
    assert supervision.present(talk.call.id) == []
    assert not any(name.startswith("P27") for name in talk.caller.prompts)


def test_leaving_by_the_button_hangs_up_the_supervisors_telephone(talk: Talk, town: Town) -> None:
    leg = supervise(talk, town.erlan, SupervisionMode.LISTEN)
    with transaction():
        row = supervision.of_staff(town.erlan.id)
        assert row is not None
        supervision.end(supervision.by_token(town.erlan.id, row.token), supervision.staff(town.erlan.id))
    talk.hotline.run(3)
    assert leg.over
    assert talk.caller.in_conversation


def test_when_the_caller_hangs_up_the_supervisor_is_out_too(talk: Talk, town: Town) -> None:
    leg = supervise(talk, town.erlan, SupervisionMode.LISTEN)
    talk.caller.hang_up()
    talk.hotline.run(5)
    assert leg.over
    assert session().scalars(select(Supervision.state)).all() == [SupervisionState.ENDED]
    assert session().get_one(Call, talk.call.id).outcome is Outcome.HANDLED


def test_a_supervisor_is_no_operator_when_the_operator_is_lost(talk: Talk, town: Town) -> None:
    leg = supervise(talk, town.erlan, SupervisionMode.BARGE)
    [aigul] = talk.hotline.operators
    aigul.alive = False
    aigul.legs[0].hang_up()
    talk.hotline.until(lambda: talk.caller.queue_name is not None)
    assert leg.over
    assert any(name.startswith("P27") for name in talk.caller.prompts)


def test_a_token_opens_one_conversation_once_and_only_to_its_owner(talk: Talk, town: Town) -> None:
    with transaction():
        token = supervision.start(queries.locked(talk.call.id), SupervisionMode.BARGE, town.erlan.id).token
    network = talk.hotline.network
    thief = network.softphone(gateway.identity(town.bekzat.id), "/twilio/voice/operator").connect(supervision=token)
    talk.hotline.run(3)
    assert thief.over
    assert session().scalars(select(Supervision.state)).all() == [SupervisionState.ASKED]
    talk.hotline.run(90)
    late = network.softphone(gateway.identity(town.erlan.id), "/twilio/voice/operator").connect(supervision=token)
    talk.hotline.run(3)
    assert late.over
    assert network.ledger.stays(f"client:op_{town.erlan.id}") == []


def test_nobody_supervises_a_call_that_waits_or_their_own(hotline: Hotline, talk: Talk, town: Town) -> None:
    with pytest.raises(Refused), transaction():
        supervision.start(queries.locked(talk.call.id), SupervisionMode.LISTEN, town.aigul.id)
    waiting = hotline.dial("+77090000077", "1", "1", "1", to="+77272000905")
    hotline.until(lambda: waiting.queue_name is not None)
    call = session().scalars(select(Call).where(Call.from_number == "+77090000077")).one()
    with pytest.raises(Refused), transaction():
        supervision.start(queries.locked(call.id), SupervisionMode.LISTEN, town.erlan.id)


def test_a_supervisor_who_takes_calls_too_gets_none_while_listening(talk: Talk, town: Town) -> None:
    with transaction():
        presence.choose(town.asel.id, PresenceState.READY)
    leg = supervise(talk, town.asel, SupervisionMode.LISTEN)
    row = session().get_one(Presence, town.asel.id)
    assert (row.state, row.reason) == (PresenceState.BREAK, supervision.SUPERVISING)
    leg.hang_up()
    talk.hotline.run(3)
    assert session().get_one(Presence, town.asel.id).state is PresenceState.READY


def test_a_whisper_follows_the_caller_to_the_colleague_who_takes_over(talk: Talk, town: Town) -> None:
    supervise(talk, town.erlan, SupervisionMode.WHISPER)
    talk.hotline.staffed(town.svetlana)
    with transaction():
        transfers.consult(queries.locked(talk.call.id), town.aigul.id, town.svetlana.id)
    talk.hotline.run(8)
    with transaction():
        assert transfers.complete(queries.locked(talk.call.id), town.aigul.id)
    talk.hotline.run(5)
    assert talk.caller.in_conversation
    assert talk.heard(town.erlan) == {f"client:op_{town.svetlana.id}"}


def test_every_webhook_twice_makes_one_supervisor(talk: Talk, town: Town) -> None:
    talk.hotline.network.faults.duplicate = 1.0
    supervise(talk, town.erlan, SupervisionMode.WHISPER)
    assert talk.heard(town.erlan) == {talk.operator}
    change(talk, town.erlan, SupervisionMode.BARGE)
    assert talk.heard(town.erlan) == {talk.operator, GULNAR_PHONE}
    assert told(talk.call) == ["call.supervision_asked", "call.supervised", "call.supervision_changed"]
    assert len(session().scalars(select(Supervision)).all()) == 1


def test_a_change_while_the_carrier_is_away_is_made_when_it_is_back(talk: Talk, town: Town) -> None:
    supervise(talk, town.erlan, SupervisionMode.LISTEN)
    talk.hotline.network.faults.rest_500 = 1.0
    change(talk, town.erlan, SupervisionMode.WHISPER)
    assert talk.heard(town.erlan) == set()
    talk.hotline.network.faults.rest_500 = 0.0
    talk.hotline.run(30)
    assert talk.heard(town.erlan) == {talk.operator}
