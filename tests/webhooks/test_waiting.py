"""The waiting room, one webhook at a time: what is said on which turn, and how somebody leaves it."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.callbacks.models import Callback
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony import offers, presence, queries
from helpdesk.telephony.models import Call, Offer, QueueEntry
from helpdesk.telephony.rules import CallState, EntryKind, EntryState, OfferState, Outcome, PresenceState
from phonesim.twiml import Manner
from tests.conftest import SetClock
from tests.people import Town
from tests.webhooks.signed import SID, Carrier, played, verbs

WAIT = Manner.QUEUE_WAIT


@pytest.fixture
def carrier(app: Flask, town: Town, set_clock: SetClock) -> Carrier:
    queries.forget()
    return Carrier(app)


def join(carrier: Carrier, sid: str = SID, number: str = "+77090000001", key: str = "1") -> None:
    carrier.document("incoming", sid=sid, From=number, CallStatus="ringing")
    carrier.document("language?n=1", sid=sid, From=number, Digits=key)
    carrier.document("technical?n=1", sid=sid, From=number, Digits="1")


def call(sid: str = SID) -> Call:
    session().rollback()
    session().expire_all()
    return session().scalars(select(Call).where(Call.sid == sid)).one()


def entry() -> QueueEntry:
    return session().scalars(select(QueueEntry)).one()


def at_work(town: Town, state: PresenceState = PresenceState.READY) -> None:
    with transaction():
        presence.choose(town.asel.id, PresenceState.READY)
        row = presence.presence_of(town.asel.id)
        row.state = state


def test_with_nobody_at_work_the_place_is_said_and_a_callback_offered(carrier: Carrier) -> None:
    join(carrier)
    document = carrier.document("wait", WAIT)
    said = played(document)
    assert said[1:] == ["kk/number.1", "kk/P07", "kk/P47", "any/music"]
    assert (entry().announced_position, entry().announced_bucket) == (1, None)


def test_place_and_wait_are_said_on_the_first_and_every_second_turn(carrier: Carrier, town: Town) -> None:
    at_work(town, PresenceState.TALKING)
    join(carrier)
    first, second, third = (played(carrier.document(f"wait?n={turn}", WAIT)) for turn in (1, 2, 3))
    assert first == third
    assert "kk/wait.10" in first
    assert second == ["kk/P24", "any/music"]
    session().expire_all()
    assert (entry().estimated_seconds, entry().announced_bucket) == (240, "10")


def test_the_same_turn_twice_says_the_same(carrier: Carrier) -> None:
    join(carrier)
    assert carrier.post("wait?n=1").data == carrier.post("wait?n=1").data


def test_a_place_that_got_worse_is_not_said(carrier: Carrier, town: Town) -> None:
    at_work(town, PresenceState.TALKING)
    join(carrier)
    carrier.document("wait?n=1", WAIT)
    join(carrier, sid="CA2", number="+77090000055")
    with transaction():
        session().execute(QueueEntry.__table__.update().where(QueueEntry.call_id == call("CA2").id).values(priority=0))
    said = played(carrier.document("wait?n=3", WAIT))
    assert "kk/P06W.1" in said or "kk/P06W" in said
    assert not any(name.startswith("kk/P06.") for name in said)


def test_the_callback_is_not_offered_when_the_wait_is_short(carrier: Carrier, town: Town) -> None:
    at_work(town)
    join(carrier)
    assert "kk/P07" not in played(carrier.document("wait?n=1", WAIT))


def test_shortly_before_closing_it_is_offered_to_everybody(carrier: Carrier, town: Town, set_clock: SetClock) -> None:
    set_clock.forward(hours=8, minutes=21)  # 18:21, the desk closes at 18:30
    at_work(town)
    join(carrier)
    assert "kk/P07" in played(carrier.document("wait?n=1", WAIT))


def test_who_wants_to_stay_is_not_asked_again(carrier: Carrier) -> None:
    join(carrier)
    carrier.document("wait?n=1", WAIT)
    assert verbs(carrier.document("wait-key?n=1", WAIT, Digits="3")) == ["Redirect"]
    assert "kk/P07" not in played(carrier.document("wait?n=3", WAIT))


def test_1_promises_to_call_this_number_back_in_the_same_place(carrier: Carrier, set_clock: SetClock) -> None:
    join(carrier)
    since = entry().virtual_at
    set_clock.forward(minutes=2)
    assert verbs(carrier.document("wait-key?n=1", WAIT, Digits="1")) == ["Leave"]
    said = carrier.document("queue-left", QueueResult="leave", QueueTime="120")
    assert verbs(said)[-1] == "Hangup"
    assert played(said)[0].startswith("kk/P10")
    made = session().scalars(select(Callback)).one()
    assert (made.number, made.virtual_at, made.call_id, made.language) == ("+77090000001", since, call().id, "kk")
    assert (call().state, call().outcome) == (CallState.ENDED, Outcome.CALLBACK_REQUESTED)
    assert (entry().kind, entry().state, entry().callback_id, entry().call_id) == (
        EntryKind.CALLBACK, EntryState.WAITING, made.id, None,
    )  # fmt: skip
    # told once more, nothing changes and the same is said
    assert carrier.post("queue-left", QueueResult="leave").data == carrier.post("queue-left", QueueResult="leave").data
    assert len(session().scalars(select(Callback)).all()) == 1
    assert carrier.told("status", CallStatus="completed") == 204
    assert call().outcome is Outcome.CALLBACK_REQUESTED


def test_a_second_call_hears_of_the_first_promise(carrier: Carrier) -> None:
    for sid in (SID, "CA2"):
        join(carrier, sid=sid)
        carrier.document("wait-key?n=1", WAIT, sid=sid, Digits="1")
        said = played(carrier.document("queue-left", sid=sid, QueueResult="leave"))
    assert said[0].startswith("kk/P32")
    assert len(session().scalars(select(Callback)).all()) == 1


def test_2_asks_for_another_number_and_reads_it_back(carrier: Carrier) -> None:
    join(carrier)
    carrier.document("wait-key?n=1", WAIT, Digits="2")
    assert played(carrier.document("queue-left", QueueResult="leave")) == ["kk/P08"]
    assert call().state is CallState.IVR
    assert entry().state is EntryState.WAITING
    assert played(carrier.document("number?n=1", Digits="4951234567"))[0] == "kk/P31"
    assert played(carrier.document("number?n=2", Digits="12"))[0] == "kk/P31"
    read_back = played(carrier.document("number?n=2", Digits="7010000042"))
    assert read_back[0].startswith("kk/P09")
    assert [name for name in read_back if "number." in name][:3] == ["kk/number.7", "kk/number.0", "kk/number.1"]
    assert played(carrier.document("number-right?n=1", Digits="2"))[-1] == "kk/P08"
    carrier.document("number?n=2", Digits="7010000043")
    assert played(carrier.document("number-right?n=1", Digits="1"))[0].startswith("kk/P10")
    assert session().scalars(select(Callback.number)).all() == ["+77010000043"]


def test_three_vain_numbers_lead_back_to_the_kept_place(carrier: Carrier) -> None:
    join(carrier)
    since = entry().virtual_at
    carrier.document("wait-key?n=1", WAIT, Digits="2")
    carrier.document("queue-left", QueueResult="leave")
    for turn in (1, 2):
        carrier.document(f"number?n={turn}", Digits="")
    assert verbs(carrier.document("number?n=3", Digits="")) == ["Enqueue"]
    assert (call().state, entry().state, entry().virtual_at) == (CallState.QUEUED, EntryState.WAITING, since)


def test_a_hidden_or_foreign_number_must_type_one(carrier: Carrier) -> None:
    for sid, number, first in (("CA2", "anonymous", "kk/P08"), ("CA3", "+15005550006", "kk/P08")):
        join(carrier, sid=sid, number=number)
        carrier.document("wait-key?n=1", WAIT, sid=sid, From=number, Digits="1")
        said = played(carrier.document("queue-left", sid=sid, From=number, QueueResult="leave"))
        assert said[-1] == first
    assert session().scalars(select(Callback)).all() == []


def test_leaving_for_a_callback_takes_back_the_offer(carrier: Carrier, town: Town) -> None:
    at_work(town)
    join(carrier)
    with transaction():
        assert offers.route_waiting() == 1
    carrier.document("wait-key?n=1", WAIT, Digits="1")
    carrier.document("queue-left", QueueResult="leave")
    assert session().scalars(select(Offer.state)).all() == [OfferState.CANCELLED]
    with transaction():
        assert presence.presence_of(town.asel.id).state is PresenceState.READY


def test_an_operator_who_was_faster_than_the_key_gets_the_caller(carrier: Carrier, town: Town) -> None:
    at_work(town)
    join(carrier)
    with transaction():
        offers.route_waiting()
    token = session().scalars(select(Offer.token)).one()
    carrier.document("wait-key?n=1", WAIT, Digits="1")
    carrier.document("operator", sid="CA9", From=f"client:op_{town.asel.id}", offer=token)
    document = carrier.document("queue-left", QueueResult="leave")
    assert verbs(document) == ["Dial"]
    assert session().scalars(select(Callback)).all() == []


def test_join_and_queue_left_are_the_same_document_after_a_redirect(carrier: Carrier, town: Town) -> None:
    at_work(town)
    join(carrier)
    with transaction():
        offers.route_waiting()
    token = session().scalars(select(Offer.token)).one()
    softphone = {"sid": "CA9", "From": f"client:op_{town.asel.id}", "offer": token}
    first, again = carrier.post("operator", **softphone), carrier.post("operator", **softphone)
    assert first.data == again.data
    assert verbs(carrier.document("operator", **softphone | {"sid": "CA8"}))[-1] == "Hangup"
    left, joined = carrier.post("queue-left", QueueResult="redirected"), carrier.post("join")
    assert left.data == joined.data
    assert b"<Conference" in joined.data
    assert call().connected_at is not None


def test_a_full_waiting_room_leads_to_the_callback_offer(carrier: Carrier) -> None:
    join(carrier)
    assert played(carrier.document("queue-left", QueueResult="queue-full")) == ["kk/P07", "kk/P47"]
    assert verbs(carrier.document("callback?n=2", Digits="")) == ["Enqueue"]
    assert call().state is CallState.QUEUED


def test_the_end_of_the_call_while_a_number_is_typed_is_an_abandon(carrier: Carrier, set_clock: SetClock) -> None:
    join(carrier)
    carrier.document("wait-key?n=1", WAIT, Digits="2")
    carrier.document("queue-left", QueueResult="leave")
    set_clock.at += timedelta(seconds=40)
    carrier.told("status", CallStatus="completed")
    assert call().outcome is Outcome.ABANDONED
    assert entry().state is EntryState.LEFT


# ── the longest wait ──────────────────────────────────────────────────────────────────────────────────────────────


def test_after_three_quarters_of_an_hour_a_callback_is_promised_unasked(carrier: Carrier, set_clock: SetClock) -> None:
    join(carrier)
    set_clock.forward(seconds=44 * 60)
    assert verbs(carrier.document("wait?n=101", WAIT)) == ["Gather", "Redirect"]
    set_clock.forward(seconds=60)
    assert verbs(carrier.document("wait?n=102", WAIT)) == ["Leave"]
    said = played(carrier.document("queue-left", QueueResult="leave"))
    assert said[:2] == ["kk/P25", "kk/P10.1"]
    made = session().scalars(select(Callback)).one()
    entry = session().scalars(select(QueueEntry)).one()
    assert (entry.callback_id, entry.virtual_at) == (made.id, made.virtual_at)


def test_a_hidden_number_is_asked_for_once_and_then_waits_on(carrier: Carrier, set_clock: SetClock) -> None:
    join(carrier, number="anonymous")
    set_clock.forward(seconds=45 * 60)
    hidden = {"From": "anonymous"}
    assert verbs(carrier.document("wait?n=102", WAIT, **hidden)) == ["Leave"]
    assert played(carrier.document("queue-left", QueueResult="leave", **hidden)) == ["kk/P48", "kk/P08"]
    assert verbs(carrier.document("number?n=3", Digits="", **hidden)) == ["Enqueue"]
    assert verbs(carrier.document("wait?n=1", WAIT, **hidden)) == ["Gather", "Redirect"]
    assert session().scalars(select(Callback)).all() == []


def test_9_in_the_waiting_room_refuses_recording(carrier: Carrier) -> None:
    join(carrier)
    carrier.document("wait-key?n=1", WAIT, Digits="9")
    session().rollback()
    assert session().scalars(select(Call.recording_refused)).one() is True
