"""Calls that the application makes: what the far end does, what the application is told, what the ledger counts."""

import pytest
from twilio.base.exceptions import TwilioRestException

from phonesim import Person

PHONE = "+77090000005"
ANSWER = "https://helpdesk.example/answer"
STATUS = "https://helpdesk.example/status"
EVENTS = ["initiated", "ringing", "answered", "completed"]


def call(client, to=PHONE, **more):
    return client.calls.create(to=to, from_="1450", url=ANSWER, **more)


def told(client, **more):
    return call(client, status_callback=STATUS, status_callback_event=EVENTS, **more)


@pytest.fixture
def pages(app):
    app.pages = {"/answer": "<Say>Hello</Say>", "/status": ""}
    return app


def test_an_answered_call_reports_every_step_in_order(pages, net, clock, client):
    net.person(PHONE, Person(rings=[4.0]))
    created = told(client)
    assert created.status == "queued"
    assert created.direction == "outbound-api"
    clock.run_for(30)
    forms = pages.to("/status")
    assert [f["CallStatus"] for f in forms] == ["initiated", "ringing", "in-progress", "completed"]
    assert [f["SequenceNumber"] for f in forms] == ["0", "1", "2", "3"]
    assert {f["CallbackSource"] for f in forms} == {"call-progress-events"}
    assert forms[-1]["CallDuration"] == "1"
    assert [f["CallStatus"] for f in pages.to("/answer")] == ["in-progress"]
    fetched = client.calls(created.sid).fetch()
    assert (fetched.status, fetched.to, fetched._from, fetched.duration) == ("completed", PHONE, "1450", "1")
    assert fetched.start_time <= fetched.end_time


@pytest.mark.parametrize("result", ["busy", "no-answer", "failed"])
def test_a_call_that_nobody_takes_ends_in_its_reason(pages, net, clock, client, result):
    net.person(PHONE, Person(rings=[result]))
    told(client, timeout=25)
    clock.run_for(60)
    assert [f["CallStatus"] for f in pages.to("/status")] == ["initiated", "ringing", result]
    assert pages.to("/answer") == []
    [ring] = net.ledger.rings(PHONE)
    assert ring.result == result
    if result == "no-answer":
        assert round((ring.to_at - ring.from_at).total_seconds()) == 25


def test_numbers_without_a_person_do_not_answer(pages, net, clock, client):
    created = call(client)
    clock.run_for(90)
    assert client.calls(created.sid).fetch().status == "no-answer"


def test_only_the_completed_event_is_sent_when_no_others_were_asked_for(pages, net, clock, client):
    net.person(PHONE, Person(rings=[1.0]))
    call(client, status_callback=STATUS)
    clock.run_for(30)
    assert [f["CallStatus"] for f in pages.to("/status")] == ["completed"]


def test_busy_first_then_answered_is_one_conversation(pages, net, clock, client):
    pages.pages |= {
        "/answer": '<Gather numDigits="1" action="/yes"/>',
        "/yes": "<Dial><Conference>c</Conference></Dial>",
        "/voice": "<Dial><Conference>c</Conference></Dial>",
    }
    net.person(PHONE, Person(rings=["busy", 5.0], keys=["1"], talk=30))
    call(client)
    clock.run_for(60)
    net.softphone("op_7", voice_url="/voice").connect()
    call(client)
    clock.run_for(120)
    assert [ring.result for ring in net.ledger.rings(PHONE)] == ["busy", "answered"]
    [talk] = net.ledger.conversations(PHONE)
    assert round((talk.to_at - talk.from_at).total_seconds()) == 30
    assert net.ledger.overlapping_rings(PHONE) == []


def test_a_second_post_is_a_second_call_and_the_ledger_sees_both_bells(pages, net, clock, client):
    net.cps = 0
    net.person(PHONE, Person(rings=["no-answer"]))
    call(client)
    call(client)
    clock.run_for(5)
    assert len(net.ledger.overlapping_rings(PHONE)) == 1


def test_calls_wait_for_their_turn_at_one_a_second(pages, net, clock, client):
    made = [call(client, to=f"+7709000010{n}") for n in range(4)]
    assert [c.queue_time for c in made] == ["0", "1000", "2000", "3000"]
    clock.run_for(1.8)
    assert [client.calls(c.sid).fetch().status for c in made] == ["ringing", "ringing", "queued", "queued"]


def test_a_queued_call_can_be_cancelled_and_never_rings(pages, net, clock, client):
    call(client, to="+77090000101")
    late = call(client)
    client.calls(late.sid).update(status="canceled")
    clock.run_for(30)
    assert client.calls(late.sid).fetch().status == "canceled"
    assert net.ledger.rings(PHONE) == []


