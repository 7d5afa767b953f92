"""Conferences and their participants: list, end; call in, hold, mute, coach, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.calls import Call
from phonesim.conferences import EVENT_OF, INIT, Conference, Participant
from phonesim.outbound import with_conference
from phonesim.rest import forms
from phonesim.rest.calls import EFFECT
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822
from phonesim.states import OUTBOUND_API

if TYPE_CHECKING:
    from phonesim.network import Network

ATTRIBUTES = {
    "Label": "participantLabel",
    "Muted": "muted",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "WaitUrl": "waitUrl",
    "WaitMethod": "waitMethod",
    "CallSidToCoach": "coach",
}
CALLED = {"queued": "queued", "initiated": "connecting", "ringing": "ringing"}


def conferences_api(network: Network) -> Blueprint:
    api = Blueprint("conferences", __name__)

    @api.get("/Conferences.json")
    def many() -> Response:
        wanted = request.args
        shown = [
            conference
            for conference in reversed(network.conferences.values())
            if wanted.get("FriendlyName") in (None, conference.name)
            and wanted.get("Status") in (None, conference.status)
        ]
        return page("conferences", shown, conference_json)

    @api.get("/Conferences/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(conference_json(conference_of(network, sid)))

    @api.post("/Conferences/<sid>.json")
    def update(sid: str) -> Response:
        conference = conference_of(network, sid)
        if forms.text("Status") == "completed":
            network.clock.after(EFFECT, conference.finish)
        return jsonify(conference_json(conference))

    @api.get("/Conferences/<sid>/Participants.json")
    def members(sid: str) -> Response:
        wanted = {name: forms_flag(name) for name in ("Muted", "Hold")}
        shown = [
            member
            for member in conference_of(network, sid).participants.values()
            if wanted["Muted"] in (None, member.muted) and wanted["Hold"] in (None, member.hold)
        ]
        return page("participants", shown, participant_json)

    @api.post("/Conferences/<sid>/Participants.json")
    def invite(sid: str) -> tuple[Response, int]:
        from_, to = forms.ends(network)
        wishes = forms.wishes()
        known = frozenset(EVENT_OF.values()) | {"speaker", "announcement"}
        told = forms.callback("ConferenceStatusCallback", known, frozenset({"start", "end"}))
        given = {attribute: value for name, attribute in ATTRIBUTES.items() if (value := forms.text(name)) is not None}
        if not forms.flag("Coaching"):
            given.pop("coach", None)
        conference = network.conferences[sid] if sid in network.conferences else network.conference(sid)
        if conference.callback is None and not conference.participants:
            conference.callback = told
        call = network.leg_out(from_, to, OUTBOUND_API)
        wishes.give(call)
        call.begin = with_conference(conference.name, given, network.transport.base_url)
        call.on_over.append(lambda over: _forsake(conference))
        network.send_out(call)
        return jsonify(invited_json(conference, call, given)), 201

    @api.get("/Conferences/<sid>/Participants/<call>.json")
    def member(sid: str, call: str) -> Response:
        return jsonify(participant_json(participant_of(network, sid, call)))

    @api.post("/Conferences/<sid>/Participants/<call>.json")
    def change(sid: str, call: str) -> Response:
        member = participant_of(network, sid, call)
        changes: dict[str, object] = {
            name: value
            for name, value in (
                ("muted", forms.flag("Muted")),
                ("end_on_exit", forms.flag("EndConferenceOnExit")),
                ("hold_url", forms.url("HoldUrl")),
                ("hold_method", forms.method("HoldMethod") if forms.text("HoldMethod") else None),
                ("hold", forms.flag("Hold")),
            )
            if value is not None
        }
        if (coaching := forms.flag("Coaching")) is not None:
            coached = forms.text("CallSidToCoach")
            if coaching and coached not in member.conference.participants:
                raise RestError(400, 20001, "CallSidToCoach is not a participant of this conference")
            changes["coaching"] = coached if coaching else None
        network.clock.after(EFFECT, _change, member, changes)
        return jsonify({**participant_json(member), **{k: v for k, v in changes.items() if k in ("muted", "hold")}})

    @api.delete("/Conferences/<sid>/Participants/<call>.json")
    def remove(sid: str, call: str) -> tuple[str, int]:
        member = participant_of(network, sid, call)
        network.clock.after(EFFECT, member.conference.remove, member)
        return "", 204

    return api


def _change(member: Participant, changes: dict[str, object]) -> None:
    if member.call.sid in member.conference.participants:
        member.conference.update(member, changes)


def _forsake(conference: Conference) -> None:
    """Nobody came to a conference that was made for an invited leg."""
    if conference.status == INIT and not conference.participants:
        conference.finish()


def forms_flag(name: str) -> bool | None:
    value = request.args.get(name)
    return None if value is None else value.lower() == "true"


def conference_of(network: Network, sid: str) -> Conference:
    if sid not in network.conferences:
        raise not_found(request.path)
    return network.conferences[sid]


def participant_of(network: Network, sid: str, call: str) -> Participant:
    """By the call's sid or by the label."""
    members = conference_of(network, sid).participants
    if call in members:
        return members[call]
    for member in members.values():
        if member.label and member.label == call:
            return member
    raise not_found(request.path)


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


def participant_json(member: Participant) -> dict[str, Any]:
    return {
        **_participant(member.conference, member.call),
        "label": member.label or None,
        "muted": member.muted,
        "hold": member.hold,
        "coaching": member.coaching is not None,
        "call_sid_to_coach": member.coaching,
        "start_conference_on_enter": member.start_on_enter,
        "end_conference_on_exit": member.end_on_exit,
        "status": "connected",
        "date_created": rfc2822(member.joined_at),
        "date_updated": rfc2822(member.updated_at),
    }


def invited_json(conference: Conference, call: Call, given: dict[str, str]) -> dict[str, Any]:
    return {
        **_participant(conference, call),
        "label": given.get("participantLabel"),
        "muted": given.get("muted") == "true",
        "hold": False,
        "coaching": "coach" in given,
        "call_sid_to_coach": given.get("coach"),
        "start_conference_on_enter": given.get("startConferenceOnEnter", "true") == "true",
        "end_conference_on_exit": given.get("endConferenceOnExit") == "true",
        "status": CALLED.get(call.status, "queued"),
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.updated_at),
    }


def _participant(conference: Conference, call: Call) -> dict[str, Any]:
    account = call.network.account_sid
    return {
        "account_sid": account,
        "call_sid": call.sid,
        "conference_sid": conference.sid,
        "queue_time": str(call.queue_ms),
        "uri": f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}/Participants/{call.sid}.json",
    }
