"""Numbers and applications: create, fetch, update, list, delete. What is set here routes the next call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from phonesim.account import Application, Configured, Number
from phonesim.rest import forms
from phonesim.rest.errors import RestError, not_found
from phonesim.rest.pages import page
from phonesim.sids import rfc2822
from phonesim.states import TELEPHONE

if TYPE_CHECKING:
    from phonesim.network import Network

VOICE = ("VoiceUrl", "VoiceMethod", "VoiceFallbackUrl", "VoiceFallbackMethod", "StatusCallback", "StatusCallbackMethod")
SMS = ("SmsUrl", "SmsMethod", "SmsFallbackUrl", "SmsFallbackMethod")
NAMES_OF_NUMBER = ("FriendlyName", *VOICE, *SMS, "VoiceApplicationSid", "SmsApplicationSid", "VoiceReceiveMode")
NAMES_OF_APPLICATION = ("FriendlyName", *VOICE, *SMS, "SmsStatusCallback", "MessageStatusCallback")
INVALID_NUMBER, NOT_AVAILABLE, NO_SUCH_AREA, NO_SUCH_APPLICATION = 21421, 21422, 21452, 21218
METHODS = ("VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod", "SmsMethod", "SmsFallbackMethod")


def numbers_api(network: Network) -> Blueprint:
    api = Blueprint("numbers", __name__)

    @api.post("/IncomingPhoneNumbers.json")
    def create() -> tuple[Response, int]:
        wanted = forms.text("PhoneNumber")
        if wanted is None:
            raise RestError(400, NO_SUCH_AREA, "No phone numbers are sold by area here: name one")
        if not TELEPHONE.fullmatch(wanted):
            raise RestError(400, INVALID_NUMBER, f"{wanted} is not a valid number")
        if wanted in network.numbers:
            raise RestError(400, NOT_AVAILABLE, f"{wanted} is not available")
        settings = _settings(NAMES_OF_NUMBER)
        _application_exists(network, settings)
        made = Number(network.sids.new("PN"), network.clock.now(), settings, wanted)
        network.numbers[wanted] = made
        return jsonify(number_json(network, made)), 201

    @api.get("/IncomingPhoneNumbers.json")
    def many() -> Response:
        """PhoneNumber is a part of the number, as in Twilio's search."""
        part, name = request.args.get("PhoneNumber", ""), request.args.get("FriendlyName")
        shown = [n for n in reversed(network.numbers.values()) if part in n.number and name in (None, n.name)]
        return page("incoming_phone_numbers", shown, lambda number: number_json(network, number))

    @api.get("/IncomingPhoneNumbers/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(number_json(network, number_of(sid)))

    @api.post("/IncomingPhoneNumbers/<sid>.json")
    def update(sid: str) -> Response:
        number = number_of(sid)
        settings = _settings(NAMES_OF_NUMBER)
        _application_exists(network, settings)
        _change(network, number, settings)
        return jsonify(number_json(network, number))

    @api.delete("/IncomingPhoneNumbers/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        del network.numbers[number_of(sid).number]
        return "", 204

    def number_of(sid: str) -> Number:
        for number in network.numbers.values():
            if number.sid == sid:
                return number
        raise not_found(request.path)

    return api


def applications_api(network: Network) -> Blueprint:
    api = Blueprint("applications", __name__)

    @api.post("/Applications.json")
    def create() -> tuple[Response, int]:
        made = Application(network.sids.new("AP"), network.clock.now(), _settings(NAMES_OF_APPLICATION))
        network.applications[made.sid] = made
        return jsonify(application_json(network, made)), 201

    @api.get("/Applications.json")
    def many() -> Response:
        name = request.args.get("FriendlyName")
        shown = [a for a in reversed(network.applications.values()) if name in (None, a.name)]
        return page("applications", shown, lambda application: application_json(network, application))

    @api.get("/Applications/<sid>.json")
    def one(sid: str) -> Response:
        return jsonify(application_json(network, application_of(sid)))

    @api.post("/Applications/<sid>.json")
    def update(sid: str) -> Response:
        application = application_of(sid)
        _change(network, application, _settings(NAMES_OF_APPLICATION))
        return jsonify(application_json(network, application))

    @api.delete("/Applications/<sid>.json")
    def delete(sid: str) -> tuple[str, int]:
        del network.applications[application_of(sid).sid]
        return "", 204

    def application_of(sid: str) -> Application:
        if sid not in network.applications:
            raise not_found(request.path)
        return network.applications[sid]

    return api


def _settings(names: tuple[str, ...]) -> dict[str, str]:
    """The fields that the request sets; an empty one clears."""
    return {name: request.form[name] for name in names if name in request.form}


def _application_exists(network: Network, settings: dict[str, str]) -> None:
    sid = settings.get("VoiceApplicationSid")
    if sid and sid not in network.applications:
        raise RestError(400, NO_SUCH_APPLICATION, f"VoiceApplicationSid {sid} is not accessible")


def _change(network: Network, configured: Configured, settings: dict[str, str]) -> None:
    configured.settings |= settings
    configured.updated_at = network.clock.now()


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _json(network: Network, configured: Configured, names: tuple[str, ...], resource: str) -> dict[str, Any]:
    settings = {_snake(name): configured.settings.get(name) or None for name in names}
    methods = {_snake(name): (configured.settings.get(name) or "POST").upper() for name in METHODS}
    return {
        "sid": configured.sid,
        "account_sid": network.account_sid,
        "api_version": "2010-04-01",
        "date_created": rfc2822(configured.created_at),
        "date_updated": rfc2822(configured.updated_at),
        **settings,
        **methods,
        "voice_caller_id_lookup": False,
        "uri": f"/2010-04-01/Accounts/{network.account_sid}/{resource}/{configured.sid}.json",
    }


def number_json(network: Network, number: Number) -> dict[str, Any]:
    """Sending messages is simulated, receiving them is not; the settings for that are only kept."""
    return {
        **_json(network, number, NAMES_OF_NUMBER, "IncomingPhoneNumbers"),
        "phone_number": number.number,
        "friendly_name": number.name,
        "voice_receive_mode": "voice",
        "capabilities": {"voice": True, "sms": True, "mms": False, "fax": False},
        "origin": "twilio",
        "beta": False,
        "status": "in-use",
        "type": None,
        "address_requirements": "none",
        "address_sid": None,
        "identity_sid": None,
        "bundle_sid": None,
        "trunk_sid": None,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "subresource_uris": {},
    }


def application_json(network: Network, application: Application) -> dict[str, Any]:
    return {
        **_json(network, application, NAMES_OF_APPLICATION, "Applications"),
        "public_application_connect_enabled": False,
    }
