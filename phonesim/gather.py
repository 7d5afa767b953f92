"""Gather: digits typed while the prompts play or after them. Speech is never understood."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from phonesim.calls import Call
from phonesim.prompts import pieces
from phonesim.script import Key, Routine, Source, Wait
from phonesim.transport import absolute
from phonesim.twiml import Document, Verb

DEFAULT_TIMEOUT = 5.0


@dataclass(eq=False)
class Gathering:
    """A Gather that is going on. `typed_ahead` keeps keys that came while an audio file was being fetched."""

    verb: Verb
    typed_ahead: deque[str] = field(default_factory=deque)

    @property
    def most(self) -> int | None:
        count = self.verb.attributes.get("numDigits")
        return int(count) if count else None

    @property
    def finish(self) -> str:
        return self.verb.attributes.get("finishOnKey", "#")


def gather(call: Call, verb: Verb, document: Document) -> Routine[Source | None]:
    """None (fall through to the next verb) when nothing was typed and actionOnEmptyResult is off."""
    gathering = Gathering(verb)
    call.gathering = gathering
    call.note("gather", {"action": verb.attributes.get("action", ""), "digits": gathering.most})
    try:
        first = yield from _prompts(call, gathering, document)
        call.far_end.prompts_over(call, gathering)
        digits, finished = yield from _digits(gathering, first)
    finally:
        call.gathering = None
    call.note("gathered", {"digits": digits})
    if not digits and not verb.flag("actionOnEmptyResult", False):
        return None
    params = {"Digits": digits, "msg": "Gather End", "FinishedOnKey": finished}
    action = absolute(document.url, verb.attributes.get("action", ""))
    return Source(action, verb.attributes.get("method", "POST").upper(), params)


def _prompts(call: Call, gathering: Gathering, document: Document) -> Routine[str | None]:
    """Play the nested prompts; the key that cut them short, if any."""
    barge_in = gathering.verb.flag("bargeIn", True)
    asked = False
    for child in gathering.verb.children:
        sounds = yield from pieces(call, child, document.url)
        if not asked:
            # an audio file is fetched before it sounds, and nobody answers a question before its first sound
            call.far_end.asked(call, gathering)
            asked = True
        for piece in sounds:
            if barge_in and gathering.typed_ahead:
                return gathering.typed_ahead.popleft()
            call.hears(piece.kind, piece.what, piece.url, piece.seconds)
            key: Key | None = yield Wait(piece.seconds, (Key,) if barge_in else ())
            if key is not None:
                call.note("stop", {})
                return key.digit
    if not asked:
        call.far_end.asked(call, gathering)
    if not barge_in:
        gathering.typed_ahead.clear()
    return None


def _digits(gathering: Gathering, first: str | None) -> Routine[tuple[str, str]]:
    """(digits, the key that finished them)."""
    digits, pressed = "", first
    timeout = gathering.verb.number("timeout", DEFAULT_TIMEOUT)
    while True:
        if pressed is None and gathering.typed_ahead:
            pressed = gathering.typed_ahead.popleft()
        if pressed is None:
            key: Key | None = yield Wait(timeout, (Key,))
            if key is None:
                return digits, ""
            pressed = key.digit
        if pressed == gathering.finish and digits:
            return digits, pressed
        if pressed != gathering.finish:  # alone it ends nothing: it only stops the prompts
            digits += pressed
        pressed = None
        if len(digits) == gathering.most:
            return digits, ""
