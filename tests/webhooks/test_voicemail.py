"""Voice messages and recordings as the carrier tells of them: signed, twice, late and in any order."""

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.audit.models import JournalEntry
from helpdesk.kernel.db import session, transaction
from helpdesk.organizations import queries as desks
from helpdesk.organizations.models import Desk
from helpdesk.telephony import queries
from helpdesk.telephony.conversation_models import Recording
from helpdesk.telephony.conversation_rules import RecordingKind, RecordingState
from helpdesk.telephony.models import Call, QueueEntry
from helpdesk.telephony.rules import CallState, EntryState, Outcome
from helpdesk.tickets.models import Ticket
from phonesim.twiml import Manner
from tests.conftest import SetClock
from tests.people import Town
from tests.webhooks.signed import SID, Carrier, played, verbs
from tests.webhooks.test_closed import SATURDAY_NOON

SOUND = "RE" + "5" * 32


@pytest.fixture
def carrier(app: Flask, town: Town, set_clock: SetClock) -> Carrier:
    queries.forget()
    return Carrier(app)


@pytest.fixture
def speaking(carrier: Carrier, set_clock: SetClock) -> Carrier:
    """A caller outside the hours who hears the tone now."""
    set_clock.at = SATURDAY_NOON
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="1")
    document = carrier.document("closed?n=1", Digits="1")
    assert verbs(document) == ["Play", "Record", "Redirect"]
    assert played(document) == ["kk/P15"]
    return carrier


def call() -> Call:
    session().rollback()
    session().expire_all()
    return session().scalars(select(Call).where(Call.sid == SID)).one()


def row() -> Recording:
    session().rollback()
    session().expire_all()
    return session().scalars(select(Recording)).one()


def told(carrier: Carrier, status: str, sid: str = SOUND, seconds: int = 8, **more: str) -> int:
    fields = {"RecordingSid": sid, "RecordingStatus": status, "RecordingDuration": str(seconds)} | more
    return carrier.told(f"recording?id={row_id()}", **fields)


def row_id() -> int:
    session().rollback()
    return session().scalars(select(Recording.id).order_by(Recording.id)).first() or 0


def kinds() -> list[str]:
    session().rollback()
    return list(session().scalars(select(JournalEntry.kind).order_by(JournalEntry.id)))


def test_ticket_and_recording_are_in_the_books_before_the_tone(speaking: Carrier) -> None:
    assert (call().state, row().state, row().kind) == (
        CallState.VOICEMAIL,
        RecordingState.WANTED,
        RecordingKind.VOICEMAIL,
    )
    assert row().ticket_id == call().ticket_id == session().scalars(select(Ticket.id)).one()


def test_the_key_a_second_time_gets_the_same_tone_and_no_second_recording(speaking: Carrier) -> None:
    again = speaking.document("closed?n=1", Digits="1")
    assert verbs(again) == ["Play", "Record", "Redirect"]
    assert f"id={row().id}" in again.verbs[1].attributes["recordingStatusCallback"]


def test_what_was_spoken_is_kept_and_its_ticket_said(speaking: Carrier) -> None:
    fields = {"RecordingSid": SOUND, "RecordingDuration": "8", "Digits": "#"}
    assert played(speaking.document("voicemail-left", **fields))[0] == "kk/P40.1"
    assert (call().state, call().outcome) == (CallState.ENDED, Outcome.VOICEMAIL)
    assert (row().state, row().sid) == (RecordingState.RUNNING, SOUND)
    assert told(speaking, "completed") == 204
    assert (row().state, row().seconds) == (RecordingState.COMPLETED, 8)
    assert kinds().count("voicemail.left") == 1


def test_the_same_message_told_twice_is_one(speaking: Carrier) -> None:
    for _ in range(3):
        assert told(speaking, "completed") == 204
    assert kinds().count("voicemail.left") == 1
    assert row().state is RecordingState.COMPLETED


def test_completed_may_be_told_before_anything_else(speaking: Carrier) -> None:
    told(speaking, "completed")
    told(speaking, "in-progress")
    said = played(speaking.document("voicemail-left", RecordingSid=SOUND, RecordingDuration="8", Digits="#"))
    assert said[0] == "kk/P40.1"
    assert (row().state, row().sid, call().outcome) == (RecordingState.COMPLETED, SOUND, Outcome.VOICEMAIL)


