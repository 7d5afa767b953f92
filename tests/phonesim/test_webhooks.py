"""Delivery: retries, fallback, duplicates, delays and losses."""

from werkzeug.wrappers import Response

from phonesim import Faults, Person, WsgiTransport
from phonesim.signature import overrides_of
from phonesim.transport import Incoming


def failing(times, then):
    left = [times]

    def answer(form):
        left[0] -= 1
        return 503 if left[0] >= 0 else then

    return answer


def test_a_server_error_is_retried_when_the_url_asks_for_it_with_the_same_token(app, net, clock):
    net.number("1451", voice_url="/voice#rc=2&rp=5xx")
    app.pages = {"/voice": failing(2, "<Say>hi</Say>")}
    call = net.dial("1451", from_="+77090000001")
    clock.run_for(20)
    assert [heard.what for heard in call.heard] == ["hi"]
    assert len(app.posts) == 3
    assert len({post.token for post in app.posts}) == 1
    assert net.alerts == []


def test_a_server_error_is_not_retried_by_default(app, net, clock):
    app.pages = {"/voice": failing(1, "<Say>hi</Say>")}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(20)
    assert len(app.posts) == 1
    assert [alert.code for alert in net.alerts] == [11200, 11200]
    assert "application error" in call.heard[0].what
    assert call.status == "failed"


def test_a_wrong_override_is_shown(app, net, clock):
    net.number("1451", voice_url="/voice#rp=often")
    app.pages = {"/voice": "<Hangup/>"}
    net.dial("1451", from_="+77090000001")
    clock.run_for(5)
    assert [alert.code for alert in net.alerts] == [11243]


def test_during_the_apology_the_call_can_still_be_sent_somewhere(app, net, clock, client):
    app.pages = {"/voice": 500, "/join": "<Say>here</Say>"}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(1)
    client.calls(call.sid).update(url="https://helpdesk.example/join")
    clock.run_for(10)
    assert call.heard[-1].what == "here"
    assert call.status == "completed"


def test_the_fallback_url_speaks_when_the_application_does_not(app, net, clock):
    net.number("1451", voice_url="/voice", fallback_url="/sorry")
    app.pages = {"/voice": 500, "/sorry": "<Say>Sorry</Say>"}
    call = net.dial("1451", from_="+77090000001")
    clock.run_for(20)
    assert [heard.what for heard in call.heard] == ["Sorry"]
    [form] = app.to("/sorry")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", "https://helpdesk.example/voice")


def test_a_document_that_is_no_twiml_goes_to_the_fallback_too(app, net, clock):
    net.number("1451", voice_url="/voice", fallback_url="/sorry")
    app.pages = {"/voice": "<Gather numDigit='1'/>", "/sorry": "<Hangup/>"}
    net.dial("1451", from_="+77090000001")
    clock.run_for(20)
    assert [form["ErrorCode"] for form in app.to("/sorry")] == ["12200"]


def test_audio_that_is_not_there_is_shown_and_skipped(app, net, clock):
    app.pages = {"/voice": "<Play>/gone.wav</Play><Say>on</Say>"}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(20)
    assert [heard.what for heard in call.heard] == ["on"]
    assert [(alert.code, alert.url) for alert in net.alerts] == [(11200, "https://helpdesk.example/gone.wav")]


def test_audio_lasts_as_long_as_the_file(app, net, clock):
    app.pages = {"/voice": "<Play loop='2'>/a.wav</Play><Redirect>/next</Redirect>", "/next": "<Hangup/>"}
    app.audio = {"/a.wav": 7.5}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(14.9)
    assert app.to("/next") == []
    clock.run_for(1)
    assert len(app.to("/next")) == 1
    assert [heard.seconds for heard in call.heard] == [7.5, 7.5]


def test_reject_leaves_the_call_unanswered(app, net, clock):
    app.pages = {"/voice": '<Reject reason="busy"/>'}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    assert (call.status, call.answered_at) == ("busy", None)


