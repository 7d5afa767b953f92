"""Waiting: the loop of wait documents and the ways out of a queue."""

import pytest
from twilio.rest import Client

from phonesim import Network

WAIT = '<Enqueue waitUrl="/wait" action="/left">general_kk</Enqueue>'


def test_a_waiting_caller_hears_the_wait_document_again_and_again(app, net, clock):
    app.pages = {"/voice": WAIT, "/wait": "<Play>/music.wav</Play>"}
    app.audio = {"/music.wav": 30.0}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(100)
    forms = app.to("/wait")
    assert len(forms) == 4
    assert [form["QueuePosition"] for form in forms] == ["1"] * 4
    assert [int(form["QueueTime"]) for form in forms] == [0, 30, 60, 90]
    assert forms[0]["CurrentQueueSize"] == "1"
    assert forms[0]["QueueSid"].startswith("QU")
    assert call.queue_name == "general_kk"
    assert call.prompts == ["music.wav"] * 4


def test_positions_move_up_when_somebody_leaves(app, net, clock):
    app.pages = {"/voice": WAIT, "/wait": '<Pause length="10"/>', "/left": "<Hangup/>"}
    net.dial("1450", from_="+77090000001", patience=5)
    net.dial("1450", from_="+77090000002")
    clock.run_for(12)
    second = [form["QueuePosition"] for form in app.to("/wait") if form["From"] == "+77090000002"]
    assert second == ["2", "1"]


def test_leave_asks_the_action_with_result_and_waited_time(app, net, clock):
    app.pages = {
        "/voice": WAIT,
        "/wait": '<Gather numDigits="1" timeout="20" action="/key"/>',
        "/key": "<Leave/>",
        "/left": "<Hangup/>",
    }
    call = net.dial("1450", from_="+77090000001", keys=["", "1"])
    clock.run_for(60)
    [form] = app.to("/left")
    assert form["QueueResult"] == "leave"
    assert int(form["QueueTime"]) == 21
    assert form["QueueSid"] == next(iter(net.queues))
    assert call.over


def test_a_caller_who_hangs_up_is_reported_and_the_answer_is_not_executed(app, net, clock):
    app.pages = {"/voice": WAIT, "/wait": '<Pause length="10"/>', "/left": "<Redirect>/never</Redirect>"}
    call = net.dial("1450", from_="+77090000001", patience=25)
    clock.run_for(60)
    [form] = app.to("/left")
    assert (form["QueueResult"], form["CallStatus"]) == ("hangup", "completed")
    assert app.to("/never") == []
    assert call.queue_name is None


def test_a_redirect_by_rest_takes_the_caller_out_and_both_documents_are_asked_for(
    app, net: Network, clock, client: Client
):
    app.pages = {"/voice": WAIT, "/wait": '<Pause length="10"/>', "/left": "<Hangup/>", "/join": "<Pause length='60'/>"}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(15)
    client.calls(call.sid).update(url="https://helpdesk.example/join")
    assert call.queue_name == "general_kk"  # a REST request takes effect after it was answered
    clock.run_for(1)
    assert [form["QueueResult"] for form in app.to("/left")] == ["redirected"]
    assert len(app.to("/join")) == 1
    assert call.queue_name is None
    assert not call.over  # the pause of /join goes on; the <Hangup> of /left was not executed


def test_a_network_may_execute_the_action_of_the_queue_instead_of_the_redirect(app, net, clock, client):
    net.redirects_to_action = True
    app.pages = {
        "/voice": WAIT,
        "/wait": '<Pause length="10"/>',
        "/left": "<Say>left</Say>",
        "/join": "<Say>join</Say>",
    }
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(15)
    client.calls(call.sid).update(url="https://helpdesk.example/join")
    clock.run_for(5)
    assert [heard.what for heard in call.heard if heard.kind == "say"] == ["left"]


def test_a_full_queue_sends_the_caller_on(app, net, clock):
    app.pages = {
        "/voice": '<Enqueue waitUrl="/wait" action="/left" maxQueueSize="1">q</Enqueue>',
        "/wait": '<Pause length="10"/>',
        "/left": "<Hangup/>",
    }
    net.dial("1450", from_="+77090000001")
    clock.run_for(1)
    net.dial("1450", from_="+77090000002")
    clock.run_for(1)
    assert [(f["From"], f["QueueResult"]) for f in app.to("/left")] == [("+77090000002", "queue-full")]


def test_an_empty_wait_document_is_silence_and_is_not_asked_for_again(app, net, clock):
    app.pages = {"/voice": WAIT, "/wait": ""}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(300)
    assert len(app.to("/wait")) == 1
    assert call.queue_name == "general_kk"


def test_a_wait_document_that_says_nothing_long_does_not_spin(app, net, clock):
    app.pages = {"/voice": WAIT, "/wait": '<Pause length="0"/>'}
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert 8 <= len(app.to("/wait")) <= 11


