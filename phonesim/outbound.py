"""What an outbound leg does once it is answered: answering machine detection, then its document or its conference."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from phonesim.calls import Call
from phonesim.conferences import in_conference, participant_from
from phonesim.interpreter import live
from phonesim.script import HungUp, Redirected, Routine, Source, Wait
from phonesim.states import COMPLETED

AMD_TAKES = 3.0


@dataclass(frozen=True)
class Detection:
    """Answering machine detection: the call's document waits for it unless there is a callback."""

    callback: str | None = None
    method: str = "POST"


def with_document(source: Source, detection: Detection | None) -> Callable[[Call], Routine[None]]:
    def begin(call: Call) -> Routine[None]:
        following: Source | None = source
        if detection is not None and detection.callback is None:
            try:
                yield Wait(AMD_TAKES)
                call.answered_by = call.far_end.answers_as(call)
            except Redirected as redirection:
                following = redirection.source
        elif detection is not None:
            call.network.clock.after(AMD_TAKES, _tell_who, call, detection)
        yield from live(call, following)

    return begin


def with_conference(name: str, given: Mapping[str, str], base: str) -> Callable[[Call], Routine[None]]:
    """`given`: attributes named as those of <Conference>."""

    def begin(call: Call) -> Routine[None]:
        member = participant_from(call, call.network.conference(name), given, base)
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


def _tell_who(call: Call, detection: Detection) -> None:
    if call.over or detection.callback is None:
        return
    call.answered_by = call.far_end.answers_as(call)
    params = {
        "CallSid": call.sid,
        "AccountSid": call.network.account_sid,
        "AnsweredBy": call.answered_by,
        "MachineDetectionDuration": str(round(AMD_TAKES * 1000)),
    }
    call.network.tell(call.sid, detection.callback, params, detection.method)
