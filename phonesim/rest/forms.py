"""What a REST request asks for, checked as Twilio checks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from flask import request

from phonesim.calls import Call
from phonesim.outbound import Detection
from phonesim.recordings import COMPLETED, EVENTS, OUTBOUND_CALL, Wanted
from phonesim.rest.errors import RestError
from phonesim.script import Source
from phonesim.states import TELEPHONE, StatusCallback
from phonesim.twiml import TwimlError, parse

if TYPE_CHECKING:
    from phonesim.network import Network

CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_TWIML = 4000
REFUSALS = {
    21214: "The number cannot be reached",
    21215: "Geographic permissions do not allow calls to this number",
    21216: "The account may not call this number",
    21217: "The number does not seem to be valid",
    21219: "A trial account may only call verified numbers",
    21408: "Messages to this region are not permitted",
    21608: "A trial account may only send to verified numbers",
    21610: "The recipient has opted out",
    21612: "No route for messages from this sender to this number",
    21614: "The number is not a mobile number",
}


def text(name: str) -> str | None:
    """A form field, None when it is missing or empty."""
    return request.form.get(name) or None


def flag(name: str) -> bool | None:
    value = text(name)
    return None if value is None else value == "true"


def asked_flag(name: str) -> bool | None:
    """The same of the query."""
    value = request.args.get(name)
    return None if value is None else value == "true"


def detects() -> bool:
    """Whether somebody shall find out if a person or a machine answers."""
    wanted = text("MachineDetection")
    if wanted not in (None, "Enable", "DetectMessageEnd"):
        raise RestError(400, 20001, "MachineDetection is Enable or DetectMessageEnd")
    return wanted is not None


def span(name: str) -> Callable[[datetime | None], bool]:
    """Which moments the query's Name, Name< and Name> let through. A date, or its midnight, stands for the day."""
    on, until, since = (_moment(f"{name}{mark}") for mark in ("", "<", ">"))

    def within(moment: datetime | None) -> bool:
        if on is until is since is None:
            return True
        if moment is None:
            return False
        day = on is not None and on.time() == time(0)
        return (
            (on is None or (on <= moment < on + timedelta(days=1) if day else moment == on))
            and (until is None or moment <= until)
            and (since is None or moment >= since)
        )

    return within


def _moment(name: str) -> datetime | None:
    value = request.args.get(name)
    if not value:
        return None
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def number(name: str, default: float, least: int, most: int) -> float:
    value = text(name)
    if value is None:
        return default
    if not value.lstrip("-").isdigit():
        raise RestError(400, 20001, f"{name} must be an integer")
    return float(min(most, max(least, int(value))))


def url(name: str) -> str | None:
    value = text(name)
    if value is not None and not value.startswith(("http://", "https://")):
        raise RestError(400, 21205, f"{name} is not a valid URL: {value}")
    return value


def method(name: str, default: str = "POST") -> str:
    value = (text(name) or default).upper()
    if value not in ("GET", "POST"):
        raise RestError(400, 20001, f"{name} must be GET or POST")
    return value


def words(name: str) -> list[str]:
    """A list-valued field, given several times or with spaces between."""
    return [word for value in request.form.getlist(name) for word in value.split()]


def callback(name: str, known: frozenset[str], default: frozenset[str]) -> StatusCallback | None:
    target = url(name)
    if target is None:
        return None
    events = frozenset(words(f"{name}Event")) or default
    if unknown := events - known:
        raise RestError(400, 21626, f"{name}Event: no such event {', '.join(sorted(unknown))}")
    return StatusCallback(target, method(f"{name}Method"), events)


def ends(network: Network) -> tuple[str, str]:
    """(From, To) of a new call."""
    to, from_ = text("To"), text("From")
    if to is None:
        raise RestError(400, 21201, "No 'To' number is specified")
    if from_ is None:
        raise RestError(400, 21213, "No 'From' number is specified")
    if not to.startswith(("client:", "sip:")) and not TELEPHONE.fullmatch(to):
        raise RestError(400, 21211, f"The 'To' number {to} is not a valid phone number.")
    willing(network, to)
    if not from_.startswith(("client:", "sip:")) and from_ not in network.numbers:
        raise RestError(400, 21210, f"The source phone number provided, {from_}, is not yet verified for your account.")
    return from_, to


def detection(callback_name: str = "") -> Detection:
    """With the name of a callback nobody waits for it, whether or not the request gives one."""
    told = url(callback_name) if callback_name else None
    to_the_end = text("MachineDetection") == "DetectMessageEnd"
    timeout = number("MachineDetectionTimeout", 30, 3, 59)
    return Detection(bool(callback_name), told, method(f"{callback_name}Method"), to_the_end, timeout)


def recording(source: str, prefix: str = "") -> Wanted:
    """How something shall be recorded; `prefix` stands before the names of the callback."""
    channels = 2 if not prefix and text("RecordingChannels") == "dual" else 1
    told = callback(f"{prefix}RecordingStatusCallback", EVENTS, frozenset({COMPLETED}))
    return Wanted(source, channels, text("RecordingTrack") or "both", told)


def willing(network: Network, to: str) -> None:
    """Some numbers are refused, each for its own reason."""
    person = network.people.get(to)
    if person is not None and person.refused is not None:
        reason = REFUSALS.get(person.refused, "The request was refused")
        raise RestError(400, person.refused, f"{reason}: {to}")


@dataclass(frozen=True)
class Wishes:
    """What every new call may ask for, read before the call exists."""

    callback: StatusCallback | None
    ring_timeout: float
    time_limit: float
    record: Wanted | None

    def give(self, call: Call) -> None:
        call.callback, call.ring_timeout, call.time_limit = self.callback, self.ring_timeout, self.time_limit
        wanted = self.record
        if wanted is not None:
            call.on_answer.append(lambda answered: answered.record(wanted).begin())


def wishes() -> Wishes:
    return Wishes(
        callback("StatusCallback", CALL_EVENTS, frozenset({"completed"})),
        number("Timeout", 60, 1, 600),
        number("TimeLimit", 14_400, 1, 86_400),
        recording(OUTBOUND_CALL) if flag("Record") else None,
    )


def source() -> Source | None:
    """The document that a call shall execute: Url or Twiml."""
    address, twiml = url("Url"), text("Twiml")
    if twiml is not None:
        if len(twiml) > LONGEST_TWIML:
            raise RestError(400, 21620, f"Twiml is longer than {LONGEST_TWIML} characters")
        try:
            parse(twiml.encode())
        except TwimlError as error:
            raise RestError(400, error.code, error.message) from error
        return Source("", twiml=twiml)
    return None if address is None else Source(address, method("Method"))
