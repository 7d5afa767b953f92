"""Single webhooks about calls that we make: forged, mangled, doubled, late, of nobody."""

import pytest
from flask import Flask

from helpdesk.callbacks import actions, dialling
from helpdesk.callbacks.models import Callback
from helpdesk.callbacks.rules import AttemptResult, AttemptState, CallbackState
from helpdesk.kernel.db import session, transaction
from helpdesk.telephony.models import Call
from helpdesk.telephony.rules import CallState
from tests.callbacks.promises import again, attempts, due_now, ticket_of
from tests.conftest import SetClock
from tests.people import GULNAR_PHONE, Town
from tests.webhooks.signed import Carrier, played, verbs

SID, GHOST = "CA" + "1" * 32, "CA" + "2" * 32
OUTBOUND = {"From": "+77272501450", "To": GULNAR_PHONE, "Direction": "outbound-api"}


@pytest.fixture
def dialled(town: Town, set_clock: SetClock) -> dialling.Intent:
    """A callback whose call was just asked for; nothing is known of its leg yet."""
    callback = due_now(ticket_of(town))
    with transaction():
        intent = dialling.claim(callback.id)
    assert intent is not None
    return intent


@pytest.fixture
def carrier(app: Flask) -> Carrier:
    return Carrier(app)


def at(intent: dialling.Intent, step: str) -> str:
    return f"/twilio/callback/{intent.token}/{step}"


def the_callback() -> Callback:
    [attempt] = attempts()
    return again(session().get_one(Callback, attempt.callback_id))


def test_an_unsigned_webhook_is_refused_and_changes_nothing(carrier: Carrier, dialled: dialling.Intent):
    for step in ("answer", "key", "status"):
        assert carrier.post(at(dialled, step), SID, sign=False, **OUTBOUND).status_code == 403
    assert attempts()[0].state is AttemptState.INTENT


@pytest.mark.parametrize("fields", [{"CallSid": "../x"}, {"Digits": "1; DROP"}, {"CallStatus": "levitating"}])
def test_a_mangled_webhook_is_told_so(carrier: Carrier, dialled: dialling.Intent, fields: dict[str, str]):
    for step in ("answer", "key", "status"):
        assert carrier.post(at(dialled, step), SID, **(OUTBOUND | fields)).status_code == 400
    assert attempts()[0].state is AttemptState.INTENT


def test_an_unknown_token_hears_goodbye(carrier: Carrier, town: Town):
    for step in ("answer", "key"):
        document = carrier.document(f"/twilio/callback/no-such-token/{step}", **OUTBOUND)
        assert verbs(document)[-1] == "Hangup"
    assert carrier.told("/twilio/callback/no-such-token/status", **(OUTBOUND | {"CallStatus": "completed"})) == 204


def test_the_first_webhook_makes_the_leg_ours_and_the_second_leg_a_ghost(carrier: Carrier, dialled: dialling.Intent):
    assert carrier.told(at(dialled, "status"), **(OUTBOUND | {"CallStatus": "ringing"})) == 204
    assert (attempts()[0].state, attempts()[0].sid) == (AttemptState.LIVE, SID)
    ghost = carrier.document(at(dialled, "answer"), sid=GHOST, **OUTBOUND)
    assert verbs(ghost) == ["Play", "Play", "Hangup"]
    assert the_callback().state is CallbackState.DIALING


def test_the_greeting_asks_in_the_language_of_the_callback(carrier: Carrier, dialled: dialling.Intent):
    document = carrier.document(at(dialled, "answer"), **OUTBOUND)
    assert verbs(document) == ["Gather"]
    assert played(document) == ["kk/P11"]
    assert carrier.document(at(dialled, "answer"), **OUTBOUND) == document
    assert the_callback().state is CallbackState.ANSWERED


def test_one_puts_the_person_into_the_line_once_however_often_it_comes(carrier: Carrier, dialled: dialling.Intent):
    carrier.document(at(dialled, "answer"), **OUTBOUND)
    first = carrier.document(at(dialled, "key?n=1"), Digits="1", **OUTBOUND)
    assert "Enqueue" in verbs(first)
    for path in ("key?n=1", "answer"):
        assert carrier.document(at(dialled, path), Digits="1", **OUTBOUND) == first
    call = session().get_one(Call, attempts()[0].call_id, populate_existing=True)
    assert (call.state, call.callback_id) == (CallState.QUEUED, the_callback().id)


@pytest.mark.parametrize(("key", "prompt", "result"), [("2", "P33", "later"), ("3", "P34", "declined")])
def test_the_answer_to_a_choice_is_the_same_the_second_time(
    carrier: Carrier, dialled: dialling.Intent, key: str, prompt: str, result: str
):
    carrier.document(at(dialled, "answer"), **OUTBOUND)
    first = carrier.document(at(dialled, "key?n=1"), Digits=key, **OUTBOUND)
    assert played(first) == [f"kk/{prompt}"]
    promised = the_callback().promised_at
    assert carrier.document(at(dialled, "key?n=1"), Digits=key, **OUTBOUND) == first
    assert carrier.document(at(dialled, "key?n=1"), Digits="1", **OUTBOUND) == first
    assert attempts()[0].result is AttemptResult(result)
    assert the_callback().promised_at == promised


def test_silence_is_asked_once_more_and_then_tried_again_later(carrier: Carrier, dialled: dialling.Intent):
    carrier.document(at(dialled, "answer"), **OUTBOUND)
    again_asked = carrier.document(at(dialled, "key?n=1"), **OUTBOUND)
    assert verbs(again_asked) == ["Gather"]
    last = carrier.document(at(dialled, "key?n=2"), **OUTBOUND)
    assert played(last) == ["kk/P12"]
    assert the_callback().state is CallbackState.RETRY_WAIT


def test_the_end_may_be_told_before_the_answer(carrier: Carrier, dialled: dialling.Intent):
    for status in ("completed", "ringing", "completed", "initiated"):
        assert carrier.told(at(dialled, "status"), **(OUTBOUND | {"CallStatus": status})) == 204
    assert attempts()[0].result is AttemptResult.NO_KEY
    assert the_callback().attempts == 1
    assert verbs(carrier.document(at(dialled, "answer"), **OUTBOUND))[-1] == "Hangup"
    assert the_callback().state is CallbackState.RETRY_WAIT


def test_a_machine_is_not_asked_what_it_wants(carrier: Carrier, dialled: dialling.Intent):
    document = carrier.document(at(dialled, "answer"), AnsweredBy="machine_start", **OUTBOUND)
    assert verbs(document)[-1] == "Hangup"
    assert attempts()[0].result is AttemptResult.MACHINE


def test_a_key_without_an_answer_opens_nothing(carrier: Carrier, dialled: dialling.Intent):
    document = carrier.document(at(dialled, "key?n=1"), Digits="1", **OUTBOUND)
    assert "Enqueue" not in verbs(document)
    assert the_callback().state is CallbackState.DIALING


def test_a_leg_of_an_earlier_attempt_cannot_answer_for_the_present_one(
    carrier: Carrier, dialled: dialling.Intent, set_clock: SetClock
):
    carrier.told(at(dialled, "status"), **(OUTBOUND | {"CallStatus": "busy"}))
    callback_id = the_callback().id
    set_clock.forward(minutes=6)
    with transaction():
        actions.ripen()
        assert dialling.claim(callback_id) is not None
    for step in ("answer", "key?n=1"):
        document = carrier.document(at(dialled, step), Digits="1", **OUTBOUND)
        assert verbs(document) == ["Play", "Hangup"]
    assert again(session().get_one(Callback, callback_id)).state is CallbackState.DIALING
