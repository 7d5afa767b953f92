"""Recordings: of a voice message, of a live call, of a bridge and of a conference."""

import re

import pytest
from twilio.base.exceptions import TwilioRestException
from werkzeug.test import Client as Wsgi

from phonesim import Person
from phonesim.wave import length_of

PHONE = "+77090000005"
HOOK = "https://helpdesk.example/recorded"
ALL = ["in-progress", "completed", "absent"]
ALL_WORDS = " ".join(ALL)
ACCOUNT, TOKEN = "AC" + "0" * 32, "a-token-for-tests"


def sound(net, url):
    """What a program fetches that follows RecordingUrl."""
    path = re.sub(r"^https?://[^/]+", "", url)
    return Wsgi(net.rest_app).get(path, auth=(ACCOUNT, TOKEN))


@pytest.fixture
def live(app, net, clock):
    """A caller who has been on the line for a while."""
    app.pages = {"/voice": "<Pause length='600'/>", "/recorded": ""}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    return call


@pytest.mark.parametrize(("voice", "then", "digits"), [(12.0, "hang up", "hangup"), (7.0, "#", "#"), (3.0, "", "")])
def test_a_voice_message_is_as_long_as_somebody_spoke(app, net, clock, client, voice, then, digits):
    app.pages = {
        "/voice": f'<Record action="/kept" maxLength="120" finishOnKey="#" recordingStatusCallback="/recorded" '
        f'recordingStatusCallbackEvent="{ALL_WORDS}"/>',
        "/kept": "<Hangup/>",
        "/recorded": "",
    }
    net.dial("1450", from_="+77090000001", person=Person(voice=voice, then=then))
    clock.run_for(60)
    [kept] = app.to("/kept")
    assert (kept["RecordingDuration"], kept["Digits"]) == (str(round(voice)), digits)
    assert [f["RecordingStatus"] for f in app.to("/recorded")] == ["in-progress", "completed"]
    assert app.to("/recorded")[-1]["RecordingSource"] == "RecordVerb"
    answer = sound(net, kept["RecordingUrl"])
    assert answer.mimetype == "audio/x-wav"
    assert length_of(answer.data) == pytest.approx(voice, abs=0.05)


def test_a_caller_who_says_nothing_leaves_no_message(app, net, clock, client):
    app.pages = {
        "/voice": '<Record action="/kept" recordingStatusCallback="/recorded" '
        'recordingStatusCallbackEvent="completed absent"/><Hangup/>',
        "/recorded": "",
    }
    net.dial("1450", from_="+77090000001", person=Person(voice=0.0))
    clock.run_for(30)
    assert app.to("/kept") == []
    [absent] = app.to("/recorded")
    assert absent["RecordingStatus"] == "absent"
    assert sound(net, absent["RecordingUrl"]).status_code == 404


def test_a_live_call_is_recorded_paused_and_resumed(net, app, clock, client, live):
    made = client.calls(live.sid).recordings.create(
        recording_channels="dual", recording_status_callback=HOOK, recording_status_callback_event=ALL
    )
    assert (made.status, made.channels, made.source) == ("in-progress", 2, "StartCallRecordingAPI")
    clock.run_for(10)
    current = client.calls(live.sid).recordings("Twilio.CURRENT")
    assert current.update(status="paused", pause_behavior="silence").status == "paused"
    clock.run_for(20)
    assert client.calls(live.sid).recordings(made.sid).fetch().status == "paused"
    client.calls(live.sid).recordings(made.sid).update(status="in-progress")
    clock.run_for(5)
    live.hang_up()
    clock.run_for(5)
    assert [f["RecordingStatus"] for f in app.to("/recorded")] == ["in-progress", "completed"]
    last = app.to("/recorded")[-1]
    assert (last["RecordingDuration"], last["RecordingChannels"], last["CallSid"]) == ("35", "2", live.sid)
    audio = sound(net, last["RecordingUrl"] + ".wav").data
    assert length_of(audio) == pytest.approx(35, abs=0.1)
    stereo_second = 16_000
    assert set(audio[-24 * stereo_second : -6 * stereo_second]) == {0xFF}  # the pause is silence
    assert set(audio[-5 * stereo_second :]) != {0xFF}


def test_a_pause_may_be_left_out(net, app, clock, client, live):
    made = client.calls(live.sid).recordings.create()
    clock.run_for(10)
    client.calls(live.sid).recordings(made.sid).update(status="paused", pause_behavior="skip")
    clock.run_for(20)
    client.calls(live.sid).recordings(made.sid).update(status="in-progress")
    clock.run_for(5)
    client.calls(live.sid).recordings(made.sid).update(status="stopped")
    clock.run_for(2)
    assert client.recordings(made.sid).fetch().duration == "15"
    assert not live.over


