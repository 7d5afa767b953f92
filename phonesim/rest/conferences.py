"""Conferences: list, fetch, end, announce."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.conferences import COMPLETED, Conference
from phonesim.rest import forms
from phonesim.rest.calls import EFFECT
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822

if TYPE_CHECKING:
    from phonesim.network import Network

NOT_LIVE = 16099


def conferences_api(network: Network) -> Blueprint:
    api = Blueprint("conferences", __name__)

    @api.get("/Conferences.json")
    def many() -> Response:
        wanted = request.args
        created, updated = forms.span("DateCreated"), forms.span("DateUpdated")
        shown = [
            conference
            for conference in reversed(network.conferences.values())
            if wanted.get("FriendlyName") in (None, conference.name)
            and wanted.get("Status") in (None, conference.status)
            and created(conference.created_at)
            and updated(conference.updated_at)
        ]
        return page("conferences", shown, conference_json)

    @api.get("/Conferences/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(conference_json(conference_of(network, sid)))

    @api.post("/Conferences/<sid>.json")
    def update(sid: str) -> Response:
        conference = conference_of(network, sid)
        status = forms.text("Status")
        announcement = forms.url("AnnounceUrl")
        if conference.status == COMPLETED and (status or announcement):
            raise RestError(400, NOT_LIVE, "The conference has ended")
        if status == COMPLETED:
            network.clock.after(EFFECT, conference.finish)
        elif announcement is not None:
            network.clock.after(EFFECT, conference.announce, announcement, forms.method("AnnounceMethod"))
        return jsonify(conference_json(conference))

    return api


def conference_of(network: Network, sid: str) -> Conference:
    if sid not in network.conferences:
        raise not_found(request.path)
    return network.conferences[sid]


def conference_json(conference: Conference) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{conference.network.account_sid}/Conferences/{conference.sid}"
    return {
        "sid": conference.sid,
        "account_sid": conference.network.account_sid,
        "api_version": "2010-04-01",
        "friendly_name": conference.name,
        "status": conference.status,
        "region": "us1",
        "reason_conference_ended": conference.ended_because or None,
        "call_sid_ending_conference": conference.ended_by_call or None,
        "date_created": rfc2822(conference.created_at),
        "date_updated": rfc2822(conference.updated_at),
        "uri": f"{uri}.json",
        "subresource_uris": {
            "participants": f"{uri}/Participants.json",
            "recordings": f"{uri}/Recordings.json",
        },
    }