def test_a_live_call_is_hung_up_by_status_completed(pages, net, clock, client):
    pages.pages["/answer"] = '<Pause length="500"/>'
    net.person(PHONE, Person(rings=[1.0]))
    created = call(client)
    clock.run_for(10)
    client.calls(created.sid).update(status="completed")
    clock.run_for(1)
    assert client.calls(created.sid).fetch().status == "completed"
    with pytest.raises(TwilioRestException) as refused:
        client.calls(created.sid).update(status="completed")
    assert refused.value.code == 21220


def test_a_machine_is_recognised_before_the_document_when_asked_for(pages, net, clock, client):
    net.person(PHONE, Person(rings=["machine"]))
    call(client, machine_detection="Enable")
    clock.run_for(40)
    assert [f["AnsweredBy"] for f in pages.to("/answer")] == ["machine_start"]


def test_asynchronous_detection_does_not_hold_up_the_document(pages, net, clock, client):
    pages.pages["/answer"] = '<Pause length="20"/>'
    net.person(PHONE, Person(rings=[2.0]))
    call(client, machine_detection="Enable", async_amd="true", async_amd_status_callback=STATUS)
    clock.run_for(30)
    assert "AnsweredBy" not in pages.to("/answer")[0]
    assert [f["AnsweredBy"] for f in pages.to("/status")] == ["human"]


def test_words_given_with_the_call_need_no_document(pages, net, clock, client):
    net.person(PHONE, Person(rings=[1.0]))
    created = client.calls.create(to=PHONE, from_="1450", twiml="<Response><Say>Hi</Say></Response>")
    clock.run_for(20)
    assert [heard.what for heard in net.calls[created.sid].heard] == ["Hi"]


def test_a_dialled_number_that_answers_is_bridged_and_the_others_stop_ringing(pages, net, clock):
    pages.pages = {
        "/voice": '<Dial action="/after" timeout="20"><Number>+77090000011</Number><Client>op_7</Client></Dial>',
        "/after": "<Hangup/>",
        "/operator": "",
    }
    net.person("+77090000011", Person(rings=[8.0]))
    phone = net.softphone("op_7", voice_url="/operator", answer_after=3.0, talk=40)
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert caller.in_conversation
    assert [ring.result for ring in net.ledger.rings("+77090000011")] == ["canceled"]
    clock.run_for(60)
    [form] = pages.to("/after")
    assert (form["DialCallStatus"], form["DialCallDuration"]) == ("completed", "40")
    assert len(net.ledger.conversations("client:op_7")) == 1
    assert phone.active is None


def test_a_bridged_leg_sent_elsewhere_lives_on_and_the_caller_goes_on_behind_the_dial(pages, net, clock, client):
    pages.pages = {
        "/voice": '<Dial action="/after">+77090000011</Dial>',
        "/after": "<Hangup/>",
        "/elsewhere": '<Pause length="60"/>',
    }
    net.person("+77090000011", Person(rings=[2.0], talk=None))
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    [dialled] = [call for call in net.calls.values() if call.direction == "outbound-dial"]
    client.calls(dialled.sid).update(url="https://helpdesk.example/elsewhere")
    clock.run_for(5)
    assert caller.over
    assert not dialled.over
    assert [f["DialCallStatus"] for f in pages.to("/after")] == ["completed"]
    [talk] = net.ledger.conversations("+77090000011")
    assert talk.to_at is not None


def test_nobody_answers_the_dialled_number(pages, net, clock):
    pages.pages = {"/voice": '<Dial action="/after" timeout="20">+77090000011</Dial>', "/after": "<Hangup/>"}
    net.dial("1450", from_="+77090000001")
    clock.run_for(60)
    assert [f["DialCallStatus"] for f in pages.to("/after")] == ["no-answer"]


def test_the_called_person_must_press_before_being_bridged(pages, net, clock):
    pages.pages = {
        "/voice": '<Dial action="/after"><Number url="/whisper">+77090000011</Number></Dial>',
        "/whisper": '<Gather numDigits="1" timeout="5" action="/accept"/><Hangup/>',
        "/accept": "",
        "/after": "<Hangup/>",
    }
    net.person("+77090000011", Person(rings=[2.0, 2.0], keys=["", "1"], talk=10))
    net.dial("1450", from_="+77090000001")
    clock.run_for(40)
    assert net.ledger.conversations() == []
    net.people["+77090000011"].keys = ["1"]
    net.dial("1450", from_="+77090000001")
    clock.run_for(40)
    assert len(net.ledger.conversations()) == 1


def test_a_voice_message_is_kept_reported_and_fetched(pages, net, clock, client):
    pages.pages = {
        "/voice": '<Record maxLength="120" finishOnKey="#" timeout="5" action="/kept" '
        'recordingStatusCallback="/status" recordingStatusCallbackEvent="completed absent"/>',
        "/kept": "<Hangup/>",
        "/status": "",
    }
    net.dial("1450", from_="+77090000001")
    clock.run_for(40)
    [form] = pages.to("/kept")
    assert form["RecordingDuration"] == "8"
    assert [f["RecordingStatus"] for f in pages.to("/status")] == ["completed"]
    assert client.recordings(form["RecordingSid"]).fetch().duration == "8"