def test_what_cannot_be_recorded_is_refused_and_gone_is_gone(net, app, clock, client, live):
    made = client.calls(live.sid).recordings.create(recording_status_callback=HOOK, recording_status_callback_event=ALL)
    clock.run_for(0.5)
    with pytest.raises(TwilioRestException) as refused:
        client.recordings(made.sid).delete()
    assert refused.value.status == 400
    live.hang_up()
    clock.run_for(3)
    assert [f["RecordingStatus"] for f in app.to("/recorded")] == ["in-progress", "absent"]
    for late in (
        lambda: client.calls(live.sid).recordings.create(),
        lambda: client.calls(live.sid).recordings(made.sid).update(status="paused"),
    ):
        with pytest.raises(TwilioRestException) as refused:
            late()
        assert (refused.value.status, refused.value.code) == (400, 21220)
    assert client.recordings(made.sid).delete()
    with pytest.raises(TwilioRestException) as refused:
        client.recordings(made.sid).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_recordings_are_listed_by_call_and_as_a_whole_newest_first(net, app, clock, client, live):
    other = net.dial("1450", from_="+77090000002")
    clock.run_for(2)
    first = client.calls(live.sid).recordings.create()
    clock.run_for(2)
    second = client.calls(other.sid).recordings.create()
    clock.run_for(2)
    assert [r.sid for r in client.recordings.list()] == [second.sid, first.sid]
    assert [r.sid for r in client.recordings.list(call_sid=live.sid)] == [first.sid]
    assert [r.sid for r in client.calls(other.sid).recordings.list()] == [second.sid]
    assert len(client.recordings.list(date_created=clock.now().date())) == 2
    assert client.recordings.list(date_created_before=clock.now().replace(day=31, month=8)) == []


def test_a_call_made_with_record_is_recorded_from_the_answer(net, app, clock, client):
    app.pages = {"/answer": "<Pause length='20'/>", "/recorded": ""}
    net.person(PHONE, Person(rings=[5.0]))
    url = "https://helpdesk.example/answer"
    client.calls.create(to=PHONE, from_="1450", url=url, record=True, recording_status_callback=HOOK)
    clock.run_for(40)
    [form] = app.to("/recorded")
    assert (form["RecordingSource"], form["RecordingDuration"]) == ("OutboundAPI", "20")


def test_a_conference_is_recorded_from_its_start_to_its_end(net, app, clock, client):
    app.pages = {
        "/voice": '<Dial><Conference record="record-from-start" endConferenceOnExit="true" '
        f'recordingStatusCallback="/recorded" recordingStatusCallbackEvent="{ALL_WORDS}">c</Conference></Dial>',
        "/operator": "<Dial><Conference>c</Conference></Dial>",
        "/recorded": "",
    }
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(30)
    net.softphone("op_7", voice_url="/operator").connect()
    clock.run_for(10)
    [conference] = client.conferences.list()
    client.conferences(conference.sid).recordings("Twilio.CURRENT").update(status="paused", pause_behavior="skip")
    clock.run_for(10)
    client.conferences(conference.sid).recordings("Twilio.CURRENT").update(status="in-progress")
    clock.run_for(10)
    caller.hang_up()
    clock.run_for(5)
    forms = app.to("/recorded")
    assert [f["RecordingStatus"] for f in forms] == ["in-progress", "completed"]
    assert (forms[1]["ConferenceSid"], forms[1]["RecordingSource"]) == (conference.sid, "Conference")
    assert forms[1]["RecordingDuration"] == "20"
    assert [r.sid for r in client.conferences(conference.sid).recordings.list()] == [forms[1]["RecordingSid"]]


def test_a_dial_is_recorded_while_both_talk(net, app, clock, client):
    app.pages = {
        "/voice": '<Dial action="/after" record="record-from-answer-dual" recordingStatusCallback="/recorded">'
        f"{PHONE}</Dial>",
        "/after": "<Hangup/>",
        "/recorded": "",
    }
    net.person(PHONE, Person(rings=[8.0], talk=15))
    net.dial("1450", from_="+77090000001")
    clock.run_for(60)
    [form] = app.to("/recorded")
    assert (form["RecordingSource"], form["RecordingDuration"], form["RecordingChannels"]) == ("DialVerb", "15", "2")
    assert app.to("/after")[0]["RecordingUrl"] == form["RecordingUrl"]
