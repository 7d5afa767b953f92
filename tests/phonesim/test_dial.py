"""Dial: telephones, softphones and SIP addresses, at once or one after the other."""

import pytest

from phonesim import Person

SISTER, BROTHER = "+77090000011", "+77090000012"


def outcome(app):
    [form] = app.to("/after")
    return form


@pytest.fixture
def dials(app):
    """What the caller's first document dials."""

    def say(inner, **attributes):
        given = " ".join(f'{name}="{value}"' for name, value in attributes.items())
        app.pages |= {"/voice": f'<Dial action="/after" {given}>{inner}</Dial>', "/after": "<Hangup/>"}

    return say


def test_a_sip_address_is_called_and_talks(app, net, clock, dials):
    dials('<Sip statusCallback="/leg">sip:duty@akimat.example</Sip>')
    app.pages["/leg"] = ""
    net.person("sip:duty@akimat.example", Person(rings=[2.0], talk=20))
    net.dial("1450", from_="+77090000001")
    clock.run_for(60)
    assert (outcome(app)["DialCallStatus"], outcome(app)["DialBridged"]) == ("completed", "true")
    assert [f["To"] for f in app.to("/leg")] == ["sip:duty@akimat.example"]
    assert len(net.ledger.conversations("sip:duty@akimat.example")) == 1


def test_a_sip_address_that_is_busy_says_so_in_sips_words(app, net, clock, dials):
    dials("<Sip>sip:duty@akimat.example</Sip>")
    net.person("sip:duty@akimat.example", Person(rings=["busy"]))
    net.dial("1450", from_="+77090000001")
    clock.run_for(20)
    assert (outcome(app)["DialCallStatus"], outcome(app)["DialSipResponseCode"]) == ("busy", "486")


def test_one_after_the_other_rings_the_second_when_the_first_did_not_answer(app, net, clock, dials):
    dials(f"<Number>{SISTER}</Number><Number>{BROTHER}</Number>", sequential="true", timeout="10")
    net.person(BROTHER, Person(rings=[3.0], talk=5))
    net.dial("1450", from_="+77090000001")
    clock.run_for(60)
    [first], [second] = net.ledger.rings(SISTER), net.ledger.rings(BROTHER)
    assert (first.result, second.result) == ("no-answer", "answered")
    assert first.to_at <= second.from_at
    assert outcome(app)["DialCallStatus"] == "completed"


@pytest.mark.parametrize(("rings", "status"), [([4.0], "completed"), (["no-answer"], "no-answer")])
def test_answer_on_bridge_lets_the_caller_hear_ringing_until_somebody_is_there(app, net, clock, dials, rings, status):
    dials(SISTER, answerOnBridge="true", timeout="15")
    net.person(SISTER, Person(rings=rings, talk=10))
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(3)
    assert caller.status == "ringing"
    clock.run_for(40)
    assert outcome(app)["DialCallStatus"] == status
    assert (caller.status, caller.duration) == ("completed", 10 if status == "completed" else 0)


def test_somebody_who_declines_the_whisper_was_not_bridged(app, net, clock, dials):
    dials(f'<Number url="/accept">{SISTER}</Number>')
    app.pages["/accept"] = '<Gather numDigits="1" timeout="3" action="/yes"/><Hangup/>'
    net.person(SISTER, Person(rings=[2.0]))
    net.dial("1450", from_="+77090000001")
    clock.run_for(30)
    assert (outcome(app)["DialCallStatus"], outcome(app)["DialBridged"]) == ("completed", "false")
    assert net.ledger.conversations() == []


@pytest.mark.parametrize(
    ("number", "attributes", "code"), [(SISTER, {"callerId": "+77779999999"}, 13214), ("+12", {}, 13223)]
)
def test_what_cannot_be_dialled_fails_and_is_shown(app, net, clock, dials, number, attributes, code):
    dials(number, **attributes)
    net.dial("1450", from_="+77090000001")
    clock.run_for(10)
    assert outcome(app)["DialCallStatus"] == "failed"
    assert [alert.code for alert in net.alerts] == [code]
    assert net.ledger.rings() == []


def test_the_caller_who_hangs_up_stops_the_ringing(app, net, clock, dials):
    dials(SISTER, timeout="60")
    net.dial("1450", from_="+77090000001", patience=10)
    clock.run_for(30)
    assert [ring.result for ring in net.ledger.rings(SISTER)] == ["canceled"]
    assert outcome(app)["DialCallStatus"] == "canceled"
