"""Talking: who hears whom, when it begins and ends, and what the application is told."""

import pytest
from twilio.base.exceptions import TwilioRestException

from phonesim import Person


def room(name="c-1", **attributes):
    given = " ".join(f'{key}="{value}"' for key, value in attributes.items())
    return f'<Dial action="/after"><Conference {given}>{name}</Conference></Dial>'


@pytest.fixture
def two(app, net, clock):
    """A caller in the room since 2 s; `join()` brings operator 7 in."""
    told = {
        "statusCallback": "/events",
        "statusCallbackEvent": "start end join leave mute hold modify announcement",
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


def test_the_reasons_of_leaving_are_twilios(app, net, clock, client, two):
    caller, operator = two()
    [conference] = client.conferences.list()
    net.person("+77090000009", Person(rings=["busy"]))
    client.conferences(conference.sid).participants.create(from_="1450", to="+77090000009", label="expert")
    clock.run_for(10)
    client.conferences(conference.sid).participants(operator.sid).delete()
    clock.run_for(1)
    caller.hang_up()
    clock.run_for(1)
    left = [f for f in app.to("/events") if f["StatusCallbackEvent"] == "participant-leave"]
    assert [(f["CallSid"], f["ReasonParticipantLeft"], f["ParticipantCallStatus"]) for f in left] == [
        (left[0]["CallSid"], "participant_add_failed", "busy"),
        (operator.sid, "participant_updated_via_api", "in-progress"),
        (caller.sid, "participant_hung_up", "completed"),
    ]
    assert left[0]["ParticipantLabel"] == "expert"
    assert app.to("/events")[-1]["ParticipantLabelEndingConference"] == "customer"


def test_a_conference_ended_by_rest_sends_everybody_behind_the_dial(app, net, clock, client, two):
    caller, operator = two()
    [conference] = client.conferences.list(friendly_name="c-1", status="in-progress")
    client.conferences(conference.sid).update(status="completed")
    clock.run_for(1)
    assert caller.over
    assert operator.over
    assert len(app.to("/after")) == 2
    ended = client.conferences(conference.sid).fetch()
    assert (ended.status, ended.reason_conference_ended) == ("completed", "conference-ended-via-api")
    assert client.conferences.list(friendly_name="c-1", status="in-progress") == []
    with pytest.raises(TwilioRestException) as refused:
        client.conferences(conference.sid).participants.create(from_="1450", to="112")
    assert (refused.value.status, refused.value.code) == (400, 16099)


def test_a_participant_is_listed_while_the_telephone_rings_and_can_be_called_off(app, net, clock, client, two):
    _, operator = two()
    [conference] = client.conferences.list()
    members = client.conferences(conference.sid).participants
    members.create(from_="1450", to="112", label="rescue", timeout=60)
    clock.run_for(0.25)
    assert {(m.label, m.status) for m in members.list()} == {
        ("customer", "connected"),
        ("operator", "connected"),
        ("rescue", "connecting"),
    }
    clock.run_for(2)
    assert client.conferences(conference.sid).participants("rescue").fetch().status == "ringing"
    assert [heard.what for heard in operator.heard if heard.kind == "ringback"] == ["112"]
    client.conferences(conference.sid).participants("rescue").delete()
    clock.run_for(1)
    assert [ring.result for ring in net.ledger.rings("112")] == ["canceled"]
    assert len(members.list()) == 2


def test_a_service_number_answers_and_talks_with_both(app, net, clock, client, two):
    caller, operator = two()
    net.person("112", Person(rings=[2.0], talk=None))
    made = client.conferences("c-1").participants.create(
        from_="1450",
        to="112",
        label="rescue",
        early_media=False,
        end_conference_on_exit=False,
        status_callback="https://helpdesk.example/leg",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    app.pages["/leg"] = ""
    clock.run_for(5)
    assert net.calls[made.call_sid].company == {caller.sid, operator.sid}
    assert [heard.kind for heard in operator.heard] == []
    net.calls[made.call_sid].hang_up()
    clock.run_for(1)
    assert [f["CallStatus"] for f in app.to("/leg")] == ["initiated", "ringing", "in-progress", "completed"]
    assert caller.company == {operator.sid}


def test_a_whisper_is_heard_by_the_operator_and_not_by_the_caller(app, net, clock, client, two):
    caller, operator = two()
    app.pages["/whisper"] = room(coach=operator.sid)
    coach = net.softphone("sup_1", voice_url="/whisper").connect()
    clock.run_for(5)
    assert not coach.in_conversation
    assert net.ledger.heard_by("client:sup_1") == {"client:op_7"}
    assert net.ledger.heard_by("+77090000001") == {"client:op_7", "client:sup_1"}
    [conference] = client.conferences.list()
    supervisor = client.conferences(conference.sid).participants(coach.sid)
    assert (supervisor.fetch().coaching, supervisor.fetch().call_sid_to_coach) == (True, operator.sid)
    supervisor.update(coaching=False)
    clock.run_for(5)
    assert coach.company == {caller.sid, operator.sid}
    assert net.ledger.heard_by("client:sup_1", at=clock.now()) == {"client:op_7", "+77090000001"}
    supervisor.update(coaching=True, call_sid_to_coach=operator.sid)
    clock.run_for(5)
    assert not coach.in_conversation
    assert caller.company == {operator.sid}
    assert net.ledger.heard_by("client:sup_1", at=clock.now()) == {"client:op_7"}
    modified = [f for f in app.to("/events") if f["StatusCallbackEvent"] == "participant-modify"]
    assert [f["Coaching"] for f in modified] == ["false", "true"]


def test_whoever_is_held_or_muted_is_not_heard(app, net, clock, client, two):
    caller, _ = two()
    [conference] = client.conferences.list()
    clock.run_for(1)
    assert net.ledger.heard_by("+77090000001", at=clock.now()) == {"client:op_7"}
    client.conferences(conference.sid).participants(caller.sid).update(hold=True)
    clock.run_for(5)
    assert net.ledger.heard_by("+77090000001", at=clock.now()) == set()
    assert net.ledger.heard_by("client:op_7", at=clock.now()) == set()
    client.conferences(conference.sid).participants(caller.sid).update(hold=False)
    net.softphone("op_7").mute(True)
    clock.run_for(5)
    assert net.ledger.heard_by("client:op_7", at=clock.now()) == set()
    assert net.ledger.heard_by("+77090000001", at=clock.now()) == {"client:op_7"}
    held = [stay for stay in net.ledger.stays("+77090000001") if stay.held]
    assert [round((stay.to_at - stay.from_at).total_seconds()) for stay in held] == [5]


def test_a_coach_of_somebody_who_is_not_there_is_refused(app, net, clock, client, two):
    _, operator = two()
    app.pages |= {"/whisper": room(coach="CA" + "f" * 32), "/after": "<Hangup/>"}
    net.softphone("sup_1", voice_url="/whisper").connect()
    clock.run_for(1)
    assert [alert.code for alert in net.alerts] == [13240]
    assert app.to("/after")[0]["DialCallStatus"] == "failed"
    members = client.conferences("c-1").participants
    [conference] = client.conferences.list()
    for ask in (
        lambda: members.create(from_="1450", to="client:sup_2", coaching=True, call_sid_to_coach="CA" + "f" * 32),
        lambda: (
            client.conferences(conference.sid)
            .participants(operator.sid)
            .update(coaching=True, call_sid_to_coach="CA" + "f" * 32)
        ),
    ):
        with pytest.raises(TwilioRestException) as refused:
            ask()
        assert (refused.value.status, refused.value.code) == (400, 16028)


def test_an_announcement_is_heard_by_one_or_by_all_and_its_end_is_told(app, net, clock, client, two):
    caller, operator = two()
    [conference] = client.conferences.list()
    app.pages |= {"/notice": "<Play>/notice.wav</Play>"}
    app.audio = {"/notice.wav": 3.0}
    notice = "https://helpdesk.example/notice"
    client.conferences(conference.sid).participants(caller.sid).update(announce_url=notice)
    clock.run_for(5)
    assert (caller.prompts, operator.prompts) == (["notice.wav"], [])
    client.conferences(conference.sid).update(announce_url=notice)
    clock.run_for(5)
    assert (caller.prompts, operator.prompts) == (["notice.wav"] * 2, ["notice.wav"])
    assert caller.in_conversation
    told = [f for f in app.to("/events") if f["StatusCallbackEvent"] == "announcement-end"]
    assert [(f.get("ParticipantLabel"), f["AnnounceUrl"]) for f in told] == [("customer", notice), (None, notice)]


def test_keys_pressed_in_a_conversation_are_heard_as_tones_by_the_others(app, net, clock, two):
    caller, _ = two()
    net.softphone("op_7").press("12#")
    clock.run_for(1)
    assert [heard.what for heard in caller.heard if heard.kind == "tones"] == ["1", "2", "#"]


def test_a_dial_may_limit_the_time_in_a_room_and_let_the_star_key_out(app, net, clock):
    app.pages = {
        "/voice": '<Dial action="/after" timeLimit="20"><Conference>c</Conference></Dial>',
        "/operator": '<Dial action="/after" hangupOnStar="true"><Conference>c</Conference></Dial>',
        "/after": "<Pause length='60'/>",
    }
    caller = net.dial("1450", from_="+77090000001")
    operator = net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(10)
    assert caller.in_conversation
    operator.press("*")
    clock.run_for(1)
    assert (operator.conference_name, caller.conference_name) == (None, "c")
    clock.run_for(15)
    assert caller.conference_name is None
    assert len(app.to("/after")) == 2


def test_a_supervisor_is_called_in_as_a_silent_listener_or_as_a_coach(app, net, clock, client, two):
    _, operator = two()
    net.person("+77090000801", Person(rings=[1.0], talk=None))
    net.person("+77090000802", Person(rings=[1.0], talk=None))
    members = client.conferences("c-1").participants
    members.create(from_="1450", to="+77090000801", muted=True)
    members.create(from_="1450", to="+77090000802", coaching=True, call_sid_to_coach=operator.sid)
    clock.run_for(10)
    assert net.ledger.heard_by("+77090000801") == set()
    assert net.ledger.heard_by("+77090000802") == {"client:op_7"}
    assert net.ledger.heard_by("client:op_7", at=clock.now()) == {"+77090000001", "+77090000801", "+77090000802"}
    assert net.ledger.conversations("+77090000801") == net.ledger.conversations("+77090000802") == []
    [conference] = client.conferences.list()
    assert len(client.conferences(conference.sid).participants.list(muted=True)) == 1
    assert len(client.conferences(conference.sid).participants.list(coaching=True)) == 1
