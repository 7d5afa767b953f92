"""What a REST request asks for, checked as Twilio checks it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import request

from phonesim.calls import Call
from phonesim.rest.errors import RestError
from phonesim.script import Source
from phonesim.states import StatusCallback
from phonesim.twiml import TwimlError, parse

if TYPE_CHECKING:
    from phonesim.network import Network

TELEPHONE = re.compile(r"\+[1-9]\d{6,14}|\d{3,6}")
CALL_EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
LONGEST_TWIML = 4000


def text(name: str) -> str | None:
    """A form field, None when it is missing or empty."""
    return request.form.get(name) or None


def flag(name: str) -> bool | None:
    value = text(name)
    return None if value is None else value.lower() == "true"


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
    if not from_.startswith(("client:", "sip:")) and from_ not in network.numbers:
        raise RestError(400, 21210, f"The source phone number provided, {from_}, is not yet verified for your account.")
    return from_, to


@dataclass(frozen=True)
class Wishes:
    """What every new call may ask for, read before the call exists."""

    callback: StatusCallback | None
    ring_timeout: float
    time_limit: float

    def give(self, call: Call) -> None:
        call.callback, call.ring_timeout, call.time_limit = self.callback, self.ring_timeout, self.time_limit


def wishes() -> Wishes:
    return Wishes(
        callback("StatusCallback", CALL_EVENTS, frozenset({"completed"})),
        number("Timeout", 60, 1, 600),
        number("TimeLimit", 14_400, 1, 86_400),
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
