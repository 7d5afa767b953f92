"""Talking: who hears whom, when it begins and ends, and what the application is told."""

import pytest

from phonesim import Person


def room(name="c-1", **attributes):
    given = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f'<Dial action="/after"><Conference {given}>{name}</Conference></Dial>'


@pytest.fixture
def two(app, net, clock):
    """A caller in the room since 2 s; `join()` brings operator 7 in."""
    told = {
        "statusCallback": "/events",
        "statusCallbackEvent": "start end join leave mute hold modify",
        "statusCallbackMethod": "POST",
    }
    app.pages = {
        "/voice": room(startConferenceOnEnter="false", endConferenceOnExit="true", participantLabel="customer", **told),
        "/operator": room(beep="false", participantLabel="operator", **told),
        "/after": "<Hangup/>",
        "/events": "",
    }
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(2)
    phone = net.softphone("op_7", voice_url="/operator")

    def join():
        call = phone.connect(offer="17")
        clock.run_for(1)
        return caller, call

    return join


def events(app):
    return [(f["StatusCallbackEvent"], f.get("ParticipantLabel", "")) for f in app.to("/events")]


def test_a_softphone_connects_out_with_its_identity_and_parameters(app, two):
    two()
    [form] = app.to("/operator")
    assert (form["From"], form["To"], form["offer"]) == ("client:op_7", "", "17")
    assert form["ApplicationSid"].startswith("AP")
    assert all(post.genuine for post in app.posts)


def test_the_talk_begins_when_somebody_who_may_start_it_comes_in(app, net, clock, two):
    caller, operator = two()
    assert caller.in_conversation
    assert operator.company == {caller.sid}
    [talk] = net.ledger.conversations("+77090000001")
    assert {talk.one, talk.other} == {"+77090000001", "client:op_7"}
    assert events(app) == [
        ("participant-join", "customer"),
        ("participant-join", "operator"),
        ("conference-start", "operator"),
    ]
    assert [f["SequenceNumber"] for f in app.to("/events")] == ["1", "2", "3"]


def test_two_who_may_not_start_it_wait_in_silence(app, net, clock):
    app.pages = {"/voice": room(startConferenceOnEnter="false"), "/after": "<Hangup/>"}
    one, other = (net.dial("1450", from_=f"+7709000000{n}") for n in (1, 2))
    clock.run_for(30)
    assert not one.in_conversation
    assert not other.in_conversation
    assert net.ledger.conversations() == []


def test_one_alone_has_not_started_and_hears_the_waiting_music(app, net, clock, client):
    app.pages = {"/voice": room(waitUrl="/music"), "/music": "<Play>/m.wav</Play>", "/operator": room()}
    app.audio = {"/m.wav": 10.0}
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(25)
    assert [c.status for c in client.conferences.list()] == ["init"]
    assert caller.prompts == ["m.wav"] * 3
    net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(25)
    assert [c.status for c in client.conferences.list()] == ["in-progress"]
    assert caller.prompts == ["m.wav"] * 3


def test_the_caller_who_hangs_up_ends_it_for_all(app, net, clock, two):
    caller, operator = two()
    clock.run_for(10)
    caller.hang_up()
    clock.run_for(1)
    assert operator.over
    assert [(f["From"], f["DialCallStatus"]) for f in app.to("/after")] == [
        ("+77090000001", "completed"),
        ("client:op_7", "completed"),
    ]
    assert [name for name, _ in events(app)][3:] == ["participant-leave", "participant-leave", "conference-end"]
    last = app.to("/events")[-1]
    assert last["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert last["CallSidEndingConference"] == caller.sid
    [talk] = net.ledger.conversations()
    assert round((talk.to_at - talk.from_at).total_seconds()) == 11


def test_the_operator_who_hangs_up_leaves_the_caller_alone_in_the_room(app, net, clock, two):
    caller, operator = two()
    operator.hang_up()
    clock.run_for(5)
    assert operator.over
    assert not caller.over
    assert caller.conference_name == "c-1"
    assert not caller.in_conversation


def test_hold_mute_and_removal_by_rest(app, net, clock, client, two):
    caller, operator = two()
    [conference] = client.conferences.list(status="in-progress", friendly_name="c-1")
    members = client.conferences(conference.sid).participants.list()
    assert {(m.call_sid, m.label) for m in members} == {(caller.sid, "customer"), (operator.sid, "operator")}
    client.conferences(conference.sid).participants(caller.sid).update(hold=True)
    client.conferences(conference.sid).participants("operator").update(muted=True)
    clock.run_for(1)
    assert client.conferences(conference.sid).participants("customer").fetch().hold is True
    client.conferences(conference.sid).participants("operator").delete()
    clock.run_for(1)
    assert operator.over  # its <Dial> went on to /after, which hangs up
    assert [name for name, _ in events(app)][3:] == ["participant-hold", "participant-mute", "participant-leave"]
    assert [f["From"] for f in app.to("/after")] == ["client:op_7"]


def test_a_held_caller_hears_the_hold_document(app, net, clock, client, two):
    caller, _ = two()
    app.pages["/hold"] = "<Play>/hold.wav</Play>"
    app.audio["/hold.wav"] = 20.0
    [conference] = client.conferences.list()
    member = client.conferences(conference.sid).participants(caller.sid)
    member.update(hold=True, hold_url="https://helpdesk.example/hold")
    clock.run_for(30)
    assert caller.prompts == ["hold.wav", "hold.wav"]
    member.update(hold=False)
    clock.run_for(60)
    assert caller.prompts == ["hold.wav", "hold.wav"]
    assert len(net.ledger.conversations()) == 1


def test_a_silent_listener_talks_with_nobody_until_unmuted(app, net, clock, client, two):
    caller, operator = two()
    app.pages["/listen"] = room(muted="true")
    listener = net.softphone("sup_1", voice_url="/listen").connect()
    clock.run_for(1)
    assert not listener.in_conversation
    [conference] = client.conferences.list()
    client.conferences(conference.sid).participants(listener.sid).update(muted=False)
    clock.run_for(1)
    assert listener.company == {caller.sid, operator.sid}


def test_a_participant_is_called_into_the_room(app, net, clock, client, two):
    _, operator = two()
    net.person("+77090000009", Person(rings=[3.0], talk=None))
    invited = client.conferences("c-1").participants.create(from_="1450", to="+77090000009", label="expert")
    assert (invited.status, invited.label) == ("queued", "expert")
    clock.run_for(10)
    assert net.calls[invited.call_sid].conference_name == "c-1"
    assert len(net.ledger.conversations("+77090000009")) == 2  # with the caller and with the operator
    assert operator.in_conversation


def test_a_room_to_which_the_invited_does_not_come_is_closed(app, net, clock, client):
    client.conferences("c-9").participants.create(from_="1450", to="+77090000009", timeout=20)
    clock.run_for(60)
    assert [c.status for c in client.conferences.list()] == ["completed"]
    assert [ring.result for ring in net.ledger.rings("+77090000009")] == ["no-answer"]


def test_the_redirected_caller_leaves_one_room_for_another(app, net, clock, client, two):
    caller, operator = two()
    app.pages["/other"] = room("c-2")
    client.calls(caller.sid).update(url="https://helpdesk.example/other")
    clock.run_for(1)
    assert caller.conference_name == "c-2"
    assert app.to("/after")[0]["From"] == "client:op_7"  # the caller's leaving ended the first room
    assert operator.over
