"""The REST interface, seen through the real client and through bare requests."""

import base64
import re

import pytest
from requests.exceptions import ReadTimeout
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from werkzeug.test import Client as Wsgi

from phonesim import InProcessHttpClient, Person
from phonesim.contract import table

ACCOUNT = "AC" + "0" * 32
TOKEN = "a-token-for-tests"
CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
GOOD = {"to": "+77090000005", "from_": "1450", "url": "https://helpdesk.example/answer"}


def refusal(make):
    with pytest.raises(TwilioRestException) as refused:
        make()
    return refused.value.status, refused.value.code


def test_a_wrong_token_is_refused_with_twilios_body(net):
    wrong = base64.b64encode(f"{ACCOUNT}:nonsense".encode()).decode()
    answer = Wsgi(net.rest_app).get(CALLS, headers={"Authorization": f"Basic {wrong}"})
    assert answer.status_code == 401
    assert answer.json == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }
    stranger = Client(ACCOUNT, "nonsense", http_client=InProcessHttpClient(net.rest_app))
    assert refusal(lambda: stranger.calls.create(**GOOD)) == (401, 20003)
    assert net.calls == {}


def test_another_account_is_not_found(net):
    stranger = Client(ACCOUNT, TOKEN, account_sid="AC" + "1" * 32, http_client=InProcessHttpClient(net.rest_app))
    assert refusal(lambda: stranger.calls.create(**GOOD)) == (404, 20404)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "hello"}, 21211),
        ({"to": ""}, 21201),
        ({"from_": ""}, 21213),
        ({"from_": "+77090000099"}, 21210),
        ({"url": "/relative"}, 21205),
        ({"url": ""}, 21205),
        ({"machine_detection": "Maybe"}, 20001),
        ({"status_callback": "https://helpdesk.example/s", "status_callback_event": ["ended"]}, 21626),
        ({"url": None, "twiml": "<Response><Sai/></Response>"}, 12200),
    ],
)
def test_calls_that_cannot_be_made(net, client, change, code):
    given = {key: value for key, value in {**GOOD, **change}.items() if value is not None}
    assert refusal(lambda: client.calls.create(**given)) == (400, code)
    assert net.calls == {}


def test_unknown_things_are_404_with_twilios_code(client):
    assert refusal(lambda: client.calls("CA" + "f" * 32).fetch()) == (404, 20404)
    assert refusal(lambda: client.conferences("CF" + "f" * 32).fetch()) == (404, 20404)
    assert refusal(lambda: client.messages("SM" + "f" * 32).fetch()) == (404, 20404)
    assert refusal(lambda: client.queues("QU" + "f" * 32).fetch()) == (404, 20404)


def test_a_call_that_does_not_talk_yet_cannot_be_redirected(net, client, clock):
    made = client.calls.create(**GOOD)
    clock.run_for(2)
    again = "https://helpdesk.example/join"
    assert refusal(lambda: client.calls(made.sid).update(url=again)) == (400, 21220)


def test_lists_are_filtered_newest_first_and_paged(net, client, clock):
    net.cps = 0
    made = [client.calls.create(**{**GOOD, "to": f"+770900{n:05}"}) for n in range(7)]
    assert [c.sid for c in client.calls.list(page_size=3)] == [c.sid for c in reversed(made)]
    assert [c.sid for c in client.calls.list(to="+77090000003")] == [made[3].sid]
    assert client.calls.list(from_="1451") == []
    assert len(client.calls.list(status="queued", limit=5)) == 5
    clock.run_for(2)
    assert client.calls.list(status="queued") == []
    assert len(client.calls.list(status="ringing")) == 7


def test_a_page_names_its_neighbours(net, client):
    net.cps = 0
    for n in range(5):
        client.calls.create(**{**GOOD, "to": f"+770900{n:05}"})
    auth = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
    answer = Wsgi(net.rest_app).get(f"{CALLS}?PageSize=2&Page=1", headers={"Authorization": f"Basic {auth}"}).json
    assert (answer["page"], answer["page_size"], answer["start"], answer["end"]) == (1, 2, 2, 3)
    begins, ends = (call["sid"] for call in answer["calls"])
    assert answer["next_page_uri"] == f"{CALLS}?PageSize=2&Page=2&PageToken=PA{ends}"
    assert answer["previous_page_uri"] == f"{CALLS}?PageSize=2&Page=0&PageToken=PB{begins}"


def test_what_is_new_meanwhile_moves_no_page(net, client):
    net.cps = 0
    made = [client.calls.create(**{**GOOD, "to": f"+770900{n:05}"}).sid for n in range(5)]
    first = client.calls.page(page_size=2)
    client.calls.create(**GOOD)
    second = first.next_page()
    assert [call.sid for call in [*first, *second]] == list(reversed(made))[:4]
    assert [call.sid for call in second.previous_page()] == list(reversed(made))[:2]
    assert [call.sid for call in second.next_page()] == made[:1]


def test_a_list_may_lag_behind(net, client, clock):
    net.faults.list_lag = 10.0
    client.calls.create(**GOOD)
    assert client.calls.list(to=GOOD["to"]) == []
    clock.run_for(11)
    assert len(client.calls.list(to=GOOD["to"])) == 1