def test_hanging_up_while_speaking_is_a_message_all_the_same(speaking: Carrier) -> None:
    speaking.told("status", CallStatus="completed")
    assert call().outcome is Outcome.VOICEMAIL
    late = speaking.post("voicemail-left", RecordingSid=SOUND, RecordingDuration="4", Digits="hangup")
    assert late.status_code == 200
    told(speaking, "completed", seconds=4)
    assert (row().sid, row().seconds) == (SOUND, 4)


def test_silence_leaves_the_ticket_and_says_so(speaking: Carrier) -> None:
    assert played(speaking.document("voicemail-left"))[0] == "kk/P40N.1"
    assert told(speaking, "absent", seconds=0) == 204
    assert (row().state, call().outcome) == (RecordingState.ABSENT, Outcome.VOICEMAIL)
    assert session().scalars(select(Ticket)).one().id == call().ticket_id
    assert "voicemail.left" not in kinds()


def test_a_second_recording_of_the_same_message_is_not_forgotten_at_the_carrier(speaking: Carrier) -> None:
    told(speaking, "completed")
    told(speaking, "completed", sid="RE" + "6" * 32)
    session().rollback()
    kept = session().scalars(select(Recording).order_by(Recording.id)).all()
    assert [one.state for one in kept] == [RecordingState.COMPLETED] * 2
    assert kept[0].call_id == kept[1].call_id


@pytest.mark.parametrize(
    "fields",
    [
        {"RecordingSid": "../etc"},
        {"RecordingSid": ""},
        {"RecordingStatus": "eaten"},
        {"RecordingDuration": "long"},
    ],
)
def test_a_mangled_recording_changes_nothing(speaking: Carrier, fields: dict[str, str]) -> None:
    form = {"RecordingSid": SOUND, "RecordingStatus": "completed", "RecordingDuration": "8"} | fields
    assert speaking.told(f"recording?id={row_id()}", **form) == 400
    assert speaking.told("recording?id=0", **form) == 400
    assert speaking.told("recording?id=99", sign=False, **form) == 403
    assert row().state is RecordingState.WANTED


def test_a_recording_that_nobody_wanted_is_no_error(speaking: Carrier) -> None:
    fields = {"RecordingSid": SOUND, "RecordingStatus": "completed", "RecordingDuration": "8"}
    assert speaking.told("recording?id=4711", **fields) == 204
    assert row().state is RecordingState.WANTED


def test_a_message_can_be_left_instead_of_waiting_where_nobody_works(carrier: Carrier) -> None:
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="1")
    carrier.document("menu?n=1", Digits="2")
    assert "kk/P47" in played(carrier.document("wait?n=1", Manner.QUEUE_WAIT))
    assert verbs(carrier.document("wait-key?n=1", Manner.QUEUE_WAIT, Digits="4")) == ["Leave"]
    assert verbs(carrier.document("queue-left", QueueResult="leave")) == ["Play", "Record", "Redirect"]
    entry = session().scalars(select(QueueEntry)).one()
    assert (entry.state, call().state) == (EntryState.LEFT, CallState.VOICEMAIL)


def test_a_full_waiting_room_offers_a_message_too(carrier: Carrier) -> None:
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="2")
    carrier.document("menu?n=1", Digits="2")
    assert played(carrier.document("queue-left", QueueResult="queue-full")) == ["ru/P07", "ru/P47"]
    assert verbs(carrier.document("callback?n=1", Digits="4")) == ["Play", "Record", "Redirect"]


def test_a_desk_that_records_says_so_and_9_refuses(carrier: Carrier, town: Town) -> None:
    with transaction():
        session().get_one(Desk, town.city.id).records_calls = True
    desks.forget()
    carrier.document("incoming")
    assert played(carrier.document("language?n=1", Digits="1"))[0] == "kk/P01"
    assert (call().consent_prompt, call().recording_refused) == ("P01", False)
    carrier.document("menu?n=1", Digits="1")
    assert played(carrier.document("technical?n=1", Digits="9")) == ["kk/P35", "kk/P03"]
    assert call().recording_refused is True
