"""What a <Dial> hears from the legs that it made or took over, and the talk with one of them."""

from __future__ import annotations

from dataclasses import dataclass

from phonesim.calls import Call
from phonesim.recordings import DIAL_VERB, Recording, Wanted, callback_of
from phonesim.script import Key, Routine, Source, Wait
from phonesim.states import COMPLETED
from phonesim.transport import absolute
from phonesim.twiml import Document, Verb

LONGEST = 14_400.0


@dataclass(frozen=True)
class LegReady:
    """The other side was answered, and its whisper (if any) is over."""

    call: Call


@dataclass(frozen=True)
class LegOver:
    call: Call


@dataclass(frozen=True)
class LegLeft:
    """The REST interface sent the other side elsewhere: it lives on without this <Dial>."""

    call: Call


@dataclass(eq=False)
class Talk:
    """The bridge between a leg that dials and another. `left`: the other side was sent elsewhere meanwhile."""

    call: Call
    other: Call
    verb: Verb
    document: Document
    recording: Recording | None = None
    left: bool = False
    seconds: float = 0.0

    def go(self) -> Routine[None]:
        """Until either side hangs up, the time is over, or the caller presses * where that is agreed."""
        network, clock = self.call.network, self.call.network.clock
        began = clock.seconds()
        place = f"bridge-{self.other.sid}"
        self._record()
        network.met(self.call, self.other, place)
        for leg in (self.call, self.other):
            network.ledger.stay(leg.sid, leg.address, place, muted=leg.silent)
        try:
            yield from self._wait(began + self.verb.number("timeLimit", LONGEST))
        finally:
            network.parted(self.other, place)
            network.parted(self.call, place)
            self.seconds = clock.seconds() - began
            if self.recording is not None:
                self.recording.stop()

    @property
    def fields(self) -> dict[str, str]:
        """What the action hears of it."""
        fields = {"DialCallStatus": COMPLETED, "DialBridged": "true"}
        if not self.left:
            fields |= {"DialCallSid": self.other.sid, "DialCallDuration": str(round(self.seconds))}
        if self.recording is not None:
            fields["RecordingUrl"] = self.call.network.recording_url(self.recording.sid)
        return fields

    def _wait(self, until: float) -> Routine[None]:
        clock = self.call.network.clock
        accepts: tuple[type, ...] = (LegOver, LegLeft)
        if self.verb.flag("hangupOnStar", False):
            accepts = (*accepts, Key)
        while not self.other.over:
            event: LegOver | LegLeft | Key | None = yield Wait(max(0.0, until - clock.seconds()), accepts)
            self.left = isinstance(event, LegLeft) and event.call is self.other
            if self.left or event is None or (isinstance(event, Key) and event.digit == "*"):
                return

    def _record(self) -> None:
        """Ringing is never recorded: `record-from-ringing` begins with the answer too."""
        wish = self.verb.attributes.get("record", "do-not-record")
        if wish not in ("do-not-record", "false"):
            callback = callback_of(self.verb.attributes, self.document.url)
            self.recording = self.call.record(Wanted(DIAL_VERB, 2 if wish.endswith("-dual") else 1, callback=callback))
            self.recording.begin()


def behind(verb: Verb, document: Document, params: dict[str, str]) -> Source | None:
    """The action of a <Dial>, which is where the call goes on; None when the next verb is."""
    action = verb.attributes.get("action")
    if action is None:
        return None
    return Source(absolute(document.url, action), verb.attributes.get("method", "POST").upper(), params)
