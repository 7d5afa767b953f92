"""What an outbound leg does once it is answered: answering machine detection, then its document or its conference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from phonesim.calls import Call
from phonesim.conferences import COMPLETED as CONFERENCE_OVER
from phonesim.conferences import Participant
from phonesim.interpreter import live
from phonesim.participation import in_conference
from phonesim.script import HungUp, Redirected, Routine, Source, Wait
from phonesim.states import COMPLETED

BETWEEN_KEYS = 0.25
PAUSES = {"w": 0.5, "W": 1.0}


@dataclass(frozen=True)
class Detection:
    """Answering machine detection: the call's document waits for it unless it goes on `beside`.

    `to_the_end` waits until a machine has said its greeting. After `timeout` seconds it is unknown who answered.
    """

    beside: bool = False
    callback: str | None = None
    method: str = "POST"
    to_the_end: bool = False
    timeout: float = 30.0

    def of(self, call: Call) -> tuple[str, float]:
        """(AnsweredBy, the seconds that it takes to find out)."""
        who, seconds = call.far_end.detected(self.to_the_end)
        return (who, seconds) if seconds <= self.timeout else ("unknown", self.timeout)


def with_document(source: Source, detection: Detection | None, keys: str = "") -> Callable[[Call], Routine[None]]:
    """`keys` are pressed as soon as somebody answers, w and W are half a second and a second; then nobody asks whether
    it was a machine."""

    def begin(call: Call) -> Routine[None]:
        following: Source | None = source
        try:
            if keys:
                yield from _press(call, keys)
            elif detection is not None and not detection.beside:
                who, seconds = detection.of(call)
                yield Wait(seconds)
                call.detected(who, seconds)
            elif detection is not None:
                _find_out(call, detection)
        except Redirected as redirection:
            following = redirection.source
        yield from live(call, following)

    return begin


def _press(call: Call, keys: str) -> Routine[None]:
    for key in keys:
        if key not in PAUSES:
            call.hears("tones", key, "", BETWEEN_KEYS)
        yield Wait(PAUSES.get(key, BETWEEN_KEYS))


def with_conference(member: Participant, detection: Detection | None) -> Callable[[Call], Routine[None]]:
    """An invited leg goes into its conference, or into the next of that name when that one ended while it rang."""

    def begin(call: Call) -> Routine[None]:
        if member.conference.status == CONFERENCE_OVER:
            member.conference.invited.pop(call.sid, None)
            member.conference = call.network.conference(member.conference.name)
        if detection is not None:
            _find_out(call, detection)
        following: Source | None = None
        try:
            yield from in_conference(call, member)
        except Redirected as redirection:
            following = redirection.source
        if following is not None:
            yield from live(call, following)
            return
        call.end(COMPLETED, "conference")
        raise HungUp

    return begin


def _find_out(call: Call, detection: Detection) -> None:
    """Beside the document, which goes on meanwhile."""
    who, seconds = detection.of(call)
    call.network.clock.after(seconds, _tell_who, call, detection, who, seconds)


def _tell_who(call: Call, detection: Detection, who: str, seconds: float) -> None:
    if call.over:
        return
    call.detected(who, seconds)
    if detection.callback is not None:
        params = {
            "CallSid": call.sid,
            "AccountSid": call.network.account_sid,
            "AnsweredBy": who,
            "MachineDetectionDuration": str(round(seconds * 1000)),
        }
        call.network.tell(call.sid, detection.callback, params, detection.method)
