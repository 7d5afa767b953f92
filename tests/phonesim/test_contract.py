"""The request checker: what Twilio's document and pages allow passes, one mistake of each kind does not."""

import base64
import time
from collections.abc import Mapping

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from werkzeug.test import Client as Wsgi

from phonesim import Network
from phonesim.contract import AMENDED, MEDIA, NOT_BOTH, ONE_OF, WITH, check, table
from phonesim.kinds import checker

SID = "AC" + "0" * 32
ACCOUNT = f"/2010-04-01/Accounts/{SID}"
CALL, QUEUE, RECORDING = "CA" + "1" * 32, "QU" + "2" * 32, "RE" + "3" * 32
CONFERENCE = "CF" + "4" * 32
PARTICIPANTS = f"/Conferences/{CONFERENCE}/Participants"
GOOD = {"To": "+77090000001", "From": "+77272501450", "Url": "https://helpdesk.example/answer?call=7"}
TEXT = {"To": "+77090000001", "From": "HELPDESK", "Body": "Сәлем"}

Given = Mapping[str, str | list[str]]


def wrong(method: str, path: str, fields: Given) -> list[str]:
    lists = {name: [value] if isinstance(value, str) else value for name, value in fields.items()}
    return [str(violation) for violation in check(method, ACCOUNT + path, lists)]


def test_the_table_says_where_it_comes_from() -> None:
    assert [(source["package"], len(source["sha256"])) for source in table()["from"]] == [
        ("@twilio/cli-core", 64),
        ("twilio", 64),
    ]
    assert len(table()["operations"]) > 40


def test_every_kind_of_the_table_exists() -> None:
    for operation in table()["operations"].values():
        for kind in [*operation["path"].values(), *operation["fields"].values(), *AMENDED.values()]:
            checker(kind)


