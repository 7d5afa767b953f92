"""The carrier's requests and phonesim's answers, each held against Twilio's OpenAPI document by Prism.

Shown to fail: a wrong answer is a 500 with the violations, a wrong request a 422 that never reaches the network.
"""

import inspect
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from twilio.base import values
from twilio.base.exceptions import TwilioException, TwilioRestException

from helpdesk.telephony.carrier_errors import CarrierRefused
from helpdesk.telephony.gateway import Carrier
from phonesim import Network
from phonesim.recordings import SHORTEST
from tests.prism.conftest import ALONE, CALLER_ID, CONFERENCE, OPERATOR, PARENT, Held

T = TypeVar("T")
NO_REQUEST = frozenset({"url", "softphone_token"})


class Noted:
    """The carrier, and which of its requests were made."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self.made: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        self.made.add(name)
        return getattr(self._carrier, name)


def soon(look: Callable[[], T | None]) -> T:
    """What is found within ten seconds."""
    ends = time.monotonic() + 10
    while not (found := look()):
        assert time.monotonic() < ends, "it never came to that"
        time.sleep(0.05)
    return found


def in_conference(network: Network, sid: str) -> bool:
    return any(sid in conference.participants for conference in network.conferences.values())


def looked_at(held: Held, ask: Callable[[], Any]) -> bool:
    """Whether a planted mistake in this answer is noticed: Prism passes what it cannot read without a word."""
    with held.spoiler.answering({"uri": 5}), pytest.raises(TwilioException, match="500"):
        ask()
    return any("response.body.uri" in complaint for complaint in held.complaints())


def test_everything_that_the_carrier_asks_is_in_twilios_document_and_so_is_every_answer(held: Held) -> None:
    carrier, network = Noted(held.carrier), held.network
    leg = carrier.place_call(PARENT, "/answer", "/status").sid
    soon(lambda: in_conference(network, leg))
    assert carrier.find_calls(PARENT, CALLER_ID)[0].sid == leg
    assert carrier.fetch_call(leg).sid == leg
    operator = carrier.dial_into(CONFERENCE, OPERATOR, "operator", "/status")
    soon(lambda: in_conference(network, operator))
    conference = soon(lambda: carrier.find_conference(CONFERENCE))
    assert carrier.hold(conference, leg, "/music")
    assert carrier.hold(conference, leg, None)
    assert carrier.mute(conference, operator, True)
    assert carrier.coach(conference, operator, leg)
    assert carrier.coach(conference, operator, None, muted=True)
    assert carrier.ends_with(conference, leg, True)
    recording = carrier.record(leg, "/recorded")
    soon(lambda: network.recordings[recording].going_on)
    assert carrier.pause_recording(leg, True)
    assert carrier.pause_recording(leg, False)
    resumed = network.clock.seconds()
    soon(lambda: network.clock.seconds() > resumed + SHORTEST)
    assert carrier.stop_recording(leg)
    soon(lambda: network.recordings[recording].status == "completed")
    assert [kept.sid for kept in carrier.recordings_of(leg)] == [recording]
    assert carrier.recording_sound(recording).startswith(b"RIFF")
    assert carrier.delete_recording(recording)
    assert carrier.remove(conference, operator)
    assert carrier.redirect(leg, "/queue")
    assert carrier.hangup(leg)
    assert carrier.send_sms(PARENT, "Өтініміңіз тіркелді", "7").startswith("SM")
    requests = {name for name, _ in inspect.getmembers(Carrier, inspect.isfunction) if name[0] != "_"} - NO_REQUEST
    assert carrier.made == requests, "a new request of the carrier belongs into this test"
    assert network.violations == []
    assert held.complaints() == []


def test_what_else_the_network_offers_is_in_the_document_too(held: Held) -> None:
    client, network, base = held.client, held.network, held.network.transport.base_url
    leg = client.calls.create(to=PARENT, from_=CALLER_ID, url=f"{base}/queue").sid
    queue = soon(lambda: next((q for q in client.queues.list() if q.current_size), None))
    [member] = client.queues(queue.sid).members.list()
    assert looked_at(held, lambda: client.queues(queue.sid).members.list())
    assert client.queues(queue.sid).members("Front").fetch().call_sid == member.call_sid == leg
    client.queues(queue.sid).members(leg).update(url=f"{base}/alone")
    soon(lambda: in_conference(network, leg))
    [conference] = client.conferences.list(friendly_name=ALONE)
    [participant] = client.conferences(conference.sid).participants.list()
    assert client.conferences(conference.sid).participants(participant.call_sid).fetch().muted is False
    assert looked_at(held, lambda: client.conferences(conference.sid).participants(leg).fetch())
    assert looked_at(held, lambda: client.conferences(conference.sid).fetch())
    assert looked_at(held, lambda: client.calls(leg).recordings.list())
    client.conferences(conference.sid).update(status="completed")
    number = client.incoming_phone_numbers.create(phone_number="+77272000999", voice_url=f"{base}/answer")
    assert client.incoming_phone_numbers(number.sid).update(voice_url=f"{base}/queue").voice_url == f"{base}/queue"
    assert client.incoming_phone_numbers(number.sid).delete()
    application = client.applications.create(friendly_name="operators", voice_url=f"{base}/answer")
    assert client.applications(application.sid).update(friendly_name="desk").friendly_name == "desk"
    assert client.applications(application.sid).delete()
    assert client.queues.create(friendly_name="spare", max_size=5).max_size == 5
    assert network.violations == []
    assert held.complaints() == []


def test_no_success_has_a_status_that_the_document_does_not_know(held: Held) -> None:
    held.client.messages.create(to=PARENT, from_=CALLER_ID, body="Сәлем")
    assert held.prism.unknown_successes() == []


WRONG_REQUESTS: list[dict[str, Any]] = [
    {"url": "/answer"},
    {"method": "PUT"},
    {"to": values.unset},
    {"byoc": "BY1"},
    {"timeout": "soon"},
]


@pytest.mark.parametrize("change", WRONG_REQUESTS, ids=lambda change: next(iter(change)))
def test_a_planted_mistake_in_a_request_does_not_pass(held: Held, change: dict[str, Any]) -> None:
    before = len(held.network.calls)
    good = {"to": PARENT, "from_": CALLER_ID, "url": f"{held.network.transport.base_url}/answer"}
    with pytest.raises(TwilioRestException) as caught:
        held.client.calls.create(**{**good, **change})
    assert caught.value.status == 422
    assert held.complaints()
    assert len(held.network.calls) == before
    assert held.network.violations == []


WRONG_ANSWERS: list[dict[str, Any]] = [{"sid": "XX"}, {"status": "weird"}, {"to": 5}, {"queue_time": {}}]


@pytest.mark.parametrize("change", WRONG_ANSWERS, ids=lambda change: next(iter(change)))
def test_a_planted_mistake_in_an_answer_does_not_pass(held: Held, change: dict[str, Any]) -> None:
    leg = held.carrier.place_call(PARENT, "/queue", "/status").sid
    with held.spoiler.answering(change), pytest.raises(CarrierRefused) as caught:
        held.carrier.fetch_call(leg)
    assert caught.value.code == 500
    assert any(next(iter(change)) in complaint for complaint in held.complaints())
    assert held.carrier.hangup(leg)


KINDS = ["calls", "queues", "conferences", "messages", "recordings", "incoming_phone_numbers", "applications"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_is_really_looked_at(held: Held, kind: str) -> None:
    assert looked_at(held, lambda: getattr(held.client, kind).list())
