"""A conversation that is recorded: only with consent, with pauses, for supervisors who say why."""

import pytest
from sqlalchemy import select

from helpdesk.audit.actor import staff
from helpdesk.audit.models import JournalEntry
from helpdesk.jobs import recordings as jobs
from helpdesk.kernel.db import session, transaction
from helpdesk.kernel.errors import Refused
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.telephony import queries, recordings, transfers
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingKind, RecordingState
from helpdesk.telephony.models import Call
from helpdesk.tickets.models import Ticket
from phonesim import CallHandle, Faults
from tests.hotline import Hotline
from tests.people import GULNAR_PHONE, SignIn, Town


@pytest.fixture
def recorded(town: Town) -> Town:
    """The city's desk records."""
    with transaction():
        session().get_one(Desk, town.city.id).records_calls = True
    desks.forget()
    return town


def talks(hotline: Hotline, town: Town, *keys: str, seconds: float = 5) -> CallHandle:
    hotline.staffed(town.asel)
    caller = hotline.dial(GULNAR_PHONE, *(keys or ("1", "1", "1")), talk=None)
    hotline.until(lambda: caller.in_conversation)
    hotline.run(seconds)
    return caller


def rows() -> list[Recording]:
    Hotline.look_again()
    return list(session().scalars(select(Recording).order_by(Recording.id)))


def the_call() -> Call:
    return queries.locked(session().scalars(select(Call.id)).one())


def operator() -> int | None:
    return session().scalars(select(Call.operator_id)).one()


def states_at_carrier(hotline: Hotline) -> list[str]:
    return [one.status for one in hotline.network.recordings.values()]


def test_who_stays_on_the_line_is_recorded_on_two_channels_and_the_sound_is_ours(
    hotline: Hotline, recorded: Town
) -> None:
    caller = talks(hotline, recorded, seconds=30)
    [row] = rows()
    assert (row.kind, row.state) == (RecordingKind.CONVERSATION, RecordingState.RUNNING)
    [at_carrier] = hotline.network.recordings.values()
    assert (at_carrier.sid, at_carrier.wanted.channels) == (row.sid, 2)
    caller.hang_up()
    hotline.run(30)
    [row] = rows()
    assert row.state is RecordingState.IMPORTED
    assert 28 <= (row.seconds or 0) <= 32
    assert hotline.network.recordings == {}


def test_9_and_a_desk_that_does_not_record_leave_no_recording(hotline: Hotline, recorded: Town) -> None:
    refuses = talks(hotline, recorded, "1", "9", "1", "1")
    refuses.hang_up()
    hotline.run(10)
    assert rows() == []
    with transaction():
        session().get_one(Desk, recorded.city.id).records_calls = False
    desks.forget()
    talks(hotline, recorded)
    assert rows() == []
    assert hotline.network.recordings == {}


def test_a_desk_records_nothing_until_somebody_turns_it_on(hotline: Hotline, town: Town) -> None:
    caller = talks(hotline, town)
    caller.hang_up()
    hotline.run(30)
    assert rows() == []
    assert hotline.network.recordings == {}
    heard = {name.split("-")[0] for name in caller.prompts}
    assert "P01N" in heard
    assert "P01" not in heard


def test_a_pause_leaves_a_silence(hotline: Hotline, recorded: Town) -> None:
    caller = talks(hotline, recorded)
    with transaction():
        recordings.pause(the_call(), staff(recorded.asel.id))
    hotline.run(5)
    assert (rows()[0].state, states_at_carrier(hotline)) == (RecordingState.PAUSED, ["paused"])
    with transaction():
        recordings.pause(the_call(), staff(recorded.asel.id))
        recordings.resume(the_call(), staff(recorded.asel.id))
    hotline.run(5)
    assert (rows()[0].state, states_at_carrier(hotline)) == (RecordingState.RUNNING, ["in-progress"])
    caller.hang_up()
    hotline.run(30)
    assert rows()[0].state is RecordingState.IMPORTED
    told = session().scalars(
        select(JournalEntry.kind).where(JournalEntry.kind.like("recording.%")).order_by(JournalEntry.id)
    )
    assert list(told) == [
        "recording.wanted",
        "recording.paused",
        "recording.resumed",
        "recording.completed",
        "recording.imported",
    ]
    with pytest.raises(Refused), transaction():
        recordings.pause(the_call(), staff(recorded.asel.id))