def test_what_is_amended_is_in_the_table() -> None:
    known = {**table()["operations"], **MEDIA}
    for operation, parameter in AMENDED:
        assert parameter in known[operation]["fields"] | known[operation]["path"]
    for rules in (ONE_OF, NOT_BOTH):
        for operation, groups in rules.items():
            assert {name for group in groups for name in group} <= known[operation]["fields"].keys()
    for operation, needs in WITH.items():
        assert {name for need in needs for name in (need[0], need[2])} <= known[operation]["fields"].keys()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Timout": "20"}, "Timout is no parameter of POST /Calls.json"),
        ({"Timeout": "soon"}, "Timeout is no whole number: 'soon'"),
        ({"Timeout": "9999"}, "Timeout is not in 0..600: '9999'"),
        ({"TimeLimit": "0"}, "TimeLimit is not in 1..86400: '0'"),
        ({"To": ""}, "To is needed"),
        ({"To": "hello"}, "To is no telephone number, client or sip address: 'hello'"),
        ({"From": ""}, "From is needed"),
        ({"Url": ""}, "Url or Twiml or ApplicationSid is needed"),
        ({"Url": "/answer"}, "Url is no absolute http(s) address: '/answer'"),
        (
            {"Url": "https://under_score.example/x"},
            "Url is no absolute http(s) address: 'https://under_score.example/x'",
        ),
        ({"Twiml": "<Response/>"}, "Twiml stands beside Url: only one of them has an effect"),
        ({"StatusCallback": "status"}, "StatusCallback is no absolute http(s) address: 'status'"),
        ({"StatusCallbackEvent": ["answered", "ended"]}, "StatusCallbackEvent has ended, which is none of"),
        ({"StatusCallbackEvent": "answered ended"}, "StatusCallbackEvent has ended, which is none of"),
        ({"Method": "PUT"}, "Method is not one of GET, POST: 'PUT'"),
        ({"MachineDetection": "Maybe"}, "MachineDetection is not one of Enable, DetectMessageEnd: 'Maybe'"),
        ({"MachineDetectionSpeechThreshold": "20"}, "MachineDetectionSpeechThreshold is not in 1000..6000: '20'"),
        ({"AsyncAmd": "yes"}, "AsyncAmd is not one of true, false: 'yes'"),
        ({"Record": "1"}, "Record is not one of true, false: '1'"),
        ({"SendDigits": "12?"}, "SendDigits has something that no telephone can press: '12?'"),
        ({"Byoc": "BY12"}, "Byoc is no sid BY…: 'BY12'"),
        ({"Timeout": ["20", "30"]}, "Timeout is given 2 times"),
    ],
)
def test_a_planted_mistake_in_a_new_call_is_found(change: Given, said: str) -> None:
    assert wrong("POST", "/Calls.json", GOOD) == []
    [found] = wrong("POST", "/Calls.json", {**GOOD, **change})
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("method", "path", "fields", "said"),
    [
        ("POST", "/Calls/12.json", {}, "Sid in the path is no sid CA…: '12'"),
        ("POST", f"/Calls/{CALL}.json", {"Status": "busy"}, "Status is not one of canceled, completed: 'busy'"),
        ("GET", "/Calls.json", {"Status": "over"}, "Status is not one of queued"),
        ("GET", "/Calls.json", {"StartTimeAfter": "2026-11-23"}, "StartTimeAfter is no parameter of GET /Calls.json"),
        ("GET", "/Calls.json", {"StartTime>": "yesterday"}, "StartTime> is no date and time"),
        ("GET", "/Calls.json", {"PageSize": "5000"}, "PageSize is not in 1..1000: '5000'"),
        ("GET", "/Dials.json", {}, "GET /2010-04-01/"),
        ("DELETE", f"/Queues/{QUEUE}/Members/{CALL}.json", {}, "DELETE /2010-04-01/"),
        ("POST", f"/Queues/{QUEUE}/Members/Back.json", {"Url": "https://x.example/"}, "CallSid in the path is no sid"),
        ("POST", f"/Queues/{QUEUE}/Members/Front.json", {}, "Url is needed"),
        ("POST", "/Queues.json", {"FriendlyName": "q", "MaxSize": "6000"}, "MaxSize is not in 0..5000: '6000'"),
        ("POST", "/Messages.json", {"To": "+77090000001", "Body": "x"}, "From or MessagingServiceSid is needed"),
        ("POST", "/Messages.json", {**TEXT, "Body": ""}, "Body or MediaUrl or ContentSid is needed"),
        ("POST", "/Messages.json", {**TEXT, "Body": "x" * 1601}, "Body has 1601 characters, more than 1600"),
        ("POST", "/Messages.json", {**TEXT, "From": "TWELVE CHARS"}, "From is no telephone number and no alphanumeric"),
        ("POST", "/Messages.json", {**TEXT, "ValidityPeriod": "90000"}, "ValidityPeriod is not in 1..36000: '90000'"),
        ("POST", f"{PARTICIPANTS}.json", {**GOOD}, "Url is no parameter of POST /Conferences/"),
        ("POST", f"{PARTICIPANTS}/op.json", {"Status": "completed"}, "Status is no parameter of POST /Conferences/"),
        ("POST", f"{PARTICIPANTS}/op.json", {"Coaching": "true"}, "Coaching has no effect without CallSidToCoach"),
        ("POST", f"{PARTICIPANTS}/op.json", {"Hold": "on"}, "Hold is not one of true, false: 'on'"),
        ("POST", f"/Conferences/{CONFERENCE}.json", {"Status": "ended"}, "Status is not one of completed: 'ended'"),
        (
            "POST",
            f"/Calls/{CALL}/Recordings.json",
            {"RecordingChannels": "two"},
            "RecordingChannels is not one of mono",
        ),
        ("POST", f"/Calls/{CALL}/Recordings/{RECORDING}.json", {}, "Status is needed"),
        (
            "POST",
            f"/Calls/{CALL}/Recordings/Twilio.LAST.json",
            {"Status": "paused"},
            "Sid in the path is no sid RE…: 'Twilio.LAST'",
        ),
        (
            "POST",
            f"/Calls/{CALL}/Recordings/Twilio.CURRENT.json",
            {"Status": "in-progress", "PauseBehavior": "skip"},
            "PauseBehavior has no effect without Status=paused",
        ),
        ("POST", "/IncomingPhoneNumbers.json", {"VoiceUrl": "https://x.example/"}, "PhoneNumber or AreaCode is needed"),
        ("POST", "/Applications.json", {"VoiceMethod": "DELETE"}, "VoiceMethod is not one of GET, POST: 'DELETE'"),
        ("DELETE", f"/Recordings/{CALL}.json", {}, "Sid in the path is no sid RE…"),
    ],
)
def test_a_planted_mistake_elsewhere_is_found(method: str, path: str, fields: Given, said: str) -> None:
    [found] = wrong(method, path, fields)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("method", "path", "fields"),
    [
        ("POST", "/Calls.json", {**GOOD, "To": "client:op_7", "StatusCallbackEvent": "initiated answered"}),
        ("GET", "/Calls.json", {"To": "client:op_7", "StartTime>": "2026-11-23T05:00:00Z", "PageSize": "50"}),
        ("POST", f"/Queues/{QUEUE}/Members/Front.json", {"Url": "https://x.example/"}),
        ("POST", f"{PARTICIPANTS}/op.json", {"Coaching": "true", "CallSidToCoach": CALL}),
        ("POST", f"{PARTICIPANTS}/op.json", {"Hold": "true", "HoldUrl": ""}),
        ("DELETE", f"{PARTICIPANTS}/{CALL}.json", {}),
        ("POST", "/Conferences/c-1/Participants.json", {"To": "+77090000001", "From": "1450", "Label": "operator"}),
        ("POST", f"/Calls/{CALL}/Recordings/Twilio.CURRENT.json", {"Status": "paused", "PauseBehavior": "silence"}),
        ("GET", f"/Recordings/{RECORDING}.wav", {}),
        ("GET", f"/Recordings/{RECORDING}", {"RequestedChannels": "2"}),
        ("POST", "/Messages.json", {"To": "+77090000001", "From": "1450", "MediaUrl": ["https://x/a", "https://x/b"]}),
    ],
)
def test_what_twilio_takes_is_taken(method: str, path: str, fields: Given) -> None:
    assert wrong(method, path, fields) == []