def test_a_verb_that_may_not_wait_ends_the_waiting_and_is_shown(app, net, clock):
    app.pages = {"/voice": WAIT, "/wait": "<Record/>", "/left": "<Hangup/>"}
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert [form["QueueResult"] for form in app.to("/left")] == ["system-error"]
    assert [(alert.code, "queue wait" in alert.message) for alert in net.alerts] == [(12200, True)]


def test_members_are_listed_in_order_and_the_front_can_be_taken_out(app, net, clock, client):
    app.pages = {"/voice": WAIT, "/wait": '<Pause length="10"/>', "/left": "<Hangup/>", "/join": "<Pause length='9'/>"}
    first = net.dial("1450", from_="+77090000001")
    clock.run_for(2)
    second = net.dial("1450", from_="+77090000002")
    clock.run_for(2)
    [queue] = client.queues.list()
    assert (queue.friendly_name, queue.current_size) == ("general_kk", 2)
    members = client.queues(queue.sid).members.list()
    assert [(m.call_sid, m.position) for m in members] == [(first.sid, 1), (second.sid, 2)]
    client.queues(queue.sid).members("Front").update(url="https://helpdesk.example/join")
    clock.run_for(1)
    assert [form["CallSid"] for form in app.to("/join")] == [first.sid]


@pytest.fixture
def dialled(app):
    """Operators dial the queue; the caller is told who comes."""
    app.pages = {
        "/voice": WAIT,
        "/wait": '<Pause length="10"/>',
        "/left": "<Say>Goodbye</Say>",
        "/operator": '<Dial action="/after" timeout="20"><Queue url="/whisper">general_kk</Queue></Dial>',
        "/whisper": "<Say>You are being connected</Say>",
        "/after": "<Hangup/>",
    }
    return app


def test_dialling_a_queue_takes_the_front_caller_who_hears_the_whisper_first(dialled, net, clock):
    first = net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    net.dial("1450", from_="+77090000002", patience=100)
    clock.run_for(5)
    operator = net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(1)
    assert [heard.what for heard in first.heard if heard.kind == "say"] == ["You are being connected"]
    assert not operator.in_conversation
    clock.run_for(10)
    [whisper] = dialled.to("/whisper")
    assert (whisper["CallSid"], whisper["DequeingCallSid"]) == (first.sid, operator.sid)
    assert whisper["QueueTime"] == "10"
    [talk] = net.ledger.conversations()
    assert {talk.one, talk.other} == {"+77090000001", "client:op_7"}
    operator.hang_up()
    clock.run_for(2)
    [left] = dialled.to("/left")
    assert (left["QueueResult"], left["QueueTime"]) == ("bridged", "10")
    assert [heard.what for heard in first.heard if heard.kind == "say"][-1] == "Goodbye"
    assert [f["DialCallStatus"] for f in dialled.to("/after")] == ["completed"]


def test_the_bridged_caller_hangs_up_and_the_operator_goes_on_behind_the_dial(dialled, net, clock):
    caller = net.dial("1450", from_="+77090000001", talk=30)
    clock.run_for(5)
    net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(60)
    [after] = dialled.to("/after")
    assert (after["DialCallStatus"], after["DialCallSid"], after["DialCallDuration"]) == ("completed", caller.sid, "30")
    assert after["DialBridged"] == "true"
    assert [f["QueueResult"] for f in dialled.to("/left")] == ["bridged"]


def test_an_empty_queue_is_waited_at_until_somebody_comes_or_the_time_is_over(dialled, net, clock, client):
    client.queues.create(friendly_name="general_kk")
    late = net.softphone("op_8", voice_url="/operator").connect()
    clock.run_for(25)
    assert late.over
    assert [f["DialCallStatus"] for f in dialled.to("/after")] == ["no-answer"]
    waiting = [net.softphone(name, voice_url="/operator").connect() for name in ("op_7", "op_9")]
    clock.run_for(10)
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert [operator.in_conversation for operator in waiting] == [True, False]


def test_an_operator_who_gives_up_in_the_same_moment_loses_nobody(dialled, net, clock, client):
    client.queues.create(friendly_name="general_kk")
    quitter = net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(5)
    caller = net.dial("1450", from_="+77090000001")
    clock.run_until(lambda: caller.queue_name is not None)
    quitter.end("completed", "test")
    stayer = net.softphone("op_9", voice_url="/operator").connect()
    clock.run_for(10)
    assert caller.company == {stayer.sid}


def test_a_caller_redirected_out_of_the_bridge_leaves_the_operator_free(dialled, net, clock, client):
    dialled.pages["/join"] = '<Pause length="60"/>'
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(10)
    client.calls(caller.sid).update(url="https://helpdesk.example/join")
    clock.run_for(2)
    assert [f["QueueResult"] for f in dialled.to("/left")] == ["redirected-from-bridged"]
    assert not caller.over
    assert not caller.in_conversation
    assert [f["DialCallStatus"] for f in dialled.to("/after")] == ["completed"]


def test_a_queue_that_does_not_exist_fails_the_dial(dialled, net, clock):
    net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(5)
    assert [f["DialCallStatus"] for f in dialled.to("/after")] == ["failed"]