def test_a_transfer_to_a_desk_that_does_not_record_ends_the_recording(hotline: Hotline, recorded: Town) -> None:
    caller = talks(hotline, recorded)
    hotline.staffed(recorded.aigul)
    with transaction():
        transfers.hand_on(the_call(), recorded.asel.id, to_desk_id=recorded.district.id)
    hotline.until(lambda: caller.in_conversation and operator() == recorded.aigul.id)
    hotline.run(40)
    assert [row.state for row in rows()] == [RecordingState.IMPORTED]
    assert hotline.network.recordings == {}


def test_the_waiting_between_two_conversations_is_not_recorded(hotline: Hotline, recorded: Town) -> None:
    caller = talks(hotline, recorded, seconds=10)
    hotline.operators[0].legs[-1].hang_up()
    hotline.run(5)
    assert states_at_carrier(hotline) in ([], ["completed"], ["processing"])
    hotline.until(lambda: caller.in_conversation, limit=300)
    hotline.run(10)
    caller.hang_up()
    hotline.run(30)
    assert [row.state for row in rows()] == [RecordingState.IMPORTED] * 2


def test_a_recording_whose_end_nobody_told_is_asked_for(hotline: Hotline, recorded: Town) -> None:
    caller = talks(hotline, recorded, seconds=20)
    with transaction():
        row_id = rows()[0].id
    hotline.network.faults = Faults(drop=1.0)
    caller.hang_up()
    hotline.run(2)
    hotline.network.faults = Faults()
    assert rows()[0].state is RecordingState.RUNNING
    hotline.run(250)
    with hotline.app.app_context():
        jobs.ask_about_recordings([row_id])
    hotline.run(60)
    assert [row.state for row in rows()] == [RecordingState.IMPORTED]


def test_the_carrier_asked_twice_records_once(hotline: Hotline, recorded: Town) -> None:
    talks(hotline, recorded)
    with transaction():
        entry = session().scalars(select(JournalEntry).where(JournalEntry.kind == "recording.wanted")).one()
        row = session().scalars(select(Recording)).one()
        row.state, row.sid = RecordingState.WANTED, None
        session().flush()
        jobs.start([entry])
    assert len(hotline.network.recordings) == 1
    assert rows()[0].sid == next(iter(hotline.network.recordings))


def test_only_a_supervisor_listens_and_only_with_a_reason(hotline: Hotline, recorded: Town, sign_in: SignIn) -> None:
    with transaction():
        session().get_one(Desk, recorded.district.id).records_calls = True
        session().get_one(Desk, recorded.school905.id).records_calls = True
    desks.forget()
    hotline.staffed(recorded.aigul)
    caller = hotline.dial(GULNAR_PHONE, "1", "1", "1", to="+77272000905", talk=None)
    hotline.until(lambda: caller.in_conversation)
    hotline.run(10)
    caller.hang_up()
    hotline.run(30)
    [row] = rows()
    assert session().get_one(Ticket, row.ticket_id).desk_id == recorded.school905.id
    page = f"/recordings/{row.id}"
    assert sign_in(recorded.aigul).get(page).status_code == 404
    supervisor = sign_in(recorded.erlan)
    assert "<audio" not in supervisor.get(page).text
    assert supervisor.get(f"{page}/sound").status_code == 404
    assert supervisor.post(f"{page}/reason", data={"reason": "curious"}).status_code == 422
    assert supervisor.post(f"{page}/reason", data={"reason": "complaint"}).status_code == 303
    assert "<audio" in supervisor.get(page).text
    assert supervisor.get(f"{page}/sound").status_code == 200
    hotline.look_again()
    noted = session().scalars(select(JournalEntry).where(JournalEntry.kind == "recording.opened")).one()
    assert (noted.details["reason"], noted.actor_id) == ("complaint", recorded.erlan.id)
    assert sign_in(recorded.asel).get(f"{page}/sound").status_code == 404
