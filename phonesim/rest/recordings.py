"""Recordings: begin one of a live call, pause, resume and stop one, fetch, listen to, list and delete it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.recordings import CALL_BY_REST, COMPLETED, PAUSED, Recording
from phonesim.rest import forms
from phonesim.rest.calls import EFFECT, call_of
from phonesim.rest.conferences import conference_of
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822
from phonesim.states import IN_PROGRESS

if TYPE_CHECKING:
    from phonesim.network import Network

CURRENT = "Twilio.CURRENT"
NOT_ELIGIBLE = 21220


def recordings_api(network: Network) -> Blueprint:
    api = Blueprint("recordings", __name__)

    @api.post("/Calls/<call>/Recordings.json")
    def begin(call: str) -> tuple[Response, int]:
        live = call_of(network, call)
        if live.status != IN_PROGRESS:
            raise RestError(400, NOT_ELIGIBLE, "Requested resource is not eligible for recording")
        made = live.record(forms.recording(CALL_BY_REST))
        network.clock.after(EFFECT, made.begin)
        return jsonify(recording_json(made)), 201

    @api.get("/Recordings.json")
    def many() -> Response:
        call, conference = request.args.get("CallSid"), request.args.get("ConferenceSid")
        return listed(lambda r: call in (None, r.call_sid) and conference in (None, r.conference_sid))

    @api.get("/Calls/<call>/Recordings.json")
    def of_call(call: str) -> Response:
        call_of(network, call)
        return listed(lambda r: r.call_sid == call)

    @api.get("/Conferences/<conference>/Recordings.json")
    def of_conference(conference: str) -> Response:
        conference_of(network, conference)
        return listed(lambda r: r.conference_sid == conference)

    @api.get("/Recordings/<sid>.json")
    @api.get("/Calls/<call>/Recordings/<sid>.json")
    @api.get("/Conferences/<conference>/Recordings/<sid>.json")
    def one(sid: str, call: str = "", conference: str = "") -> Response:
        return jsonify(recording_json(recording_of(sid, call, conference)))

    @api.post("/Calls/<call>/Recordings/<sid>.json")
    @api.post("/Conferences/<conference>/Recordings/<sid>.json")
    def update(sid: str, call: str = "", conference: str = "") -> Response:
        kept = recording_of(sid, call, conference)
        if not kept.going_on:
            raise RestError(400, NOT_ELIGIBLE, "The recording is not in progress")
        status = forms.text("Status")
        if status == PAUSED:
            network.clock.after(EFFECT, kept.pause, forms.text("PauseBehavior") == "skip")
        elif status == IN_PROGRESS:
            network.clock.after(EFFECT, kept.resume)
        else:
            network.clock.after(EFFECT, kept.stop)
        return jsonify({**recording_json(kept), "status": status})

    @api.get("/Recordings/<sid>")
    @api.get("/Recordings/<sid>.wav")
    def media(sid: str) -> Response:
        kept = recording_of(sid)
        if kept.status != COMPLETED:
            raise not_found(request.path)
        return Response(kept.audio, mimetype="audio/x-wav")

    @api.delete("/Recordings/<sid>.json")
    @api.delete("/Calls/<call>/Recordings/<sid>.json")
    @api.delete("/Conferences/<conference>/Recordings/<sid>.json")
    def delete(sid: str, call: str = "", conference: str = "") -> tuple[str, int]:
        kept = recording_of(sid, call, conference)
        if kept.going_on:
            raise RestError(400, 20001, "The recording is still in progress")
        del network.recordings[kept.sid]
        return "", 204

    def recording_of(sid: str, call: str = "", conference: str = "") -> Recording:
        """By its sid, or the one that is going on."""
        for kept in reversed(network.recordings.values()):
            named = kept.going_on if sid == CURRENT else sid == kept.sid
            if named and call in ("", kept.call_sid) and conference in ("", kept.conference_sid):
                return kept
        raise not_found(request.path)

    def listed(wanted: Callable[[Recording], bool]) -> Response:
        created = forms.span("DateCreated")
        shown = [r for r in reversed(network.recordings.values()) if wanted(r) and created(r.created_at)]
        return page("recordings", shown, recording_json)

    return api


def recording_json(kept: Recording) -> dict[str, Any]:
    account = kept.network.account_sid
    return {
        "sid": kept.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "call_sid": kept.call_sid or None,
        "conference_sid": kept.conference_sid or None,
        "channels": kept.wanted.channels,
        "track": kept.wanted.track,
        "source": kept.wanted.source,
        "status": kept.status,
        "duration": None if kept.going_on else str(kept.seconds),
        "error_code": None,
        "price": None,
        "price_unit": "USD",
        "encryption_details": None,
        "date_created": rfc2822(kept.created_at),
        "date_updated": rfc2822(kept.updated_at),
        "start_time": rfc2822(kept.created_at),
        "media_url": kept.network.recording_url(kept.sid),
        "uri": f"/2010-04-01/Accounts/{account}/Recordings/{kept.sid}.json",
        "subresource_uris": {},
    }
