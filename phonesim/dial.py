"""Dial: into a conference, or to one or several telephones of which the first that answers wins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from phonesim.calls import Call
from phonesim.conferences import callback_from, in_conference, participant_from
from phonesim.interpreter import ApplicationError, execute, farewell, live, load
from phonesim.script import HungUp, Key, Redirected, Routine, Source, Wait
from phonesim.states import COMPLETED, NO_ANSWER, OUTBOUND_DIAL, StatusCallback
from phonesim.transport import absolute
from phonesim.twiml import Document, Manner, Verb

RINGS_FOR = 30.0
LONGEST = 14_400.0


@dataclass(frozen=True)
class LegReady:
    """A dialled telephone was answered, and its whisper (if any) is over."""

    call: Call


@dataclass(frozen=True)
class LegOver:
    call: Call


@dataclass(frozen=True)
class LegLeft:
    """The REST interface sent a dialled leg elsewhere: it lives on without this <Dial>."""

    call: Call


def dial(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    conference = next((noun for noun in verb.children if noun.name == "Conference"), None)
    if conference is not None:
        return (yield from _into_conference(call, verb, conference, document))
    return (yield from _to_telephones(call, verb, document))


def _after(verb: Verb, document: Document, params: dict[str, str]) -> Source | None:
    action = verb.attributes.get("action")
    if action is None:
        return None
    return Source(absolute(document.url, action), verb.attributes.get("method", "POST").upper(), params)


def _into_conference(call: Call, verb: Verb, noun: Verb, document: Document) -> Routine[Source | None]:
    conference = call.network.conference(noun.text)
    if conference.callback is None and not conference.participants:
        conference.callback = callback_from(noun.attributes, document.url)
    member = participant_from(call, conference, noun.attributes, document.url)
    done = {"DialCallStatus": COMPLETED, "ConferenceSid": conference.sid}
    try:
        yield from in_conference(call, member)
    except HungUp:
        yield from farewell(call, _after(verb, document, done))
        raise
    return _after(verb, document, done)


def _to_telephones(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    legs = [_leg(call, verb, noun, document) for noun in _nouns(verb)]
    try:
        winner = yield from _first_answer(call, legs, verb)
        if winner is not None:
            yield from _talk(call, winner, legs, verb)
    except HungUp:
        _end_all(legs)
        yield from farewell(call, _after(verb, document, _outcome(legs)))
        raise
    except Redirected:
        _end_all(legs)
        raise
    _end_all(legs)
    return _after(verb, document, _outcome(legs))


def _nouns(verb: Verb) -> list[Verb]:
    return [noun for noun in verb.children if noun.name in ("Number", "Client")] or [Verb("Number", text=verb.text)]


def _leg(call: Call, verb: Verb, noun: Verb, document: Document) -> Call:
    to = f"client:{noun.text}" if noun.name == "Client" else noun.text
    leg = call.network.leg_out(verb.attributes.get("callerId", call.from_), to, OUTBOUND_DIAL, parent=call)
    leg.ring_timeout = verb.number("timeout", RINGS_FOR)
    if url := noun.attributes.get("statusCallback"):
        events = frozenset(noun.attributes.get("statusCallbackEvent", "completed").split())
        method = noun.attributes.get("statusCallbackMethod", "POST").upper()
        leg.callback = StatusCallback(absolute(document.url, url), method, events)
    leg.extra = {p.attributes["name"]: p.attributes["value"] for p in noun.children if p.name == "Parameter"}
    whisper = noun.attributes.get("url")
    source = Source(absolute(document.url, whisper), noun.attributes.get("method", "POST").upper()) if whisper else None
    leg.begin = _answering(call, source)
    leg.on_over.append(lambda over: call.signal(LegOver(over)))
    call.network.send_out(leg)
    return leg


def _answering(parent: Call, whisper: Source | None) -> Callable[[Call], Routine[None]]:
    def begin(leg: Call) -> Routine[None]:
        source = whisper
        try:
            while source is not None:
                document = yield from load(leg, source, Manner.WHISPER)
                source = yield from execute(leg, document, Manner.WHISPER)
            parent.signal(LegReady(leg))
            yield Wait(None)
        except ApplicationError:
            leg.end(COMPLETED, "application error")
            return
        except Redirected as redirection:
            following = redirection.source
        parent.signal(LegLeft(leg))
        yield from live(leg, following)

    return begin


def _first_answer(call: Call, legs: list[Call], verb: Verb) -> Routine[Call | None]:
    while any(not leg.over for leg in legs):
        event: LegReady | LegOver | LegLeft = yield Wait(None, (LegReady, LegOver, LegLeft))
        if isinstance(event, LegLeft):
            legs.remove(event.call)
        if isinstance(event, LegReady) and not event.call.over:
            for leg in legs:
                if leg is not event.call:
                    leg.end(None, "another telephone answered")
            return event.call
    return None


def _talk(call: Call, other: Call, legs: list[Call], verb: Verb) -> Routine[None]:
    """The bridge: until either side hangs up, the time is over, or the caller presses * where that is agreed."""
    clock = call.network.clock
    until = clock.seconds() + verb.number("timeLimit", LONGEST)
    accepts: tuple[type, ...] = (LegOver, LegLeft, Key) if verb.flag("hangupOnStar", False) else (LegOver, LegLeft)
    place = f"bridge-{other.sid}"
    call.network.met(call, other, place)
    try:
        while not other.over:
            event: LegOver | LegLeft | Key | None = yield Wait(max(0.0, until - clock.seconds()), accepts)
            if isinstance(event, LegLeft):
                legs.remove(event.call)
                return
            if event is None or (isinstance(event, Key) and event.digit == "*"):
                return
    finally:
        call.network.parted(other, place)
        call.network.parted(call, place)


def _end_all(legs: list[Call]) -> None:
    for leg in legs:
        leg.end(None, "dial ended")


def _outcome(legs: list[Call]) -> dict[str, str]:
    """The Dial… fields of the action; without any leg left the one that talked was sent elsewhere."""
    if not legs:
        return {"DialCallStatus": COMPLETED, "DialBridged": "true"}
    answered = next((leg for leg in legs if leg.answered_at is not None), None)
    if answered is not None:
        return {
            "DialCallStatus": COMPLETED,
            "DialCallSid": answered.sid,
            "DialCallDuration": str(answered.duration),
            "DialBridged": "true",
        }
    last = legs[-1]
    status = last.status if last.over and last.status != COMPLETED else NO_ANSWER
    return {"DialCallStatus": status, "DialCallSid": last.sid, "DialBridged": "false"}
