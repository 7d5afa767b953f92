"""The grammar of TwiML: what may stand in what, with which attributes and which values.

Elements, children and names of attributes are read off the installed `twilio` package; the kinds of the values come
from `contract.json`, which is derived from the types that Twilio publishes. Below stands what only Twilio's pages say.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse

from phonesim.contract import table
from phonesim.kinds import checker

AMD = {
    "machineDetection": "one of Enable|DetectMessageEnd",
    "machineDetectionTimeout": "integer 3..59",
    "machineDetectionSpeechThreshold": "integer 1000..6000",
    "machineDetectionSpeechEndThreshold": "integer 500..5000",
    "machineDetectionSilenceTimeout": "integer 2000..10000",
}
AMENDED: Mapping[str, Mapping[str, str]] = {
    "Conference": {
        "coach": "sid CA",
        "maxParticipants": "integer 2..250",
        "participantLabel": "string ..128",
        "record": "one of do-not-record|record-from-start|true|false",
    },
    "Dial": {
        "record": "one of do-not-record|record-from-answer|record-from-ringing"
        "|record-from-answer-dual|record-from-ringing-dual|true|false",
        "timeLimit": "integer 1..86400",
        "timeout": "integer 1..600",
    },
    "Enqueue": {"maxQueueSize": "integer 1..5000"},
    "Gather": {
        "finishOnKey": "key",
        "numDigits": "integer 1..",
        "speechTimeout": "integer 0.. or auto",
        "timeout": "integer 0.. or auto",
    },
    "Number": {**AMD, "sendDigits": "keys"},
    "Play": {"digits": "keys"},
    "Record": {"finishOnKey": "keys", "maxLength": "integer 1..14400"},
    "Sip": AMD,
}
TEXT = {"Play": "address", "Redirect": "address", "Number": "dialled", "Dial": "dialled"}


@dataclass(frozen=True)
class Element:
    """One element: its class in the `twilio` package and the attributes it takes where it stands."""

    name: str
    kind: Callable[..., TwiML]
    attributes: frozenset[str] = frozenset()

    @property
    def children(self) -> Mapping[str, Element]:
        """What may stand inside it."""
        return _children(self.kind)

    def wrong(self, attribute: str, value: str) -> str | None:
        """What is wrong with the value of an attribute that it has."""
        return checker(_kind_of(self.kind, attribute))(value)

    def wrong_text(self, text: str) -> str | None:
        """What is wrong with what stands between its tags."""
        return checker(TEXT[self.name])(text) if self.name in TEXT else None


@cache
def grammar() -> Element:
    """The `<Response>` of a voice call, with everything below it."""
    return Element("Response", VoiceResponse)


@cache
def _children(kind: Callable[..., TwiML]) -> Mapping[str, Element]:
    parent = kind(**{p: "x" for p in inspect.signature(kind).parameters if p != "kwargs"})
    children: dict[str, Element] = {}
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if not method.__qualname__.startswith(f"{kind.__name__}.") or name == "__init__":
            continue
        wanted = [p for p in inspect.signature(method).parameters if p not in {"self", "kwargs"}]
        child = method(parent, **dict.fromkeys(wanted, "x"))
        children[child.name] = Element(child.name, type(child), frozenset(child.attrs))
    return children


@cache
def _kind_of(kind: Callable[..., TwiML], attribute: str) -> str:
    name = kind.__name__
    said: str = AMENDED.get(name, {}).get(attribute) or table()["twiml"].get(name, {}).get(attribute, "string")
    if said == "integer":
        return "integer 0.."
    if said != "string":
        return said
    if attribute == "method" or attribute.endswith("Method"):
        return "one of GET|POST"
    if attribute in ("action", "url") or attribute.endswith(("Url", "Callback")):
        return "address"
    return said
