"""The telephone network: numbers, telephones, legs, queues and conferences, and the only door to all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import phonesim.verbs  # noqa: F401  (fills the interpreter's table of verbs)
from phonesim.account import Alert, Application, Configured, Number
from phonesim.calls import Call
from phonesim.clock import Clock
from phonesim.company import meet, part
from phonesim.conferences import Conference
from phonesim.contract import Violation
from phonesim.faults import Faults
from phonesim.interpreter import inbound, live
from phonesim.ledger import Ledger
from phonesim.messages import Message, send
from phonesim.queues import Queue
from phonesim.recordings import Recording
from phonesim.rest import rest_app
from phonesim.script import Answer, Fetch, Routine, Source
from phonesim.sids import Sids
from phonesim.softphones import Softphone
from phonesim.states import INBOUND, INITIATED, OUTBOUND_DIAL, QUEUED, RINGING
from phonesim.trace import Trace
from phonesim.transport import Transport
from phonesim.webhooks import Courier, Hook
from phonesim.world import FarEnd, Person, Scripted

if TYPE_CHECKING:
    from flask import Flask

SETS_UP = 0.5
"""Seconds until a dialled telephone rings."""


class Network:
    """One account of a Twilio-compatible network.

    `cps`: outgoing calls per second that `POST /Calls` starts; more wait as "queued". `seed` makes sids, tokens and
    faults repeatable. `ledger_file`: JSON lines, read at the start. `redirects_to_action`: a call redirected out of a
    queue executes the <Enqueue>'s action instead of the new URL; an application should not notice the difference.
    """

    def __init__(
        self,
        clock: Clock,
        account_sid: str,
        auth_token: str,
        transport: Transport,
        *,
        cps: float = 1.0,
        seed: int | None = None,
        faults: Faults | None = None,
        ledger_file: Path | None = None,
        public_url: str = "http://localhost",
        keep_trace: int = 5000,
    ) -> None:
        self.clock = clock
        self.account_sid = account_sid
        self.auth_token = auth_token
        self.transport = transport
        self.cps = cps
        self.public_url = public_url
        self.sids = Sids(seed)
        self.ledger = Ledger(clock.now, ledger_file)
        self.trace = Trace(keep_trace)
        self.alerts: list[Alert] = []
        self.violations: list[Violation] = []
        self.calls: dict[str, Call] = {}
        self.queues: dict[str, Queue] = {}
        self.conferences: dict[str, Conference] = {}
        self.messages: dict[str, Message] = {}
        self.recordings: dict[str, Recording] = {}
        self.numbers: dict[str, Number] = {}
        self.applications: dict[str, Application] = {}
        self.audio_lengths: dict[str, float] = {}
        self.people: dict[str, Person] = {}
        self.softphones: dict[str, Softphone] = {}
        self.redirects_to_action = False
        self.telephone: Callable[[str], FarEnd] | None = None
        self.courier = Courier(clock, transport, auth_token, faults or Faults(seed or 0), self._noted, self.alert, seed)
        self._conference_names: dict[str, Conference] = {}
        self._next_slot = 0.0
        self.rest_app: Flask = rest_app(self)

    @property
    def faults(self) -> Faults:
        """What goes wrong on purpose; may be replaced at any time."""
        return self.courier.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.courier.faults = faults

    # -- setting up ----------------------------------------------------------------------------------------------------

    def number(
        self,
        number: str,
        voice_url: str | None = None,
        fallback_url: str | None = None,
        *,
        voice_method: str = "POST",
        status_callback: str | None = None,
    ) -> Number:
        """A number of the account. URLs may be relative to the application."""
        settings = self._urls(VoiceUrl=voice_url, VoiceFallbackUrl=fallback_url, StatusCallback=status_callback)
        settings["VoiceMethod"] = voice_method
        self.numbers[number] = Number(self.sids.new("PN"), self.clock.now(), settings, number)
        return self.numbers[number]

    def application(self, name: str, voice_url: str, fallback_url: str | None = None) -> Application:
        """A TwiML application; the same name again is the same one."""
        for application in self.applications.values():
            if application.name == name:
                return application
        settings = {"FriendlyName": name, **self._urls(VoiceUrl=voice_url, VoiceFallbackUrl=fallback_url)}
        made = Application(self.sids.new("AP"), self.clock.now(), settings)
        self.applications[made.sid] = made
        return made

    def answering(self, number: str) -> Configured | None:
        """What answers at a number of the account: its application, or itself; None when nothing does."""
        found: Configured | None = self.numbers.get(number)
        if found is not None and (sid := found.settings.get("VoiceApplicationSid")):
            found = self.applications.get(sid)
        return found if found is not None and found.voice_url else None

    def _urls(self, **urls: str | None) -> dict[str, str]:
        return {name: self.url(url) for name, url in urls.items() if url}

    def person(self, number: str, person: Person) -> Person:
        """Who picks up at a number; nobody does at numbers without a person."""
        self.people[number] = person
        return person

    def softphone(
        self, identity: str, voice_url: str | None = None, answer_after: float | None = None, talk: float | None = None
    ) -> Softphone:
        """The softphone of one identity; the first mention needs the voice URL of its TwiML application, or its sid."""
        if identity not in self.softphones:
            if voice_url is None:
                raise ValueError(f"softphone {identity} needs a voice_url")
            application = self.applications.get(voice_url) or self.application(voice_url, voice_url)
            self.softphones[identity] = Softphone(self, identity, application, answer_after, talk)
        return self.softphones[identity]

    # -- calling -------------------------------------------------------------------------------------------------------

    def dial(
        self,
        to: str,
        *,
        from_: str,
        keys: Sequence[str] | Callable[[int, list[str]], str] = (),
        patience: float | None = None,
        talk: float | None = None,
        person: Person | None = None,
        far_end: FarEnd | None = None,
    ) -> Call:
        """Somebody dials one of the account's numbers. `keys`, `patience`, `talk`: see Person."""
        answering = self.answering(to)
        if answering is None:
            raise ValueError(f"nothing answers at {to}")
        end = far_end or Scripted(person or Person(keys=keys, patience=patience, talk=talk))
        call = self._leg(from_, to, INBOUND, end)
        self._incoming(call, answering)
        if isinstance(end, Scripted):
            end.dialled(call)
        return call

    def client_call(self, softphone: Softphone, params: Mapping[str, str]) -> Call:
        """A softphone connects to its TwiML App."""
        call = self._leg(softphone.address, params.get("To", ""), INBOUND, softphone)
        call.extra = {"ApplicationSid": softphone.application.sid, **params}
        self._incoming(call, softphone.application)
        return call

    def _incoming(self, call: Call, answering: Configured) -> None:
        source = answering.source
        if source is None:
            raise ValueError(f"{answering.sid} has no voice URL")
        call.callback = answering.callback
        call.fallback_url, call.fallback_method = answering.fallback
        call.status = RINGING
        call.started_at = self.clock.now()
        call.note("status", {"status": RINGING, "from": call.from_, "to": call.to})
        call.run(inbound(call, source))

    def leg_out(self, from_: str, to: str, direction: str, parent: Call | None = None) -> Call:
        """A leg to a telephone, not yet sent out."""
        call = self._leg(from_, to, direction, self._far_end(to))
        call.parent = parent
        return call

    def send_out(self, call: Call) -> None:
        """Dial a leg; calls of the REST interface wait for their turn by the calls-per-second limit."""
        wait = 0.0
        if call.direction != OUTBOUND_DIAL and self.cps > 0:
            start = max(self.clock.seconds(), self._next_slot)
            self._next_slot = start + 1 / self.cps
            wait = start - self.clock.seconds()
            call.queue_ms = round(wait * 1000)
        call.note("status", {"status": QUEUED, "from": call.from_, "to": call.to, "queue_ms": call.queue_ms})
        self.clock.after(wait, self._set_up, call)

    def _set_up(self, call: Call) -> None:
        if not call.over:
            call.started_at = self.clock.now()
            call.report(INITIATED)
            self.clock.after(SETS_UP, call.ring)

    def _leg(self, from_: str, to: str, direction: str, end: FarEnd) -> Call:
        call = Call(self, self.sids.new("CA"), from_, to, direction, end)
        self.calls[call.sid] = call
        self.ledger.leg_began(call.sid, call.address, direction, call.status)
        return call

    def _far_end(self, to: str) -> FarEnd:
        if to.startswith("client:"):
            softphone = self.softphones.get(to.removeprefix("client:"))
            return softphone if softphone is not None else Scripted(Person())
        if to in self.people or self.telephone is None:
            return Scripted(self.people.get(to) or Person())
        return self.telephone(to)

    def live(self, call: Call, source: Source) -> Routine[None]:
        return live(call, source)

    # -- what legs need ------------------------------------------------------------------------------------------------

    def url(self, url: str) -> str:
        return urljoin(self.transport.base_url, url)

    def queue(self, name: str) -> Queue:
        """The queue of that name, made when it is first named."""
        queue = self.queue_named(name)
        if queue is not None:
            return queue
        queue = Queue(self, self.sids.new("QU"), name, self.clock.now())
        self.queues[queue.sid] = queue
        return queue

    def queue_named(self, name: str) -> Queue | None:
        return next((queue for queue in self.queues.values() if queue.name == name), None)

    def conference(self, name: str) -> Conference:
        """The running conference of that name, or a new one."""
        if name not in self._conference_names:
            conference = Conference(self, self.sids.new("CF"), name)
            self._conference_names[name] = self.conferences[conference.sid] = conference
        return self._conference_names[name]

    def forget_conference(self, conference: Conference) -> None:
        self._conference_names.pop(conference.name, None)

    def met(self, one: Call, other: Call, place: str) -> None:
        """Two far ends can hear each other."""
        meet(self, one, other, place)

    def parted(self, call: Call, place: str, stays: bool = False) -> None:
        """A far end talks with nobody any more; `stays`: it goes on listening there."""
        part(self, call, place, stays)

    def performer(self, call: Call) -> Callable[[Fetch, Callable[[Answer], None]], None]:
        def perform(fetch: Fetch, done: Callable[[Answer], None]) -> None:
            self.courier.carry(Hook(call.sid, fetch.url, fetch.params, fetch.method, fetch.kind), done)

        return perform

    def tell(self, call_sid: str, url: str, params: Mapping[str, str], method: str = "POST") -> None:
        """Send a status callback."""
        self.courier.carry(Hook(call_sid, url, dict(params), method))

    def text(self, from_: str, to: str, body: str, callback: str | None) -> Message:
        return send(self, from_, to, body, callback)

    def recording_url(self, sid: str) -> str:
        return f"{self.public_url}/2010-04-01/Accounts/{self.account_sid}/Recordings/{sid}"

    def alert(self, call_sid: str, code: int, url: str, message: str) -> None:
        self.alerts.append(Alert(self.clock.now(), call_sid, code, url, message))
        self.note("alert", call_sid, {"code": code, "url": url, "message": message})

    def note(self, kind: str, call_sid: str, data: Mapping[str, object]) -> None:
        self.trace.add(self.clock.now().isoformat(timespec="milliseconds"), kind, call_sid, dict(data))

    def _noted(self, kind: str, call_sid: str, data: dict[str, object]) -> None:
        self.note(kind, call_sid, data)

    def close(self) -> None:
        self.courier.close()
        self.ledger.close()
