"""A call to 1450: the first webhook, the language, the topic; with the last one come the ticket and a place in line."""

import html
import re

from bench.load import Visitor, Wrong
from bench.servers import HOST, TOKEN, Grounds
from helpdesk.demo.names import phone
from phonesim.signature import sign

NAME = "voice_webhook"
WHAT = "signed webhooks of a call: ring, language, topic"
AIMS: dict[str, float] = {"p99 at 1": 50}

ACTION = re.compile(r'action="([^"]+)"')


def visitor(grounds: Grounds) -> Visitor:
    """The carrier."""
    return Visitor(grounds.house, HOST)


def turn(one: Visitor, _serial: int) -> None:
    """One call from a number of its own; every third one is known to us."""
    serial = one.dice.randrange(1, 40_000) if one.dice.random() < 1 / 3 else one.dice.randrange(1_000_000, 9_999_999)
    call = {
        "CallSid": f"CA{one.dice.getrandbits(128):032x}",
        "AccountSid": "AC" + "0" * 32,
        "From": phone(serial),
        "To": "1450",
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    greeting = _tell(one, "/twilio/voice/incoming", call, "ring", "<Gather")
    call["CallStatus"] = "in-progress"
    topics = _tell(one, _next(greeting), call | {"Digits": "2"}, "language", "<Gather")
    _tell(one, _next(topics), call | {"Digits": "2"}, "topic", "<Enqueue")
    # the caller hangs up: the line stays as short as it was
    _tell(one, "/twilio/voice/status", call | {"CallStatus": "completed"}, "", "", 204)


def _tell(one: Visitor, path: str, form: dict[str, str], step: str, marker: str, status: int = 200) -> str:
    signature = sign(TOKEN, f"https://{HOST}{path}", form)
    return one.post(path, form, step, status, marker, {"X-Twilio-Signature": signature})


def _next(document: str) -> str:
    found = ACTION.search(document)
    if found is None:
        raise Wrong(f"no action in {document[:300]}")
    return html.unescape(found[1]).removeprefix(f"https://{HOST}")
