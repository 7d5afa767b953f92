"""Dial: into a conference, to the front of a queue, or to telephones of which the first that answers wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from phonesim.calls import Call
from phonesim.dequeue import from_queue
from phonesim.interpreter import ApplicationError, execute, farewell, live, load
from phonesim.legs import LegLeft, LegOver, LegReady, Talk, behind
from phonesim.participation import in_conference, participant_from, set_up
from phonesim.script import HungUp, Redirected, Routine, Source, Wait
from phonesim.states import COMPLETED, FAILED, NO_ANSWER, OUTBOUND_DIAL, RINGING, SIP_CODES, TELEPHONE, StatusCallback
from phonesim.transport import absolute
from phonesim.twiml import Document, Manner, Verb

RINGS_FOR = 30.0
INVALID_CALLER_ID, INVALID_NUMBER, INVALID_COACH = 13214, 13223, 13240
NOT_SUPPORTED, REFUSED = 13224, {21215: 13227, 21216: 13225}
CLIENT, SIP = "client:", "sip:"


def dial(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    for noun in verb.children:
        if noun.name == "Conference":
            return (yield from _into_conference(call, verb, noun, document))
        if noun.name == "Queue":
            return (yield from from_queue(call, verb, noun, document, verb.number("timeout", RINGS_FOR)))
    return (yield from _to_telephones(call, verb, document))


def _into_conference(call: Call, verb: Verb, noun: Verb, document: Document) -> Routine[Source | None]:
    conference = call.network.conference(noun.text)
    set_up(conference, noun.attributes, document.url)
    member = participant_from(call, conference, noun.attributes, document.url)
    if member.coaching is not None and member.coaching not in conference.participants:
        call.network.alert(call.sid, INVALID_COACH, document.url, f"coach={member.coaching} is not in {noun.text}")
        return behind(verb, document, {"DialCallStatus": FAILED})
    done = {"DialCallStatus": COMPLETED, "ConferenceSid": conference.sid}
    try:
        yield from in_conference(call, member, verb.number("timeLimit", 0) or None, verb.flag("hangupOnStar", False))
    except HungUp:
        yield from farewell(call, behind(verb, document, done))
        raise
    return behind(verb, document, done)


def _to_telephones(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    nouns = [noun for noun in _nouns(verb) if _may_be_dialled(call, verb, noun, document)]
    at_once = [[noun] for noun in nouns] if verb.flag("sequential", False) else [nouns]
    legs: list[Call] = []
    talk: Talk | None = None
    try:
        for group in at_once:
            legs = [_leg(call, verb, noun, document) for noun in group]
            winner = yield from _first_answer(legs)
            if winner is not None:
                if call.status == RINGING:
                    call.pick_up()
                talk = Talk(call, winner, verb, document)
                yield from talk.go()
                break
    except HungUp:
        _end_all(legs)
        yield from farewell(call, behind(verb, document, _outcome(legs, talk)))
        raise
    finally:
        _end_all(leg for leg in legs if talk is None or not talk.left or leg is not talk.other)
    return behind(verb, document, _outcome(legs, talk))


def _nouns(verb: Verb) -> list[Verb]:
    nouns = [noun for noun in verb.children if noun.name in ("Number", "Client", "Sip")]
    return nouns or [Verb("Number", text=verb.text)]


def _may_be_dialled(call: Call, verb: Verb, noun: Verb, document: Document) -> bool:
    if noun.name != "Number":
        return True
    shown = verb.attributes.get("callerId", call.from_)
    own = shown in call.network.numbers or shown in (call.from_, call.to) or shown.startswith(CLIENT)
    if not own:
        message = f"callerId={shown} is no number of this account"
        call.network.alert(call.sid, INVALID_CALLER_ID, document.url, message)
    elif not TELEPHONE.fullmatch(noun.text):
        call.network.alert(call.sid, INVALID_NUMBER, document.url, f"{noun.text} is no telephone number")
    elif (person := call.network.people.get(noun.text)) is not None and person.refused is not None:
        code = REFUSED.get(person.refused, NOT_SUPPORTED)
        call.network.alert(call.sid, code, document.url, f"{noun.text} may not be dialled")
    else:
        return True
    return False


def _leg(call: Call, verb: Verb, noun: Verb, document: Document) -> Call:
    to = f"{CLIENT}{_identity(noun)}" if noun.name == "Client" else noun.text
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


def _identity(client: Verb) -> str:
    return next((child.text for child in client.children if child.name == "Identity"), client.text)


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


def _first_answer(legs: list[Call]) -> Routine[Call | None]:
    waiting = list(legs)
    while any(not leg.over for leg in waiting):
        event: LegReady | LegOver | LegLeft = yield Wait(None, (LegReady, LegOver, LegLeft))
        if isinstance(event, LegLeft) and event.call in waiting:
            waiting.remove(event.call)
            legs.remove(event.call)
        if isinstance(event, LegReady) and event.call in waiting and not event.call.over:
            for leg in waiting:
                if leg is not event.call:
                    leg.end(None, "another telephone answered")
            return event.call
    return None


def _end_all(legs: Iterable[Call]) -> None:
    for leg in legs:
        leg.end(None, "dial ended")


def _outcome(legs: list[Call], talk: Talk | None) -> dict[str, str]:
    """The fields of the action; a telephone that was answered and hung up during its whisper was not bridged."""
    if talk is not None:
        return talk.fields
    if not legs:
        return {"DialCallStatus": FAILED, "DialBridged": "false"}
    last = next((leg for leg in legs if leg.answered_at is not None), legs[-1])
    status = last.status if last.over else NO_ANSWER
    fields = {"DialCallStatus": status, "DialCallSid": last.sid, "DialBridged": "false"}
    if last.to.startswith(SIP) and last.over:
        fields["DialSipResponseCode"] = SIP_CODES[last.status]
    return fields
