"""Digits: what a Gather takes, when it stops, and what it does with nothing."""

from phonesim import Person


def test_the_digit_goes_to_the_action_with_the_fields_of_a_call(app, net, clock):
    app.pages = {"/voice": '<Gather numDigits="1" action="/lang"/>', "/lang": "<Hangup/>"}
    call = net.dial("1450", from_="+77090000001", keys=["1"])
    clock.run_for(20)
    [form] = app.to("/lang")
    assert form["Digits"] == "1"
    assert form["CallSid"] == call.sid
    assert (form["From"], form["Caller"]) == ("+77090000001", "+77090000001")
    assert (form["To"], form["Called"]) == ("1450", "1450")
    assert (form["CallStatus"], form["Direction"], form["ApiVersion"]) == ("in-progress", "inbound", "2010-04-01")
    assert app.to("/voice")[0]["CallStatus"] == "ringing"
    assert call.status == "completed"


def test_a_key_cuts_the_prompts_short(app, net, clock):
    app.pages = {
        "/voice": '<Gather numDigits="1" action="/k"><Play>/a.wav</Play><Play>/b.wav</Play></Gather>',
        "/k": "<Hangup/>",
    }
    app.audio = {"/a.wav": 10.0, "/b.wav": 10.0}
    call = net.dial("1450", from_="+77090000001", keys=["1"])
    clock.run_for(3)
    assert call.over
    assert call.prompts == ["a.wav"]


def test_without_barge_in_a_key_during_the_prompt_is_not_taken(app, net, clock):
    app.pages = {"/voice": '<Gather numDigits="1" bargeIn="false" action="/k"><Play>/a.wav</Play></Gather>'}
    app.audio = {"/a.wav": 4.0}
    net.dial("1450", from_="+77090000001", keys=["1"])
    clock.run_for(30)
    assert app.to("/k") == []


def test_nothing_typed_falls_through_to_the_next_verb_after_prompt_and_timeout(app, net, clock):
    app.pages = {
        "/voice": '<Gather timeout="3" action="/k"><Play>/a.wav</Play></Gather><Redirect>/next</Redirect>',
        "/next": "<Hangup/>",
    }
    app.audio = {"/a.wav": 4.0}
    net.dial("1450", from_="+77090000001", keys=[""])
    clock.run_for(6.9)
    assert app.to("/next") == []
    clock.run_for(1)
    assert len(app.to("/next")) == 1
    assert app.to("/k") == []


def test_action_on_empty_result_asks_the_action_with_no_digits(app, net, clock):
    app.pages = {"/voice": '<Gather timeout="2" actionOnEmptyResult="true" action="/k"/>', "/k": "<Hangup/>"}
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert [form["Digits"] for form in app.to("/k")] == [""]


def test_the_finish_key_ends_a_number_and_is_not_part_of_it(app, net, clock):
    app.pages = {"/voice": '<Gather finishOnKey="#" action="/k"/>', "/k": "<Hangup/>"}
    net.dial("1450", from_="+77090000001", keys=["87090000002#"])
    clock.run_for(20)
    assert [(form["Digits"], form["FinishedOnKey"]) for form in app.to("/k")] == [("87090000002", "#")]


def test_a_number_without_finish_key_ends_when_the_fingers_rest(app, net, clock):
    app.pages = {"/voice": '<Gather timeout="4" finishOnKey="" action="/k"/>', "/k": "<Hangup/>"}
    net.dial("1450", from_="+77090000001", keys=["12#"])
    clock.run_for(5)
    assert app.to("/k") == []
    clock.run_for(5)
    assert [form["Digits"] for form in app.to("/k")] == ["12#"]


def test_one_entry_of_keys_is_used_up_by_each_gather(app, net, clock):
    app.pages = {
        "/voice": '<Gather numDigits="1" timeout="2" action="/one"/><Gather numDigits="1" action="/two"/>',
        "/two": "<Hangup/>",
    }
    net.dial("1450", from_="+77090000001", keys=["", "5"])
    clock.run_for(20)
    assert app.to("/one") == []
    assert [form["Digits"] for form in app.to("/two")] == ["5"]


def test_keys_may_be_chosen_by_what_was_heard(app, net, clock):
    app.pages = {"/voice": '<Gather numDigits="1" action="/k"><Play>/kk.wav</Play></Gather>', "/k": "<Hangup/>"}
    app.audio = {"/kk.wav": 3.0}
    net.dial("1450", from_="+77090000001", keys=lambda turn, heard: "7" if turn == 0 else "")
    clock.run_for(20)
    assert [form["Digits"] for form in app.to("/k")] == ["7"]


def test_keys_left_over_from_one_gather_are_not_typed_into_the_next(app, net, clock):
    app.pages = {"/voice": '<Gather numDigits="1" action="/two"/>', "/two": '<Gather action="/three" timeout="3"/>'}
    net.dial("1450", from_="+77090000001", keys=["1999", ""])
    clock.run_for(20)
    assert [form["Digits"] for form in app.to("/two")] == ["1"]
    assert app.to("/three") == []


def test_the_finish_key_alone_ends_nothing_but_the_prompts(app, net, clock):
    app.pages = {
        "/voice": '<Gather timeout="4" action="/k"><Play>/a.wav</Play></Gather><Redirect>/next</Redirect>',
        "/next": "<Hangup/>",
    }
    app.audio = {"/a.wav": 60.0}
    net.dial("1450", from_="+77090000001", keys=["#"])
    clock.run_for(4.5)
    assert app.to("/next") == []
    clock.run_for(2)
    assert len(app.to("/next")) == 1
    assert app.to("/k") == []


def test_keys_typed_while_the_audio_is_being_fetched_count(app, net, clock):
    app.pages = {"/voice": '<Gather numDigits="2" action="/k"><Play>/a.wav</Play></Gather>', "/k": "<Hangup/>"}
    app.audio = {"/a.wav": 10.0}
    call = net.dial("1450", from_="+77090000001")
    clock.run_until(lambda: call.gathering is not None)
    call.press("12")
    clock.run_for(1)
    assert [form["Digits"] for form in app.to("/k")] == ["12"]
    assert call.prompts == []


def test_without_barge_in_only_keys_after_the_prompts_are_taken(app, net, clock):
    app.pages = {
        "/voice": '<Gather numDigits="1" bargeIn="false" timeout="5" action="/k"><Play>/a.wav</Play></Gather>',
        "/k": "<Hangup/>",
    }
    app.audio = {"/a.wav": 4.0}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(2)
    call.press("8")
    clock.run_for(4)
    call.press("9")
    clock.run_for(2)
    assert [form["Digits"] for form in app.to("/k")] == ["9"]
    assert call.prompts == ["a.wav"]


def test_whoever_listens_types_after_the_prompts(app, net, clock):
    app.pages = {"/voice": '<Gather numDigits="1" action="/k"><Play>/a.wav</Play></Gather>', "/k": "<Hangup/>"}
    app.audio = {"/a.wav": 20.0}
    net.dial("1450", from_="+77090000001", person=Person(keys=["1"], listens=True))
    clock.run_for(19)
    assert app.to("/k") == []
    clock.run_for(3)
    assert len(app.to("/k")) == 1


def test_speech_is_not_understood(app, net, clock):
    app.pages = {"/voice": '<Gather input="speech" timeout="3" action="/k"/><Redirect>/next</Redirect>', "/next": ""}
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert app.to("/k") == []
    assert len(app.to("/next")) == 1
