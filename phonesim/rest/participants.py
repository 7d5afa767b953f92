"""The participants of a conference: call in, hold, mute, coach, announce to, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.conferences import COMPLETED, EVENT_OF, Announcement, Conference, Participant
from phonesim.outbound import Detection, with_conference
from phonesim.participation import participant_from
from phonesim.recordings import CONFERENCE
from phonesim.rest import forms
from phonesim.rest.calls import EFFECT
from phonesim.rest.conferences import NOT_LIVE, conference_of
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822
from phonesim.states import IN_PROGRESS, OUTBOUND_API, QUEUED, RINGING

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
STATUS = {QUEUED: "queued", RINGING: "ringing", IN_PROGRESS: "connected"}
EVENTS = frozenset(EVENT_OF.values()) | {"speaker"}
NOT_PRESENT = 16028


def participants_api(network: Network) -> Blueprint:
    api = Blueprint("participants", __name__)

    @api.get("/Conferences/<sid>/Participants.json")
    def many(sid: str) -> Response:
        """Those who are in and those who are being called in."""
        conference = conference_of(network, sid)
        muted, hold, coaching = (forms.asked_flag(name) for name in ("Muted", "Hold", "Coaching"))
        shown = [
            member
            for member in [*conference.participants.values(), *conference.invited.values()]
            if muted in (None, member.muted)
            and hold in (None, member.hold)
            and coaching in (None, member.coaching is not None)
        ]
        return page("participants", shown, participant_json)

    @api.post("/Conferences/<sid>/Participants.json")
    def invite(sid: str) -> tuple[Response, int]:
        from_, to = forms.ends(network)
        wishes = forms.wishes()
        told = forms.callback("ConferenceStatusCallback", EVENTS, frozenset({"start", "end"}))
        given = {attribute: value for name, attribute in ATTRIBUTES.items() if (value := forms.text(name)) is not None}
        early_media = forms.flag("EarlyMedia") is not False
        detection = _detection()
        record = forms.text("ConferenceRecord") in ("true", "record-from-start")
        recorded = forms.recording(CONFERENCE, "Conference") if record else None
        conference = _named(network, sid)
        coached = coach(conference, given.pop("coach", None), forms.flag("Coaching"))
        if not conference.participants:
            conference.callback = conference.callback or told
            conference.wanted = conference.wanted or recorded
        call = network.leg_out(from_, to, OUTBOUND_API)
        wishes.give(call)
        member = participant_from(call, conference, given, network.transport.base_url)
        member.coaching = coached
        conference.invite(member, early_media)
        call.begin = with_conference(member, detection)
        network.send_out(call)
        return jsonify(participant_json(member)), 201

    @api.get("/Conferences/<sid>/Participants/<call>.json")
    def one(sid: str, call: str) -> Response:
        return jsonify(participant_json(participant_of(network, sid, call)))

    @api.post("/Conferences/<sid>/Participants/<call>.json")
    def update(sid: str, call: str) -> Response:
        member = participant_of(network, sid, call)
        changes = _changes(member)
        network.clock.after(EFFECT, _change, member, changes)
        return jsonify({**participant_json(member), **{k: v for k, v in changes.items() if k in ("muted", "hold")}})

    @api.delete("/Conferences/<sid>/Participants/<call>.json")
    def remove(sid: str, call: str) -> tuple[str, int]:
        member = participant_of(network, sid, call)
        network.clock.after(EFFECT, member.conference.remove, member)
        return "", 204

    return api


def _named(network: Network, sid: str) -> Conference:
    """By its sid, or by its name: the running one, else a new one."""
    if sid not in network.conferences:
        if sid.startswith("CF") and len(sid) == 34:
            raise not_found(request.path)
        return network.conference(sid)
    if network.conferences[sid].status == COMPLETED:
        raise RestError(400, NOT_LIVE, "The conference has ended")
    return network.conferences[sid]


def coach(conference: Conference, coached: str | None, coaching: bool | None) -> str | None:
    """The sid of the leg to be whispered to; it must be in the conference."""
    if coaching is False or (coaching is None and coached is None):
        return None
    if coached not in conference.participants:
        raise RestError(400, NOT_PRESENT, "Participant to be whispered is not present in the conference")
    return coached


def _changes(member: Participant) -> dict[str, object]:
    changes: dict[str, object] = {
        name: value
        for name, value in (
            ("muted", forms.flag("Muted")),
            ("end_on_exit", forms.flag("EndConferenceOnExit")),
            ("wait_url", forms.url("WaitUrl")),
            ("hold_url", forms.url("HoldUrl")),
            ("hold_method", forms.method("HoldMethod", "GET") if forms.text("HoldUrl") else None),
            ("hold", forms.flag("Hold")),
        )
        if value is not None
    }
    if (url := forms.url("AnnounceUrl")) is not None:
        changes["announcement"] = Announcement(url, forms.method("AnnounceMethod"))
    coached, coaching = forms.text("CallSidToCoach"), forms.flag("Coaching")
    if coaching is not None or coached is not None:
        changes["coaching"] = coach(member.conference, coached, coaching)
    return changes


def _change(member: Participant, changes: dict[str, object]) -> None:
    if not member.call.over and member.conference.status != COMPLETED:
        member.conference.update(member, changes)


def _detection() -> Detection | None:
    """A participant goes in at once; what answered is told later."""
    if not forms.detects():
        return None
    return forms.detection("AmdStatusCallback")


def participant_of(network: Network, sid: str, call: str) -> Participant:
    """By the call's sid or by the label."""
    conference = conference_of(network, sid)
    members = {**conference.invited, **conference.participants}
    if call in members:
        return members[call]
    for member in members.values():
        if member.label and member.label == call:
            return member
    raise not_found(request.path)


def participant_json(member: Participant) -> dict[str, Any]:
    call, conference = member.call, member.conference
    account = call.network.account_sid
    connecting = call.status == QUEUED and call.started_at is not None
    uri = f"/2010-04-01/Accounts/{account}/Conferences/{conference.sid}/Participants/{call.sid}.json"
    return {
        "account_sid": account,
        "call_sid": call.sid,
        "conference_sid": conference.sid,
        "label": member.label or None,
        "muted": member.muted,
        "hold": member.hold,
        "coaching": member.coaching is not None,
        "call_sid_to_coach": member.coaching,
        "start_conference_on_enter": member.start_on_enter,
        "end_conference_on_exit": member.end_on_exit,
        "status": "connecting" if connecting else STATUS.get(call.status, "complete"),
        "queue_time": str(call.queue_ms),
        "date_created": rfc2822(member.joined_at),
        "date_updated": rfc2822(member.updated_at),
        "uri": uri,
    }
