"""The carrier's side of a call to 1450: its webhooks one after the other, each built from the document before it."""

import html
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

from bench.load import Visitor, Wrong
from bench.servers import HOST, TOKEN
from helpdesk.demo.names import phone
from phonesim.signature import sign

WAITS = 3
# Out of a hundred callers who stand in line so many usually hang up there.
GIVE_UP = 12
_ADDRESS = re.compile(r'(action|waitUrl|statusCallback)="([^"]+)"|<Redirect[^>]*>([^<]+)<')


@dataclass(frozen=True)
class Webhook:
    """What the carrier posts next, and what the answer must hold."""

    step: str
    path: str
    form: dict[str, str]
    marker: str = ""
    status: int = 200


class Offered(NamedTuple):
    """To whom a call is held out."""

    token: str
    staff_id: int


# None: nothing to tell before somebody is asked to take this call.
Script = Generator[Webhook | None, str, None]
Seek = Callable[[str], Offered | None]


def inbound(
    dice: Random, seek: Seek, done: Callable[[Offered], None], to: str = "1450", give_up: int = GIVE_UP
) -> Script:
    """One call to `to`: the menu, some turns of waiting, then an operator (`seek`) takes it or the caller gives up.

    `done` is told whose conversation is over. Every third caller is known to us.
    """
    serial = dice.randrange(1, 40_000) if dice.random() < 1 / 3 else dice.randrange(1_000_000, 9_999_999)
    sid = f"CA{dice.getrandbits(128):032x}"
    call = {
        "CallSid": sid,
        "AccountSid": "AC" + "0" * 32,
        "From": phone(serial),
        "To": to,
        "CallStatus": "ringing",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    document = yield Webhook("incoming", "/twilio/voice/incoming", call, "<Gather")
    call |= {"CallStatus": "in-progress"}
    document = yield Webhook("language", _next(document, "action"), call | {"Digits": "2"}, "<Gather")
    document = yield Webhook("menu", _next(document, "action"), call | {"Digits": "1"}, "<Gather")
    room = yield Webhook("topic", _next(document, "action"), call | {"Digits": "1"}, "<Enqueue")
    turn = _next(room, "waitUrl")
    for _ in range(WAITS):
        document = yield Webhook("wait", turn, call, "<Redirect")
        turn = _next(document, "")
    if dice.randrange(100) < give_up:
        yield Webhook("queue-left", _next(room, "action"), call | {"QueueResult": "hangup"}, "<Hangup")
        yield Webhook("status", "/twilio/voice/status", call | {"CallStatus": "completed"}, "", 204)
        return
    while (offered := seek(sid)) is None:
        yield None
    yield from _conversation(dice, call, offered, _next(room, "action"))
    done(offered)


def _conversation(dice: Random, call: dict[str, str], offered: Offered, left: str) -> Script:
    """The operator's softphone connects, the caller is brought, they talk, the caller hangs up."""
    softphone = call | {
        "CallSid": f"CA{dice.getrandbits(128):032x}",
        "From": f"client:op_{offered.staff_id}",
        "To": "",
    }
    room = yield Webhook("operator", "/twilio/voice/operator", softphone | {"offer": offered.token}, "<Conference")
    tells = _Conference(_next(room, "statusCallback"), f"CF{dice.getrandbits(128):032x}")
    yield tells("participant-join", softphone["CallSid"])
    document = yield Webhook("queue-left", left, call | {"QueueResult": "redirected"}, "<Conference")
    yield Webhook("join", "/twilio/voice/join", call, "<Conference")
    yield tells("conference-start", "")
    yield tells("participant-join", call["CallSid"])
    over = {"CallStatus": "completed"}
    yield tells("participant-leave", call["CallSid"], ReasonParticipantLeft="participant_hung_up")
    yield Webhook("caller-left", _next(document, "action"), call | over, "<Hangup")
    yield tells("participant-leave", softphone["CallSid"], ReasonParticipantLeft="conference_ended")
    yield tells("conference-end", "")
    yield Webhook("operator-left", _next(room, "action"), softphone | over, "<Hangup")
    for leg in (call, softphone):
        yield Webhook("status", "/twilio/voice/status", leg | over, "", 204)


class _Conference:
    """The events of one conference, numbered."""

    def __init__(self, path: str, sid: str) -> None:
        self._path, self._sid, self._number = path, sid, 0

    def __call__(self, event: str, leg: str, **more: str) -> Webhook:
        self._number += 1
        form = {
            "ConferenceSid": self._sid,
            "StatusCallbackEvent": event,
            "SequenceNumber": str(self._number),
            "CallSid": leg,
            **more,
        }
        return Webhook("conference", self._path, form, "", 204)


def _next(document: str, name: str) -> str:
    """The path of an address in a document, without the fragment that the carrier keeps to itself. Raises Wrong."""
    for found in _ADDRESS.finditer(document):
        if (found[1] or "") == name:
            address = html.unescape(found[2] or found[3]).strip()
            return address.removeprefix(f"https://{HOST}").partition("#")[0]
    raise Wrong(f"no {name or 'redirect'} in {document[:300]}")


def headers_of(webhook: Webhook) -> dict[str, str]:
    """The signature, as the carrier makes it."""
    return {"X-Twilio-Signature": sign(TOKEN, f"https://{HOST}{webhook.path}", webhook.form)}


def tell(one: Visitor, webhook: Webhook) -> str:
    """Post it and check the answer. Raises Wrong."""
    return one.post(webhook.path, webhook.form, webhook.step, webhook.status, webhook.marker, headers_of(webhook))
