"""Who is at the far end of a leg: a scripted person, somebody at the booth, or an operator's softphone."""

from __future__ import annotations

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

    def answers_as(self, call: Call) -> str:
        """AnsweredBy, as answering machine detection would find it."""
        return "human"


@dataclass
class Person:
    """Somebody with a telephone, by script.

    `rings`: what happens at each ring, the last one for ever after: "busy", "no-answer", "failed", "machine", "fax", or
    the seconds after which it is answered. Nothing given = does not answer.
    `keys`: what is typed, one entry per Gather; an empty entry waits it out; after the last nothing is typed any more.
    Or a function (number of the Gather from 0, what was heard so far) -> keys.
    `patience`: hangs up after so many seconds without a conversation, counted from the dialling or the answer.
    `talk`: hangs up after so many seconds of conversation; None leaves that to the other side.
    `reaction`: seconds from the begin of a Gather to the first key; `listens` waits for the end of the prompts first.
    `voice`: seconds spoken after a beep. `texts`: what becomes of a short message.
    """

    rings: Sequence[Result] = ()
    keys: Sequence[str] | Callable[[int, list[str]], str] = ()
    patience: float | None = None
    talk: float | None = 60.0
    reaction: float = 1.0
    listens: bool = False
    voice: float = 8.0
    texts: str = "delivered"
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
        self._answered_by = "human"
        self._giving_up: Timer | None = None
        self._ending: Timer | None = None

    def rings(self, call: Call) -> None:
        result = self.person.next_ring()
        clock = call.network.clock
        if isinstance(result, int | float):
            clock.after(float(result), call.answer)
        elif result in ("machine", "fax"):
            self._answered_by = "fax" if result == "fax" else "machine_start"
            clock.after(MACHINE_ANSWERS, call.answer)
        elif result == BUSY:
            clock.after(1.0, call.refuse, BUSY)
        elif result == FAILED:
            call.refuse(FAILED)
        elif result != NO_ANSWER:
            raise ValueError(f"a ring ends in busy, no-answer, failed, machine, fax or seconds, not in {result!r}")

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
        return 3.0 if self._is_machine else self.person.voice

    def answers_as(self, call: Call) -> str:
        return self._answered_by

    @property
    def _is_machine(self) -> bool:
        return self._answered_by != "human"

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
        return 3.0 if self._machine else 8.0

    def answers_as(self, call: Call) -> str:
        return "machine_start" if self._machine else "human"
