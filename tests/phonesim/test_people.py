"""The people of a story test: what they need to live in it, each in a few lines."""

import pytest

from phonesim import Person

OPERATOR = "+77090000700"


@pytest.fixture
def house(app, net):
    """A caller waits; an operator is rung on a telephone and presses 1; both meet in a conference."""
    talk = '<Dial action="/after"><Conference endConferenceOnExit="{}" waitUrl="/music">c</Conference></Dial>'
    app.audio = {"/ask.wav": 6.0, "/music.wav": 30.0}
    app.pages = {
        "/voice": talk.format("true"),
        "/music": "<Play>/music.wav</Play>",
        "/ring": '<Gather numDigits="1" timeout="5" action="/accept"><Play>/ask.wav</Play></Gather><Hangup/>',
        "/accept": lambda form: talk.format("false") if form["Digits"] == "1" else "<Hangup/>",
        "/after": "<Hangup/>",
    }
    return app


def ring(client):
    return client.calls.create(to=OPERATOR, from_="1450", url="https://helpdesk.example/ring", timeout=20).sid


def test_an_operators_telephone_rings_and_1_accepts(house, net, clock, client):
    net.person(OPERATOR, Person(rings=[4.0], keys=["1"], talk=None))
    caller = net.dial("1450", from_="+77090000001", talk=45)
    clock.run_for(5)
    sid = ring(client)
    clock.run_for(20)
    assert caller.company == {sid}
    clock.run_for(60)
    [talk] = net.ledger.conversations(OPERATOR)
    assert round((talk.to_at - talk.from_at).total_seconds()) == 45
    assert net.calls[sid].over


@pytest.mark.parametrize(
    "who", [Person(rings=["machine"]), Person(rings=[3.0], keys=["2"]), Person(rings=[3.0]), Person(rings=["silent"])]
)
def test_a_machine_or_somebody_who_does_not_press_1_never_gets_the_caller(house, net, clock, client, who):
    net.person(OPERATOR, who)
    caller = net.dial("1450", from_="+77090000001")
    clock.run_for(5)
    ring(client)
    clock.run_for(100)
    assert net.ledger.conversations() == []
    assert not caller.over


def test_somebody_hangs_up_while_waiting_in_the_talk_or_by_hand(house, net, clock, client):
    impatient = net.dial("1450", from_="+77090000001", patience=30)
    clock.run_for(31)
    assert (impatient.over, impatient.ended_by, impatient.duration) == (True, "far end", 30)
    by_hand = net.dial("1450", from_="+77090000002")
    clock.run_for(5)
    by_hand.hang_up()
    clock.run_for(1)
    assert by_hand.ended_by == "far end"


def test_keys_are_pressed_in_the_middle_of_a_talk(house, net, clock, client):
    net.person(OPERATOR, Person(rings=[4.0], keys=["1"], talk=None))
    caller = net.dial("1450", from_="+77090000001")
    operator = net.calls[ring(client)]
    clock.run_for(20)
    operator.press("42#")
    clock.run_for(1)
    assert "".join(heard.what for heard in caller.heard if heard.kind == "tones") == "42#"


def test_a_browser_that_dies_is_a_leg_that_ends(house, net, clock):
    house.pages["/operator"] = '<Dial><Conference endConferenceOnExit="false">c</Conference></Dial>'
    caller = net.dial("1450", from_="+77090000001")
    phone = net.softphone("op_7", voice_url="/operator")
    phone.connect(offer="17")
    clock.run_for(10)
    assert caller.in_conversation
    phone.hang_up()
    clock.run_for(1)
    assert (phone.active, caller.in_conversation, caller.over) == (None, False, False)