def test_the_network_refuses_names_and_remembers_a_wrong_request(net: Network, client: Client) -> None:
    call = {"to": "+77090000005", "from_": "1450", "url": "https://helpdesk.example/answer"}
    with pytest.raises(TwilioRestException) as refused:
        client.calls.create(**call, timeout=9999)
    assert (refused.value.status, refused.value.code) == (400, 20001)
    assert "Timeout is not in 0..600: '9999'" in refused.value.msg
    assert net.calls == {}
    assert [str(violation) for violation in net.violations] == ["Timeout is not in 0..600: '9999'"]
    assert [alert.code for alert in net.alerts] == [20001]
    client.calls.create(**call, timeout=600)
    assert len(net.violations) == 1


def test_a_misspelled_parameter_is_refused_where_twilio_would_be_silent(net: Network) -> None:
    auth = {"Authorization": "Basic " + base64.b64encode(f"{SID}:{net.auth_token}".encode()).decode()}
    good = {"To": "+77090000005", "From": "1450", "Url": "https://helpdesk.example/answer"}
    answer = Wsgi(net.rest_app).post(f"{ACCOUNT}/Calls.json", data={**good, "Timout": "20"}, headers=auth)
    assert (answer.status_code, answer.json["code"]) == (400, 20001)
    assert answer.json["message"] == "Timout is no parameter of POST /Calls.json"


def test_an_unknown_path_is_404_and_remembered(net: Network) -> None:
    assert Wsgi(net.rest_app).get(f"{ACCOUNT}/Dials.json").status_code == 404
    assert [violation.code for violation in net.violations] == [20404]


def test_the_check_is_fast_enough_for_every_request() -> None:
    fields = {name: [value] for name, value in GOOD.items()} | {
        "StatusCallback": ["https://helpdesk.example/status#rc=2"],
        "StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"],
        "Timeout": ["25"],
    }
    began, times = time.process_time(), 20_000
    for _ in range(times):
        check("POST", f"{ACCOUNT}/Calls.json", fields)
    a_second = times / (time.process_time() - began)
    print(f"{a_second:,.0f} requests checked in a second")
    assert a_second > 25_000
