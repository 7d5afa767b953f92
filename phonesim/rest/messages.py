"""Messages: create, fetch, list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.messages import Message
from phonesim.rest import forms
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822
from phonesim.states import TELEPHONE

if TYPE_CHECKING:
    from phonesim.network import Network

LONGEST = 1600


def messages_api(network: Network) -> Blueprint:
    api = Blueprint("messages", __name__)

    @api.post("/Messages.json")
    def create() -> tuple[Response, int]:
        to, from_, body = forms.text("To"), forms.text("From"), forms.text("Body")
        if to is None:
            raise RestError(400, 21604, "A 'To' phone number is required.")
        if from_ is None and forms.text("MessagingServiceSid") is None:
            raise RestError(400, 21603, "A 'From' phone number is required.")
        if body is None:
            raise RestError(400, 21602, "Message body is required.")
        if len(body) > LONGEST:
            raise RestError(400, 21617, f"The concatenated message body exceeds the {LONGEST} character limit.")
        if not TELEPHONE.fullmatch(to):
            raise RestError(400, 21211, f"Invalid 'To' Phone Number: {to}")
        forms.willing(network, to)
        if from_ is not None and from_ not in network.numbers and not _sender(from_):
            raise RestError(400, 21606, f"The 'From' phone number {from_} is not a valid, SMS-capable number.")
        message = network.text(from_ or forms.text("MessagingServiceSid") or "", to, body, forms.url("StatusCallback"))
        return jsonify(message_json(message)), 201

    @api.get("/Messages.json")
    def many() -> Response:
        wanted, sent = request.args, forms.span("DateSent")
        shown = [
            message
            for message in reversed(network.messages.values())
            if wanted.get("To") in (None, message.to)
            and wanted.get("From") in (None, message.from_)
            and sent(message.sent_at)
        ]
        return page("messages", shown, message_json)

    @api.get("/Messages/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(message_json(message_of(sid)))

    @api.post("/Messages/<sid>.json")
    def update(sid: str) -> Response:
        """An empty body redacts; there are no scheduled messages to cancel."""
        message = message_of(sid)
        if forms.text("Status") is not None:
            raise RestError(400, 30409, "Only scheduled messages can be canceled")
        if forms.text("Body") is not None:
            raise RestError(400, 20001, "Body may only be emptied")
        message.body = ""
        return jsonify(message_json(message))

    @api.delete("/Messages/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        del network.messages[message_of(sid).sid]
        return "", 204

    def message_of(sid: str) -> Message:
        if sid not in network.messages:
            raise not_found(request.path)
        return network.messages[sid]

    return api


def _sender(name: str) -> bool:
    """An alphanumeric sender: at most 11 characters, at least one letter."""
    return len(name) <= 11 and name.replace(" ", "").isalnum() and not name.isdigit()


def message_json(message: Message) -> dict[str, Any]:
    account = message.network.account_sid
    uri = f"/2010-04-01/Accounts/{account}/Messages/{message.sid}"
    return {
        "sid": message.sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "messaging_service_sid": None,
        "from": message.from_,
        "to": message.to,
        "body": message.body,
        "status": message.status,
        "direction": "outbound-api",
        "num_segments": str(message.segments),
        "num_media": "0",
        "error_code": message.error_code,
        "error_message": None,
        "price": None,
        "price_unit": "USD",
        "date_created": rfc2822(message.created_at),
        "date_updated": rfc2822(message.sent_at or message.created_at),
        "date_sent": rfc2822(message.sent_at),
        "uri": f"{uri}.json",
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }
