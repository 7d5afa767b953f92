"""Single webhooks: forged, mangled, doubled, late, about calls that nobody announced, and without a database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.app import create_app
from helpdesk.audit.models import JournalEntry
from helpdesk.kernel import settings
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony import presence, queries
from helpdesk.telephony.models import Call, CallEvent, Leg, QueueEntry
from helpdesk.telephony.rules import CallState, LegState, Outcome, PresenceState
from helpdesk.tickets.models import Ticket
from phonesim.twiml import Manner, parse
from tests.conftest import SetClock, counted_statements
from tests.people import Town
from tests.webhooks.signed import SID, Carrier, played, verbs

WAIT = Manner.QUEUE_WAIT


@pytest.fixture
def carrier(app: Flask, town: Town, set_clock: SetClock) -> Carrier:
    queries.forget()
    return Carrier(app)


def calls() -> list[Call]:
    session().rollback()
    session().expire_all()
    return list(session().scalars(select(Call).order_by(Call.id)))


def count(table: type[Ticket | QueueEntry | Leg | CallEvent]) -> int:
    return session().scalar(select(func.count()).select_from(table)) or 0


def into_line(carrier: Carrier) -> None:
    carrier.document("incoming", CallStatus="ringing")
    carrier.document("language?n=1", Digits="1")
    carrier.document("technical?n=1", Digits="1")


def test_every_carrier_door_refuses_what_is_not_signed(app: Flask, carrier: Carrier) -> None:
    doors = [
        rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/twilio/") and "<" not in rule.rule
    ]
    assert len(doors) > 15
    for door in doors:
        assert carrier.post(door, sign=False).status_code == 403
    assert calls() == []


def test_a_signature_of_other_fields_is_refused(app: Flask, carrier: Carrier) -> None:
    genuine = carrier.post("incoming").request.headers["X-Twilio-Signature"]
    form = {"CallSid": SID, "From": "+77770000000", "To": "1450"}
    answer = app.test_client().post("/twilio/voice/incoming", data=form, headers={"X-Twilio-Signature": genuine})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "sid", "fields"),
    [
        ("incoming", None, {}),
        ("incoming", "CA' OR 1=1", {}),
        ("incoming", "C" * 65, {}),
        ("incoming", "CA\x001", {}),
        ("menu", SID, {"Digits": "<b>"}),
        ("menu", SID, {"Digits": "1" * 33}),
        ("status", SID, {"CallStatus": "dancing"}),
        ("status", SID, {"CallStatus": ""}),
        ("conference?call=x", SID, {"ConferenceSid": "CF1", "SequenceNumber": "1"}),
        ("conference?call=1", SID, {"ConferenceSid": "", "SequenceNumber": "1"}),
        ("conference?call=1", SID, {"ConferenceSid": "CF1", "SequenceNumber": "one"}),
    ],
)
def test_a_mangled_webhook_is_400_and_changes_nothing(
    carrier: Carrier, path: str, sid: str | None, fields: dict[str, str]
) -> None:
    assert carrier.post(path, sid=sid, **fields).status_code == 400
    assert calls() == []


@pytest.mark.parametrize(
    "from_", ["", "anonymous", "+266696687", "sip:someone@host", "8 (701) 123-45-67", "\x00", "я" * 300]
)
def test_whoever_calls_hears_the_greeting(carrier: Carrier, from_: str) -> None:
    document = carrier.document("incoming", From=from_, CallStatus="ringing")
    assert played(document) == ["kk/P00", "ru/P00", "en/P00"]
    [call] = calls()
    assert call.from_number == ("+77011234567" if from_.startswith("8") else None)


def test_the_same_first_webhook_twice_is_one_call(carrier: Carrier) -> None:
    first, second = carrier.post("incoming"), carrier.post("incoming")
    assert first.data == second.data
    assert len(calls()) == 1
    assert count(Leg) == 1


def test_the_same_key_twice_is_one_ticket_in_one_place(carrier: Carrier) -> None:
    into_line(carrier)
    again = carrier.document("technical?n=1", Digits="1")
    assert verbs(again) == ["Enqueue"]
    assert (count(Ticket), count(QueueEntry)) == (1, 1)
    queued = select(func.count()).where(JournalEntry.kind == "call.queued")
    assert session().scalar(queued) == 1


def test_a_late_key_does_not_move_somebody_who_is_further_on(carrier: Carrier) -> None:
    into_line(carrier)
    assert verbs(carrier.document("language?n=1", Digits="2")) == ["Enqueue"]
    assert calls()[0].language == "kk"


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("language?n=1", {"Digits": "2"}, ["ru/P01N", "ru/P02"]),
        ("menu?n=1", {"Digits": "*"}, ["kk/P02", "ru/P02"]),
        ("join", {}, ["kk/P02", "ru/P02"]),
        ("queue-left", {"QueueResult": "redirected"}, ["kk/P02", "ru/P02"]),
        ("again", {}, ["kk/P02", "ru/P02"]),
    ],
)
def test_an_unknown_call_goes_on_from_wherever_it_is(
    carrier: Carrier, path: str, fields: dict[str, str], says: list[str]
) -> None:
    assert played(carrier.document(path, From="+77090000099", **fields)) == says
    assert [call.state for call in calls()] == [CallState.IVR]


def test_an_unknown_call_in_the_waiting_room_gets_a_ticket_and_a_place(carrier: Carrier) -> None:
    document = carrier.document("wait", WAIT, QueueTime="3")
    assert verbs(document) == ["Gather", "Redirect"]
    assert (count(Ticket), count(QueueEntry)) == (1, 1)
    assert calls()[0].state is CallState.QUEUED


def test_the_end_may_be_reported_before_the_beginning(carrier: Carrier) -> None:
    assert carrier.told("status", CallStatus="completed") == 204
    assert verbs(carrier.document("incoming", CallStatus="ringing")) == ["Hangup"]
    [call] = calls()
    assert (call.state, call.outcome) == (CallState.ENDED, Outcome.ABANDONED)


def test_statuses_count_once_in_whatever_order_they_come(carrier: Carrier) -> None:
    into_line(carrier)
    for status in ("completed", "in-progress", "completed", "ringing", "busy"):
        assert carrier.told("status", CallStatus=status) == 204
    ended = select(func.count()).where(JournalEntry.kind == "call.ended")
    assert session().scalar(ended) == 1
    assert session().scalars(select(Leg.state)).all() == [LegState.COMPLETED]


def test_a_softphone_or_a_forgotten_dial_begins_no_call(carrier: Carrier) -> None:
    assert verbs(carrier.document("incoming", From="client:op_1")) == ["Hangup"]
    assert verbs(carrier.document("wait", WAIT, Direction="outbound-api")) == ["Hangup"]
    assert carrier.told("status", From="client:op_1", CallStatus="completed") == 204
    assert calls() == []


def test_a_stranger_with_a_softphone_gets_no_caller(carrier: Carrier, town: Town) -> None:
    with transaction():
        presence.choose(town.asel.id, PresenceState.READY)
    into_line(carrier)
    for token in ("", "x", "0" * 400):
        document = carrier.document("operator", sid="CA9", From=f"client:op_{town.asel.id}", offer=token)
        assert verbs(document)[-1] == "Hangup"
    assert verbs(carrier.document("operator", sid="CA9", From="client:op_zero", offer="x"))[-1] == "Hangup"


def test_9_refuses_recording_and_asks_again(carrier: Carrier) -> None:
    carrier.document("incoming")
    carrier.document("language?n=1", Digits="3")
    assert played(carrier.document("menu?n=1", Digits="9")) == ["en/P35", "en/P02"]
    [call] = calls()
    assert (call.recording_refused, call.consent_prompt, call.consent_at is not None) == (True, "P01N", True)


def test_every_answer_of_the_way_takes_few_statements(carrier: Carrier, town: Town) -> None:
    into_line(carrier)
    carrier.post("status", CallStatus="completed")
    way = [
        ("incoming", {"CallStatus": "ringing"}),
        ("language?n=1", {"Digits": "1"}),
        ("technical?n=1", {"Digits": "1"}),
        ("wait?n=1", {}),
        ("wait?n=2", {}),
        ("wait-key?n=1", {"Digits": "3"}),
        ("status", {"CallStatus": "completed"}),
    ]
    sent = {}
    for path, fields in way:
        with counted_statements() as seen:
            assert carrier.post(path, sid="CA2", **fields).status_code in (200, 204)
        sent[path] = len(seen)
    assert max(sent.values()) <= 12, sent


@pytest.fixture
def without_database(app: Flask) -> Iterator[Carrier]:
    known = settings.current()
    away = known.model_copy(update={"database_url": "postgresql+psycopg://nobody@127.0.0.1:1/nothing"})
    yield Carrier(create_app(away))
    settings.install(known)


@pytest.mark.parametrize("path", ["incoming", "language?n=1", "menu?n=1", "queue-left", "join", "closed?n=1"])
def test_without_a_database_the_caller_hears_an_apology(without_database: Carrier, path: str) -> None:
    document = without_database.document(path, Digits="1")
    assert played(document) == ["kk/P26", "ru/P26", "en/P26"]
    assert verbs(document)[-1] == "Hangup"


def test_without_a_database_a_waiting_caller_keeps_hearing_music(without_database: Carrier) -> None:
    answer = without_database.post("wait?n=3")
    assert [verb.name for verb in parse(answer.data, WAIT).verbs] == ["Play"]


def test_without_a_database_statuses_are_asked_for_again(without_database: Carrier) -> None:
    assert without_database.told("status", CallStatus="completed") == 503
    assert without_database.told("conference?call=1", ConferenceSid="CF1", SequenceNumber="1") == 503


def test_the_fallback_needs_no_database(without_database: Carrier) -> None:
    assert played(without_database.document("fallback", ErrorCode="11200")) == ["kk/P26", "ru/P26", "en/P26"]


def test_prompts_are_public_and_kept_for_a_year(app: Flask, carrier: Carrier) -> None:
    document = carrier.document("incoming")
    url = document.verbs[0].children[0].text
    answer = app.test_client().get(url)
    assert (answer.status_code, answer.content_type) == (200, "audio/wav")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert app.test_client().get("/prompts/../manifest.json").status_code == 404


def test_two_identical_webhooks_at_the_same_moment_are_one(app: Flask, carrier: Carrier) -> None:
    """Real threads on real connections: they meet at the unique keys and at the lock of the call."""

    def at_once(path: str, **fields: str) -> set[bytes]:
        together = Barrier(4)

        def send() -> bytes:
            together.wait()
            return Carrier(app).post(path, **fields).data

        with ThreadPoolExecutor(4) as threads:
            return {done.result() for done in [threads.submit(send) for _ in range(4)]}

    assert len(at_once("incoming")) == 1
    carrier.document("language?n=1", Digits="1")
    assert len(at_once("technical?n=1", Digits="1")) == 1
    assert [len(calls()), count(Leg), count(Ticket), count(QueueEntry)] == [1, 1, 1, 1]
