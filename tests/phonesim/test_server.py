"""The network as a server: real time, HTTP both ways, the booth, softphones and the shell."""

import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest
from requests.exceptions import ConnectionError as Broken
from twilio.rest import Client

from phonesim import HttpTransport, Network, RealClock, RebasedHttpClient
from phonesim.__main__ import main
from phonesim.booth.app import TEXTS
from phonesim.server import Server
from tests.phonesim.served import ACCOUNT, BASE, TOKEN, ask, events, listening, until


def test_the_shell_dials_presses_and_tells_what_happens(app, server, capsys):
    app.audio = {"/kk.wav": 4.0}
    app.pages = {
        "/voice": '<Gather numDigits="1" action="/lang"><Play>/kk.wav</Play></Gather>',
        "/lang": '<Gather numDigits="1" action="/topic"/>',
        "/topic": "<Say>Thank you</Say>",
    }
    assert main(["dial", "1450", "--from", "+77090000001", "--keys", "1,2", "--server", server.url]) == 0
    told = capsys.readouterr().out
    assert "POST /voice -> 200" in told
    assert '<Gather numDigits="1" action="/lang">' in told
    assert "play      kk.wav  4.0 s" in told
    assert "say       “Thank you”" in told
    assert told.splitlines()[-1].startswith("outcome   completed")
    assert [form["Digits"] for form in app.to("/topic")] == ["2"]
    assert all(post.genuine for post in app.posts)


def test_without_a_simulator_the_shell_says_so_in_one_line(capsys):
    assert main(["dial", "1450", "--server", "http://127.0.0.1:9"]) == 2
    assert capsys.readouterr().err.startswith("phonesim: no simulator at http://127.0.0.1:9")


def test_a_number_that_nobody_has_is_refused(server, capsys):
    assert main(["dial", "999", "--server", server.url]) == 2
    assert "nobody answers at 999" in capsys.readouterr().err


def test_the_real_client_calls_over_http_and_a_scripted_person_answers_at_the_second_ring(app, server):
    app.pages = {"/answer": "<Say>Your turn</Say>", "/status": ""}
    client = Client(ACCOUNT, TOKEN, http_client=RebasedHttpClient(server.url))
    ask(server, "/phonesim/people/+77090000005", {"rings": ["busy", 2.0], "talk": None}, "PUT")
    status = {"status_callback": f"{BASE}/status", "status_callback_event": ["completed"]}
    for n in (1, 2):
        made = client.calls.create(to="+77090000005", from_="1450", url=f"{BASE}/answer", **status)
        until(lambda n=n: len(app.to("/status")) == n, server)
        assert client.calls(made.sid).fetch().status == ["busy", "completed"][n - 1]
    rings = ask(server, "/phonesim/ledger")["rings"]
    assert [ring["result"] for ring in rings] == ["busy", "answered"]


def test_an_unknown_telephone_waits_for_the_buttons_of_the_booth(app, server):
    app.pages = {"/answer": "<Pause length='600'/>", "/wait": ""}
    client = Client(ACCOUNT, TOKEN, http_client=RebasedHttpClient(server.url))
    made = client.calls.create(to="+77090000006", from_="1450", url=f"{BASE}/answer", timeout=600)
    call = server.network.calls[made.sid]
    until(lambda: call.status == "ringing", server)
    [shown] = ask(server, "/phonesim/calls")
    assert (shown["to"], shown["status"], shown["byHand"]) == ("+77090000006", "ringing", True)
    ask(server, f"/phonesim/calls/{made.sid}/answer", {})
    until(lambda: call.status == "in-progress", server)
    ask(server, f"/phonesim/calls/{made.sid}/hangup", {})
    until(lambda: call.over, server)
    assert ask(server, "/phonesim/calls") == []


def test_a_softphone_of_a_browser_connects_talks_and_hears_of_the_end(app, server):
    app.pages = {
        "/voice": "<Dial><Conference endConferenceOnExit='true'>c</Conference></Dial>",
        "/operator": "<Dial><Conference>c</Conference></Dial>",
    }
    caller = ask(server, "/phonesim/dial", {"from": "+77090000001", "to": "1450"})["callSid"]
    made = ask(server, "/phonesim/softphone/op_7/connect", {"offer": "17"})
    told = events(server, "/phonesim/softphone/op_7/events", "talking")
    assert told["callSid"] == made["callSid"]
    assert told["params"] == {"offer": "17"}
    assert app.to("/operator")[0]["offer"] == "17"
    with pytest.raises(urllib.error.HTTPError) as twice:
        ask(server, "/phonesim/softphone/op_7/connect", {})
    assert twice.value.code == 409
    ask(server, f"/phonesim/calls/{caller}/hangup", {})
    until(lambda: server.network.calls[made["callSid"]].over, server)
    talks = ask(server, "/phonesim/ledger")["conversations"]
    assert [{talk["one"], talk["other"]} for talk in talks] == [{"+77090000001", "client:op_7"}]


