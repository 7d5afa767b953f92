"""What the carrier asks and tells about calls that we make to keep a promise: /twilio/callback/<token>/…

The token of the attempt is in every address. A leg that is not the attempt's own is a ghost: it hears a goodbye, and
is hung up. Every document is a function of what is in the database: the same request again gets the same answer.
"""

from typing import Any

import structlog
from flask import Response, after_this_request, g, request

from helpdesk.callbacks import dialling, settle
from helpdesk.callbacks.queries import Held
from helpdesk.callbacks.rules import AttemptResult, AttemptState, CallbackState
from helpdesk.kernel.i18n import LANGUAGES
from helpdesk.telephony import twiml, voices
from helpdesk.telephony.heard import Heard, Mangled, read
from helpdesk.telephony.rules import LIVE_LEG, CallState
from helpdesk.webhooks import said
from helpdesk.webhooks.access import attempt as turn
from helpdesk.webhooks.access import carrier_door, document, status

log = structlog.get_logger()

door = carrier_door("callback_webhooks", __name__, "/twilio/callback/<token>")

# P11 is said twice to somebody who presses nothing: the first time they may still be walking to a quiet place.
_TURNS = 2
_FAREWELL = {AttemptResult.LATER: "P33", AttemptResult.DECLINED: "P34", AttemptResult.CONNECTED: "P23"}


@door.url_value_preprocessor
def _take_token(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    g.token = (values or {}).pop("token", "")


@door.post("/answer")
@document
def answer(heard: Heard) -> str:
    """Somebody picked up. Whom an operator waits for comes to that operator at once; others hear who we are and what
    they may choose."""
    held = _own(heard)
    if held is None:
        return twiml.hang_up(twiml.prompt(LANGUAGES[:2], "P23"))
    if settle.answered(held, _is_machine()):
        return _greeting(held, 1)
    return _as_it_stands(held)


@door.post("/key")
@document
def key(heard: Heard) -> str:
    """1: an operator; 2: in half an hour; 3: no more; nothing: once more, then try again later."""
    held = _own(heard)
    if held is None:
        return twiml.hang_up(twiml.prompt(LANGUAGES[:2], "P23"))
    if held.callback.state is not CallbackState.ANSWERED or held.attempt.state is not AttemptState.LIVE:
        return _as_it_stands(held)
    match heard.keys:
        case "1" | "0":
            settle.wants_operator(held)
        case "2":
            settle.settle(held, AttemptResult.LATER)
        case "3":
            settle.settle(held, AttemptResult.DECLINED)
        case _ if held.call.state is CallState.IVR and turn() < _TURNS:
            return _greeting(held, turn() + 1)
        case _ if held.call.state is CallState.IVR:
            settle.settle(held, AttemptResult.NO_KEY)
    return _as_it_stands(held)


@door.post("/status")
@status
def leg_status() -> None:
    """How the leg is doing, in any order, any number of times."""
    heard = read(request.form)
    if heard.state is None:
        raise Mangled("CallStatus")
    held = _own(heard)
    if held is not None:
        settle.leg_reported(held, heard.state)
        if heard.state in LIVE_LEG and not settle.may_ring(held):
            _hang_up_afterwards(heard.sid)
    elif heard.state in LIVE_LEG:
        _hang_up_afterwards(heard.sid)


def _own(heard: Heard) -> Held | None:
    """The attempt of the address, when the leg is its own."""
    held = dialling.adopt(g.token, heard.sid)
    if held is None:
        log.warning("a leg of nobody", call_sid=heard.sid)
    else:
        voices.answer_for(held.callback.desk_id)
    return held


def _is_machine() -> bool:
    return request.form.get("AnsweredBy", "").startswith(("machine", "fax"))


def _hang_up_afterwards(sid: str) -> None:
    """By a request to the carrier, when our transaction is over."""

    @after_this_request
    def send(response: Response) -> Response:
        dialling.hang_up(sid)
        return response


def _greeting(held: Held, number: int) -> str:
    clips = twiml.prompt((held.callback.language,), "P11")
    return twiml.ask(f"/twilio/callback/{held.attempt.token}/key?n={number}", clips)


def _as_it_stands(held: Held) -> str:
    """The document that fits what is in the books by now."""
    voice = (held.callback.language,)
    if held.call.state in (CallState.QUEUED, CallState.OFFERED) and held.attempt.state is AttemptState.LIVE:
        return said.queue(held.call, "P30")
    if held.call.state is CallState.CONNECTED and held.attempt.state is AttemptState.LIVE:
        return twiml.say_and_go(twiml.prompt(voice, "P39"), twiml.path("join"))
    if held.attempt.result is AttemptResult.NO_KEY and held.callback.state is CallbackState.RETRY_WAIT:
        return twiml.hang_up(twiml.prompt(voice, "P12"))
    farewell = _FAREWELL.get(held.attempt.result or AttemptResult.CONNECTED, "P23")
    return twiml.hang_up(twiml.prompt(voice, farewell))
