"""Who is at the far end of a leg: a scripted person, somebody at the booth, or an operator's softphone."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from phonesim.calls import Call
from phonesim.clock import Timer
from phonesim.states import BUSY, FAILED, NO_ANSWER

if TYPE_CHECKING:
    from phonesim.gather import Gathering

Result = str | float
BETWEEN_KEYS = 0.3
MACHINE_ANSWERS = 12.0
MACHINE_LISTENS = 60.0
MACHINE_GREETS = 8.0
SILENT_ANSWERS = 4.0
DETECTED_IN = 3.0
HUMAN, MACHINE, FAX, UNKNOWN = "human", "machine_start", "fax", "unknown"
ANSWERS = {"machine": (MACHINE, MACHINE_ANSWERS), "fax": (FAX, MACHINE_ANSWERS), "silent": (UNKNOWN, SILENT_ANSWERS)}


class FarEnd:
    """What the network tells the telephone at the other end. Every reaction goes through the call's own verbs."""

    def rings(self, call: Call) -> None: ...

    def answered(self, call: Call) -> None: ...

    def asked(self, call: Call, gathering: Gathering) -> None: ...

    def prompts_over(self, call: Call, gathering: Gathering) -> None: ...

    def heard(self, call: Call, kind: str, what: str) -> None: ...

    def met(self, call: Call) -> None: ...

    def parted(self, call: Call) -> None: ...

    def over(self, call: Call) -> None: ...

    def speaks(self, call: Call) -> float:
        """Seconds that this far end talks after the beep of a <Record>."""
        return 8.0

    def detected(self, to_the_end: bool) -> tuple[str, float]:
        """(AnsweredBy, seconds): what answering machine detection finds; `to_the_end` of a machine's greeting."""
        return HUMAN, DETECTED_IN


@dataclass
class Person:
    """Somebody with a telephone, by script.

    `rings`: what happens at each ring, the last one for ever after: "busy", "no-answer", "failed", "machine", "fax",
    "silent" (the line is open, nobody speaks or types), or the seconds after which it is answered. Nothing given = does
    not answer. `greeting` is how a machine's greeting ends: machine_end_beep, machine_end_silence, machine_end_other.
    `keys`: what is typed, one entry per Gather; an empty entry waits it out; after the last nothing is typed any more.
    Or a function (number of the Gather from 0, what was heard so far) -> keys.
    `patience`: hangs up after so many seconds without a conversation, counted from the dialling or the answer.
    `talk`: hangs up after so many seconds of conversation; None leaves that to the other side.
    `reaction`: seconds from the begin of a Gather to the first key; `listens` waits for the end of the prompts first.
    `voice`: seconds spoken after a beep; `then` what ends that message: "" waits in silence, "hang up", or a key.
    `texts`: what becomes of a short message; `text_error` is Twilio's code when it is not delivered.
    `refused`: the REST interface takes no call and no message to this number and answers with this code (21215 geo
    permission, 21610 opted out, 21614 no mobile, ...).
    """

    rings: Sequence[Result] = ()
    keys: Sequence[str] | Callable[[int, list[str]], str] = ()
    patience: float | None = None
    talk: float | None = 60.0
    reaction: float = 1.0
    listens: bool = False
    voice: float = 8.0
    then: str = ""
    greeting: str = "machine_end_beep"
    texts: str = "delivered"
    text_error: int | None = None
    refused: int | None = None
    rung: int = field(default=0, init=False)

    def next_ring(self) -> Result:
        if not self.rings:
            return NO_ANSWER
        result = self.rings[min(self.rung, len(self.rings) - 1)]
        self.rung += 1
        return result