def test_too_many_requests_are_refused_before_anything_is_done(net, client):
    net.faults.rest_429 = 1.0
    assert refusal(lambda: client.calls.create(**GOOD)) == (429, 20429)
    assert net.calls == {}


def test_an_outage_is_a_500(net, client):
    net.faults.rest_500 = 1.0
    assert refusal(lambda: client.calls.create(**GOOD)) == (500, 20500)


def test_a_lost_answer_leaves_a_call_behind(net, client, clock):
    net.faults.rest_lost = 1.0
    with pytest.raises(ReadTimeout):
        client.calls.create(**GOOD)
    clock.run_for(3)
    assert [ring.number for ring in net.ledger.rings()] == [GOOD["to"]]
    assert net.faults.counts["rest_lost"] == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": ""}, 21604),
        ({"body": ""}, 21602),
        ({"from_": None}, 21603),
        ({"from_": "+77090000099"}, 21606),
        ({"body": "x" * 1601}, 21617),
    ],
)
def test_messages_that_cannot_be_sent(client, change, code):
    given = {"to": "+77090000005", "from_": "HELPDESK", "body": "hi", **change}
    assert refusal(lambda: client.messages.create(**{k: v for k, v in given.items() if v is not None})) == (400, code)


def test_every_operation_of_the_contract_is_served(net):
    auth = {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}
    routes = net.rest_app.url_map.bind("")
    for operation in table()["operations"]:
        method, _, path = operation.partition(" ")
        filled = f"/2010-04-01/Accounts/{ACCOUNT}" + re.sub(r"\{\w+\}", "x", path)
        assert routes.match(filled, method=method), operation
    assert Wsgi(net.rest_app).get(f"/2010-04-01/Accounts/{ACCOUNT}/Fax.json", headers=auth).status_code == 404


def test_an_unknown_parameter_is_refused(net, client):
    auth = {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}
    form = {"To": "+77090000005", "From": "1450", "Url": "https://helpdesk.example/answer", "Timout": "25"}
    answer = Wsgi(net.rest_app).post(CALLS, data=form, headers=auth)
    assert (answer.status_code, answer.json["code"]) == (400, 20001)
    assert "Timout" in answer.json["message"]
    assert net.calls == {}


def test_a_live_call_may_be_given_less_time_and_another_callback(app, net, client, clock):
    app.pages = {"/answer": '<Pause length="500"/>', "/status": ""}
    net.person(GOOD["to"], Person(rings=[1.0]))
    made = client.calls.create(**GOOD)
    clock.run_for(10)
    client.calls(made.sid).update(time_limit=20, status_callback="https://helpdesk.example/status")
    clock.run_for(60)
    [form] = app.to("/status")
    assert (form["CallStatus"], form["CallDuration"]) == ("completed", "20")


def test_a_call_presses_keys_as_soon_as_it_is_answered(app, net, client, clock):
    app.pages = {"/answer": "<Say>Hello</Say>"}
    net.person(GOOD["to"], Person(rings=[1.0]))
    made = client.calls.create(**GOOD, send_digits="ww12", machine_detection="Enable")
    clock.run_for(10)
    heard = net.calls[made.sid].heard
    assert [h.what for h in heard] == ["1", "2", "Hello"]
    assert client.calls(made.sid).fetch().answered_by is None


def test_only_the_record_of_a_call_that_is_over_can_be_deleted(net, client, clock):
    made = client.calls.create(**GOOD)
    assert refusal(lambda: client.calls(made.sid).delete()) == (400, 20001)
    clock.run_for(90)
    assert client.calls(made.sid).delete()
    assert refusal(lambda: client.calls(made.sid).fetch()) == (404, 20404)
    assert len(net.ledger.legs(GOOD["to"])) == 1


def test_a_queue_with_people_in_it_is_not_deleted(app, net, client, clock):
    app.pages = {"/voice": "<Enqueue>q</Enqueue>"}
    queue = client.queues.create(friendly_name="q", max_size=10)
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(2)
    assert refusal(lambda: client.queues(queue.sid).delete())[0] == 400
    assert refusal(lambda: client.queues.create(friendly_name="q")) == (400, 22003)
    caller.hang_up()
    clock.run_for(1)
    assert client.queues(queue.sid).delete()
    assert client.queues.list() == []


def test_a_message_is_redacted_and_deleted(net, client, clock):
    sent = client.messages.create(to="+77090000005", from_="HELPDESK", body="secret")
    clock.run_for(5)
    assert client.messages(sent.sid).update(body="").body == ""
    assert client.messages(sent.sid).delete()
    assert client.messages.list() == []
    assert [text.body for text in net.ledger.messages()] == ["secret"]


def test_every_request_stands_in_the_trace_with_its_leg_and_what_was_answered(net, client):
    call = client.calls.create(**GOOD)
    net.faults.rest_429 = 1.0
    with pytest.raises(TwilioRestException):
        client.calls(call.sid).update(status="completed")
    made, refused = [line for line in net.trace.lines if line.kind == "rest"]
    assert (made.call_sid, made.data["method"], made.data["path"]) == (call.sid, "POST", "/Calls.json")
    assert (made.data["params"]["To"], made.data["status"]) == (GOOD["to"], 201)
    assert (refused.call_sid, refused.data["path"]) == (call.sid, f"/Calls/{call.sid}.json")
    assert refused.data["status"] == 429
