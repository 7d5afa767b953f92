"""The buttons of the booth: dial, press, hang up, play the far end, hear, and watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, request

from phonesim.calls import Call
from phonesim.events import Put, stream
from phonesim.scenario import TRAITS
from phonesim.states import BUSY, FAILED, NO_ANSWER
from phonesim.trace import Line
from phonesim.transport import outgoing
from phonesim.world import Interactive, Person

if TYPE_CHECKING:
    from phonesim.network import Network

REPLAY = 100


def handset(network: Network) -> Blueprint:
    api = Blueprint("handset", __name__)

    def call_of(sid: str) -> Call:
        if sid not in network.calls:
            abort(404)
        return network.calls[sid]

    @api.post("/dial")
    def dial() -> tuple[dict[str, str], int]:
        """{from, to, keys?, patience?, talk?, ...}: with keys by script, without them by the buttons."""
        given = request.get_json()
        to, from_ = str(given.get("to", "")), str(given.get("from", ""))
        if network.answering(to) is None or not from_:
            return {"error": f"nobody answers at {to or '(nothing)'}" if from_ else "from is missing"}, 400
        person = _person(given) if "keys" in given else None
        with network.clock.lock:
            call = network.dial(to, from_=from_, person=person, far_end=None if person else Interactive())
        return {"callSid": call.sid}, 201

    @api.get("/calls")
    def live() -> Response:
        with network.clock.lock:
            return jsonify([_shown(call) for call in network.calls.values() if not call.over])

    @api.get("/calls/<sid>")
    def one(sid: str) -> Response:
        """The call and its trace behind line `after`."""
        after = request.args.get("after", 0, int)
        with network.clock.lock:
            lines = [line.as_json() for line in network.trace.of(sid) if line.number > after]
            return jsonify({**_shown(call_of(sid)), "lines": lines})

    @api.post("/calls/<sid>/<what>")
    def act(sid: str, what: str) -> tuple[str, int]:
        """press {keys}, hangup, answer, machine, busy, no-answer, failed."""
        call = call_of(sid)
        keys = str(request.get_json().get("keys", ""))
        machine = call.far_end.as_machine if isinstance(call.far_end, Interactive) else None
        actions: dict[str, Callable[[], None]] = {
            "press": lambda: call.press("".join(key for key in keys if key in "0123456789*#")),
            "hangup": call.hang_up,
            "answer": call.answer,
            "machine": (lambda: machine(call)) if machine is not None else call.answer,
            BUSY: lambda: call.refuse(BUSY),
            NO_ANSWER: lambda: call.refuse(NO_ANSWER),
            FAILED: lambda: call.refuse(FAILED),
        }
        if what not in actions:
            abort(404)
        actions[what]()
        return "", 204

    @api.put("/people/<number>")
    def person(number: str) -> tuple[str, int]:
        """Who answers at a number from now on: {rings, keys, patience, talk, ...} as of Person."""
        with network.clock.lock:
            network.person(number, _person(request.get_json()))
        return "", 204

    @api.delete("/people/<number>")
    def nobody(number: str) -> tuple[str, int]:
        with network.clock.lock:
            network.people.pop(number, None)
        return "", 204

    @api.get("/audio")
    def audio() -> Response:
        """An audio file that some call has heard, fetched from the application."""
        url = request.args.get("url", "")
        if url not in network.audio_lengths:
            abort(404)
        answer = network.transport.send(outgoing("GET", url, {}, {"Accept": "*/*"}))
        if answer.failure or answer.status != 200:
            abort(502)
        kind = answer.headers.get("content-type", "audio/wav")
        return Response(answer.body, mimetype=kind, headers={"Cache-Control": "max-age=3600"})

    @api.get("/events")
    def events() -> Response:
        """Every line of the trace, from the last one that the reader has."""
        last = request.headers.get("Last-Event-ID") or request.args.get("after")

        def subscribe(put: Put) -> Callable[[], None]:
            def tell(line: Line) -> None:
                put("line", line.as_json(), line.number)

            with network.clock.lock:
                known = list(network.trace.lines)
                missed = [line for line in known if line.number > int(last)] if last else known[-REPLAY:]
                for line in missed:
                    put("line" if last else "past", line.as_json(), line.number)
                return network.trace.listen(tell)

        return stream(subscribe)

    return api


def _person(given: dict[str, Any]) -> Person:
    if unknown := set(given) - TRAITS - {"from", "to"}:
        abort(400, f"unknown: {', '.join(sorted(unknown))}")
    return Person(**{name: given[name] for name in TRAITS & set(given)})


def _shown(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "status": call.status,
        "over": call.over,
        "endedBy": call.ended_by,
        "seconds": call.duration,
        "byHand": isinstance(call.far_end, Interactive),
        "queue": call.queue_name,
        "conference": call.conference_name,
        "talksWith": sorted(call.network.calls[sid].address for sid in call.company),
        "since": call.created_at.isoformat(),
    }
