"""Numbers and applications as resources: what is set there routes the next call."""

import pytest
from twilio.base.exceptions import TwilioRestException

from phonesim import Person

HERE = "https://helpdesk.example"


@pytest.fixture
def pages(app):
    app.pages = {"/voice": "<Say>one</Say>", "/other": "<Say>two</Say>", "/sorry": "<Say>sorry</Say>", "/status": ""}
    return app


def said(net, clock, number):
    """What a caller hears at a number."""
    call = net.dial(number, from_="+77090000001")
    clock.run_for(10)
    return [heard.what for heard in call.heard]


def refusal(make):
    with pytest.raises(TwilioRestException) as refused:
        make()
    return refused.value.status, refused.value.code


def test_a_number_bought_over_rest_answers_where_it_is_told(pages, net, clock, client):
    made = client.incoming_phone_numbers.create(phone_number="+77172000001", voice_url=f"{HERE}/other")
    assert (made.phone_number, made.friendly_name, made.voice_method) == ("+77172000001", "+77172000001", "POST")
    assert said(net, clock, "+77172000001") == ["two"]
    client.incoming_phone_numbers(made.sid).update(
        voice_url=f"{HERE}/voice", status_callback=f"{HERE}/status", friendly_name="Astana"
    )
    assert said(net, clock, "+77172000001") == ["one"]
    assert [f["CallStatus"] for f in pages.to("/status")] == ["completed"]
    assert client.incoming_phone_numbers(made.sid).fetch().friendly_name == "Astana"
    assert [n.sid for n in client.incoming_phone_numbers.list(phone_number="7172")] == [made.sid]
    assert client.incoming_phone_numbers(made.sid).delete()
    with pytest.raises(ValueError, match="nothing answers"):
        net.dial("+77172000001", from_="+77090000001")
    assert refusal(lambda: client.incoming_phone_numbers(made.sid).fetch()) == (404, 20404)


def test_a_number_set_up_in_the_test_is_a_resource_too(pages, net, clock, client):
    [number] = client.incoming_phone_numbers.list()
    assert (number.phone_number, number.voice_url) == ("1450", f"{HERE}/voice")
    client.incoming_phone_numbers(number.sid).update(
        voice_url=f"{HERE}/gone", voice_fallback_url=f"{HERE}/sorry", voice_fallback_method="GET"
    )
    assert said(net, clock, "1450") == ["sorry"]
    assert next(post.method for post in pages.posts if post.path == "/sorry") == "GET"


def test_a_number_answers_with_its_application(pages, net, clock, client):
    application = client.applications.create(friendly_name="desk", voice_url=f"{HERE}/other")
    [number] = client.incoming_phone_numbers.list()
    client.incoming_phone_numbers(number.sid).update(voice_application_sid=application.sid)
    assert said(net, clock, "1450") == ["two"]
    client.applications(application.sid).update(voice_url=f"{HERE}/voice")
    assert said(net, clock, "1450") == ["one"]
    assert [a.friendly_name for a in client.applications.list(friendly_name="desk")] == ["desk"]
    client.applications(application.sid).delete()
    assert refusal(lambda: client.applications(application.sid).fetch()) == (404, 20404)


def test_a_call_is_made_with_an_application(pages, net, clock, client):
    application = client.applications.create(voice_url=f"{HERE}/other", status_callback=f"{HERE}/status")
    net.person("+77090000005", Person(rings=[1.0]))
    made = client.calls.create(to="+77090000005", from_="1450", application_sid=application.sid)
    clock.run_for(10)
    assert [heard.what for heard in net.calls[made.sid].heard] == ["two"]
    assert [f["CallStatus"] for f in pages.to("/status")] == ["completed"]


def test_softphones_connect_to_an_application(pages, net, clock, client):
    application = client.applications.create(friendly_name="softphones", voice_url=f"{HERE}/other")
    net.softphone("op_7", voice_url=application.sid).connect(offer="17")
    clock.run_for(5)
    assert pages.to("/other")[0]["ApplicationSid"] == application.sid


def test_numbers_that_cannot_be_had(net, client):
    numbers = client.incoming_phone_numbers
    assert refusal(lambda: numbers.create(phone_number="1450")) == (400, 21422)
    assert refusal(lambda: numbers.create(area_code="717"))[0] == 400
    unknown = "AP" + "f" * 32
    assert refusal(lambda: numbers.create(phone_number="+77172000001", voice_application_sid=unknown)) == (400, 21218)
    assert list(net.numbers) == ["1450"]
