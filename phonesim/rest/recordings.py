"""Recordings of <Record>: fetch, media, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.recordings import Recording
from phonesim.rest.errors import not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822

if TYPE_CHECKING:
    from phonesim.network import Network


def recordings_api(network: Network) -> Blueprint:
    api = Blueprint("recordings", __name__)

    def recording_of(sid: str) -> Recording:
        if sid not in network.recordings:
            raise not_found(request.path)
        return network.recordings[sid]

    def as_json(recording: Recording) -> dict[str, Any]:
        return {
            "sid": recording.sid,
            "account_sid": network.account_sid,
            "api_version": "2010-04-01",
            "call_sid": recording.call_sid,
            "conference_sid": None,
            "channels": 1,
            "source": "RecordVerb",
            "status": recording.status,
            "duration": str(recording.seconds),
            "date_created": rfc2822(recording.created_at),
            "date_updated": rfc2822(recording.created_at),
            "start_time": rfc2822(recording.created_at),
            "media_url": network.recording_url(recording.sid),
            "uri": f"/2010-04-01/Accounts/{network.account_sid}/Recordings/{recording.sid}.json",
        }

    @api.get("/Recordings.json")
    def many() -> Response:
        wanted = request.args.get("CallSid")
        shown = [r for r in reversed(network.recordings.values()) if wanted in (None, r.call_sid)]
        return page("recordings", shown, as_json)

    @api.get("/Recordings/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(as_json(recording_of(sid)))

    @api.get("/Recordings/<sid>")
    @api.get("/Recordings/<sid>.wav")
    def media(sid: str) -> Response:
        return Response(recording_of(sid).audio, mimetype="audio/wav")

    @api.delete("/Recordings/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        del network.recordings[recording_of(sid).sid]
        return "", 204

    return api
