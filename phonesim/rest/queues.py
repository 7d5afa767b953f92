"""Queues and their members: look, and take one out by sending it to another document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.queues import DEFAULT_MAX, MOST, Entry, Queue
from phonesim.rest import forms
from phonesim.rest.calls import redirect
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822

if TYPE_CHECKING:
    from phonesim.network import Network


EXISTS, NOT_EMPTY = 22003, 22004


def queues_api(network: Network) -> Blueprint:
    api = Blueprint("queues", __name__)

    @api.get("/Queues.json")
    def many() -> Response:
        return page("queues", list(reversed(network.queues.values())), queue_json)

    @api.post("/Queues.json")
    def create() -> tuple[Response, int]:
        name = forms.text("FriendlyName")
        if name is None:
            raise RestError(400, 22001, "FriendlyName is needed")
        if network.queue_named(name) is not None:
            raise RestError(400, EXISTS, f"A queue named {name} exists already")
        queue = network.queue(name)
        queue.max_size = int(forms.number("MaxSize", DEFAULT_MAX, 1, MOST))
        return jsonify(queue_json(queue)), 201

    @api.get("/Queues/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(queue_json(queue_of(network, sid)))

    @api.post("/Queues/<sid>.json")
    def update(sid: str) -> Response:
        queue = queue_of(network, sid)
        name = forms.text("FriendlyName") or queue.name
        if network.queue_named(name) not in (None, queue):
            raise RestError(400, EXISTS, f"A queue named {name} exists already")
        queue.name = name
        queue.max_size = int(forms.number("MaxSize", queue.max_size, 1, MOST))
        return jsonify(queue_json(queue))

    @api.delete("/Queues/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        queue = queue_of(network, sid)
        if queue.entries:
            raise RestError(400, NOT_EMPTY, f"The queue {queue.name} is not empty")
        del network.queues[queue.sid]
        return "", 204

    @api.get("/Queues/<sid>/Members.json")
    def members(sid: str) -> Response:
        return page("queue_members", queue_of(network, sid).entries, member_json)

    @api.get("/Queues/<sid>/Members/<call>.json")
    def member(sid: str, call: str) -> Response:
        return jsonify(member_json(entry_of(network, sid, call)))

    @api.post("/Queues/<sid>/Members/<call>.json")
    def take_out(sid: str, call: str) -> Response:
        entry = entry_of(network, sid, call)
        source = forms.source()
        if source is None:
            raise RestError(400, 21205, "Url is needed")
        redirect(network, entry.call, source)
        return jsonify(member_json(entry))

    return api


def queue_of(network: Network, sid: str) -> Queue:
    if sid not in network.queues:
        raise not_found(request.path)
    return network.queues[sid]


def entry_of(network: Network, sid: str, call: str) -> Entry:
    entries = queue_of(network, sid).entries
    if call == "Front" and entries:
        return entries[0]
    for entry in entries:
        if entry.call.sid == call:
            return entry
    raise not_found(request.path)


def queue_json(queue: Queue) -> dict[str, Any]:
    uri = f"/2010-04-01/Accounts/{queue.network.account_sid}/Queues/{queue.sid}"
    return {
        "sid": queue.sid,
        "account_sid": queue.network.account_sid,
        "friendly_name": queue.name,
        "current_size": len(queue.entries),
        "max_size": queue.max_size,
        "average_wait_time": queue.average_wait,
        "date_created": rfc2822(queue.created_at),
        "date_updated": rfc2822(queue.created_at),
        "uri": f"{uri}.json",
        "subresource_uris": {"members": f"{uri}/Members.json"},
    }


def member_json(entry: Entry) -> dict[str, Any]:
    queue = entry.queue
    account = queue.network.account_sid
    return {
        "call_sid": entry.call.sid,
        "queue_sid": queue.sid,
        "date_enqueued": rfc2822(entry.since),
        "position": entry.position,
        "wait_time": entry.seconds,
        "uri": f"/2010-04-01/Accounts/{account}/Queues/{queue.sid}/Members/{entry.call.sid}.json",
    }
