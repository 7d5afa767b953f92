"""Softphones over HTTP: what the voice SDK's `Device` does in the browser, for pages of the application."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request

from phonesim.calls import Call
from phonesim.events import Put, stream
from phonesim.softphones import Softphone
from phonesim.states import INBOUND

if TYPE_CHECKING:
    from phonesim.network import Network

IDENTITY = re.compile(r"[A-Za-z0-9_]{1,121}")
TAB_RELOADS = 8.0
"""Seconds for which a call survives its page: a reload is shorter, a dead browser longer."""


def operators(network: Network, voice_url: str) -> Blueprint:
    api = Blueprint("operators", __name__)

    def phone(identity: str) -> Softphone:
        if not IDENTITY.fullmatch(identity):
            abort(400, "an identity is made of letters, digits and _")
        return network.softphone(identity, voice_url)

    def call_of(identity: str) -> Call:
        call = phone(identity).active
        if call is None:
            abort(409, "no call is going on")
        return call

    @api.post("/<identity>/connect")
    def connect(identity: str) -> tuple[dict[str, str], int]:
        """The JSON object's members are the parameters of device.connect()."""
        params = {str(key): str(value) for key, value in request.get_json().items()}
        with network.clock.lock:
            softphone = phone(identity)
            if softphone.active is not None:
                return {"error": "a call is going on", "callSid": softphone.active.sid}, 409
            return {"callSid": softphone.connect(**params).sid}, 201

    @api.post("/<identity>/hangup")
    def hang_up(identity: str) -> tuple[str, int]:
        call_of(identity).hang_up()
        return "", 204

    @api.post("/<identity>/answer")
    def answer(identity: str) -> tuple[str, int]:
        call_of(identity).answer()
        return "", 204

    @api.post("/<identity>/reject")
    def reject(identity: str) -> tuple[str, int]:
        call_of(identity).refuse()
        return "", 204

    @api.post("/<identity>/mute")
    def mute(identity: str) -> tuple[str, int]:
        call_of(identity)
        with network.clock.lock:
            phone(identity).mute(bool(request.get_json().get("muted", True)))
        return "", 204

    @api.post("/<identity>/digits")
    def digits(identity: str) -> tuple[str, int]:
        call_of(identity).press(str(request.get_json().get("digits", "")))
        return "", 204

    @api.get("/<identity>/events")
    def events(identity: str) -> Response:
        """connecting, incoming, connected, talking, disconnected; a call that is going on is told at once."""
        softphone = phone(identity)

        def subscribe(put: Put) -> Callable[[], None]:
            def tell(event: str, call: Call) -> None:
                put(event, _shown(call), None)

            with network.clock.lock:
                softphone.readers += 1
                if softphone.active is not None:
                    tell(softphone.state_of(softphone.active), softphone.active)
                return softphone.listen(tell)

        def gone() -> None:
            with network.clock.lock:
                softphone.readers -= 1
                network.clock.after(TAB_RELOADS, _browser_died, softphone)

        return stream(subscribe, gone)

    return api


def _browser_died(softphone: Softphone) -> None:
    if softphone.readers == 0 and softphone.active is not None:
        softphone.active.end(None, "browser closed")


def _shown(call: Call) -> dict[str, object]:
    return {
        "callSid": call.sid,
        "from": call.from_,
        "to": call.to,
        "status": call.status,
        "direction": "outgoing" if call.direction == INBOUND else "incoming",
        "params": {key: value for key, value in call.extra.items() if key != "ApplicationSid"},
    }