class Scripted(FarEnd):
    """A person during one call."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self._asked = 0
        self._answered_by = HUMAN
        self._giving_up: Timer | None = None
        self._ending: Timer | None = None

    def rings(self, call: Call) -> None:
        result = self.person.next_ring()
        clock = call.network.clock
        if isinstance(result, int | float):
            clock.after(float(result), call.answer)
        elif result in ANSWERS:
            self._answered_by, after = ANSWERS[result]
            clock.after(after, call.answer)
        elif result == BUSY:
            clock.after(1.0, call.refuse, BUSY)
        elif result == FAILED:
            call.refuse(FAILED)
        elif result != NO_ANSWER:
            known = ", ".join([BUSY, NO_ANSWER, FAILED, *ANSWERS])
            raise ValueError(f"a ring ends in {known} or seconds, not in {result!r}")

    def answered(self, call: Call) -> None:
        self._wait(call, MACHINE_LISTENS if self._is_machine else self.person.patience)

    def dialled(self, call: Call) -> None:
        """This person is the caller; patience runs from now."""
        self._wait(call, self.person.patience)

    def asked(self, call: Call, gathering: Gathering) -> None:
        if not self.person.listens:
            self._type(call, gathering, self.person.reaction)

    def prompts_over(self, call: Call, gathering: Gathering) -> None:
        if self.person.listens:
            self._type(call, gathering, min(self.person.reaction, 0.5))

    def _type(self, call: Call, gathering: Gathering, delay: float) -> None:
        if self._is_machine:
            return
        turn, self._asked = self._asked, self._asked + 1
        if callable(self.person.keys):
            keys = self.person.keys(turn, [heard.what for heard in call.heard])
        else:
            keys = self.person.keys[turn] if turn < len(self.person.keys) else ""
        for place, key in enumerate(keys):
            call.network.clock.after(delay + place * BETWEEN_KEYS, _press_in, call, gathering, key)

    def met(self, call: Call) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        if self._ending is None and self.person.talk is not None:
            self._ending = call.network.clock.after(self.person.talk, call.hang_up)

    def parted(self, call: Call) -> None:
        if self._ending is not None:
            self._ending.cancel()
            self._ending = None
        self._wait(call, self.person.patience)

    def speaks(self, call: Call) -> float:
        if self._is_machine:
            return 3.0
        if self.person.then == "hang up":
            call.network.clock.after(self.person.voice, call.hang_up)
        elif self.person.then:
            call.network.clock.after(self.person.voice, call.press, self.person.then)
        return self.person.voice

    def detected(self, to_the_end: bool) -> tuple[str, float]:
        if self._answered_by == UNKNOWN:
            return UNKNOWN, math.inf
        if self._answered_by == MACHINE and to_the_end:
            return self.person.greeting, MACHINE_GREETS
        return self._answered_by, DETECTED_IN

    @property
    def _is_machine(self) -> bool:
        return self._answered_by != HUMAN

    def _wait(self, call: Call, patience: float | None) -> None:
        if self._giving_up is not None:
            self._giving_up.cancel()
        self._giving_up = None if patience is None else call.network.clock.after(patience, call.hang_up)


def _press_in(call: Call, gathering: Gathering, key: str) -> None:
    """A key meant for one Gather is not typed into the next."""
    if call.gathering is gathering:
        call.press(key)


class Interactive(FarEnd):
    """Somebody who presses the buttons of a page; what happens stands in the trace.

    `as_machine()` lets an answering machine take the call: it listens for a while and hangs up.
    """

    def __init__(self) -> None:
        self._machine = False

    def as_machine(self, call: Call) -> None:
        self._machine = True
        call.answer()
        call.network.clock.after(MACHINE_LISTENS, call.hang_up)

    def speaks(self, call: Call) -> float:
        """Somebody at the buttons speaks until a key or the end of the call."""
        return 3.0 if self._machine else math.inf

    def detected(self, to_the_end: bool) -> tuple[str, float]:
        if not self._machine:
            return HUMAN, DETECTED_IN
        return ("machine_end_beep", MACHINE_GREETS) if to_the_end else (MACHINE, DETECTED_IN)