def test_an_incoming_call_rings_in_the_browser(app, server):
    app.pages = {"/voice": "<Dial timeout='300'><Client>op_8</Client></Dial>"}
    first = threading.Thread(target=lambda: seen.append(events(server, "/phonesim/softphone/op_8/events", "incoming")))
    seen = []
    first.start()
    phone_known = threading.Event()
    while "op_8" not in server.network.softphones or not server.network.softphones["op_8"].readers:
        phone_known.wait(0.01)
    ask(server, "/phonesim/dial", {"from": "+77090000001", "to": "1450"})
    first.join(10)
    assert (seen[0]["from"], seen[0]["direction"]) == ("+77090000001", "incoming")
    ask(server, "/phonesim/softphone/op_8/answer", {})
    until(lambda: server.network.ledger.conversations("client:op_8"), server)


def test_the_browser_of_the_application_may_ask_and_others_may_not(server):
    path = server.url + "/phonesim/softphone/op_7/connect"
    for origin, allowed in ((BASE, BASE), ("https://evil.example", None)):
        request = urllib.request.Request(path, method="OPTIONS", headers={"Origin": origin})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == allowed
    plain = urllib.request.Request(path, b"offer=1", {"Content-Type": "text/plain"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(plain, timeout=10)
    assert refused.value.code == 415


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_the_booth_speaks_the_language_and_keeps_a_strict_policy(server, lang):
    with urllib.request.urlopen(f"{server.url}/?lang={lang}", timeout=10) as answer:
        page = answer.read().decode()
        policy = answer.headers["Content-Security-Policy"]
    assert TEXTS[lang]["call"] in page
    assert f'<html lang="{lang}">' in page
    assert "unsafe-inline" not in policy
    assert "script-src 'self'" in policy
    assert "style=" not in page
    for name in ("booth.js", "booth.css"):
        assert ask(server, f"/phonesim/static/{name}")


def test_every_text_stands_in_all_three_languages():
    assert {frozenset(texts) for texts in TEXTS.values()} == {frozenset(TEXTS["en"])}
    assert all(text for texts in TEXTS.values() for text in texts.values())


def test_the_booth_plays_only_what_some_call_has_heard(app, server):
    app.audio = {"/kk.wav": 1.0}
    app.pages = {"/voice": "<Play>/kk.wav</Play>"}
    made = ask(server, "/phonesim/dial", {"from": "+77090000001", "to": "1450"})
    until(lambda: server.network.calls[made["callSid"]].over, server)
    assert ask(server, f"/phonesim/audio?url={BASE}/kk.wav")[:4] == b"RIFF"
    with pytest.raises(urllib.error.HTTPError) as refused:
        ask(server, f"/phonesim/audio?url={BASE}/secret.wav")
    assert refused.value.code == 404


def test_a_lost_answer_breaks_the_connection_and_the_call_goes_out(app, server):
    server.network.faults.rest_lost = 1.0
    client = Client(ACCOUNT, TOKEN, http_client=RebasedHttpClient(server.url))
    with pytest.raises(Broken):
        client.calls.create(to="+77090000005", from_="1450", url=f"{BASE}/answer")
    until(lambda: server.network.ledger.rings("+77090000005"), server)


def test_the_application_away_is_an_alert_and_an_apology():
    network = Network(RealClock(40), ACCOUNT, TOKEN, HttpTransport("http://127.0.0.1:9"), cps=100)
    network.number("1450", voice_url="/voice")
    server = Server(network).start()
    try:
        made = ask(server, "/phonesim/dial", {"from": "+77090000001", "to": "1450"})
        until(lambda: network.calls[made["callSid"]].over, server)
        assert network.alerts[0].code == 11205
    finally:
        server.stop()


def test_serving_needs_a_token_and_a_free_port(server, capsys, monkeypatch):
    monkeypatch.delenv("PHONESIM_TOKEN", raising=False)
    assert main(["serve"]) == 2
    assert "--token" in capsys.readouterr().err
    taken = server.url.rpartition(":")[2]
    assert main(["serve", "--token", "x", "--port", taken]) == 1
    assert f"cannot listen on 127.0.0.1:{taken}" in capsys.readouterr().err


def test_the_command_serves_keeps_its_ledger_over_a_kill_and_ends_on_a_signal(app, tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    app.pages = {"/voice": "<Pause length='60'/>"}

    def started(real):
        command = [sys.executable, "-m", "phonesim", "serve", "--port", "0", "--app-url", real, "--speed", "20"]
        command += ["--token", TOKEN, "--voice-url", "/voice", "--ledger", str(ledger)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
        return process, process.stdout.readline().split()[1]

    with listening(app) as real:
        process, url = started(real)
        process_at = SimpleNamespace(url=url)
        ask(process_at, "/phonesim/dial", {"from": "+77090000001", "to": "1450"})
        process.kill()
        process.wait(10)
        process, url = started(real)
        process_at = SimpleNamespace(url=url)
        [leg] = ask(process_at, "/phonesim/ledger")["legs"]
        assert (leg["far_end"], leg["status"]) == ("+77090000001", "failed")
        process.terminate()
        assert process.wait(10) == 0
