"""Values of TwiML attributes: every kind is read from what Twilio publishes, and one mistake of each kind is found."""

import pytest
from twilio.twiml.voice_response import VoiceResponse

from phonesim.contract import table
from phonesim.grammar import Element, grammar
from phonesim.kinds import checker
from phonesim.twiml import SIMULATED, check

NUMBER = "+77090000001"


def mistakes(verbs: str) -> list[str]:
    return [error.message for error in check(f"<Response>{verbs}</Response>".encode())]


def every_element(below: Element, seen: dict[str, Element]) -> dict[str, Element]:
    for child in below.children.values():
        if child.kind.__name__ not in seen:
            seen[child.kind.__name__] = child
            every_element(child, seen)
    return seen


ELEMENTS = every_element(grammar(), {})


def test_the_installed_package_knows_the_elements_that_are_simulated() -> None:
    assert grammar().children.keys() >= SIMULATED
    assert len(ELEMENTS) > 50


def test_every_value_of_every_attribute_has_a_kind_that_exists() -> None:
    for name, element in ELEMENTS.items():
        for attribute in element.attributes:
            element.wrong(attribute, "x")
        for kind in table()["twiml"].get(name, {}).values():
            checker(kind)


@pytest.mark.parametrize(
    "name", ["Conference", "Dial", "Enqueue", "Gather", "Number", "Client", "Play", "Record", "Say"]
)
def test_python_and_javascript_know_the_same_attributes(name: str) -> None:
    assert ELEMENTS[name].attributes == table()["twiml"][name].keys()


@pytest.mark.parametrize(
    ("verbs", "part"),
    [
        ('<Gather numdigits="1"/>', "no attribute numdigits"),
        ('<Gather numDigits="0"/>', "is less than 1"),
        ('<Gather numDigits="one"/>', "is no whole number"),
        ('<Gather input="dtmf voice"/>', "has voice, which is none of dtmf, speech"),
        ('<Gather language="kk-KZ"/>', "is not one of af-ZA"),
        ('<Gather timeout="soon"/>', "is no whole number"),
        ('<Gather timeout="-1"/>', "is no whole number"),
        ('<Gather finishOnKey="##"/>', "is not one key or nothing"),
        ('<Gather action="/a b"/>', "has a space in it"),
        ('<Gather action="ftp://x/y"/>', "is no absolute http(s) address"),
        ('<Gather actionOnEmptyResult="True"/>', "is not one of true, false"),
        ('<Gather method="post"/>', "is not one of GET, POST"),
        ('<Play loop="forever">/a.wav</Play>', "is no whole number"),
        ('<Play digits="12x"/>', "no telephone can press"),
        ("<Play>/a b.wav</Play>", "has a space in it"),
        ("<Redirect>/a b</Redirect>", "has a space in it"),
        ('<Say voice="Polly Maxim">hi</Say>', "is no voice"),
        ('<Say language="ru">hi</Say>', "is not one of af-ZA"),
        ('<Say language="KK">hi</Say>', "no Kazakh voice"),
        ('<Say><lang xml:lang="kk-KZ">hi</lang></Say>', "no Kazakh voice"),
        ("<Gather><Say language='kk-KZ'>hi</Say></Gather>", "no Kazakh voice"),
        ("<Say>" + "x" * 4000 + "<emphasis>" + "x" * 97 + "</emphasis></Say>", "at most 4096"),
        ('<Pause length="1.5"/>', "is no whole number"),
        ('<Record trim="yes"/>', "is not one of trim-silence, do-not-trim"),
        ('<Record recordingStatusCallbackEvent="done"/>', "has done, which is none of"),
        ('<Record maxLength="20000"/>', "is not in 1..14400"),
        ('<Reject reason="tired"/>', "is not one of rejected, busy"),
        ('<Enqueue maxQueueSize="9000">q</Enqueue>', "is not in 1..5000"),
        ('<Enqueue waitURL="/w">q</Enqueue>', "no attribute waitURL"),
        ("<Dial>1450 or so</Dial>", "is no telephone number"),
        ('<Dial timeout="900">1450</Dial>', "is not in 1..600"),
        ('<Dial ringTone="kz">1450</Dial>', "is not one of at"),
        ("<Dial><Number>mother</Number></Dial>", "is no telephone number"),
        (f'<Dial><Number machineDetection="Maybe">{NUMBER}</Number></Dial>', "is not one of Enable, DetectMessageEnd"),
        (f'<Dial><Number statusCallbackEvent="ended">{NUMBER}</Number></Dial>', "has ended, which is none of"),
        ('<Dial><Conference beep="on">c</Conference></Dial>', "is not one of true, false, onEnter, onExit"),
        ('<Dial><Conference muted="1">c</Conference></Dial>', "is not one of true, false"),
        ('<Dial><Conference coach="op_7">c</Conference></Dial>', "is no sid CA"),
        ('<Dial><Conference maxParticipants="1">c</Conference></Dial>', "is not in 2..250"),
        ('<Dial><Conference record="always">c</Conference></Dial>', "is not one of do-not-record"),
        ('<Dial><Conference jitterBufferSize="huge">c</Conference></Dial>', "is not one of large"),
        ('<Dial><Conference statusCallbackEvent="start stop">c</Conference></Dial>', "has stop, which is none of"),
    ],
)
def test_a_planted_value_is_found(verbs: str, part: str) -> None:
    found = mistakes(verbs)
    assert len(found) == 1
    assert part in found[0]


@pytest.mark.parametrize(
    "verbs",
    [
        '<Gather input="dtmf speech" language="ru-RU" timeout="auto" speechTimeout="auto"/>',
        '<Gather finishOnKey=""/>',
        '<Say language="ru-RU" voice="Polly.Tatyana">Здравствуйте</Say>',
        '<Record finishOnKey="1234567890*#" recordingStatusCallbackEvent="completed absent"/>',
        '<Dial><Conference waitUrl="" record="true" statusCallbackEvent="start end join leave">c</Conference></Dial>',
        f'<Dial timeout="20"><Number sendDigits="ww1450#">{NUMBER}</Number><Client>op_7</Client></Dial>',
        '<Play digits="ww12#"/>',
        "<Enqueue waitUrl='wait?n=1'>general</Enqueue>",
    ],
)
def test_what_twilio_takes_is_taken(verbs: str) -> None:
    assert mistakes(verbs) == []


def test_a_misspelled_argument_of_the_package_is_found_though_the_package_takes_it() -> None:
    response = VoiceResponse()
    response.gather(num_digit=1)
    assert [error.message for error in check(str(response).encode())] == ["<Gather> has no attribute numDigit"]