def test_messages_are_sent_and_delivered(pages, net, clock, client):
    net.person("+77090000006", Person(texts="undelivered"))
    good = client.messages.create(to=PHONE, from_="1450", body="Сәлем!", status_callback=STATUS)
    client.messages.create(to="+77090000006", from_="1450", body="x" * 161, status_callback=STATUS)
    assert (good.status, good.num_segments) == ("queued", "1")
    clock.run_for(5)
    assert client.messages(good.sid).fetch().status == "delivered"
    assert sorted(f["MessageStatus"] for f in pages.to("/status")) == ["delivered", "sent", "sent", "undelivered"]
    assert [text.body for text in net.ledger.messages(PHONE)] == ["Сәлем!"]


@pytest.mark.parametrize(
    ("rings", "mode", "who"),
    [
        ("fax", "Enable", "fax"),
        ("machine", "Enable", "machine_start"),
        ("machine", "DetectMessageEnd", "machine_end_beep"),
        ("silent", "Enable", "unknown"),
        (2.0, "DetectMessageEnd", "human"),
    ],
)
def test_detection_tells_who_answered(pages, net, clock, client, rings, mode, who):
    net.person(PHONE, Person(rings=[rings]))
    made = call(client, machine_detection=mode, machine_detection_timeout=20)
    clock.run_for(60)
    [form] = pages.to("/answer")
    assert form["AnsweredBy"] == who
    assert int(form["MachineDetectionDuration"]) == {"unknown": 20_000, "machine_end_beep": 8_000}.get(who, 3_000)
    assert client.calls(made.sid).fetch().answered_by == who


def test_a_greeting_may_end_without_a_beep(pages, net, clock, client):
    net.person(PHONE, Person(rings=["machine"], greeting="machine_end_silence"))
    call(client, machine_detection="DetectMessageEnd")
    clock.run_for(60)
    assert [f["AnsweredBy"] for f in pages.to("/answer")] == ["machine_end_silence"]


def test_what_answered_an_invited_participant_is_told_beside_the_conference(pages, net, clock, client):
    net.person(PHONE, Person(rings=["fax"]))
    made = client.conferences("c").participants.create(
        from_="1450", to=PHONE, machine_detection="Enable", amd_status_callback=STATUS
    )
    clock.run_for(30)
    assert [f["AnsweredBy"] for f in pages.to("/status")] == ["fax"]
    assert net.calls[made.call_sid].conference_name == "c"


@pytest.mark.parametrize(("status", "result"), [("canceled", "canceled"), ("completed", "canceled")])
def test_a_ringing_call_is_called_off(pages, net, clock, client, status, result):
    made = told(client)
    clock.run_for(5)
    client.calls(made.sid).update(status=status)
    clock.run_for(2)
    assert [f["CallStatus"] for f in pages.to("/status")] == ["initiated", "ringing", result]
    assert [ring.result for ring in net.ledger.rings(PHONE)] == [result]


def test_an_answered_call_cannot_be_canceled(pages, net, clock, client):
    pages.pages["/answer"] = '<Pause length="60"/>'
    net.person(PHONE, Person(rings=[1.0]))
    made = call(client)
    clock.run_for(5)
    with pytest.raises(TwilioRestException) as refused:
        client.calls(made.sid).update(status="canceled")
    assert refused.value.code == 21220
    assert net.calls[made.sid].status == "in-progress"


@pytest.mark.parametrize("code", [21215, 21216, 21610, 21614])
def test_a_number_may_be_refused_for_its_own_reason(pages, net, clock, client, code):
    net.person(PHONE, Person(refused=code))
    for ask in (
        lambda: call(client),
        lambda: client.conferences("c").participants.create(from_="1450", to=PHONE),
        lambda: client.messages.create(to=PHONE, from_="1450", body="hi"),
    ):
        with pytest.raises(TwilioRestException) as refused:
            ask()
        assert (refused.value.status, refused.value.code) == (400, code)
    assert net.ledger.rings() == []
    assert net.ledger.messages() == []


def test_a_dialled_number_may_be_forbidden(pages, net, clock):
    pages.pages = {"/voice": f'<Dial action="/after">{PHONE}</Dial>', "/after": "<Hangup/>"}
    net.person(PHONE, Person(refused=21215))
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert [alert.code for alert in net.alerts] == [13227]
    assert [f["DialCallStatus"] for f in pages.to("/after")] == ["failed"]


def test_an_undelivered_message_says_why(pages, net, clock, client):
    net.person(PHONE, Person(texts="undelivered", text_error=30005))
    sent = client.messages.create(to=PHONE, from_="1450", body="hi", status_callback=STATUS)
    clock.run_for(5)
    assert client.messages(sent.sid).fetch().error_code == 30005
    assert pages.to("/status")[-1]["ErrorCode"] == "30005"