def outbound(app, net, clock, client, faults):
    net.faults = faults
    app.pages = {"/answer": "<Say>Hello</Say>", "/status": ""}
    net.person("+77090000005", Person(rings=[2.0]))
    client.calls.create(
        to="+77090000005",
        from_="1450",
        url="https://helpdesk.example/answer",
        status_callback="https://helpdesk.example/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    clock.run_for(120)
    return [form["CallStatus"] for form in app.to("/status")]


def test_every_status_may_come_twice(app, net, clock, client):
    seen = outbound(app, net, clock, client, Faults(seed=3, duplicate=1.0))
    assert sorted(seen) == sorted(2 * ["initiated", "ringing", "in-progress", "completed"])
    assert len(app.to("/answer")) == 2
    assert net.faults.counts["duplicate"] == 5
    tokens = [post.token for post in app.posts if post.path == "/status"]
    assert 4 <= len(set(tokens)) < 8  # some repeat their token, some come as if they were new


def test_a_document_asked_for_twice_is_executed_once(app, net, clock, client):
    outbound(app, net, clock, client, Faults(seed=3, duplicate=1.0))
    [call] = net.calls.values()
    assert [heard.what for heard in call.heard] == ["Hello"]


def test_statuses_may_arrive_out_of_order(app, net, clock, client):
    seen = outbound(app, net, clock, client, Faults(seed=2, reorder=0.5))
    assert sorted(seen) == ["completed", "in-progress", "initiated", "ringing"]
    assert seen != ["initiated", "ringing", "in-progress", "completed"]


def test_statuses_may_get_lost(app, net, clock, client):
    assert outbound(app, net, clock, client, Faults(drop=1.0)) == []
    assert net.faults.counts["drop"] == 4
    assert len(app.to("/answer")) == 1


def test_the_same_seed_brings_the_same_faults():
    def run(seed):
        faults = Faults(seed=seed, drop=0.5)
        return [faults.strikes("drop") for _ in range(50)]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_an_answer_after_fifteen_seconds_is_no_answer(app, net, clock):
    net.faults.slow_document = 1.0
    app.pages = {"/voice": "<Say>hi</Say>"}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(14)
    assert not call.heard
    clock.run_for(10)
    assert "application error" in call.heard[0].what


def moved(status, location):
    return lambda form: Response(status=status, headers={"Location": location})


def test_an_http_redirect_is_followed_and_loses_the_fields(app, net, clock):
    app.pages = {"/voice": moved(302, "/there?desk=1"), "/there": "<Say>hi</Say>"}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    [post] = [post for post in app.posts if post.path == "/there"]
    assert (post.method, post.form, post.genuine) == ("GET", {"desk": "1"}, True)
    assert [heard.what for heard in call.heard] == ["hi"]


def test_a_temporary_redirect_keeps_method_and_fields(app, net, clock):
    app.pages = {"/voice": moved(307, "/there"), "/there": "<Say>hi</Say>"}
    call = net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    [post] = [post for post in app.posts if post.path == "/there"]
    assert (post.method, post.form["CallSid"], post.genuine) == ("POST", call.sid, True)


def test_redirects_in_a_circle_are_shown(app, net, clock):
    app.pages = {"/voice": moved(302, "/voice")}
    net.dial("1450", from_="+77090000001")
    clock.run_for(20)
    assert len(app.posts) == 11
    assert 11215 in [alert.code for alert in net.alerts]


def test_a_connection_that_is_refused_is_retried_once_by_default(app, net, clock, client):
    class Away(WsgiTransport):
        def send(self, request):
            tried.append(request.url)
            return Incoming(failure="ct", error_code=11205)

    tried = []
    net.courier._transport = Away(app, "https://helpdesk.example")
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert len(tried) == 2
    assert net.alerts[0].code == 11205


def test_times_and_reasons_of_an_override_are_read_and_kept_in_bounds():
    asked = overrides_of("https://x/v?a=1#rc=9&rp=4xx,rt&ct=50&rt=99999&tt=3000")
    assert (asked.retries, asked.connect, asked.read, asked.total) == (5, 0.1, 15.0, 3.0)
    assert asked.wants_retry("4xx")
    assert not asked.wants_retry("ct")
    assert overrides_of("https://x/v#rp=all").wants_retry("5xx")
    assert overrides_of("https://x/v#rc=some").mistake
