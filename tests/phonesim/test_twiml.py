"""The checker: what Twilio takes passes, planted mistakes do not."""

import pytest
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from phonesim.twiml import Manner, TwimlError, check, parse


def mistakes(verbs, manner=Manner.LIVE, content_type="text/xml"):
    return [error.message for error in check(f"<Response>{verbs}</Response>".encode(), manner, content_type)]


def test_what_the_twilio_package_writes_is_accepted():
    response = VoiceResponse()
    gather = Gather(num_digits=1, timeout=5, action="/k", input="dtmf")
    gather.play("https://x/a.wav")
    gather.say("Hello", language="ru-RU", voice="Polly.Tatyana")
    response.append(gather)
    response.enqueue("general", wait_url="/wait", max_queue_size=10)
    dial = Dial(timeout=20, hangup_on_star=True)
    dial.conference("c", start_conference_on_enter=True, status_callback="/s", status_callback_event="start end join")
    response.append(dial)
    response.record(max_length=120, finish_on_key="#", recording_status_callback_event="completed absent")
    response.redirect("/next")
    document = parse(str(response).encode())
    assert [verb.name for verb in document.verbs] == ["Gather", "Enqueue", "Dial", "Record", "Redirect"]


@pytest.mark.parametrize(
    ("verbs", "part"),
    [
        ('<Gather numDigit="1"/>', "no attribute numDigit"),
        ('<Gather numDigits="one"/>', "whole number"),
        ('<Gather actionOnEmptyResult="yes"/>', "not one of true, false"),
        ('<Gather finishOnKey="##"/>', "one key"),
        ("<Gather><Dial>1</Dial></Gather>", "may not stand inside"),
        ("<Play/>", "neither a URL nor digits"),
        ("<Say/>", "is empty"),
        ('<Say language="kk-KZ">Сәлем</Say>', "no Kazakh voice"),
        ("<Say>" + "x" * 4097 + "</Say>", "at most 4096"),
        ("<Hangup/><Say>late</Say>", "never reached"),
        ("<Redirect>/a</Redirect><Hangup/>", "never reached"),
        ('<Dial action="/a">+77090000001</Dial><Say>late</Say>', "after <Dial> with an action is never reached"),
        ('<Enqueue action="/a">q</Enqueue><Hangup/>', "after <Enqueue> with an action is never reached"),
        ('<Gather action="/a" actionOnEmptyResult="true"/><Hangup/>', "is never reached"),
        ("<Say>hi</Say><Reject/>", "must be the first"),
        ('<Reject reason="tired"/>', "not one of rejected, busy"),
        ("<Leave/>", "outside a queue"),
        ("<Dial/>", "dials nobody"),
        ("<Dial><Conference statusCallbackEvent='began'>c</Conference></Dial>", "has began, which is none of"),
        ("<Dial><Conference colour='red'>c</Conference></Dial>", "no attribute colour"),
        ("<Sing>la</Sing>", "may not stand inside"),
        ("<Pay/>", "not simulated"),
        (f'<Enqueue workflowSid="WW{"0" * 32}"/>', "of a workflow is not simulated"),
        ("<Dial><WhatsApp>+77090000001</WhatsApp></Dial>", "not simulated"),
        ("hello", "text directly inside"),
        ('<Redirect method="PUT">/a</Redirect>', "not one of GET, POST"),
    ],
)
def test_planted_mistakes_are_named(verbs, part):
    found = mistakes(verbs)
    assert found
    assert part in found[0]


@pytest.mark.parametrize("verb", ["<Record/>", "<Dial>+77090000001</Dial>", "<Enqueue>q</Enqueue>", "<Reject/>"])
def test_a_wait_document_may_not_do_everything(verb):
    assert any("queue wait" in message for message in mistakes(verb, Manner.QUEUE_WAIT))


def test_a_wait_document_may_ask_and_leave():
    assert mistakes('<Gather numDigits="1"><Play>/a</Play></Gather><Leave/>', Manner.QUEUE_WAIT) == []
    assert mistakes('<Gather numDigits="1"/>', Manner.CONFERENCE_WAIT) != []


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b"<Response>", "text/xml", 12100),
        (b' <?xml version="1.0"?><Response/>', "text/xml", 12100),
        (b"<Answer/>", "text/xml", 12100),
        (b"<Response/>", "application/json", 12300),
        (b"<Response><Say>" + b"x" * 66_000 + b"</Say></Response>", "text/xml", 11750),
        (b"<Response><Gather x='1'/></Response>", "text/xml; charset=utf-8", 12200),
    ],
)
def test_mistakes_carry_twilios_codes(body, content_type, code):
    with pytest.raises(TwimlError) as refused:
        parse(body, content_type=content_type)
    assert refused.value.code == code
