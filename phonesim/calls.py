"""One leg of a call: who is at the telephone, what state it is in, and who wants to hear about that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from phonesim.recordings import Recording, Wanted, recording
from phonesim.script import HungUp, Interruption, Key, Redirected, Routine, Script, Source
from phonesim.sids import rfc2822
from phonesim.states import (
    BUSY,
    CANCELED,
    COMPLETED,
    IN_PROGRESS,
    INBOUND,
    INITIATED,
    NO_ANSWER,
    QUEUED,
    RINGING,
    SIP_CODES,
    TERMINAL,
    Heard,
    StatusCallback,
)

if TYPE_CHECKING:
    from phonesim.conferences import Participant
    from phonesim.gather import Gathering
    from phonesim.network import Network
    from phonesim.queues import Entry
    from phonesim.world import FarEnd


class ConferenceChanged(Interruption):
    """The conference started, ended, or this participant was held or removed."""

    def __init__(self, participant: Participant) -> None:
        super().__init__("conference changed")
        self.participant = participant

    def concerns(self, call: Call) -> bool:
        return call.participant is self.participant


@dataclass(eq=False, repr=False)
class Call:
    """A leg; also the handle that `Network.dial` and `Softphone.connect` return.

    For people at the far end: `press`, `hang_up`, `answer`, `refuse`, `mute`. For whoever looks: `status`, `over`,
    `heard`, `company` (sids of the legs that it talks with), `queue_name`, `conference_name`.
    """

    network: Network
    sid: str
    from_: str
    to: str
    direction: str
    far_end: FarEnd
    status: str = QUEUED
    parent: Call | None = None
    callback: StatusCallback | None = None
    fallback_url: str | None = None
    fallback_method: str = "POST"
    ring_timeout: float = 60.0
    time_limit: float = 14_400.0
    extra: dict[str, str] = field(default_factory=dict)
    queue_ms: int = 0
    answered_by: str | None = None
    detection_ms: int = 0
    begin: Callable[[Call], Routine[None]] | None = None

    def __post_init__(self) -> None:
        self.created_at = self.network.clock.now()
        self.updated_at = self.created_at
        self.started_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.ended_by = ""
        self.script: Script | None = None
        self.entry: Entry | None = None
        self.participant: Participant | None = None
        self.gathering: Gathering | None = None
        self.heard: list[Heard] = []
        self.company: set[str] = set()
        self.on_ring: list[Callable[[Call], None]] = []
        self.on_answer: list[Callable[[Call], None]] = []
        self.on_over: list[Callable[[Call], None]] = []
        self.silent = False
        self._sequence = 0

    def __repr__(self) -> str:
        return f"<Call {self.sid} {self.from_} to {self.to}: {self.status}>"

    # -- looking -----------------------------------------------------------------------------------------------------

    @property
    def over(self) -> bool:
        return self.status in TERMINAL

    @property
    def address(self) -> str:
        """The number or client name at the far end."""
        return self.from_ if self.direction == INBOUND else self.to

    @property
    def in_conversation(self) -> bool:
        return bool(self.company)

    @property
    def queue_name(self) -> str | None:
        return self.entry.queue.name if self.entry is not None else None

    @property
    def conference_name(self) -> str | None:
        return self.participant.conference.name if self.participant is not None else None

    @property
    def prompts(self) -> list[str]:
        """File names of the audio heard so far, in order."""
        return [heard.what for heard in self.heard if heard.kind == "play"]

    @property
    def duration(self) -> int:
        """Whole seconds from the answer to the end or to now."""
        if self.answered_at is None:
            return 0
        return round(((self.ended_at or self.network.clock.now()) - self.answered_at).total_seconds())

    def params(self) -> dict[str, str]:
        """The fields that stand in every webhook of a call."""
        base = {
            "CallSid": self.sid,
            "AccountSid": self.network.account_sid,
            "From": self.from_,
            "To": self.to,
            "Caller": self.from_,
            "Called": self.to,
            "CallStatus": self.status,
            "Direction": self.direction,
            "ApiVersion": "2010-04-01",
        }
        if self.parent is not None:
            base["ParentCallSid"] = self.parent.sid
        if self.answered_by is not None:
            base |= {"AnsweredBy": self.answered_by, "MachineDetectionDuration": str(self.detection_ms)}
        return {**base, **self.extra}

    # -- what the far end does -----------------------------------------------------------------------------------------

    def press(self, keys: str) -> None:
        """Press keys, one after the other, now."""
        for key in keys:
            self.network.clock.after(0, self._pressed, key)

    def hang_up(self) -> None:
        self.network.clock.after(0, self.end, None, "far end")

    def answer(self) -> None:
        """Lift the receiver of a ringing telephone."""
        self.network.clock.after(0, self._answered_by_far_end)

    def refuse(self, result: str = BUSY) -> None:
        """End the ringing from the far end: busy, no-answer or failed."""
        self.network.clock.after(0, self._refused, result)

    def mute(self, silent: bool = True) -> None:
        """The far end covers its microphone; the application is not told, the ledger notes it."""
        self.silent = silent
        self.note("mute", {"muted": silent})
        if self.participant is not None:
            self.participant.conference.mix()

    def _pressed(self, key: str) -> None:
        if self.over:
            return
        self.note("key", {"key": key})
        taken = self.script is not None and self.script.deliver(Key(key))
        if not taken and self.gathering is not None:
            self.gathering.typed_ahead.append(key)
        held = self.participant is not None and self.participant.hold
        for sid in () if held else sorted(self.company):
            self.network.calls[sid].hears("tones", key, "", 0.25)

    def _answered_by_far_end(self) -> None:
        if self.status == RINGING:
            self.pick_up()

    def _refused(self, result: str) -> None:
        if self.status in (QUEUED, INITIATED, RINGING):
            self.end(result, "far end")

    # -- what the network does -----------------------------------------------------------------------------------------

    def ring(self) -> None:
        """The carrier reached the telephone: it rings until somebody answers or the time is over."""
        if self.over:
            return
        self.status = RINGING
        self.network.ledger.ring_began(self.sid, self.address)
        self.network.ledger.leg_changed(self.sid, RINGING)
        self.report(RINGING)
        self.network.clock.after(self.ring_timeout, self._rang_out)
        for listener in self.on_ring:
            listener(self)
        self.far_end.rings(self)

    def _rang_out(self) -> None:
        if self.status == RINGING:
            self.end(NO_ANSWER, "timeout")

    def pick_up(self) -> None:
        """The call is answered; an outbound leg begins its script."""
        self.status = IN_PROGRESS
        self.answered_at = self.updated_at = self.network.clock.now()
        self.started_at = self.started_at or self.answered_at
        self.network.ledger.ring_ended(self.sid, "answered")
        self.network.ledger.leg_changed(self.sid, IN_PROGRESS)
        self.report("answered")
        self.limit(self.time_limit)
        for listener in self.on_answer:
            listener(self)
        self.far_end.answered(self)
        if self.begin is not None and self.script is None:
            self.run(self.begin(self))

    def run(self, routine: Routine[None]) -> None:
        self.script = Script(self.network.clock, routine, self.network.performer(self))

    def limit(self, seconds: float) -> None:
        """How long the call may last from its answer."""
        self.time_limit = seconds
        if self.answered_at is not None:
            lasted = (self.network.clock.now() - self.answered_at).total_seconds()
            self.network.clock.after(max(0.0, seconds - lasted), self._time_over, seconds)

    def _time_over(self, seconds: float) -> None:
        if seconds == self.time_limit:
            self.end(COMPLETED, "time limit")

    def detected(self, who: str, seconds: float) -> None:
        """Answering machine detection has found out who answered."""
        self.answered_by, self.detection_ms = who, round(seconds * 1000)
        self.note("amd", {"what": who, "seconds": seconds})

    def record(self, wanted: Wanted) -> Recording:
        """A recording of this leg, not yet begun; it stops with the leg."""
        made = recording(self.network, wanted, self.sid)
        self.on_over.append(lambda over: made.stop())
        return made

    def signal(self, event: object) -> None:
        """Hand an event or an interruption to the script, by the clock."""
        self.network.clock.after(0, self._deliver, event)

    def _deliver(self, event: object) -> None:
        if isinstance(event, Interruption) and not event.concerns(self):
            event.missed()
            return
        if self.script is not None:
            self.script.deliver(event)

    def redirect(self, source: Source) -> None:
        """Execute another document from here on; a call that ended meanwhile stays ended."""
        if self.over:
            return
        self.updated_at = self.network.clock.now()
        if self.script is None or self.script.over:
            self.run(self.network.live(self, source))
        else:
            self._deliver(Redirected(source))

    def end(self, status: str | None = None, by: str = "") -> None:
        """The leg is over; a second end changes nothing. Without a status: completed, or canceled while ringing."""
        if self.over:
            return
        if status is None:
            status = COMPLETED if self.status == IN_PROGRESS or self.direction == INBOUND else CANCELED
        was_ringing = self.status == RINGING
        self.status, self.ended_by = status, by
        self.ended_at = self.updated_at = self.network.clock.now()
        if was_ringing:
            self.network.ledger.ring_ended(self.sid, status)
        self.network.ledger.leg_changed(self.sid, status, over=True)
        self.report("completed")
        for listener in self.on_over:
            listener(self)
        if self.script is not None:
            self.signal(HungUp())
        self.far_end.over(self)

    def report(self, event: str) -> None:
        """Note a change of state and tell the status callback, if it asked for this event."""
        self.note("status", {"status": self.status if event != INITIATED else INITIATED, "by": self.ended_by})
        if self.callback is None or event not in self.callback.events:
            return
        params = self.params()
        params |= {
            "CallStatus": INITIATED if event == INITIATED else self.status,
            "Timestamp": rfc2822(self.network.clock.now()) or "",
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
        }
        self._sequence += 1
        if self.over:
            params |= {"SipResponseCode": SIP_CODES[self.status], "CallDuration": str(self.duration)}
            params["Duration"] = str(-(-self.duration // 60))
        self.network.tell(self.sid, self.callback.url, params, self.callback.method)

    def note(self, kind: str, data: dict[str, object]) -> None:
        self.network.note(kind, self.sid, data)

    def hears(self, kind: str, what: str, url: str, seconds: float) -> None:
        self.heard.append(Heard(kind, what, url, self.network.clock.now(), seconds))
        self.note(kind, {"what": what, "url": url, "seconds": round(seconds, 2)})
        self.far_end.heard(self, kind, what)
