"""The grammar of TwiML, read off the installed `twilio` package: what may stand in what, with which attributes."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse

NUMBERS = frozenset({"numDigits", "length", "loop", "maxLength", "maxQueueSize", "timeLimit", "maxParticipants"})
FLAGS = frozenset(
    {
        "actionOnEmptyResult",
        "bargeIn",
        "hangupOnStar",
        "answerOnBridge",
        "startConferenceOnEnter",
        "endConferenceOnExit",
        "muted",
        "playBeep",
        "transcribe",
        "sequential",
    }
)
CHOICES: Mapping[tuple[str, str], frozenset[str]] = {
    ("Reject", "reason"): frozenset({"busy", "rejected"}),
    ("Conference", "beep"): frozenset({"true", "false", "onEnter", "onExit"}),
    ("Gather", "input"): frozenset({"dtmf", "speech", "dtmf speech", "speech dtmf"}),
}
METHODS = frozenset({"GET", "POST"})
EVENTS: Mapping[tuple[str, str], frozenset[str]] = {
    ("Conference", "statusCallbackEvent"): frozenset(
        {"start", "end", "join", "leave", "mute", "hold", "modify", "speaker", "announcement"}
    ),
    ("Number", "statusCallbackEvent"): frozenset({"initiated", "ringing", "answered", "completed"}),
    ("Client", "statusCallbackEvent"): frozenset({"initiated", "ringing", "answered", "completed"}),
}


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
