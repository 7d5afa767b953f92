"""Calls: create, fetch, update, list. As with Twilio a second POST makes a second call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.account import Application
from phonesim.calls import Call
from phonesim.outbound import Detection, with_document
from phonesim.rest import forms
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.script import Source
from phonesim.sids import rfc2822
from phonesim.states import CANCELED, COMPLETED, IN_PROGRESS, OUTBOUND_API

if TYPE_CHECKING:
    from phonesim.network import Network

EFFECT = 0.02
"""Seconds from a REST request to its effect: never inside the request."""


def calls_api(network: Network) -> Blueprint:
    api = Blueprint("calls", __name__)

    @api.post("/Calls.json")
    def create() -> tuple[Response, int]:
        from_, to = forms.ends(network)
        source, fallback = forms.source(), (forms.url("FallbackUrl"), forms.method("FallbackMethod"))
        wishes = forms.wishes()
        if (sid := forms.text("ApplicationSid")) is not None:
            application = application_of(network, sid)
            source, fallback = application.source, application.fallback
            wishes = replace(wishes, callback=application.callback)
        if source is None:
            raise RestError(400, 21205, "Url or Twiml is needed")
        begin = with_document(source, detection(), forms.text("SendDigits") or "")
        call = network.leg_out(from_, to, OUTBOUND_API)
        wishes.give(call)
        call.fallback_url, call.fallback_method = fallback
        call.begin = begin
        network.send_out(call)
        return jsonify(call_json(call)), 201

    @api.get("/Calls.json")
    def many() -> Response:
        return page("calls", found(network), call_json)

    @api.delete("/Calls/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        """Only the record of a call that is over; the ledger keeps what happened."""
        if not call_of(network, sid).over:
            raise RestError(400, 20001, "A call in progress cannot be deleted")
        del network.calls[sid]
        return "", 204

    @api.get("/Calls/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(call_json(call_of(network, sid)))

    @api.post("/Calls/<sid>.json")
    def update(sid: str) -> Response:
        call = call_of(network, sid)
        status = forms.text("Status")
        if status is not None and status not in (CANCELED, COMPLETED):
            raise RestError(400, 20001, f"Status may be set to canceled or completed, not to {status}")
        if call.over or (status == CANCELED and call.status == IN_PROGRESS):
            raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
        source = forms.source()
        _rearrange(call)
        if status is not None:
            network.clock.after(EFFECT, call.end, None, "rest")
        elif source is not None:
            redirect(network, call, source)
        return jsonify(call_json(call))

    return api


def redirect(network: Network, call: Call, source: Source) -> None:
    """Send a live call to another document."""
    if call.status != IN_PROGRESS:
        raise RestError(400, 21220, "Call is not in-progress. Cannot redirect.")
    network.clock.after(EFFECT, call.redirect, source)


def _rearrange(call: Call) -> None:
    """What an update may change beside the document."""
    if (fallback := forms.url("FallbackUrl")) is not None:
        call.fallback_url, call.fallback_method = fallback, forms.method("FallbackMethod")
    told = forms.callback("StatusCallback", forms.CALL_EVENTS, frozenset({"completed"}))
    if told is not None:
        call.callback = told if call.callback is None else replace(call.callback, url=told.url, method=told.method)
    if forms.text("TimeLimit") is not None:
        call.limit(forms.number("TimeLimit", call.time_limit, 1, 86_400))


def application_of(network: Network, sid: str) -> Application:
    if sid not in network.applications:
        raise RestError(400, 21218, f"ApplicationSid {sid} is not accessible")
    return network.applications[sid]


def call_of(network: Network, sid: str) -> Call:
    if sid not in network.calls:
        raise not_found(request.path)
    return network.calls[sid]


def detection() -> Detection | None:
    if not forms.detects():
        return None
    if forms.flag("AsyncAmd"):
        return forms.detection("AsyncAmdStatusCallback")
    return forms.detection()


def found(network: Network) -> list[Call]:
    """The calls that the query asks for, newest first."""
    wanted = request.args
    seen_before = network.clock.now() - timedelta(seconds=network.faults.list_lag)
    started, ended = forms.span("StartTime"), forms.span("EndTime")
    calls = [
        call
        for call in network.calls.values()
        if wanted.get("To") in (None, call.to)
        and wanted.get("From") in (None, call.from_)
        and wanted.get("Status") in (None, call.status)
        and wanted.get("ParentCallSid") in (None, call.parent.sid if call.parent else "")
        and call.created_at <= seen_before
        and started(call.started_at)
        and ended(call.ended_at)
    ]
    calls.reverse()
    return calls


def call_json(call: Call) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{call.network.account_sid}/Calls/{call.sid}"
    return {
        "sid": call.sid,
        "account_sid": call.network.account_sid,
        "api_version": "2010-04-01",
        "parent_call_sid": call.parent.sid if call.parent else None,
        "from": call.from_,
        "from_formatted": call.from_,
        "to": call.to,
        "to_formatted": call.to,
        "phone_number_sid": None,
        "status": call.status,
        "direction": call.direction,
        "answered_by": call.answered_by,
        "date_created": rfc2822(call.created_at),
        "date_updated": rfc2822(call.updated_at),
        "start_time": rfc2822(call.started_at),
        "end_time": rfc2822(call.ended_at),
        "duration": str(call.duration) if call.over else None,
        "queue_time": str(call.queue_ms),
        "price": None,
        "price_unit": "USD",
        "forwarded_from": None,
        "caller_name": None,
        "group_sid": None,
        "trunk_sid": None,
        "annotation": None,
        "uri": f"{uri}.json",
        "subresource_uris": {
            name: f"{uri}/{name.title()}.json" for name in ("recordings", "notifications", "events", "streams")
        },
    }
